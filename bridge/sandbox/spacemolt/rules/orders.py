"""Standing orders: placing, changing, cancelling, listing.

Goods and credits of a standing order are set aside. What meets the book at once costs no fee; what
waits costs one percent. The bulk form takes up to fifty at a time and says how each one went.
"""

from collections.abc import Callable
from typing import TypeVar

from bridge.sandbox.spacemolt.rules.settlement import (
    deliver,
    fills_view,
    listing_fee,
    pay_out,
    withdraw,
)
from bridge.sandbox.spacemolt.rules.standing import faction_with, own_faction
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.exchange import BUY, SELL, Order
from bridge.sandbox.spacemolt.state.goods import Item, find_item
from bridge.sandbox.spacemolt.turn import Handlers, Turn

MOST_AT_ONCE = 50

handlers = Handlers()


@handlers("create_buy_order")
def create_buy_order(turn: Turn) -> JsonObject:
    """Bid for goods, one item or many."""
    if "orders" in turn.arguments:
        return in_bulk("create_buy_order", turn.arguments.objects("orders"), _bid(turn))
    return {"action": "create_buy_order", **_bid(turn)(_single(turn))}


@handlers("create_sell_order")
def create_sell_order(turn: Turn) -> JsonObject:
    """Ask a price for goods, one item or many."""
    if "orders" in turn.arguments:
        return in_bulk("create_sell_order", turn.arguments.objects("orders"), _ask(turn))
    return {"action": "create_sell_order", **_ask(turn)(_single(turn))}


@handlers("cancel_order")
def cancel_order(turn: Turn) -> JsonObject:
    """Cancel one order, several, or all at this station."""
    wanted = turn.text("order_id")
    if "order_ids" in turn.arguments:
        ids = turn.arguments.texts("order_ids")
        return in_bulk("cancel_order", ids, lambda order_id: _cancel(turn, order_id))
    if wanted in ("all", "*"):
        ids = [order.id for order in _own(turn, turn.base.id)]
        return _each("cancel_order", ids, lambda order_id: _cancel(turn, order_id))
    if not wanted:
        raise GameError("invalid_payload", "order_id or order_ids is required.")
    return {"action": "cancel_order", **_cancel(turn, wanted)}


@handlers("modify_order")
def modify_order(turn: Turn) -> JsonObject:
    """Change the price of one order or several."""
    if "orders" in turn.arguments:
        return in_bulk(
            "modify_order",
            turn.arguments.objects("orders"),
            lambda entry: _modify(turn, entry["order_id"], entry["new_price"]),
        )
    if "order_id" not in turn.arguments or "new_price" not in turn.arguments:
        raise GameError("invalid_payload", "order_id and new_price are required.")
    order_id, price = turn.text("order_id"), turn.number("new_price")
    return {"action": "modify_order", **_modify(turn, order_id, price)}


