"""The ``facility`` command: nineteen actions on what stands at stations."""

from collections.abc import Callable

from bridge.sandbox.spacemolt.rules import estate_sales, quarters
from bridge.sandbox.spacemolt.rules.facility_views import (
    help_view,
    list_view,
    types_view,
    upgrade_view,
)
from bridge.sandbox.spacemolt.rules.standing import faction_with, own_faction
from bridge.sandbox.spacemolt.rules.treasury import pay
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.estates import (
    FACTION,
    PLAYER,
    Facility,
    FacilityType,
    facility_types,
)
from bridge.sandbox.spacemolt.turn import Handlers, Turn

handlers = Handlers()


@handlers("facility")
def facility(turn: Turn) -> JsonObject:
    """Do one of the things one can do with facilities."""
    return _ACTIONS[turn.text("action")](turn)


def find_type(turn: Turn) -> FacilityType:
    """Return the kind that the call names; raises GameError with ``invalid_facility_type``."""
    wanted = turn.text("facility_type")
    kind = facility_types().get(wanted)
    if kind is None:
        raise GameError(
            "invalid_facility_type", f"There is no facility type '{wanted}'. See action types."
        )
    return kind


def _build(turn: Turn) -> JsonObject:
    kind = find_type(turn)
    if kind.owner != PLAYER or kind.personal_service:
        raise GameError("invalid_facility_type", f"{kind.name} is not built with 'build'.")
    base = turn.base
    turn.universe.spend(turn.player, kind.cost)
    built = quarters.put_up(turn.universe, kind, base.id, PLAYER, turn.player.id)
    turn.player.stats["facilities_built"] += 1
    return {
        "action": "build",
        **_named(built),
        "base_id": built.base_id,
        "recipe_id": kind.recipe,
        "rent_per_cycle": kind.rent,
        "hint": "Use toggle to switch it off and on.",
    }


def _faction_build(turn: Turn) -> JsonObject:
    faction, kind = faction_with(turn, "manage_facilities"), find_type(turn)
    if kind.owner != FACTION:
        raise GameError("invalid_facility_type", f"{kind.name} is not for factions.")
    base = turn.base
    pay(faction, kind.cost)
    built = quarters.put_up(turn.universe, kind, base.id, FACTION, faction.id)
    return {
        "action": "faction_build",
        **_named(built),
        "base_id": built.base_id,
        "faction_service": kind.faction_service,
        "capacity": kind.capacity,
        "rent_per_cycle": kind.rent,
        "hint": "faction_list shows what your faction has here.",
    }


def _toggle(turn: Turn) -> JsonObject:
    chosen = owned(turn)
    chosen.active = not chosen.active
    return {
        "action": turn.text("action"),
        "facility_id": chosen.id,
        "active": chosen.active,
        "status": "active" if chosen.active else "idle",
    }


def owned(turn: Turn) -> Facility:
    """Return the facility that the call names, if the player may run it; raises GameError."""
    chosen = turn.universe.estates.find(turn.text("facility_id"))
    if chosen.owner_kind == FACTION:
        faction = faction_with(turn, "manage_facilities")
        mine = chosen.owner_id == faction.id
    else:
        mine = chosen.owner_id == turn.player.id
    if not mine:
        raise GameError("not_owner", "That facility is not yours to run.")
    return chosen


def _upgrade(turn: Turn) -> JsonObject:
    chosen = owned(turn)
    better = facility_types().get(chosen.type.upgrades_to)
    if better is None or turn.text("facility_type", better.id) != better.id:
        raise GameError("invalid_facility_type", f"{chosen.type.name} cannot become that.")
    answer: JsonObject = {"action": turn.text("action"), "base_id": chosen.base_id}
    if chosen.owner_kind == FACTION:
        pay(own_faction(turn), better.cost)
        answer |= {"faction_service": better.faction_service, "capacity": better.capacity}
    else:
        turn.universe.spend(turn.player, better.cost)
        answer |= {"recipe_id": better.recipe, "rent_per_cycle": better.rent}
    chosen.type_id = better.id
    return answer | _named(chosen) | {"level": better.level, "hint": "The upgrade is done."}


def _named(chosen: Facility) -> JsonObject:
    return {
        "facility_id": chosen.id,
        "facility_name": chosen.type.name,
        "facility_type": chosen.type_id,
    }


def _upgrades(turn: Turn) -> JsonObject:
    base, faction_id = turn.base, turn.player.faction_id
    here = [f for f in turn.universe.estates.facilities.values() if f.base_id == base.id]
    mine = [f for f in here if f.owner_id == turn.player.id and f.type.upgrades_to]
    ours = [f for f in here if faction_id and f.owner_id == faction_id and f.type.upgrades_to]
    return {
        "base_id": base.id,
        "upgrades": [upgrade_view(f) for f in mine],
        "faction_upgrades": [upgrade_view(f) for f in ours],
        "hint": "Use upgrade with a facility_id.",
    }


def _faction_list(turn: Turn) -> JsonObject:
    faction, base = own_faction(turn), turn.base
    found = [
        f
        for f in turn.universe.estates.facilities.values()
        if f.owner_id == faction.id and f.base_id == base.id
    ]
    return {
        "base_id": base.id,
        "faction_id": faction.id,
        "faction_facilities": [
            {
                "facility_id": f.id,
                "name": f.type.name,
                "type": f.type_id,
                "active": f.active,
                "faction_service": f.type.faction_service,
                "level": f.type.level,
                "capacity": f.type.capacity,
                "rent_per_cycle": f.type.rent,
                "status": "active" if f.active else "idle",
            }
            for f in found
        ],
        "hint": "Use faction_build to add one.",
    }


def _transfer(turn: Turn) -> JsonObject:
    chosen, direction = owned(turn), turn.text("direction")
    if direction == "to_faction":
        chosen.owner_kind, chosen.owner_id = FACTION, own_faction(turn).id
    elif direction == "to_player":
        other = turn.universe.find_player(turn.text("player_id", turn.player.id))
        chosen.owner_kind, chosen.owner_id = PLAYER, other.id
    else:
        raise GameError("invalid_payload", "direction is required: to_faction or to_player.")
    return {
        "action": "transfer",
        "direction": direction,
        "facility_id": chosen.id,
        "new_owner": chosen.owner_id,
        "hint": "The facility has a new owner.",
    }


_ACTIONS: dict[str, Callable[[Turn], JsonObject]] = {
    "types": types_view,
    "build": _build,
    "list": list_view,
    "toggle": _toggle,
    "upgrades": _upgrades,
    "upgrade": _upgrade,
    "faction_build": _faction_build,
    "faction_upgrade": _upgrade,
    "faction_list": _faction_list,
    "faction_toggle": _toggle,
    "transfer": _transfer,
    "personal_build": quarters.build,
    "personal_decorate": quarters.decorate,
    "personal_visit": quarters.visit,
    "list_for_sale": lambda turn: estate_sales.offer(turn, owned(turn)),
    "browse_for_sale": estate_sales.browse,
    "buy_listing": estate_sales.buy,
    "cancel_listing": estate_sales.cancel,
    "help": help_view,
}
