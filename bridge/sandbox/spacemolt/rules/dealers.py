"""The market for ships: listing, browsing, buying."""

from bridge.sandbox.spacemolt.rules.hangar import board, stored_here
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.state.yards import ShipListing
from bridge.sandbox.spacemolt.turn import Handlers, Turn

LISTING_FEE = 0.01
STOCK = ("burrower", "viper", "packhorse", "lantern")

handlers = Handlers()


def stock_yards(universe: Universe) -> None:
    """Put a few ships of the stations on sale at every shipyard."""
    for base in universe.galaxy.bases.values():
        if "shipyard" in base.services:
            for class_id in STOCK:
                offer_ship(universe, base.id, class_id)


def offer_ship(universe: Universe, base_id: str, class_id: str) -> ShipListing:
    """Put one new ship of the station on sale."""
    ship = universe.new_ship(class_id, "")
    ship.stored_at = base_id
    price = round(ship.model.price * universe.galaxy.bases[base_id].prices)
    return _list(universe, base_id, ship.id, "", price)


def _list(
    universe: Universe, base_id: str, ship_id: str, seller_id: str, price: int
) -> ShipListing:
    listing = ShipListing(
        id=universe.new_id(),
        base_id=base_id,
        ship_id=ship_id,
        seller_id=seller_id,
        price=price,
        listed_at=universe.timestamp(),
    )
    universe.yards.listings[listing.id] = listing
    return listing


@handlers("browse_ships")
def browse_ships(turn: Turn) -> JsonObject:
    """List ships for sale at a base."""
    base_id = turn.text("base_id") or turn.base.id
    base = turn.universe.galaxy.bases.get(base_id)
    if base is None:
        raise GameError("invalid_base", f"There is no base '{base_id}'.")
    entries = [
        _listing_view(turn.universe, listing)
        for listing in turn.universe.yards.listings.values()
        if listing.base_id == base_id
    ]
    shown = [
        entry
        for entry in entries
        if turn.text("class_id", entry["class_id"]) == entry["class_id"]
        and entry["price"] <= turn.number("max_price", entry["price"])
    ]
    return {
        "base_id": base.id,
        "base_name": base.name,
        "listings": shown,
        "count": len(shown),
    }


def _listing_view(universe: Universe, listing: ShipListing) -> JsonObject:
    ship = universe.ships[listing.ship_id]
    seller = universe.players.get(listing.seller_id)
    return {
        "listing_id": listing.id,
        "ship_id": ship.id,
        "class_id": ship.class_id,
        "ship_name": ship.model.name,
        "category": ship.model.category,
        "tier": ship.model.tier,
        "scale": ship.model.scale,
        "hull": ship.hull,
        "max_hull": ship.max_hull,
        "shield": ship.shield,
        "modules_count": len(ship.modules),
        "price": listing.price,
        "listed_at": listing.listed_at,
        "seller": seller.username if seller else "station",
    }


@handlers("list_ship_for_sale")
def list_ship_for_sale(turn: Turn) -> JsonObject:
    """Put a stored ship on the market."""
    price = turn.number("price")
    if price < 1:
        raise GameError("invalid_payload", "price must be at least 1.")
    ship = stored_here(turn, turn.text("ship_id"))
    fee = max(1, round(price * LISTING_FEE))
    turn.universe.spend(turn.player, fee)
    listing = _list(turn.universe, turn.base.id, ship.id, turn.player.id, price)
    return {
        "listing_id": listing.id,
        "ship_id": ship.id,
        "price": price,
        "fee": fee,
        "credits_left": turn.player.credits,
        "message": f"The {ship.model.name} is for sale at {price} credits.",
    }


@handlers("cancel_ship_listing")
def cancel_ship_listing(turn: Turn) -> JsonObject:
    """Take one's ship off the market; the fee is gone."""
    listing = turn.universe.yards.find_listing(turn.text("listing_id"))
    if listing.seller_id != turn.player.id:
        raise GameError("not_owner", "That is not your listing.")
    del turn.universe.yards.listings[listing.id]
    ship = turn.universe.ships[listing.ship_id]
    return {"ship_id": ship.id, "class_id": ship.class_id, "message": "Listing cancelled."}


@handlers("buy_listed_ship")
def buy_listed_ship(turn: Turn) -> JsonObject:
    """Buy a listed ship and board it."""
    universe = turn.universe
    listing = universe.yards.find_listing(turn.text("listing_id"))
    if listing.base_id != turn.base.id:
        raise GameError("wrong_station", "That ship is for sale at another base.")
    if listing.seller_id == turn.player.id:
        raise GameError("invalid_target", "That is your own listing. Cancel it instead.")
    ship = universe.ships[listing.ship_id]
    if turn.player.level("piloting") < ship.model.piloting:
        raise GameError("skill_too_low", f"It takes piloting level {ship.model.piloting}.")
    universe.spend(turn.player, listing.price)
    del universe.yards.listings[listing.id]
    if listing.seller_id:
        universe.earn(universe.players[listing.seller_id], listing.price, taxable="ship_sale")
    else:
        offer_ship(universe, listing.base_id, ship.class_id)
    old = board(turn, ship)
    turn.player.stats["ships_purchased"] += 1
    universe.teach(turn.player, "piloting", 20)
    return {
        "ship_id": ship.id,
        "class_id": ship.class_id,
        "price": listing.price,
        "old_ship_id": old.id,
        "credits_left": turn.player.credits,
        "message": f"The {ship.model.name} is yours, and you are aboard.",
    }
