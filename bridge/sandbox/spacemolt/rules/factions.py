"""Factions: founding, joining, leaving, ranks; who is in and who is asked in."""

from bridge.sandbox.spacemolt.rules.standing import faction_with, own_faction
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.society import LEADER, RECRUIT, Faction
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.factions import brief_view, full_view

PAGE = 50

handlers = Handlers()


@handlers("create_faction")
def create_faction(turn: Turn) -> JsonObject:
    """Found a faction and lead it."""
    name, tag = turn.text("name").strip(), turn.text("tag").strip().upper()
    if turn.player.faction_id:
        raise GameError("already_in_faction", "You are in a faction already.")
    if not name or len(tag) < 2:
        raise GameError("invalid_payload", "A faction has a name and a tag of 2 to 4 characters.")
    for other in turn.universe.society.factions.values():
        if name.casefold() == other.name.casefold() or tag == other.tag:
            raise GameError("name_taken", "Another faction has that name or tag.")
    faction = found(turn.universe, turn.player, name, tag)
    return {"action": "create_faction", "faction_id": faction.id, "name": faction.name}


def found(universe: Universe, player: Player, name: str, tag: str) -> Faction:
    """Create a faction that a player leads."""
    faction = Faction(
        id=universe.new_id(),
        name=name,
        tag=tag,
        leader_id=player.id,
        created_at=universe.timestamp(),
    )
    universe.society.factions[faction.id] = faction
    enrol(universe, faction, player, LEADER)
    return faction


def enrol(universe: Universe, faction: Faction, player: Player, role: str) -> None:
    """Make a player a member, with a rank."""
    faction.members[player.id] = role
    faction.joined[player.id] = universe.timestamp()
    faction.invites.pop(player.id, None)
    player.faction_id, player.role = faction.id, role
    universe.record(player, "faction", "joined", f"Joined {faction.name}", {})


def dismiss(faction: Faction, player: Player) -> None:
    """End a membership."""
    faction.members.pop(player.id, None)
    faction.joined.pop(player.id, None)
    player.faction_id = player.role = ""


@handlers("faction_list")
def faction_list(turn: Turn) -> JsonObject:
    """List every faction, page by page."""
    every = list(turn.universe.society.factions.values())
    limit, offset = turn.number("limit", PAGE), turn.number("offset")
    return {
        "factions": [brief_view(turn.universe, f) for f in every[offset : offset + limit]],
        "limit": limit,
        "offset": offset,
        "total_count": len(every),
    }


@handlers("faction_info")
def faction_info(turn: Turn) -> JsonObject:
    """Describe one's own faction or another."""
    wanted = turn.text("faction_id")
    faction = turn.universe.society.find_faction(wanted) if wanted else own_faction(turn)
    limit, offset = turn.number("limit", PAGE), turn.number("offset")
    return full_view(turn.universe, faction, turn.player, limit=limit, offset=offset)


@handlers("faction_invite")
def faction_invite(turn: Turn) -> JsonObject:
    """Invite a pilot, who is told."""
    faction = faction_with(turn, "invite")
    other = turn.universe.find_player(turn.text("player_id"))
    if other.faction_id:
        raise GameError("already_in_faction", f"{other.username} is in a faction already.")
    faction.invites[other.id] = {
        "invited_by": turn.player.username,
        "invited_at": turn.universe.timestamp(),
    }
    turn.universe.push(
        other,
        "faction_invite",
        {
            "faction_id": faction.id,
            "faction_name": faction.name,
            "faction_tag": faction.tag,
            "invited_by": turn.player.username,
        },
    )
    return {"player_id": other.id, "message": f"{other.username} is invited."}


@handlers("faction_withdraw_invite")
def faction_withdraw_invite(turn: Turn) -> JsonObject:
    """Take an invitation back."""
    faction = faction_with(turn, "invite")
    other = turn.universe.find_player(turn.text("player_id"))
    if faction.invites.pop(other.id, None) is None:
        raise GameError("invite_not_found", f"{other.username} is not invited.")
    return {"player_id": other.id, "message": "The invitation is withdrawn."}


