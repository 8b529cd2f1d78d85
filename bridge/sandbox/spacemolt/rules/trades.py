"""Trades between two pilots at the same place: offered, then accepted, declined or taken back.

What is offered is set aside until the trade is over.
"""

from collections import Counter

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.dealings import TradeOffer
from bridge.sandbox.spacemolt.state.goods import find_item, room_for
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Handlers, Turn

OFFER_TICKS = 180

handlers = Handlers()


@handlers("trade_offer")
def trade_offer(turn: Turn) -> JsonObject:
    """Offer goods and credits for others."""
    other = turn.universe.find_player(turn.text("target_id"))
    offer = make_offer(
        turn.universe,
        turn.player,
        other,
        give=_goods(turn, "offer_items"),
        give_credits=turn.number("offer_credits"),
        want=_goods(turn, "request_items"),
        want_credits=turn.number("request_credits"),
    )
    return {"trade_id": offer.id, "message": f"Trade offered to {other.username}."}


def make_offer(
    universe: Universe,
    offerer: Player,
    other: Player,
    *,
    give: Counter[str],
    give_credits: int,
    want: Counter[str],
    want_credits: int,
) -> TradeOffer:
    """Set the goods aside and tell the other pilot; raises GameError."""
    if other.id == offerer.id:
        raise GameError("invalid_target", "You cannot trade with yourself.")
    together = (other.place_id, other.transit) == (offerer.place_id, None)
    if not together or not other.online:
        raise GameError("invalid_target", f"{other.username} is not here.")
    if not (give or give_credits or want or want_credits):
        raise GameError("empty_entry", "The offer is empty.")
    ship = universe.ship_of(offerer)
    for item_id, quantity in give.items():
        if ship.cargo[item_id] < quantity:
            ship.take_cargo(item_id, quantity)
    universe.spend(offerer, give_credits)
    for item_id, quantity in give.items():
        ship.take_cargo(item_id, quantity)
    offer = TradeOffer(
        id=universe.new_id(),
        offerer_id=offerer.id,
        target_id=other.id,
        offer_items=dict(give),
        offer_credits=give_credits,
        request_items=dict(want),
        request_credits=want_credits,
        expires_tick=universe.tick + OFFER_TICKS,
        expires_at=universe.after_ticks(OFFER_TICKS),
    )
    universe.dealings.trades[offer.id] = offer
    received = {"offerer_id": offerer.id, **offer_view(universe, offer)}
    universe.push(other, "trade_offer_received", received)
    return offer


def offer_view(universe: Universe, offer: TradeOffer) -> JsonObject:
    """Describe an offer."""
    return {
        "trade_id": offer.id,
        "offerer_name": universe.players[offer.offerer_id].username,
        "target_name": universe.players[offer.target_id].username,
        "offer_items": _listed(offer.offer_items),
        "offer_credits": offer.offer_credits,
        "request_items": _listed(offer.request_items),
        "request_credits": offer.request_credits,
        "expires_at": offer.expires_at,
    }


def give_back(universe: Universe, offer: TradeOffer) -> None:
    """End an offer; the offerer gets everything back, into storage at home if the hold is full."""
    universe.dealings.trades.pop(offer.id, None)
    offerer = universe.players[offer.offerer_id]
    offerer.credits += offer.offer_credits
    ship = universe.ship_of(offerer)
    for item_id, quantity in offer.offer_items.items():
        fits = min(quantity, ship.fits(item_id))
        ship.cargo[item_id] += fits
        if quantity > fits:
            universe.lockers.at(offerer.home_base, offerer.id).put(item_id, quantity - fits)


@handlers("trade_accept")
def trade_accept(turn: Turn) -> JsonObject:
    """Accept an offer: both sides change hands together, or nothing does."""
    offer = _incoming(turn)
    universe, ship = turn.universe, turn.ship
    offerer = universe.players[offer.offerer_id]
    if offerer.place_id != turn.place.id or offerer.transit:
        raise GameError("invalid_target", f"{offerer.username} is not here any more.")
    theirs = universe.ship_of(offerer)
    for item_id, quantity in offer.request_items.items():
        if ship.cargo[item_id] < quantity:
            ship.take_cargo(item_id, quantity)
    _check_room(ship.room, offer.offer_items, offer.request_items, "your hold")
    _check_room(theirs.room, offer.request_items, {}, "their hold")
    universe.spend(turn.player, offer.request_credits)
    del universe.dealings.trades[offer.id]
    for item_id, quantity in offer.request_items.items():
        ship.take_cargo(item_id, quantity)
        theirs.cargo[item_id] += quantity
    for item_id, quantity in offer.offer_items.items():
        ship.cargo[item_id] += quantity
    universe.earn(offerer, offer.request_credits)
    universe.earn(turn.player, offer.offer_credits)
    for player in (turn.player, offerer):
        player.stats["trades_completed"] += 1
    universe.push(
        offerer,
        "trade_complete",
        {"trade_id": offer.id, "player_id": turn.player.id, "username": turn.player.username},
    )
    return {
        "trade_id": offer.id,
        "your_credits": turn.player.credits,
        "message": f"Traded with {offerer.username}.",
    }


@handlers("trade_decline")
def trade_decline(turn: Turn) -> JsonObject:
    """Turn an offer down."""
    offer = _incoming(turn)
    give_back(turn.universe, offer)
    offerer = turn.universe.players[offer.offerer_id]
    turn.universe.push(
        offerer,
        "trade_declined",
        {"trade_id": offer.id, "player_id": turn.player.id, "username": turn.player.username},
    )
    return {"message": "Trade declined."}


@handlers("trade_cancel")
def trade_cancel(turn: Turn) -> JsonObject:
    """Take an offer back."""
    offer = turn.universe.dealings.trades.get(turn.text("trade_id"))
    if offer is None or offer.offerer_id != turn.player.id:
        raise GameError("trade_not_found", "You made no such offer.")
    give_back(turn.universe, offer)
    turn.universe.push(
        turn.universe.players[offer.target_id], "trade_cancelled", {"trade_id": offer.id}
    )
    return {"message": "Trade cancelled; everything is yours again."}


@handlers("get_trades")
def get_trades(turn: Turn) -> JsonObject:
    """List offers that came in and that went out."""
    offers = list(turn.universe.dealings.trades.values())
    return {
        "incoming": [offer_view(turn.universe, o) for o in offers if o.target_id == turn.player.id],
        "outgoing": [
            offer_view(turn.universe, o) for o in offers if o.offerer_id == turn.player.id
        ],
    }


def _incoming(turn: Turn) -> TradeOffer:
    offer = turn.universe.dealings.trades.get(turn.text("trade_id"))
    if offer is None or offer.target_id != turn.player.id:
        raise GameError("trade_not_found", "There is no such offer for you.")
    return offer


def _goods(turn: Turn, name: str) -> Counter[str]:
    goods = Counter[str]()
    for entry in turn.arguments.objects(name):
        item = find_item(str(entry.get("item_id", "")))
        quantity = entry.get("quantity", 1)
        if quantity < 1:
            raise GameError("invalid_payload", f"{name}: quantity must be at least 1.")
        goods[item.id] += quantity
    return goods


def _listed(goods: dict[str, int]) -> list[JsonObject]:
    return [{"item_id": item_id, "quantity": quantity} for item_id, quantity in goods.items()]


def _check_room(room: int, coming: dict[str, int], going: dict[str, int], whose: str) -> None:
    if room_for(coming) > room + room_for(going):
        raise GameError("no_cargo_space", f"There is no room in {whose}.")
