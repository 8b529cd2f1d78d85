"""Ships built to order: quoted, ordered, supplied, built, claimed or called off.

A credits-only order buys its materials little by little; one with materials provided is built at
once and costs labour only.
"""

from bridge.sandbox.spacemolt.rules.hangar import board
from bridge.sandbox.spacemolt.rules.reference import ship_class
from bridge.sandbox.spacemolt.rules.settlement import withdraw
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import ShipClass, items
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.state.yards import BUILDING, READY, SOURCING, Commission
from bridge.sandbox.spacemolt.turn import Handlers, Turn

MARKUP = 1.3
LABOUR = 0.2
REFUND = 0.5
BUILD_TICKS_PER_TIER = 5

handlers = Handlers()


def costs(model: ShipClass) -> tuple[int, int]:
    """Return what materials and labour of a class cost."""
    materials = sum(items()[key].value * quantity for key, quantity in model.needs.items())
    return round(materials * MARKUP), round(model.price * LABOUR)


@handlers("commission_quote")
def commission_quote(turn: Turn) -> JsonObject:
    """Tell what a ship would cost, and what stands in the way."""
    turn.base_with("shipyard")
    model = ship_class(turn.text("ship_class"))
    materials, labour = costs(model)
    blockers = _blockers(turn, model)
    return {
        "ship_class": model.id,
        "ship_name": model.name,
        "build_time": BUILD_TICKS_PER_TIER * model.tier,
        "build_materials": [
            {
                "item_id": key,
                "name": items()[key].name,
                "quantity": quantity,
                "size": items()[key].size,
            }
            for key, quantity in model.needs.items()
        ],
        "material_cost": materials,
        "labor_cost": labour,
        "credits_only_available": True,
        "credits_only_total": materials + labour,
        "provide_materials_total": labour,
        "can_afford_credits_only": turn.player.credits >= materials + labour,
        "can_afford_provide_materials": turn.player.credits >= labour,
        "can_commission": not blockers,
        "blockers": blockers,
        "player_credits": turn.player.credits,
        "shipyard_tier_here": 5,
        "shipyard_tier_required": model.tier,
        "message": f"A {model.name} costs {materials + labour} credits, or {labour} and materials.",
    }


def _blockers(turn: Turn, model: ShipClass) -> list[str]:
    found = []
    if model.starter:
        found.append("Starter ships are not built to order.")
    if model.empire and model.empire != turn.base.empire:
        found.append(f"Only shipyards of {model.empire} build it.")
    if turn.player.level("piloting") < model.piloting:
        found.append(f"It takes piloting level {model.piloting}.")
    return found


@handlers("commission_ship")
def commission_ship(turn: Turn) -> JsonObject:
    """Order a ship from this shipyard."""
    base = turn.base_with("shipyard")
    model = ship_class(turn.text("ship_class"))
    if blockers := _blockers(turn, model):
        raise GameError("cannot_commission", " ".join(blockers))
    materials, labour = costs(model)
    provided = turn.arguments.flag("provide_materials")
    paid = labour if provided else materials + labour
    if turn.player.credits < paid:
        turn.universe.spend(turn.player, paid)
    if provided:
        _hand_over(turn, model)
    turn.universe.spend(turn.player, paid)
    commission = Commission(
        id=turn.universe.new_id(),
        player_id=turn.player.id,
        base_id=base.id,
        ship_class=model.id,
        paid=paid,
        provided=provided,
        created_at=turn.universe.timestamp(),
        required=dict(model.needs),
        gathered=dict(model.needs) if provided else {},
    )
    turn.universe.yards.commissions[commission.id] = commission
    if provided:
        start(turn.universe, commission)
    turn.player.stats["ships_commissioned"] += 1
    return {
        "commission_id": commission.id,
        "ship_class": model.id,
        "ship_name": model.name,
        "status": commission.status,
        "build_time": BUILD_TICKS_PER_TIER * model.tier,
        "credits_paid": paid,
        "credits_left": turn.player.credits,
        "labor_cost": labour,
        "material_cost": 0 if provided else materials,
        "message": f"The yard will build a {model.name}.",
    }


def _hand_over(turn: Turn, model: ShipClass) -> None:
    stored = turn.universe.locker(turn.player).items
    missing = [
        {"item_id": key, "item_name": items()[key].name, "need": need, "have": have}
        for key, need in model.needs.items()
        if (have := turn.ship.cargo[key] + stored[key]) < need
    ]
    if missing:
        raise GameError("missing_materials", "Materials are missing.", details=missing)
    for key, need in model.needs.items():
        withdraw(turn, key, need)


