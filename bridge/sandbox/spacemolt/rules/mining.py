"""Mining: rock with lasers, ice with harvesters, gas with scoops.

One load is power x richness / 50, and 2 % more per level of skill; it ends with the hold. Two of
three loads are of what a place is richest in.
"""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state import progress
from bridge.sandbox.spacemolt.state.goods import items
from bridge.sandbox.spacemolt.state.places import Deposit
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.places import depletion

XP_PER_LOAD = 8
LOADS_PER_SURPRISE = 3
SKILLS = {
    "asteroid_belt": "mining",
    "asteroid": "deep_core_mining",
    "ice_field": "ice_harvesting",
    "gas_cloud": "gas_harvesting",
    "nebula": "gas_harvesting",
}

handlers = Handlers()


@handlers("mine")
def mine(turn: Turn) -> JsonObject:
    """Dig one load of what this place yields."""
    deposit = _choose(turn)
    skill = SKILLS[turn.place.type]
    power = _power(turn)
    load = round(power * deposit.richness / 50 * (1 + 0.02 * turn.player.level(skill)))
    quantity = min(max(1, load), deposit.remaining, turn.ship.fits(deposit.item_id))
    deposit.remaining -= quantity
    turn.ship.cargo[deposit.item_id] += quantity
    _note(turn, deposit, quantity, skill)
    return {
        "action": "mine",
        "resource_id": deposit.item_id,
        "resource_name": items()[deposit.item_id].name,
        "quantity": quantity,
        "remaining": deposit.remaining,
        "cargo_used": turn.ship.load,
        "cargo_capacity": turn.ship.capacity,
        "xp_gained": {skill: XP_PER_LOAD},
        "message": f"Mined {quantity} {items()[deposit.item_id].name}.",
    }


def _choose(turn: Turn) -> Deposit:
    deposits = [deposit for deposit in turn.place.deposits.values() if deposit.remaining > 0]
    if not deposits:
        raise GameError("no_resources", f"There is nothing to mine at {turn.place.name}.")
    if not _power(turn):
        raise GameError("no_equipment", f"You have no tool for a place like {turn.place.name}.")
    fitting = [deposit for deposit in deposits if turn.ship.fits(deposit.item_id) > 0]
    if not fitting:
        raise GameError("no_cargo_space", "Your hold is full. Sell or deposit something first.")
    turn.player.stats["loads"] += 1
    if turn.player.stats["loads"] % LOADS_PER_SURPRISE:
        return max(fitting, key=lambda deposit: deposit.richness)
    return turn.universe.rng.choice(fitting)


def _power(turn: Turn) -> int:
    place_type = turn.place.type
    tools = [module for module in turn.ship.modules if place_type in module.type.mines]
    power = sum(module.effect("mining_power") for module in tools)
    boost = sum(buff.amount for buff in turn.ship.buffs if buff.stat == "mining_power")
    return power + boost if tools else 0


def _note(turn: Turn, deposit: Deposit, quantity: int, skill: str) -> None:
    player, universe = turn.player, turn.universe
    player.stats["ore_mined"] += quantity
    progress.count(player, progress.MINE, deposit.item_id, quantity)
    for module in turn.ship.modules:
        if turn.place.type in module.type.mines:
            module.wear = min(1.0, module.wear + 0.001)
    universe.push(
        player,
        "mining_yield",
        {
            "resource_id": deposit.item_id,
            "resource_name": items()[deposit.item_id].name,
            "quantity": quantity,
            "remaining": deposit.remaining,
            "remaining_display": f"{deposit.remaining:,}",
            "max_remaining": deposit.full,
            "depletion_percent": depletion(deposit),
            "xp_gained": {skill: XP_PER_LOAD},
        },
    )
    universe.teach(player, skill, XP_PER_LOAD)
