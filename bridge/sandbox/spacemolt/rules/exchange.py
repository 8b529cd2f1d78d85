"""Buying and selling at once, and looking at the books."""

from bridge.sandbox.spacemolt.rules.orders import list_remainder
from bridge.sandbox.spacemolt.rules.settlement import (
    deliver,
    fills_view,
    pay_out,
    sales_tax_rate,
)
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.state.exchange import BUY, SELL, Order
from bridge.sandbox.spacemolt.state.goods import Item, find_item, items
from bridge.sandbox.spacemolt.state.places import Base
from bridge.sandbox.spacemolt.turn import Handlers, Turn

HINTS_PER_LEVEL = 3

handlers = Handlers()


@handlers("buy")
def buy(turn: Turn) -> JsonObject:
    """Buy from the cheapest sell orders; what is not there stays unfilled."""
    base, item = turn.base_with("market"), find_item(turn.text("item_id"))
    wanted = turn.number("quantity")
    exchange = turn.universe.exchange
    fills = exchange.match(
        base_id=base.id, item_id=item.id, side=SELL, quantity=wanted, not_owner=turn.player.id
    )
    subtotal = sum(fill.subtotal for fill in fills)
    cost = subtotal + subtotal * sales_tax_rate(base) // 10_000
    turn.universe.spend(turn.player, cost)
    exchange.take(fills)
    pay_out(turn.universe, fills)
    bought = sum(fill.quantity for fill in fills)
    to_storage = turn.text("deliver_to") == "storage"
    in_cargo, in_storage = deliver(turn, item.id, bought, to_storage=to_storage)
    turn.player.stats["exchange_items_bought"] += bought
    answer: JsonObject = {
        "action": "buy",
        "item": item.name,
        "item_id": item.id,
        "quantity": bought,
        "total_cost": cost,
        "unfilled": wanted - bought,
        "fills": fills_view(fills, turn.universe),
        "delivered_to_cargo": in_cargo,
        "delivered_to_storage": in_storage,
        "message": f"Bought {bought} {item.name} for {cost} credits.",
    }
    if turn.arguments.flag("auto_list") and wanted > bought:
        average = fills[-1].order.price_each if fills else item.value
        answer |= list_remainder(turn, item, BUY, wanted - bought, average)
    return answer | _experience(turn, bought, "buy", item)


@handlers("sell")
def sell(turn: Turn) -> JsonObject:
    """Sell to the best buy orders; what nobody wants stays unsold."""
    base, item = turn.base_with("market"), find_item(turn.text("item_id"))
    wanted = turn.number("quantity")
    if turn.ship.cargo[item.id] < wanted:
        turn.ship.take_cargo(item.id, wanted)
    exchange = turn.universe.exchange
    fills = exchange.match(
        base_id=base.id, item_id=item.id, side=BUY, quantity=wanted, not_owner=turn.player.id
    )
    sold, earned = sum(f.quantity for f in fills), sum(f.subtotal for f in fills)
    if sold:
        turn.ship.take_cargo(item.id, sold)
    exchange.take(fills)
    pay_out(turn.universe, fills)
    turn.universe.earn(turn.player, earned, taxable="market")
    turn.player.stats["exchange_items_sold"] += sold
    turn.player.stats["exchange_credits_earned"] += earned
    answer: JsonObject = {
        "action": "sell",
        "item": item.name,
        "item_id": item.id,
        "quantity_sold": sold,
        "total_earned": earned,
        "unsold": wanted - sold,
        "fills": fills_view(fills, turn.universe),
        "message": f"Sold {sold} {item.name} for {earned} credits.",
    }
    if turn.arguments.flag("auto_list") and wanted > sold:
        average = earned // sold if sold else item.value
        answer |= list_remainder(turn, item, SELL, wanted - sold, average)
    return answer | _experience(turn, sold, "sell", item)


