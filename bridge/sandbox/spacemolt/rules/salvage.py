"""Wrecks and containers: looting, breaking up, towing to a yard."""

from bridge.sandbox.spacemolt.rules.fitting import check_fit
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.encounters import CONTAINER, Wreck
from bridge.sandbox.spacemolt.state.goods import find_item, items
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.ships import brief_module_view, cargo_view

XP_PER_WRECK = 12
SCRAP_LEVEL = 2

handlers = Handlers()


@handlers("get_wrecks")
def get_wrecks(turn: Turn) -> JsonObject:
    """List wrecks and containers at this place."""
    found = [w for w in turn.universe.encounters.wrecks.values() if w.place_id == turn.place.id]
    return {"wrecks": [wreck_view(wreck) for wreck in found], "count": len(found)}


def wreck_view(wreck: Wreck) -> JsonObject:
    """Describe a wreck."""
    view: JsonObject = {
        "id": wreck.id,
        "type": wreck.type,
        "system_id": wreck.system_id,
        "poi_id": wreck.place_id,
        "ship_class": wreck.ship_class,
        "ship_name": wreck.ship_name,
        "victim_id": wreck.victim_id,
        "victim_name": wreck.victim_name,
        "created_at": wreck.created_at,
        "expire_tick": wreck.expires_tick,
        "expires_at": wreck.expires_at,
        "salvage_value": wreck.salvage_value,
        "cargo": cargo_view(wreck.cargo),
        "modules": [brief_module_view(module) for module in wreck.modules],
    }
    optional = {
        "killer_id": wreck.killer_id,
        "killer_name": wreck.killer_name,
        "towed_by_player_id": wreck.towed_by,
    }
    return view | {name: value for name, value in optional.items() if value}


@handlers("loot_wreck")
def loot_wreck(turn: Turn) -> JsonObject:
    """Take one thing out of a wreck, or everything that fits."""
    wreck = _find(turn, turn.text("wreck_id") or turn.player.towing)
    if "item_id" in turn.arguments:
        answer = _loot_item(turn, wreck)
    elif "module_id" in turn.arguments:
        answer = _loot_module(turn, wreck)
    else:
        answer = _loot_all(turn, wreck)
    turn.player.stats["wreck_items_looted"] += 1
    turn.universe.teach(turn.player, "salvaging", 4)
    return answer | {"wreck_empty": wreck.empty}


def _loot_item(turn: Turn, wreck: Wreck) -> JsonObject:
    item = find_item(turn.text("item_id"))
    there = wreck.cargo[item.id]
    if not there:
        raise GameError("item_not_available", f"There is no {item.name} in the wreck.")
    quantity = min(turn.number("quantity", there), there, turn.ship.fits(item.id))
    if not quantity:
        raise GameError("no_cargo_space", "Your hold is full.")
    _move(turn, wreck, item.id, quantity)
    return {"item_id": item.id, "quantity": quantity}


def _loot_module(turn: Turn, wreck: Wreck) -> JsonObject:
    wanted = turn.text("module_id")
    module = next((m for m in wreck.modules if wanted in (m.id, m.type_id)), None)
    if module is None:
        raise GameError("invalid_module", f"There is no module '{wanted}' in the wreck.")
    check_fit(turn, module.type)
    wreck.modules.remove(module)
    turn.ship.modules.append(module)
    return {
        "module_id": module.id,
        "module_type_id": module.type_id,
        "quantity": 1,
        "wear": module.wear,
    }


def _loot_all(turn: Turn, wreck: Wreck) -> JsonObject:
    looted: list[JsonObject] = []
    for item_id in list(wreck.cargo):
        quantity = min(wreck.cargo[item_id], turn.ship.fits(item_id))
        if quantity:
            _move(turn, wreck, item_id, quantity)
            looted.append({"item_id": item_id, "quantity": quantity})
    taken = [m for m in wreck.modules if turn.ship.fits(m.type_id)]
    for module in taken:
        wreck.modules.remove(module)
        turn.ship.cargo[module.type_id] += 1
        turn.ship.loose.append(module)
    return {
        "looted": looted,
        "looted_modules": [brief_module_view(module) for module in taken],
        "skipped": [
            {**brief_module_view(module), "reason": "no cargo space"} for module in wreck.modules
        ],
        "xp_gained": {"salvaging": 4},
        "message": f"Took {len(looted)} goods and {len(taken)} modules.",
    }


def _move(turn: Turn, wreck: Wreck, item_id: str, quantity: int) -> None:
    wreck.cargo[item_id] -= quantity
    if not wreck.cargo[item_id]:
        del wreck.cargo[item_id]
    turn.ship.cargo[item_id] += quantity


