"""Moving goods and credits when orders meet."""

from collections.abc import Sequence

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.state.exchange import SELL, Fill
from bridge.sandbox.spacemolt.state.goods import items
from bridge.sandbox.spacemolt.state.places import Base
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Turn

LISTING_FEE = 0.01


def sales_tax_rate(base: Base) -> int:
    """Return the tax on purchases at a base, in basis points."""
    return int(read("empires")[base.empire]["sales_tax"]) if base.empire else 0


def listing_fee(price_each: int, quantity: int) -> int:
    """Return the fee for what goes into the book: one percent, at least one credit."""
    return max(1, round(price_each * quantity * LISTING_FEE)) if quantity else 0


def pay_out(universe: Universe, fills: Sequence[Fill]) -> None:
    """Give the owners of taken orders what is theirs, and tell them."""
    for fill in fills:
        order = fill.order
        if order.faction_id:
            _pay_faction(universe, fill)
        elif order.owner_id:
            _pay_player(universe, universe.players[order.owner_id], fill)


def deliver(turn: Turn, item_id: str, quantity: int, *, to_storage: bool) -> tuple[int, int]:
    """Put goods into the hold, and what does not fit into storage; returns both shares."""
    to_cargo = 0 if to_storage else min(quantity, turn.ship.fits(item_id))
    turn.ship.cargo[item_id] += to_cargo
    if quantity > to_cargo:
        turn.universe.locker(turn.player).put(item_id, quantity - to_cargo)
    if not turn.ship.cargo[item_id]:
        del turn.ship.cargo[item_id]
    return to_cargo, quantity - to_cargo


def withdraw(turn: Turn, item_id: str, quantity: int) -> tuple[int, int]:
    """Take goods from the hold first and then from storage; raises GameError when short."""
    locker = turn.universe.locker(turn.player)
    from_cargo = min(quantity, turn.ship.cargo[item_id])
    if quantity > from_cargo + locker.items[item_id]:
        turn.ship.take_cargo(item_id, quantity)
    locker_share = quantity - from_cargo
    if from_cargo:
        turn.ship.take_cargo(item_id, from_cargo)
    if locker_share:
        locker.take(item_id, locker_share)
    return from_cargo, locker_share


def fills_view(fills: Sequence[Fill], universe: Universe) -> list[JsonObject]:
    """Describe fills to the one who caused them."""
    return [
        {
            "price_each": fill.order.price_each,
            "quantity": fill.quantity,
            "subtotal": fill.subtotal,
            "source": fill.order.source,
            "counterparty": _counterparty(fill, universe),
        }
        for fill in fills
    ]


def _counterparty(fill: Fill, universe: Universe) -> str:
    if fill.order.faction_id:
        return universe.society.factions[fill.order.faction_id].name
    if fill.order.owner_id:
        return universe.players[fill.order.owner_id].username
    return universe.galaxy.bases[fill.order.base_id].name


def _pay_player(universe: Universe, owner: Player, fill: Fill) -> None:
    order = fill.order
    if order.side == SELL:
        universe.earn(owner, fill.subtotal, taxable="market")
        owner.stats["exchange_credits_earned"] += fill.subtotal
        owner.stats["exchange_items_sold"] += fill.quantity
    else:
        universe.lockers.at(order.base_id, owner.id).put(order.item_id, fill.quantity)
        owner.stats["exchange_items_bought"] += fill.quantity
    universe.push(owner, "market_update", _update(fill))


def _pay_faction(universe: Universe, fill: Fill) -> None:
    order = fill.order
    if order.side == SELL:
        universe.society.factions[order.faction_id].treasury += fill.subtotal
    else:
        universe.lockers.at(order.base_id, order.faction_id).put(order.item_id, fill.quantity)


def _update(fill: Fill) -> JsonObject:
    order = fill.order
    return {
        "order_id": order.id,
        "side": order.side,
        "item_id": order.item_id,
        "item_name": items()[order.item_id].name,
        "quantity": fill.quantity,
        "price_each": order.price_each,
        "remaining": order.remaining,
    }
