"""Fleets: pilots who fly together. The leader's flights take along whoever is with him."""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import items
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.society import FLEET_SIZE, Fleet
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.ships import module_view, ship_view

handlers = Handlers()


@handlers("fleet")
def fleet(turn: Turn) -> JsonObject:
    """Do one of the nine things one can do about fleets."""
    deeds = {
        "create": _create,
        "invite": _invite,
        "accept": _accept,
        "decline": _decline,
        "leave": _leave,
        "kick": _kick,
        "disband": _disband,
        "status": _status,
        "help": _help,
    }
    return deeds[turn.text("action")](turn)


def _create(turn: Turn) -> JsonObject:
    if turn.player.fleet_id:
        raise GameError("already_in_fleet", "You are in a fleet already.")
    made = Fleet(id=turn.universe.new_id(), leader_id=turn.player.id, members=[turn.player.id])
    turn.universe.society.fleets[made.id] = made
    turn.player.fleet_id = made.id
    return {
        "action": "create",
        "fleet_id": made.id,
        "max_size": FLEET_SIZE,
        "message": "You lead a fleet of one.",
    }


def _own(turn: Turn, *, leading: bool = False) -> Fleet:
    found = turn.universe.society.fleets.get(turn.player.fleet_id)
    if found is None:
        raise GameError("not_in_fleet", "You are in no fleet.")
    if leading and found.leader_id != turn.player.id:
        raise GameError("not_leader", "Only the leader can do that.")
    return found


def _other(turn: Turn) -> Player:
    if "player_id" not in turn.arguments:
        raise GameError("invalid_payload", "player_id is required.")
    return turn.universe.find_player(turn.text("player_id"))


def _done(action: str, message: str) -> JsonObject:
    return {"action": action, "message": message}


def _invite(turn: Turn) -> JsonObject:
    own, other = _own(turn, leading=True), _other(turn)
    if other.fleet_id:
        raise GameError("already_in_fleet", f"{other.username} is in a fleet already.")
    if len(own.members) >= FLEET_SIZE:
        raise GameError("fleet_full", f"A fleet has at most {FLEET_SIZE} members.")
    other.fleet_invite = own.id
    own.invites.append(other.id)
    told: JsonObject = {"fleet_id": own.id, "invited_by": turn.player.username}
    turn.universe.push(other, "fleet_invite", told)
    return _done("invite", f"{other.username} is invited.")


def _invited(turn: Turn) -> Fleet:
    found = turn.universe.society.fleets.get(turn.player.fleet_invite)
    turn.player.fleet_invite = ""
    if found is None:
        raise GameError("invite_not_found", "Nobody has invited you.")
    if turn.player.id in found.invites:
        found.invites.remove(turn.player.id)
    return found


def _accept(turn: Turn) -> JsonObject:
    if turn.player.fleet_id:
        raise GameError("already_in_fleet", "You are in a fleet already.")
    joined = _invited(turn)
    joined.members.append(turn.player.id)
    turn.player.fleet_id = joined.id
    return _done("accept", "You are in the fleet.")


def _decline(turn: Turn) -> JsonObject:
    _invited(turn)
    return _done("decline", "Invitation declined.")


def _leave(turn: Turn) -> JsonObject:
    own = _own(turn)
    if own.leader_id == turn.player.id:
        raise GameError("is_leader", "The leader disbands the fleet instead.")
    own.members.remove(turn.player.id)
    turn.player.fleet_id = ""
    return _done("leave", "You left the fleet.")


def _kick(turn: Turn) -> JsonObject:
    own, other = _own(turn, leading=True), _other(turn)
    if other.id not in own.members or other.id == own.leader_id:
        raise GameError("invalid_target", f"{other.username} cannot be sent away.")
    own.members.remove(other.id)
    other.fleet_id = ""
    return _done("kick", f"{other.username} is out.")


def _disband(turn: Turn) -> JsonObject:
    own = _own(turn, leading=True)
    for member in own.members:
        turn.universe.players[member].fleet_id = ""
    del turn.universe.society.fleets[own.id]
    return _done("disband", "The fleet is no more.")


def _status(turn: Turn) -> JsonObject:
    universe = turn.universe
    own = universe.society.fleets.get(turn.player.fleet_id)
    invite = universe.society.fleets.get(turn.player.fleet_invite)
    answer: JsonObject = {
        "action": "status",
        "in_fleet": own is not None,
        "pending_invite": invite is not None,
    }
    if invite:
        leader = universe.players[invite.leader_id]
        answer |= {"invite_fleet": invite.id, "invite_from": leader.username}
    if own:
        answer |= {
            "fleet_id": own.id,
            "is_leader": own.leader_id == turn.player.id,
            "leader": universe.players[own.leader_id].username,
            "max_size": FLEET_SIZE,
            "system_id": turn.player.system_id,
            "poi_id": turn.player.place_id,
            "members": [_member_view(turn, universe.players[m], own) for m in own.members],
            "invites": [
                {"player_id": m, "username": universe.players[m].username} for m in own.invites
            ],
        }
    return answer


def _member_view(turn: Turn, player: Player, own: Fleet) -> JsonObject:
    ship = turn.universe.ship_of(player)
    return {
        "player_id": player.id,
        "username": player.username,
        "is_leader": player.id == own.leader_id,
        "fuel_per_jump": ship.fuel_per_jump,
        "ship": ship_view(ship, player),
        "modules": [module_view(module) for module in ship.modules],
        "cargo": [
            {"item_id": key, "name": items()[key].name, "quantity": quantity}
            for key, quantity in ship.cargo.items()
        ],
    }


def _help(_: Turn) -> JsonObject:
    actions = {
        "create": "Found a fleet and lead it.",
        "invite": "Invite a pilot (player_id).",
        "accept": "Join the fleet that invited.",
        "decline": "Turn the invitation down.",
        "leave": "Leave the fleet.",
        "kick": "Send a member away (player_id).",
        "disband": "End the fleet.",
        "status": "Describe the fleet.",
    }
    return {
        "command": "fleet",
        "description": "Fly together behind a leader.",
        "actions": [{"action": name, "description": text} for name, text in actions.items()],
    }