@handlers("salvage_wreck")
def salvage_wreck(turn: Turn) -> JsonObject:
    """Break a wreck up; what does not fit is lost."""
    wreck = _find(turn, turn.text("wreck_id"))
    if wreck.type == CONTAINER:
        raise GameError("invalid_target", "A container has nothing to salvage; loot it.")
    gained = _break_up(turn, wreck)
    for item_id, quantity in gained.items():
        turn.ship.cargo[item_id] += min(quantity, turn.ship.fits(item_id))
        if not turn.ship.cargo[item_id]:
            del turn.ship.cargo[item_id]
    return {
        "metal_scrap": gained["metal_scrap"],
        "components": gained["components"],
        "rare_materials": gained["rare_salvage"],
        "total_value": _value(gained),
        "xp_gained": XP_PER_WRECK,
    }


@handlers("tow_wreck")
def tow_wreck(turn: Turn) -> JsonObject:
    """Take a wreck in tow."""
    if not turn.ship.bonus("tow_speed_penalty"):
        raise GameError("no_equipment", "Towing takes a tow rig.")
    if turn.player.towing:
        raise GameError("already_towing", "You have a wreck in tow.")
    wreck = _find(turn, turn.text("wreck_id"))
    if wreck.towed_by or wreck.type == CONTAINER:
        raise GameError("invalid_target", "That cannot be towed.")
    wreck.towed_by = turn.player.id
    turn.player.towing = wreck.id
    return {
        "action": "tow_wreck",
        "wreck_id": wreck.id,
        "ship_class": wreck.ship_class,
        "salvage_value": wreck.salvage_value,
        "cargo_count": sum(wreck.cargo.values()),
        "module_count": len(wreck.modules),
        "insured": bool(wreck.policy_id),
        "speed_penalty": "1",
        "message": f"{wreck.ship_name} is in tow.",
    }


@handlers("release_tow")
def release_tow(turn: Turn) -> JsonObject:
    """Let the wreck in tow go."""
    wreck = _towed(turn)
    wreck.towed_by = turn.player.towing = ""
    return {"action": "release_tow", "wreck_id": wreck.id, "message": "Tow line released."}


@handlers("sell_wreck")
def sell_wreck(turn: Turn) -> JsonObject:
    """Sell the wreck in tow with all that is in it."""
    turn.base_with("salvage_yard")
    wreck = _towed(turn)
    goods = _value(wreck.cargo)
    payout = wreck.salvage_value + goods
    turn.universe.earn(turn.player, payout, taxable="salvage")
    turn.player.stats["wrecks_sold"] += 1
    _gone(turn, wreck)
    return {
        "action": "sell_wreck",
        "wreck_id": wreck.id,
        "ship_class": wreck.ship_class,
        "salvage_value": wreck.salvage_value,
        "cargo_value": goods,
        "total_payout": payout,
        "new_balance": turn.player.credits,
        "message": f"Sold for {payout} credits.",
    }


@handlers("scrap_wreck")
def scrap_wreck(turn: Turn) -> JsonObject:
    """Have the wreck in tow broken up; the materials go into storage."""
    base = turn.base_with("salvage_yard")
    wreck = _towed(turn)
    if turn.player.level("salvaging") < SCRAP_LEVEL:
        raise GameError("skill_too_low", f"Scrapping takes salvaging level {SCRAP_LEVEL}.")
    gained = _break_up(turn, wreck)
    for item_id, quantity in gained.items():
        turn.universe.locker(turn.player).put(item_id, quantity)
    turn.player.stats["wrecks_scrapped"] += 1
    return {
        "action": "scrap_wreck",
        "wreck_id": wreck.id,
        "ship_class": wreck.ship_class,
        "materials": [
            {"item": item_id, "name": items()[item_id].name, "quantity": quantity}
            for item_id, quantity in gained.items()
        ],
        "stored_at": base.id,
        "total_value": _value(gained),
        "message": "The wreck is scrap now; the materials are in your storage.",
    }


def _break_up(turn: Turn, wreck: Wreck) -> dict[str, int]:
    level = turn.player.level("salvaging")
    gained = {
        "metal_scrap": 4 + wreck.salvage_value // 20 + level,
        "components": 1 + level // 3 + len(wreck.modules),
        "rare_salvage": level // 5,
    }
    turn.universe.teach(turn.player, "salvaging", XP_PER_WRECK)
    _gone(turn, wreck)
    return gained


def _gone(turn: Turn, wreck: Wreck) -> None:
    turn.universe.encounters.wrecks.pop(wreck.id, None)
    if turn.player.towing == wreck.id:
        turn.player.towing = ""


def _value(goods: dict[str, int]) -> int:
    return sum(items()[item_id].value * quantity for item_id, quantity in goods.items())


def _find(turn: Turn, wreck_id: str) -> Wreck:
    wreck = turn.universe.encounters.wrecks.get(wreck_id)
    if wreck is None or wreck.place_id != turn.place.id:
        raise GameError("invalid_target", f"There is no wreck '{wreck_id}' here. See get_wrecks.")
    return wreck


def _towed(turn: Turn) -> Wreck:
    wreck = turn.universe.encounters.wrecks.get(turn.player.towing)
    if wreck is None:
        raise GameError("not_towing", "You have no wreck in tow.")
    return wreck