@handlers("view_orders")
def view_orders(turn: Turn) -> JsonObject:
    """List one's own orders, or the faction's, page by page."""
    base_id = turn.text("station_id") or turn.base.id
    if base_id not in turn.universe.galaxy.bases:
        raise GameError("invalid_base", f"There is no station '{base_id}'.")
    scope = turn.text("scope", "personal")
    if scope == "faction" and not turn.player.faction_id:
        raise GameError("not_in_faction", "You are in no faction.")
    found = _filtered(turn, base_id, scope)
    size = max(1, min(turn.number("page_size", 20), 50))
    page = max(1, turn.number("page", 1))
    shown = found[(page - 1) * size : page * size]
    return {
        "action": "view_orders",
        "base": turn.universe.galaxy.bases[base_id].name,
        "scope": scope,
        "sort_by": turn.text("sort_by", "newest"),
        "page": page,
        "page_size": size,
        "total": len(found),
        "total_pages": -(-len(found) // size),
        "has_more": page * size < len(found),
        "orders": [order_view(order) for order in shown],
        "hint": "Use modify_order or cancel_order with an order_id.",
    }


def order_view(order: Order) -> JsonObject:
    """Describe a standing order to its owner."""
    return {
        "order_id": order.id,
        "item_id": order.item_id,
        "item_name": find_item(order.item_id).name,
        "side": order.side,
        "order_type": order.side,
        "price_each": order.price_each,
        "quantity": order.quantity,
        "filled_quantity": order.filled,
        "remaining": order.remaining,
        "listing_fee": order.fee,
        "created_at": order.created_at,
        "faction_order": bool(order.faction_id),
    }


def list_remainder(turn: Turn, item: Item, side: str, quantity: int, price: int) -> JsonObject:
    """Put into the book what could not be had at once, if one can pay for that."""
    fee = listing_fee(price, quantity)
    escrow = quantity * price if side == BUY else 0
    if turn.player.credits < fee + escrow:
        return {}
    turn.universe.spend(turn.player, fee + escrow)
    if side == SELL:
        withdraw(turn, item.id, quantity)
    order, _ = place(turn, item, side, quantity, price, fee=fee)
    listed: JsonObject = {
        "order_id": order.id,
        "price_each": price,
        "quantity": quantity,
        "listing_fee": fee,
        "escrow": escrow,
    }
    return {"auto_listed": listed}


def place(
    turn: Turn, item: Item, side: str, quantity: int, price: int, *, fee: int
) -> tuple[Order, bool]:
    """Put an order into the book, or add to one's own at the same price; says whether it did."""
    for order in _own(turn, turn.base.id):
        if (order.item_id, order.side, order.price_each) == (item.id, side, price):
            order.quantity += quantity
            order.fee += fee
            return order, True
    order = Order(
        id=turn.universe.new_id(),
        base_id=turn.base.id,
        item_id=item.id,
        side=side,
        price_each=price,
        quantity=quantity,
        sequence=0,
        owner_id=turn.player.id,
        created_at=turn.universe.timestamp(),
        deliver_to=turn.text("deliver_to", "cargo"),
        fee=fee,
    )
    return turn.universe.exchange.add(order), False


Entry = TypeVar("Entry")


def in_bulk(action: str, entries: list[Entry], one: Callable[[Entry], JsonObject]) -> JsonObject:
    """Do the same for every entry; each succeeds or fails by itself."""
    if not 0 < len(entries) <= MOST_AT_ONCE:
        raise GameError("invalid_payload", f"Between 1 and {MOST_AT_ONCE} at once.")
    return _each(action, entries, one)


def _each(action: str, entries: list[Entry], one: Callable[[Entry], JsonObject]) -> JsonObject:
    results: list[JsonObject] = []
    for index, entry in enumerate(entries):
        try:
            results.append({"index": index, "success": True, **one(entry)})
        except GameError as reason:
            results.append(
                {
                    "index": index,
                    "success": False,
                    "error": reason.message,
                    "error_code": reason.code,
                }
            )
    succeeded = sum(result["success"] for result in results)
    summary = {
        "total": len(results),
        "succeeded": succeeded,
        "failed": len(results) - succeeded,
    }
    return {"action": action, "mode": "bulk", "results": results, "summary": summary}


def _single(turn: Turn) -> JsonObject:
    missing = [n for n in ("item_id", "quantity", "price_each") if n not in turn.arguments]
    if missing:
        raise GameError("invalid_payload", f"{', '.join(missing)} required without 'orders'.")
    return turn.arguments.as_object()


def _bid(turn: Turn) -> Callable[[JsonObject], JsonObject]:
    def one(entry: JsonObject) -> JsonObject:
        base, item = turn.base_with("market"), find_item(entry["item_id"])
        quantity, price = entry["quantity"], entry["price_each"]
        exchange, universe = turn.universe.exchange, turn.universe
        fills = exchange.match(
            base_id=base.id,
            item_id=item.id,
            side=SELL,
            quantity=quantity,
            limit=price,
            not_owner=turn.player.id,
        )
        filled, spent = sum(f.quantity for f in fills), sum(f.subtotal for f in fills)
        rest = quantity - filled
        fee = listing_fee(price, rest)
        universe.spend(turn.player, spent + rest * price + fee)
        exchange.take(fills)
        pay_out(universe, fills)
        to_storage = entry.get("deliver_to") == "storage"
        in_cargo, in_storage = deliver(turn, item.id, filled, to_storage=to_storage)
        return {
            "item": item.name,
            "item_id": item.id,
            "price_each": price,
            "quantity": quantity,
            "quantity_filled": filled,
            "quantity_listed": rest,
            "fills": fills_view(fills, universe),
            "total_spent": spent,
            "total_escrowed": rest * price,
            "remaining_escrowed": rest * price,
            "listing_fee": fee,
            **({} if "orders" in turn.arguments else _delivered(in_cargo, in_storage)),
            "message": f"Bought {filled}, bidding for {rest} {item.name} at {price}.",
            **_standing(turn, item, BUY, rest, price=price, fee=fee),
        }

    return one


def _delivered(in_cargo: int, in_storage: int) -> JsonObject:
    return {"delivered_to_cargo": in_cargo, "delivered_to_storage": in_storage}


def _ask(turn: Turn) -> Callable[[JsonObject], JsonObject]:
    def one(entry: JsonObject) -> JsonObject:
        base, item = turn.base_with("market"), find_item(entry["item_id"])
        quantity, price = entry["quantity"], entry["price_each"]
        exchange, universe = turn.universe.exchange, turn.universe
        fills = exchange.match(
            base_id=base.id,
            item_id=item.id,
            side=BUY,
            quantity=quantity,
            limit=price,
            not_owner=turn.player.id,
        )
        filled, earned = sum(f.quantity for f in fills), sum(f.subtotal for f in fills)
        rest = quantity - filled
        fee = listing_fee(price, rest)
        if turn.player.credits + earned < fee:
            universe.spend(turn.player, fee)
        from_cargo, from_storage = withdraw(turn, item.id, quantity)
        universe.earn(turn.player, earned, taxable="market")
        universe.spend(turn.player, fee)
        exchange.take(fills)
        pay_out(universe, fills)
        return {
            "item": item.name,
            "item_id": item.id,
            "price_each": price,
            "quantity": quantity,
            "quantity_filled": filled,
            "quantity_listed": rest,
            "fills": fills_view(fills, universe),
            "total_earned": earned,
            "listing_fee": fee,
            "from_cargo": from_cargo,
            "from_storage": from_storage,
            "message": f"Sold {filled}, asking {price} for {rest} {item.name}.",
            **_standing(turn, item, SELL, rest, price=price, fee=fee),
        }

    return one


def _standing(
    turn: Turn, item: Item, side: str, quantity: int, *, price: int, fee: int
) -> JsonObject:
    if not quantity:
        return {}
    order, consolidated = place(turn, item, side, quantity, price, fee=fee)
    return {"order_id": order.id, "consolidated": consolidated}


def _own(turn: Turn, base_id: str) -> list[Order]:
    orders = turn.universe.exchange.at_base(base_id)
    return [o for o in orders if o.owner_id == turn.player.id and not o.faction_id]


def _cancel(turn: Turn, order_id: str) -> JsonObject:
    order = _find(turn, order_id)
    turn.universe.exchange.remove(order)
    answer: JsonObject = {"order_id": order.id, "message": "Order cancelled."}
    if order.side == BUY:
        _refund(turn, order, order.remaining * order.price_each)
        return answer | {"returned_credits": order.remaining * order.price_each}
    turn.universe.lockers.at(order.base_id, order.owner_id).put(order.item_id, order.remaining)
    goods = {"item_id": order.item_id, "quantity": order.remaining}
    goods["item_name"] = find_item(order.item_id).name
    return answer | {"returned_items": goods, "delivered_to": "storage"}


def _find(turn: Turn, order_id: str) -> Order:
    """Return one's own order, or one of the faction's that one may touch."""
    order = turn.universe.exchange.orders.get(order_id)
    if order and order.faction_id and order.faction_id == turn.player.faction_id:
        faction_with(turn, "manage_treasury")
        return order
    return turn.universe.exchange.find(order_id, turn.player.id)


def _refund(turn: Turn, order: Order, amount: int) -> None:
    """Give back what an order holds no more, or take what it holds from now on."""
    if order.faction_id:
        faction = own_faction(turn)
        if faction.treasury + amount < 0:
            raise GameError("no_credits", "The treasury cannot pay for that.")
        faction.treasury += amount
    elif amount < 0:
        turn.universe.spend(turn.player, -amount)
    else:
        turn.player.credits += amount


def _modify(turn: Turn, order_id: str, price: int) -> JsonObject:
    order = _find(turn, order_id)
    old = order.price_each
    if order.side == BUY:
        _refund(turn, order, (old - price) * order.remaining)
    order.price_each = price
    return {
        "order_id": order.id,
        "old_price": old,
        "new_price": price,
        "message": f"Price changed from {old} to {price}.",
    }


def _filtered(turn: Turn, base_id: str, scope: str) -> list[Order]:
    orders = [
        order
        for order in turn.universe.exchange.at_base(base_id)
        if (
            order.faction_id == turn.player.faction_id
            if scope == "faction"
            else order.owner_id == turn.player.id and not order.faction_id
        )
    ]
    if item := turn.text("item_id"):
        orders = [order for order in orders if order.item_id == find_item(item).id]
    if side := turn.text("order_type"):
        orders = [order for order in orders if order.side == side]
    if search := turn.text("search").casefold():
        orders = [o for o in orders if search in find_item(o.item_id).name.casefold()]
    match turn.text("sort_by", "newest"):
        case "price_asc":
            orders.sort(key=lambda order: order.price_each)
        case "price_desc":
            orders.sort(key=lambda order: -order.price_each)
        case "newest":
            orders.reverse()
    return orders
