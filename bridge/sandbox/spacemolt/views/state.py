"""The state of a player in the sections of HTTP v2."""

from collections.abc import Sequence

from bridge.sandbox.spacemolt.engine import Engine
from bridge.sandbox.spacemolt.rules.missions import MOST_MISSIONS, active_view
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.state.goods import skills
from bridge.sandbox.spacemolt.state.players import Player, next_level_xp
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.views.people import player_view, standings_view
from bridge.sandbox.spacemolt.views.places import security
from bridge.sandbox.spacemolt.views.ships import cargo_view, module_view, ship_view

VERSION = "0.327.2"

_PLAYER_FIELDS = (
    "id",
    "username",
    "empire",
    "credits",
    "home_base",
    "faction_id",
    "faction_rank",
    "clan_tag",
    "status_message",
    "primary_color",
    "secondary_color",
    "is_cloaked",
)
_SHIP_FIELDS = (
    "id",
    "class_id",
    "hull",
    "max_hull",
    "shield",
    "max_shield",
    "shield_recharge",
    "armor",
    "speed",
    "fuel",
    "max_fuel",
    "cargo_used",
    "cargo_capacity",
)


def game_state(engine: Engine, player: Player, sections: Sequence[str]) -> JsonObject:
    """Return the wanted sections of a player's state."""
    universe = engine.universe
    ship = universe.ship_of(player)
    whole: JsonObject = {
        "player": _player(player),
        "ship": _ship(universe, player),
        "cargo": cargo_view(ship.cargo),
        "modules": [module_view(module) for module in ship.modules],
        "location": location_view(universe, player),
        "missions": {
            "active": [active_view(universe, player, mission) for mission in player.missions],
            "max_missions": MOST_MISSIONS,
        },
        "queue": {"has_pending": engine.has_pending(player)},
        "skills": {
            skill: {
                "level": player.level(skill),
                "xp": player.xp[skill],
                "next_level_xp": next_level_xp(player.level(skill)),
            }
            for skill in skills()
        },
    }
    state: JsonObject = {section: whole[section] for section in sections}
    return state | {"message": f"Tick {universe.tick}.", "version": VERSION}


def _player(player: Player) -> JsonObject:
    view = player_view(player)
    chosen = {name: view[name] for name in _PLAYER_FIELDS if name in view}
    return {**chosen, "standings": standings_view(player), "stats": view["stats"]}


def _ship(universe: Universe, player: Player) -> JsonObject:
    ship = universe.ship_of(player)
    view = ship_view(ship, player)
    return {**{name: view[name] for name in _SHIP_FIELDS}, "class_name": ship.model.name}


def location_view(universe: Universe, player: Player) -> JsonObject:
    """Describe where a player is, or the flight when there is one."""
    system, place = universe.system_of(player), universe.place_of(player)
    view: JsonObject = {
        "system_id": system.id,
        "system_name": system.name,
        "empire": system.empire,
        "security_status": security(system),
        "poi_id": place.id,
        "poi_name": place.name,
        "poi_type": place.type,
        "in_transit": player.transit is not None,
    }
    if player.docked_at:
        view["docked_at"] = player.docked_at
    transit = player.transit
    if transit is None:
        return view
    goal = universe.galaxy.places[transit.to_place]
    return view | {
        "transit_type": transit.kind,
        "transit_arrival_tick": transit.arrives,
        "transit_ticks_elapsed": universe.tick - transit.started,
        "transit_dest_system_id": transit.to_system,
        "transit_dest_system_name": universe.galaxy.systems[transit.to_system].name,
        "transit_dest_poi_id": goal.id,
        "transit_dest_poi_name": goal.name,
    }
