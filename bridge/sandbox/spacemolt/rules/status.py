"""Questions about oneself and about what is around."""

from bridge.sandbox.spacemolt.rules.flight import transit_view
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import skills
from bridge.sandbox.spacemolt.state.players import MAX_LEVEL, Player, next_level_xp
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.people import (
    nearby_view,
    patrol_view,
    pirate_view,
    player_view,
    standings_view,
)
from bridge.sandbox.spacemolt.views.places import (
    base_view,
    deposit_view,
    place_view,
    security,
    system_place_view,
    system_view,
)
from bridge.sandbox.spacemolt.views.ships import cargo_view, class_view, module_view, ship_view

handlers = Handlers()


@handlers("get_status")
def get_status(turn: Turn) -> JsonObject:
    """Describe the player, the ship and its modules."""
    return {
        "player": {**player_view(turn.player), "standings": standings_view(turn.player)},
        "ship": ship_view(turn.ship, turn.player),
        "modules": [module_view(module) for module in turn.ship.modules],
    }


@handlers("get_ship")
def get_ship(turn: Turn) -> JsonObject:
    """Describe the ship, its class and its modules."""
    return {
        "ship": ship_view(turn.ship, turn.player),
        "class": class_view(turn.ship.model),
        "modules": [module_view(module) for module in turn.ship.modules],
        "cargo_used": turn.ship.load,
        "cargo_max": turn.ship.capacity,
    }


@handlers("get_cargo")
def get_cargo(turn: Turn) -> JsonObject:
    """List the hold."""
    ship = turn.ship
    return {
        "cargo": cargo_view(ship.cargo),
        "used": ship.load,
        "capacity": ship.capacity,
        "available": ship.room,
    }


@handlers("get_skills")
def get_skills(turn: Turn) -> JsonObject:
    """List every skill with its level."""
    return {"skills": skills_view(turn.player), "message": "Skills grow by use."}


def skills_view(player: Player) -> JsonObject:
    """Describe a player's skills."""
    return {
        skill.id: {
            "name": skill.name,
            "category": skill.category,
            "level": player.level(skill.id),
            "max_level": MAX_LEVEL,
            "xp": player.xp[skill.id],
            "next_level_xp": next_level_xp(player.level(skill.id)),
        }
        for skill in skills().values()
    }


@handlers("get_system")
def get_system(turn: Turn) -> JsonObject:
    """Describe the current system, or the flight when there is one."""
    if turn.player.transit:
        view = transit_view(turn.universe, turn.player)
        systems = {key: value for key, value in view.items() if not key.endswith("_poi")}
        return {"action": "get_system", **systems}
    return {
        "action": "get_system",
        "system": system_view(turn.universe, turn.system, turn.player),
        "poi": system_place_view(turn.universe, turn.place),
        "security_status": security(turn.system),
    }


@handlers("get_poi")
def get_poi(turn: Turn) -> JsonObject:
    """Describe the place where the ship is, or the flight when there is one."""
    if turn.player.transit:
        return {"action": "get_poi", **transit_view(turn.universe, turn.player)}
    place = turn.place
    view: JsonObject = {
        "poi": place_view(place),
        "resources": [deposit_view(deposit) for deposit in place.deposits.values()],
    }
    if place.base_id:
        base = turn.universe.galaxy.bases[place.base_id]
        view |= {"base": base_view(base), "services": list(base.services), "fuel_price": 1}
    return view


@handlers("get_base")
def get_base(turn: Turn) -> JsonObject:
    """Describe the base where the ship is docked."""
    base = turn.base
    return {
        "base": base_view(base),
        "services": list(base.services),
        "fuel_price": 1,
        "condition": {
            "condition": "operational",
            "condition_text": "Everything works.",
            "satisfaction_pct": 100,
            "satisfied_count": len(base.services),
            "total_service_infra": len(base.services),
        },
    }


@handlers("get_nearby")
def get_nearby(turn: Turn) -> JsonObject:
    """List who else is here."""
    if turn.player.transit:
        raise GameError("in_transit", "Nobody is near a ship in flight.")
    universe, place = turn.universe, turn.place
    others = [
        other
        for other in universe.present(place.id)
        if other.id != turn.player.id and not other.cloaked
    ]
    here = [npc for npc in universe.encounters.npcs.values() if npc.place_id == place.id]
    pirates = [pirate_view(npc) for npc in here if npc.kind == "pirate"]
    patrols = [patrol_view(npc) for npc in here if npc.kind == "patrol"]
    return {
        "poi_id": place.id,
        "nearby": [nearby_view(universe, other) for other in others],
        "count": len(others),
        "pirates": pirates,
        "pirate_count": len(pirates),
        "empire_npcs": patrols,
        "empire_npc_count": len(patrols),
    }


@handlers("get_system_agents")
def get_system_agents(turn: Turn) -> JsonObject:
    """List the visible pilots of the system."""
    if turn.player.transit and turn.player.transit.kind == "jump":
        raise GameError("in_transit", "You are in hyperspace.")
    others = [
        other
        for other in turn.universe.in_system(turn.system.id)
        if other.id != turn.player.id and not other.cloaked
    ]
    return {
        "system_id": turn.system.id,
        "agents": [nearby_view(turn.universe, other) for other in others],
        "count": len(others),
    }
