"""Docking, travelling within a system, and jumping between systems.

Travel takes distance / speed ticks, a jump 7 - speed, each at least one. The outcome is told on
arrival; until then the ship is nowhere else.
"""

import math

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state import progress
from bridge.sandbox.spacemolt.state.places import Place
from bridge.sandbox.spacemolt.state.players import Player, Transit
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.people import nearby_view
from bridge.sandbox.spacemolt.views.places import is_known

handlers = Handlers()


def dock_now(universe: Universe, player: Player) -> None:
    """Dock at the base of this place; raises GameError with ``no_base``."""
    if player.transit:
        raise GameError("already_traveling", "You are in flight.")
    place = universe.place_of(player)
    if not place.base_id:
        raise GameError("no_base", f"There is no base at {place.name} to dock at.")
    if player.battle_id:
        raise GameError("combat_interrupt", "You cannot dock in a battle.")
    player.docked_at = place.base_id
    player.stats["times_docked"] += 1
    if player.cloaked:
        player.cloaked = False


def undock_now(universe: Universe, player: Player) -> None:
    """Leave the base; raises GameError with ``not_docked``."""
    if universe.base_of(player) is None:
        raise GameError("not_docked", "You are not docked.")
    player.docked_at = ""


@handlers("dock")
def dock(turn: Turn) -> JsonObject:
    """Dock at the base of this place."""
    if turn.player.docked_at:
        raise GameError("already_docked", f"You are docked at {turn.base.name} already.")
    dock_now(turn.universe, turn.player)
    return {
        "action": "dock",
        "base": turn.base.name,
        "base_id": turn.base.id,
        "poi_id": turn.place.id,
        "services": list(turn.base.services),
        "message": f"Docked at {turn.base.name}.",
    }


@handlers("undock")
def undock(turn: Turn) -> JsonObject:
    """Leave the base."""
    undock_now(turn.universe, turn.player)
    return {"action": "undock"}


@handlers("travel")
def travel(turn: Turn) -> JsonObject:
    """Set out for another place in this system."""
    target = turn.text("target_poi")
    place = _place_here(turn, target)
    if place.id == turn.place.id:
        raise GameError("already_here", f"You are at {place.name} already.")
    _leave_battle_first(turn)
    distance = turn.place.distance_to(place)
    _burn(turn, max(1, math.ceil(distance)))
    ticks = max(1, math.ceil(distance / _speed(turn)))
    _set_out(turn, "travel", turn.system.id, place.id, ticks)
    turn.player.stats["distance_traveled"] += math.ceil(distance)
    return {
        "action": "travel",
        "destination": place.name,
        "arrival_tick": turn.universe.tick + ticks,
    }


@handlers("jump")
def jump(turn: Turn) -> JsonObject:
    """Set out for a connected system."""
    target = turn.text("target_system")
    if target.replace(".", "", 1).lstrip("-").isdigit():
        raise GameError("no_pathfinder", "A bearing needs a Pathfinder Drive, and you have none.")
    galaxy = turn.universe.galaxy
    by_name = {system.name.casefold(): system.id for system in galaxy.systems.values()}
    goal = by_name.get(target.casefold(), target)
    if goal not in galaxy.systems:
        raise GameError("invalid_system", f"There is no system '{target}'. See get_system.")
    if goal not in turn.system.links:
        names = ", ".join(turn.system.links)
        raise GameError("not_connected", f"No lane leads there. Connected: {names}.")
    _leave_battle_first(turn)
    _burn(turn, turn.ship.fuel_per_jump)
    ticks = max(1, 7 - _speed(turn))
    landing = next(iter(galaxy.systems[goal].places))
    _set_out(turn, "jump", goal, landing, ticks)
    turn.player.stats["jumps_completed"] += 1
    turn.universe.teach(turn.player, "navigation", 5)
    return {"action": "jump", "destination": goal, "arrival_tick": turn.universe.tick + ticks}


