"""Finding one's way: the map, routes, surveys."""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.places import Place, System
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.places import deposit_view

MOST_FOUND = 20

handlers = Handlers()


@handlers("get_map")
def get_map(turn: Turn) -> JsonObject:
    """List every system, or describe one."""
    galaxy = turn.universe.galaxy
    wanted = turn.text("system_id")
    if wanted and wanted not in galaxy.systems:
        raise GameError("invalid_system", f"There is no system '{wanted}'.")
    chosen = [galaxy.systems[wanted]] if wanted else list(galaxy.systems.values())
    return {
        "systems": [_map_entry(turn, system) for system in chosen],
        "total_count": len(chosen),
    }


@handlers("search_systems")
def search_systems(turn: Turn) -> JsonObject:
    """Find systems by a part of their name."""
    query = turn.text("query")
    found = [
        system
        for system in turn.universe.galaxy.systems.values()
        if query.casefold() in system.name.casefold()
    ]
    return {
        "query": query,
        "systems": [_map_entry(turn, system) for system in found[:MOST_FOUND]],
        "total_found": len(found),
        "message": f"{len(found)} systems match '{query}'.",
    }


@handlers("find_route")
def find_route(turn: Turn) -> JsonObject:
    """Plan the fewest jumps to a system, a place or a base."""
    galaxy, ship = turn.universe.galaxy, turn.ship
    system, place = galaxy.locate(turn.text("target_system"))
    steps = galaxy.route(turn.system.id, system.id)
    jumps = len(steps or ())
    answer: JsonObject = {
        "found": steps is not None,
        "target_system": system.id,
        "total_jumps": jumps,
        "fuel_per_jump": ship.fuel_per_jump,
        "estimated_fuel": jumps * ship.fuel_per_jump,
        "fuel_available": ship.fuel,
        "cargo_used": ship.load,
        "route": [
            {"system_id": step, "name": galaxy.systems[step].name, "jumps": count}
            for count, step in enumerate([turn.system.id, *(steps or ())])
        ],
        "message": f"{jumps} jumps to {system.name}.",
    }
    if place:
        answer |= {"target_poi": place.id, "target_poi_name": place.name}
    return answer


@handlers("survey_system")
def survey_system(turn: Turn) -> JsonObject:
    """Sweep the system for hidden places."""
    power = turn.ship.bonus("survey_power")
    if not power:
        raise GameError("no_scanner", "A survey needs a survey scanner. Install survey_scanner_i.")
    power += turn.player.level("scanning")
    hidden = [place for place in turn.system.places.values() if place.hidden]
    known = [place for place in hidden if place.id in turn.player.revealed]
    found = [place for place in hidden if place not in known and place.hidden <= power]
    faint = [place for place in hidden if place not in known and place not in found]
    turn.player.revealed.update(place.id for place in found)
    turn.player.stats["deep_core_pois_discovered"] += len(found)
    turn.universe.teach(turn.player, "scanning", 10)
    turn.universe.teach(turn.player, "deep_core_mining", 5 * len(found))
    return {
        "system_id": turn.system.id,
        "system_name": turn.system.name,
        "survey_power": power,
        "newly_revealed": [_survey_entry(place) for place in found],
        "already_revealed": [_survey_entry(place) for place in known],
        "faint_signatures": [
            {"type": place.type, "hint": "Something is there; a stronger scanner would tell."}
            for place in faint
        ],
        "xp_gained": {"scanning": 10, "deep_core_mining": 5 * len(found)},
        "message": f"Survey done: {len(found)} new.",
    }


def _map_entry(turn: Turn, system: System) -> JsonObject:
    seen = turn.player.visited.get(system.id)
    view: JsonObject = {
        "system_id": system.id,
        "name": system.name,
        "description": system.about,
        "empire": system.empire,
        "position": {"x": system.at[0], "y": system.at[1]},
        "connections": list(system.links),
        "poi_count": sum(not place.hidden for place in system.places.values()),
        "online": len(turn.universe.in_system(system.id)),
        "is_stronghold": system.police >= 90,
        "visited": seen is not None,
    }
    return view | ({"visited_at": seen} if seen else {})


def _survey_entry(place: Place) -> JsonObject:
    return {
        "id": place.id,
        "name": place.name,
        "type": place.type,
        "class": place.kind,
        "description": place.about,
        "resources": [deposit_view(deposit) for deposit in place.deposits.values()],
    }
