"""How facilities look to a client."""

from collections import Counter

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.estates import (
    FACTION,
    PLAYER,
    Facility,
    FacilityType,
    facility_types,
)
from bridge.sandbox.spacemolt.table import commands
from bridge.sandbox.spacemolt.turn import Turn


def facility_view(facility: Facility) -> JsonObject:
    """Describe a facility that stands at a base."""
    kind = facility.type
    return {
        "facility_id": facility.id,
        "name": kind.name,
        "type": facility.type_id,
        "category": kind.category,
        "description": kind.about,
        "active": facility.active,
        "maintenance_satisfied": True,
        "owner_id": facility.owner_id,
        "recipe_id": kind.recipe,
        "rent_per_cycle": kind.rent,
    }


def row_view(kind: FacilityType) -> JsonObject:
    """Describe a kind of facility in a list."""
    view: JsonObject = {
        "id": kind.id,
        "name": kind.name,
        "category": kind.category,
        "level": kind.level,
        "build_cost": kind.cost,
        "buildable": True,
    }
    optional = {
        "recipe_id": kind.recipe,
        "personal_service": kind.personal_service,
        "bonus_type": kind.bonus_type,
        "bonus_value": kind.bonus_value,
    }
    return view | {name: value for name, value in optional.items() if value}


def type_view(kind: FacilityType) -> JsonObject:
    """Describe a kind of facility."""
    view: JsonObject = {
        "type_id": kind.id,
        "name": kind.name,
        "category": kind.category,
        "description": kind.about,
        "level": kind.level,
        "build_cost": kind.cost,
        "build_materials": [],
        "build_time": 0,
        "labor_cost": 0,
        "rent_per_cycle": kind.rent,
        "maintenance_per_cycle": [],
    }
    optional = {"recipe_id": kind.recipe, "faction_service": kind.faction_service}
    return view | {name: value for name, value in optional.items() if value}


def detail_view(kind: FacilityType) -> JsonObject:
    """Describe one kind of facility with all there is to say."""
    optional = {
        "personal_service": kind.personal_service,
        "upgrades_to": kind.upgrades_to,
        "bonus_type": kind.bonus_type,
        "bonus_value": kind.bonus_value,
    }
    more = {name: value for name, value in optional.items() if value}
    return {"buildable": True, **type_view(kind), **more}


def upgrade_view(facility: Facility) -> JsonObject:
    """Describe what a facility can become."""
    return {
        "your_facility_id": facility.id,
        "your_facility_name": facility.type.name,
        "your_facility_type": facility.type_id,
        "current_level": facility.type.level,
        "upgrade_to": type_view(facility_types()[facility.type.upgrades_to]),
    }


def list_view(turn: Turn) -> JsonObject:
    """List what stands at this base."""
    base = turn.base
    here = [f for f in turn.universe.estates.facilities.values() if f.base_id == base.id]
    return {
        "base_id": base.id,
        "station_facilities": [],
        "player_facilities": [facility_view(f) for f in here if f.owner_kind == PLAYER],
        "faction_facilities": [facility_view(f) for f in here if f.owner_kind == FACTION],
    }


def types_view(turn: Turn) -> JsonObject:
    """List the kinds of facilities, one in detail, or the categories when nothing is asked."""
    wanted = turn.text("facility_type")
    if wanted:
        if wanted not in facility_types():
            raise GameError("invalid_facility_type", f"There is no type '{wanted}'.")
        return {"action": "types", **detail_view(facility_types()[wanted])}
    filters = ("category", "name", "level", "page", "per_page")
    if not any(name in turn.arguments for name in filters):
        return _categories()
    found = [kind for kind in facility_types().values() if _matches(turn, kind)]
    page, size = turn.number("page", 1), turn.number("per_page", 20)
    return {
        "action": "types",
        "types": [row_view(kind) for kind in found[(page - 1) * size : page * size]],
        "page": page,
        "per_page": size,
        "total": len(found),
        "total_pages": -(-len(found) // size),
        "hint": "Add facility_type for details.",
    }


def _matches(turn: Turn, kind: FacilityType) -> bool:
    return all(
        (
            turn.text("category") in ("", kind.category),
            turn.text("name").casefold() in kind.name.casefold(),
            turn.number("level", kind.level) == kind.level,
        )
    )


def _categories() -> JsonObject:
    counts = Counter(kind.category for kind in facility_types().values())
    return {
        "action": "types",
        "categories": {
            name: {"count": count, "buildable": count, "description": f"{name} facilities"}
            for name, count in counts.items()
        },
        "filters": {
            "category": ", ".join(counts),
            "level": "1, 2",
            "name": "a part of the name",
        },
        "pagination": {"page": "1", "per_page": "20"},
        "total": counts.total(),
        "hint": "Add category, name or level.",
    }


def help_view(_: Turn) -> JsonObject:
    """Explain the actions."""
    action = next(param for param in commands()["facility"].params if param.name == "action")
    return {"help": "Actions: " + ", ".join(action.enum) + "."}