def arrive(universe: Universe, player: Player) -> JsonObject:
    """End a flight: the player is where it led. Returns the outcome of the flight."""
    transit = player.transit
    assert transit
    player.transit = None
    player.system_id, player.place_id = transit.to_system, transit.to_place
    if player.system_id not in player.visited:
        player.visited[player.system_id] = universe.timestamp()
        player.stats["systems_explored"] += 1
        universe.teach(player, "exploration", 10)
    if player.towing:
        wreck = universe.encounters.wrecks[player.towing]
        wreck.system_id, wreck.place_id = player.system_id, player.place_id
    progress.count(player, progress.VISIT, player.system_id)
    others = [p for p in universe.present(player.place_id) if p.id != player.id and not p.cloaked]
    place = universe.place_of(player)
    universe.push_all(
        [] if player.cloaked else others,
        "poi_arrival",
        {
            "username": player.username,
            "clan_tag": player.clan_tag,
            "poi_id": place.id,
            "poi_name": place.name,
        },
    )
    result: JsonObject = {
        "action": "arrived" if transit.kind == "travel" else "jumped",
        "poi": place.name,
        "poi_id": place.id,
        "online_players": [nearby_view(universe, other) for other in others[:20]],
        "online_players_count": len(others),
        "online_players_truncated": len(others) > 20,
    }
    if transit.kind == "jump":
        system = universe.system_of(player)
        result |= {"system": system.name, "system_id": system.id}
    return result


def transit_view(universe: Universe, player: Player) -> JsonObject:
    """Describe a flight under way, as get_poi and get_system do."""
    transit = player.transit
    assert transit
    left = max(0, transit.arrives - universe.tick)
    view: JsonObject = {
        "in_transit": True,
        "transit_type": transit.kind,
        "ticks_remaining": left,
        "from_system": transit.from_system,
        "to_system": transit.to_system,
        "message": f"In flight; {left} ticks to go.",
    }
    if transit.kind == "travel":
        view |= {"from_poi": transit.from_place, "to_poi": transit.to_place}
    return view


def _place_here(turn: Turn, target: str) -> Place:
    for place in turn.system.places.values():
        named = target in (place.id, place.base_id) or target.casefold() == place.name.casefold()
        if named and is_known(place, turn.player):
            return place
    raise GameError("invalid_poi", f"There is no '{target}' in {turn.system.name}. See get_system.")


def _speed(turn: Turn) -> int:
    """Return the speed of this flight: slower with a tow, and as slow as the slowest follower."""
    own = max(1, turn.ship.speed - 1) if turn.player.towing else turn.ship.speed
    fleet = turn.universe.society.fleets.get(turn.player.fleet_id)
    if fleet is None or fleet.leader_id != turn.player.id:
        return own
    members = [turn.universe.players[member] for member in fleet.members]
    here = [member for member in members if member.place_id == turn.place.id]
    return min([own, *(turn.universe.ship_of(member).speed for member in here)])


def _burn(turn: Turn, fuel: int) -> None:
    if turn.ship.fuel < fuel:
        raise GameError(
            "no_fuel",
            f"That takes {fuel} fuel and you have {turn.ship.fuel}. Refuel first.",
            details={"need": fuel, "have": turn.ship.fuel},
        )
    turn.ship.fuel -= fuel


def _leave_battle_first(turn: Turn) -> None:
    if turn.player.battle_id:
        raise GameError("combat_interrupt", "You cannot leave a battle like that. Flee first.")


def _set_out(turn: Turn, kind: str, system_id: str, place_id: str, ticks: int) -> None:
    player = turn.player
    for follower in _followers(turn, ticks):
        follower.transit = _course(turn, kind, system_id, place_id, ticks)
    others = [p for p in turn.universe.present(player.place_id) if p.id != player.id]
    turn.universe.push_all(
        [] if player.cloaked else others,
        "poi_departure",
        {
            "username": player.username,
            "clan_tag": player.clan_tag,
            "poi_id": turn.place.id,
            "poi_name": turn.place.name,
        },
    )
    player.transit = _course(turn, kind, system_id, place_id, ticks)


def _course(turn: Turn, kind: str, system_id: str, place_id: str, ticks: int) -> Transit:
    return Transit(
        kind=kind,
        from_system=turn.player.system_id,
        from_place=turn.player.place_id,
        to_system=system_id,
        to_place=place_id,
        started=turn.universe.tick,
        arrives=turn.universe.tick + ticks,
    )


def _followers(turn: Turn, ticks: int) -> list[Player]:
    """Return the fleet that flies along: who is here, undocked, free, and has the fuel."""
    fleet = turn.universe.society.fleets.get(turn.player.fleet_id)
    if fleet is None or fleet.leader_id != turn.player.id:
        return []
    followers = []
    for member_id in fleet.members:
        member = turn.universe.players[member_id]
        ship = turn.universe.ship_of(member)
        busy = member.docked_at or member.transit or member.battle_id
        here = member.place_id == turn.place.id and member.id != turn.player.id
        if here and not busy and ship.fuel >= ticks:
            ship.fuel -= ticks
            followers.append(member)
    return followers
