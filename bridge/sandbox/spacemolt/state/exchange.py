"""Order books: who asks and who bids for what at which base."""

from dataclasses import dataclass

from bridge.sandbox.spacemolt.shapes import GameError

BUY = "buy"
SELL = "sell"


@dataclass(slots=True, kw_only=True)
class Order:
    """A standing order. The station's own have no owner; a faction's name the faction."""

    id: str
    base_id: str
    item_id: str
    side: str
    price_each: int
    quantity: int
    sequence: int
    filled: int = 0
    owner_id: str = ""
    faction_id: str = ""
    created_at: str = ""
    deliver_to: str = "storage"
    fee: int = 0

    @property
    def remaining(self) -> int:
        """Return what is still wanted or offered."""
        return self.quantity - self.filled

    @property
    def source(self) -> str:
        """Return who stands behind it: the station, a faction or a player."""
        if self.faction_id:
            return "faction"
        return "player" if self.owner_id else "station"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A part of an order that was taken."""

    order: Order
    quantity: int

    @property
    def subtotal(self) -> int:
        """Return the credits that change hands."""
        return self.quantity * self.order.price_each


class Exchange:
    """The orders of every base."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self._sequence = 0

    def add(self, order: Order) -> Order:
        """Put an order into the book; earlier ones at the same price come first."""
        self._sequence += 1
        order.sequence = self._sequence
        self.orders[order.id] = order
        return order

    def remove(self, order: Order) -> None:
        """Take an order out of the book."""
        self.orders.pop(order.id, None)

    def book(self, base_id: str, item_id: str, side: str) -> list[Order]:
        """Return the standing orders of one item, the best price first."""
        found = [
            order
            for order in self.orders.values()
            if (order.base_id, order.item_id, order.side) == (base_id, item_id, side)
            and order.remaining > 0
        ]
        sign = 1 if side == SELL else -1
        return sorted(found, key=lambda order: (sign * order.price_each, order.sequence))

    def at_base(self, base_id: str) -> list[Order]:
        """Return every standing order of a base, oldest first."""
        found = [o for o in self.orders.values() if o.base_id == base_id and o.remaining > 0]
        return sorted(found, key=lambda order: order.sequence)

    def match(
        self,
        *,
        base_id: str,
        item_id: str,
        side: str,
        quantity: int,
        limit: int | None = None,
        not_owner: str = "",
    ) -> list[Fill]:
        """Return what of the book a taker would get, without taking it.

        ``side`` is the side of the book: a buyer looks at the sell orders. ``limit`` is the worst
        price the taker accepts; nobody trades with himself.
        """
        fills: list[Fill] = []
        for order in self.book(base_id, item_id, side):
            too_dear = limit is not None and (
                order.price_each > limit if side == SELL else order.price_each < limit
            )
            if too_dear or quantity <= 0:
                break
            if not_owner and order.owner_id == not_owner:
                continue
            taken = min(quantity, order.remaining)
            fills.append(Fill(order=order, quantity=taken))
            quantity -= taken
        return fills

    def take(self, fills: list[Fill]) -> None:
        """Take the fills out of the book."""
        for fill in fills:
            fill.order.filled += fill.quantity
            if fill.order.remaining <= 0 and fill.order.owner_id:
                self.remove(fill.order)

    def find(self, order_id: str, owner_id: str) -> Order:
        """Return an owner's standing order; raises GameError with ``order_not_found``."""
        order = self.orders.get(order_id)
        if order is None or order.owner_id != owner_id:
            raise GameError("order_not_found", f"You have no order '{order_id}'.")
        return order
