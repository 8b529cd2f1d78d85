"""How pilots look to a client: the player himself, those around him, pirates and patrols.

The shapes are those of the game's documents, section "Data Structures", and of its OpenAPI schemas.
"""

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.state.encounters import Npc
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe


def player_view(player: Player) -> JsonObject:
    """Describe a player to himself."""
    view: JsonObject = {
        "id": player.id,
        "username": player.username,
        "empire": player.empire,
        "credits": player.credits,
        "experience": sum(player.xp.values()),
        "current_system": player.system_id,
        "current_poi": player.place_id,
        "current_ship_id": player.ship_id,
        "home_base": player.home_base,
        "status_message": player.status_message,
        "clan_tag": player.clan_tag,
        "primary_color": player.primary_color,
        "secondary_color": player.secondary_color,
        "is_cloaked": player.cloaked,
        "skills": dict(player.levels),
        "skill_xp": dict(player.xp),
        "stats": {name: player.stats[name] for name in read("statistics")["names"]},
        "created_at": player.created_at,
        "last_active_at": player.last_active or player.created_at,
        "last_chat_check": player.last_active or player.created_at,
        "last_login_at": player.last_login or player.created_at,
        "revealed_pois": dict.fromkeys(sorted(player.revealed), True),
        "completed_missions": dict(player.completed),
    }
    optional = {
        "docked_at_base": player.docked_at,
        "faction_id": player.faction_id,
        "faction_rank": player.role,
        "fleet_id": player.fleet_id,
        "towing_wreck_id": player.towing,
    }
    view.update({name: value for name, value in optional.items() if value})
    return view


def standings_view(player: Player) -> JsonObject:
    """Describe how the empires think of a player."""
    return {
        empire: {
            "baseline": 10 if empire in player.citizenships else 0,
            "reputation": player.reputation[empire],
            "outstanding_bounty": player.bounty[empire],
        }
        for empire in ("solarian", "voidborn", "crimson", "nebula", "outerrim")
    }


def nearby_view(universe: Universe, other: Player) -> JsonObject:
    """Describe a player to somebody who sees the ship."""
    ship = universe.ship_of(other)
    view: JsonObject = {
        "player_id": other.id,
        "username": other.username,
        "ship_class": ship.class_id,
        "ship_name": ship.name or ship.model.name,
        "status_message": other.status_message,
        "clan_tag": other.clan_tag,
        "primary_color": other.primary_color,
        "secondary_color": other.secondary_color,
        "in_combat": bool(other.battle_id),
    }
    if other.faction_id:
        view["faction_id"] = other.faction_id
    return view


def pirate_view(npc: Npc) -> JsonObject:
    """Describe a pirate."""
    return {
        "pirate_id": npc.id,
        "name": npc.name,
        "tier": npc.tier,
        "is_boss": npc.tier == "boss",
        "status": "hunting" if npc.hunting else "prowling",
        "hull": npc.hull,
        "max_hull": npc.max_hull,
        "shield": npc.shield,
        "max_shield": npc.max_shield,
    }


def patrol_view(npc: Npc) -> JsonObject:
    """Describe an empire's ship."""
    return {
        "npc_id": npc.id,
        "name": npc.name,
        "empire": npc.empire,
        "role": npc.role,
        "ship_class": npc.ship_class,
        "in_combat": bool(npc.hunting),
    }