def start(universe: Universe, commission: Commission) -> None:
    """Let the yard begin to build."""
    commission.status = BUILDING
    commission.started = universe.tick
    tier = ship_class(commission.ship_class).tier
    commission.complete = universe.tick + BUILD_TICKS_PER_TIER * tier


@handlers("commission_status")
def commission_status(turn: Turn) -> JsonObject:
    """List one's ships on order."""
    wanted = turn.text("base_id")
    found = [
        commission
        for commission in turn.universe.yards.commissions.values()
        if commission.player_id == turn.player.id and wanted in ("", commission.base_id)
    ]
    return {"commissions": [_view(turn.universe, c) for c in found], "count": len(found)}


def _view(universe: Universe, commission: Commission) -> JsonObject:
    view: JsonObject = {
        "commission_id": commission.id,
        "ship_class_id": commission.ship_class,
        "ship_name": ship_class(commission.ship_class).name,
        "status": commission.status,
        "base_id": commission.base_id,
        "base_name": universe.galaxy.bases[commission.base_id].name,
        "created_at": commission.created_at,
        "credits_paid": commission.paid,
        "materials_provided": commission.provided,
        "required_materials": commission.required,
        "materials_gathered": commission.gathered,
    }
    if commission.status != SOURCING:
        view |= {
            "build_start_tick": commission.started,
            "build_complete_tick": commission.complete,
            "ticks_remaining": max(0, commission.complete - universe.tick),
        }
    return view | ({"built_ship_id": commission.built_ship} if commission.built_ship else {})


@handlers("supply_commission")
def supply_commission(turn: Turn) -> JsonObject:
    """Give materials to a commission that waits for them."""
    commission = turn.universe.yards.find_commission(turn.text("commission_id"), turn.player.id)
    item_id = turn.text("item_id")
    if commission.status != SOURCING or item_id not in commission.required:
        raise GameError("not_needed", "The commission does not wait for that.")
    open_need = commission.required[item_id] - commission.gathered.get(item_id, 0)
    quantity = min(turn.number("quantity"), open_need)
    if quantity < 1:
        raise GameError("not_needed", "There is enough of that.")
    withdraw(turn, item_id, quantity)
    commission.gathered[item_id] = commission.gathered.get(item_id, 0) + quantity
    done = is_sourced(commission)
    if done:
        start(turn.universe, commission)
    return {
        "commission_id": commission.id,
        "commission_status": commission.status,
        "item_id": item_id,
        "item_name": items()[item_id].name,
        "supplied": quantity,
        "all_sourced": done,
        "materials": [
            {
                "item_id": key,
                "name": items()[key].name,
                "needed": need,
                "gathered": commission.gathered.get(key, 0),
                "complete": commission.gathered.get(key, 0) >= need,
            }
            for key, need in commission.required.items()
        ],
        "message": f"Supplied {quantity} {items()[item_id].name}.",
    }


def is_sourced(commission: Commission) -> bool:
    """Say whether all materials are there."""
    return all(commission.gathered.get(key, 0) >= n for key, n in commission.required.items())


@handlers("cancel_commission")
def cancel_commission(turn: Turn) -> JsonObject:
    """Call a commission off; half of the payment comes back, and provided materials do."""
    commission = turn.universe.yards.find_commission(turn.text("commission_id"), turn.player.id)
    if commission.status == READY:
        raise GameError("already_ready", "The ship is ready. Claim it.")
    del turn.universe.yards.commissions[commission.id]
    refund = round(commission.paid * REFUND)
    turn.player.credits += refund
    returned = commission.required if commission.provided else {}
    locker = turn.universe.locker(turn.player, commission.base_id)
    for key, quantity in returned.items():
        locker.put(key, quantity)
    return {
        "refund": refund,
        "credits_total": turn.player.credits,
        "materials_returned": [
            {
                "item_id": key,
                "name": items()[key].name,
                "quantity": quantity,
                "size": items()[key].size,
            }
            for key, quantity in returned.items()
        ],
        "message": f"Commission cancelled; {refund} credits returned.",
    }


@handlers("claim_commission")
def claim_commission(turn: Turn) -> JsonObject:
    """Board a finished ship at the base where it was built."""
    commission = turn.universe.yards.find_commission(turn.text("commission_id"), turn.player.id)
    if commission.status != READY:
        raise GameError("not_ready", f"The ship is still {commission.status}.")
    if commission.base_id != turn.base.id:
        raise GameError("wrong_station", "The ship waits at another base.")
    del turn.universe.yards.commissions[commission.id]
    old = board(turn, turn.universe.ships[commission.built_ship])
    return {
        "new_ship_id": commission.built_ship,
        "old_ship_id": old.id,
        "ship_class": commission.ship_class,
        "credits_left": turn.player.credits,
        "message": "The ship is yours, and you are aboard.",
    }
