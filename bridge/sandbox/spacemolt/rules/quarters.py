"""Personal quarters: building, decorating, visiting."""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.estates import (
    PLAYER,
    Facility,
    FacilityType,
    facility_types,
)
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Turn

QUARTERS = "quarters"


def put_up(
    universe: Universe, kind: FacilityType, base_id: str, owner_kind: str, owner_id: str
) -> Facility:
    """Put a facility up at a base."""
    facility = Facility(
        id=universe.new_id(),
        type_id=kind.id,
        base_id=base_id,
        owner_kind=owner_kind,
        owner_id=owner_id,
    )
    universe.estates.facilities[facility.id] = facility
    return facility


def _quarters_of(turn: Turn, owner_id: str) -> Facility | None:
    for facility in turn.universe.estates.facilities.values():
        personal = facility.type.personal_service == QUARTERS
        if personal and (facility.owner_id, facility.base_id) == (owner_id, turn.base.id):
            return facility
    return None


def build(turn: Turn) -> JsonObject:
    """Build quarters, or something else of one's own once one has them."""
    kind = facility_types().get(turn.text("facility_type"))
    if kind is None or not kind.personal_service:
        raise GameError("invalid_facility_type", "That is no personal facility. See types.")
    lives_here = _quarters_of(turn, turn.player.id) is not None
    if kind.personal_service != QUARTERS and not lives_here:
        raise GameError("no_facility", "Build quarters first.")
    if kind.personal_service == QUARTERS and lives_here:
        raise GameError("already_built", "You have quarters here. Upgrade them instead.")
    turn.universe.spend(turn.player, kind.cost)
    facility = put_up(turn.universe, kind, turn.base.id, PLAYER, turn.player.id)
    return {
        "action": "personal_build",
        "base_id": turn.base.id,
        "facility_id": facility.id,
        "facility_name": kind.name,
        "facility_type": kind.id,
        "personal_service": kind.personal_service,
        "rent_per_cycle": kind.rent,
        "hint": "Use personal_decorate to describe it.",
    }


def decorate(turn: Turn) -> JsonObject:
    """Describe one's quarters, and say who may visit."""
    facility = _quarters_of(turn, turn.player.id)
    if facility is None:
        raise GameError("no_facility", "You have no quarters here.")
    facility.description = turn.text("description", facility.description)
    facility.access = turn.text("access", facility.access)
    return {
        "action": "personal_decorate",
        "facility_id": facility.id,
        "facility_name": facility.type.name,
        "access": facility.access,
        "message": "Your quarters look different now.",
    }


def visit(turn: Turn) -> JsonObject:
    """Read the description of one's own quarters, or of somebody's public ones."""
    owner = turn.player
    if "username" in turn.arguments:
        owner = turn.universe.find_player(turn.text("username"))
    facility = _quarters_of(turn, owner.id)
    if facility is None:
        raise GameError("no_facility", f"{owner.username} has no quarters here.")
    if facility.access != "public" and owner.id != turn.player.id:
        raise GameError("no_permission", "The door is locked.")
    return {
        "action": "personal_visit",
        "base_id": turn.base.id,
        "facility_name": facility.type.name,
        "owner": owner.username,
        "description": facility.description,
        "access": facility.access,
    }