@handlers("faction_get_invites")
def faction_get_invites(turn: Turn) -> JsonObject:
    """List the invitations one has."""
    return {
        "invites": [
            {
                "faction_id": faction.id,
                "faction_name": faction.name,
                "faction_tag": faction.tag,
                **faction.invites[turn.player.id],
            }
            for faction in turn.universe.society.factions.values()
            if turn.player.id in faction.invites
        ]
    }


@handlers("join_faction")
@handlers("faction_accept_invite")
def join_faction(turn: Turn) -> JsonObject:
    """Join a faction that invited."""
    faction = turn.universe.society.find_faction(turn.text("faction_id"))
    if turn.player.faction_id:
        raise GameError("already_in_faction", "Leave your faction first.")
    if turn.player.id not in faction.invites:
        raise GameError("invite_not_found", f"{faction.name} has not invited you.")
    enrol(turn.universe, faction, turn.player, RECRUIT)
    return {
        "faction": faction.name,
        "faction_id": faction.id,
        "message": f"Welcome to {faction.name}.",
    }


@handlers("faction_decline_invite")
def faction_decline_invite(turn: Turn) -> JsonObject:
    """Turn an invitation down."""
    faction = turn.universe.society.find_faction(turn.text("faction_id"))
    if faction.invites.pop(turn.player.id, None) is None:
        raise GameError("invite_not_found", f"{faction.name} has not invited you.")
    return {"faction_id": faction.id, "message": "Invitation declined."}


@handlers("leave_faction")
def leave_faction(turn: Turn) -> JsonObject:
    """Leave; the last member closes the faction."""
    faction = own_faction(turn)
    alone = len(faction.members) == 1
    if faction.leader_id == turn.player.id and not alone:
        raise GameError("is_leader", "Promote another leader first, with faction_promote.")
    dismiss(faction, turn.player)
    if alone:
        _disband(turn.universe, faction)
    return {"message": f"You left {faction.name}."}


def _disband(universe: Universe, faction: Faction) -> None:
    del universe.society.factions[faction.id]
    for other in universe.society.factions.values():
        other.allies.discard(faction.id)
        other.enemies.discard(faction.id)
        other.wars.pop(faction.id, None)
        other.alliance_proposals.pop(faction.id, None)
        other.peace_proposals.pop(faction.id, None)
    for order in list(universe.exchange.orders.values()):
        if order.faction_id == faction.id:
            universe.exchange.remove(order)


@handlers("faction_kick")
def faction_kick(turn: Turn) -> JsonObject:
    """Throw a member out."""
    faction = faction_with(turn, "kick")
    other = _member(turn, faction)
    if other.id == faction.leader_id:
        raise GameError("is_leader", "The leader cannot be thrown out.")
    dismiss(faction, other)
    return {"player_id": other.id, "message": f"{other.username} is out."}


@handlers("faction_promote")
def faction_promote(turn: Turn) -> JsonObject:
    """Give a member another rank; only the leader hands over the lead."""
    faction = faction_with(turn, "promote")
    other, wanted = _member(turn, faction), turn.text("role_id")
    leads = faction.leader_id == turn.player.id
    mine = faction.role_of(turn.player.id).priority
    outranked = mine > faction.roles[wanted].priority
    protected = other.id in (turn.player.id, faction.leader_id)
    if protected or not (leads or outranked):
        raise GameError("no_permission", "You cannot give that rank.")
    if wanted == LEADER:
        faction.leader_id = other.id
        _set_role(faction, turn.player, "officer")
    _set_role(faction, other, wanted)
    return {"player_id": other.id, "new_role": wanted, "message": "The rank is given."}


def _set_role(faction: Faction, player: Player, role: str) -> None:
    faction.members[player.id] = player.role = role


def _member(turn: Turn, faction: Faction) -> Player:
    other = turn.universe.find_player(turn.text("player_id"))
    if other.id not in faction.members:
        raise GameError("not_member", f"{other.username} is not in your faction.")
    return other
