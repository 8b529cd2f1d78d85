"""How systems, places and bases look to a client."""

from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.state.goods import items
from bridge.sandbox.spacemolt.state.places import Base, Deposit, Place, System
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe


def system_view(universe: Universe, system: System, player: Player) -> JsonObject:
    """Describe a system with its places and its jumps."""
    view: JsonObject = {
        "id": system.id,
        "name": system.name,
        "description": system.about,
        "police_level": system.police,
        "security_status": security(system),
        "position": {"x": system.at[0], "y": system.at[1]},
        "connections": [
            {"system_id": other, "name": universe.galaxy.systems[other].name, "distance": length}
            for other, length in system.links.items()
        ],
        "pois": [
            system_place_view(universe, place)
            for place in system.places.values()
            if is_known(place, player)
        ],
    }
    if system.empire:
        view["empire"] = system.empire
    return view


def system_place_view(universe: Universe, place: Place) -> JsonObject:
    """Describe a place as one of those in a system."""
    base = universe.galaxy.bases.get(place.base_id)
    view: JsonObject = {
        "id": place.id,
        "name": place.name,
        "type": place.type,
        "position": {"x": place.at[0], "y": place.at[1]},
        "has_base": base is not None,
        "online": sum(not player.cloaked for player in universe.present(place.id)),
    }
    if place.kind:
        view["class"] = place.kind
    if base is not None:
        view |= {
            "base_id": base.id,
            "base_name": base.name,
            "fuel_price": 1,
            "fuel_reserve": base.fuel,
            "fuel_capacity": base.max_fuel,
        }
    return view


def place_view(place: Place) -> JsonObject:
    """Describe a place by itself."""
    view: JsonObject = {
        "id": place.id,
        "system_id": place.system_id,
        "name": place.name,
        "type": place.type,
        "description": place.about,
        "position": {"x": place.at[0], "y": place.at[1]},
        "resources": [
            {
                "resource_id": deposit.item_id,
                "richness": deposit.richness,
                "remaining": deposit.remaining,
                "max_remaining": deposit.full,
            }
            for deposit in place.deposits.values()
        ],
    }
    if place.base_id:
        view["base_id"] = place.base_id
    if place.kind:
        view["class"] = place.kind
    if place.hidden:
        view |= {"hidden": True, "reveal_difficulty": place.hidden}
    return view


def deposit_view(deposit: Deposit) -> JsonObject:
    """Describe what is left of a deposit."""
    return {
        "resource_id": deposit.item_id,
        "name": items()[deposit.item_id].name,
        "richness": deposit.richness,
        "remaining": deposit.remaining,
        "max_remaining": deposit.full,
        "remaining_display": f"{deposit.remaining:,}",
        "depletion_percent": depletion(deposit),
    }


def depletion(deposit: Deposit) -> float:
    """Return how much of a deposit is gone, in percent."""
    return round(100 * (1 - deposit.remaining / deposit.full), 2)


def is_known(place: Place, player: Player) -> bool:
    """Say whether a player knows of a place: most are in plain sight, some must be surveyed."""
    return not place.hidden or place.id in player.revealed


def security(system: System) -> str:
    """Name how safe a system is."""
    if system.police >= 70:
        return "high"
    if system.police >= 40:
        return "medium"
    return "low" if system.police else "lawless"


def base_view(base: Base) -> JsonObject:
    """Describe a base."""
    return {
        "id": base.id,
        "poi_id": base.place_id,
        "name": base.name,
        "description": base.about,
        "empire": base.empire,
        "type": "outpost" if not base.empire else "station",
        "defense_level": base.defense,
        "public_access": True,
        "has_drones": base.defense >= 80,
        "fuel": base.fuel,
        "max_fuel": base.max_fuel,
        "facilities": [],
    }
