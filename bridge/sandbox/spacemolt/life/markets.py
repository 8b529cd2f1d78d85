"""The stations' own trade: what they ask and bid, and how their stock recovers."""

from bridge.sandbox.spacemolt.state.exchange import BUY, SELL, Order
from bridge.sandbox.spacemolt.state.goods import Item, items
from bridge.sandbox.spacemolt.state.places import Base
from bridge.sandbox.spacemolt.state.universe import Universe

RESTOCK_EVERY = 10

# Price level and share of the stock, from the best price to the worst.
_ASKS = ((1.15, 0.6), (1.3, 0.4))
_BIDS = ((0.9, 0.6), (0.75, 0.4))
_STOCK = {
    "ore": 400,
    "ice": 400,
    "gas": 400,
    "commodity": 200,
    "salvage": 100,
    "consumable": 150,
    "ammo": 100,
    "drone": 5,
    "module": 8,
}


def open_markets(universe: Universe) -> None:
    """Put every station's own orders into the books."""
    for base in universe.galaxy.bases.values():
        for item in items().values():
            stock = _stock(base, item)
            if stock:
                _open(universe, base, item, stock)


def restock(universe: Universe) -> None:
    """Let the stations' stock recover a little."""
    if universe.tick % RESTOCK_EVERY:
        return
    for order in universe.exchange.orders.values():
        if not order.owner_id:
            order.filled = max(0, order.filled - max(1, order.quantity // 20))


def _stock(base: Base, item: Item) -> int:
    if item.category == "contraband":
        return 0 if base.empire else 40
    if item.category == "module" and "shipyard" not in base.services:
        return 2
    return _STOCK.get(item.category, 0)


def _open(universe: Universe, base: Base, item: Item, stock: int) -> None:
    wobble = 0.9 + 0.2 * universe.rng.random()
    price = item.value * base.prices * wobble
    for side, levels in ((SELL, _ASKS), (BUY, _BIDS)):
        for factor, share in levels:
            universe.exchange.add(
                Order(
                    id=universe.new_id(),
                    base_id=base.id,
                    item_id=item.id,
                    side=side,
                    price_each=max(1, round(price * factor)),
                    quantity=max(1, round(stock * share)),
                    sequence=0,
                    created_at=universe.timestamp(),
                )
            )