def _experience(turn: Turn, moved: int, event: str, item: Item) -> JsonObject:
    if not moved:
        return {"level_up": False, "xp_gained": 0}
    summary = f"{event} {moved} {item.name}"
    data: JsonObject = {"item_id": item.id, "quantity": moved}
    turn.universe.record(turn.player, "trading", event, summary, data)
    xp = min(20, 1 + moved // 5)
    level_up = turn.universe.teach(turn.player, "trading", xp)
    view: JsonObject = {"level_up": level_up, "xp_gained": xp}
    return view | ({"skill_level": turn.player.level("trading")} if event == "sell" else {})


@handlers("estimate_purchase")
def estimate_purchase(turn: Turn) -> JsonObject:
    """Tell what a purchase would cost."""
    base, item = turn.base_with("market"), find_item(turn.text("item_id"))
    wanted = turn.number("quantity")
    fills = turn.universe.exchange.match(
        base_id=base.id, item_id=item.id, side=SELL, quantity=wanted, not_owner=turn.player.id
    )
    found, subtotal = sum(f.quantity for f in fills), sum(f.subtotal for f in fills)
    rate = sales_tax_rate(base)
    tax = subtotal * rate // 10_000
    return {
        "action": "estimate_purchase",
        "item": item.name,
        "quantity_requested": wanted,
        "available": found,
        "unfilled": wanted - found,
        "subtotal": subtotal,
        "sales_tax": tax,
        "sales_tax_rate_bps": rate,
        "total_cost": subtotal + tax,
        "fills": fills_view(fills, turn.universe),
        "message": f"{found} {item.name} would cost {subtotal + tax} credits.",
    }


@handlers("view_market")
def view_market(turn: Turn) -> JsonObject:
    """Show the books: the best prices of everything, or one item in depth."""
    base = turn.base_with("market")
    wanted, category = turn.text("item_id"), turn.text("category").casefold()
    chosen = [find_item(wanted)] if wanted else list(items().values())
    entries = [
        _book_view(turn, base, item, deep=bool(wanted))
        for item in chosen
        if not category or item.category == category
    ]
    return {
        "action": "view_market",
        "base": base.name,
        "base_id": base.id,
        "categories": sorted({item.category for item in items().values()}),
        "items": [entry for entry in entries if wanted or entry["best_sell"] or entry["best_buy"]],
    }


def _book_view(turn: Turn, base: Base, item: Item, *, deep: bool) -> JsonObject:
    exchange = turn.universe.exchange
    asks, bids = exchange.book(base.id, item.id, SELL), exchange.book(base.id, item.id, BUY)
    ask, bid = _best(asks), _best(bids)
    view: JsonObject = {
        "item_id": item.id,
        "item_name": item.name,
        "category": item.category,
        "best_sell": ask[0],
        "best_sell_qty": ask[1],
        "best_buy": bid[0],
        "best_buy_qty": bid[1],
        "sell_price": ask[0],
        "sell_quantity": sum(order.remaining for order in asks),
        "buy_price": bid[0],
        "buy_quantity": sum(order.remaining for order in bids),
        "sell_orders": [_depth(turn, order) for order in asks] if deep else [],
        "buy_orders": [_depth(turn, order) for order in bids] if deep else [],
    }
    return view | ({"spread": ask[0] - bid[0]} if ask[0] and bid[0] else {})


def _best(orders: list[Order]) -> tuple[int, int]:
    if not orders:
        return 0, 0
    price = orders[0].price_each
    return price, sum(order.remaining for order in orders if order.price_each == price)


def _depth(turn: Turn, order: Order) -> JsonObject:
    view: JsonObject = {
        "price_each": order.price_each,
        "quantity": order.remaining,
        "source": order.source,
    }
    own = order.owner_id == turn.player.id
    return view | ({"my_quantity": order.remaining} if own else {})


@handlers("analyze_market")
def analyze_market(turn: Turn) -> JsonObject:
    """Name what sells better elsewhere; a better trader hears more."""
    base, exchange = turn.base_with("market"), turn.universe.exchange
    level = turn.player.level("trading")
    insights: list[JsonObject] = []
    for item in items().values():
        asks = exchange.book(base.id, item.id, SELL)
        for other in turn.universe.galaxy.bases.values():
            bids = exchange.book(other.id, item.id, BUY)
            seen = other.system_id in turn.player.visited and other.id != base.id
            if seen and asks and bids and bids[0].price_each > asks[0].price_each:
                gain = bids[0].price_each - asks[0].price_each
                insights.append(_insight(item, other, gain))
    insights.sort(key=lambda insight: -int(insight["priority"]))
    shown = insights[: HINTS_PER_LEVEL * (1 + level)]
    return {
        "station": base.name,
        "skill_level": level,
        "insights": shown,
        "message": f"{len(shown)} insights. Visit more stations to learn more.",
    }


def _insight(item: Item, other: Base, gain: int) -> JsonObject:
    return {
        "category": "arbitrage",
        "item": item.name,
        "item_id": item.id,
        "priority": gain,
        "message": f"{other.name} pays {gain} more per unit than this station asks.",
    }
