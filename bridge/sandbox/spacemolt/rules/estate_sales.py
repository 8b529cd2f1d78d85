"""Facilities that change hands: offering, browsing, buying."""

from bridge.sandbox.spacemolt.rules.treasury import pay
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.estates import FACTION, PLAYER, Facility, FacilityListing
from bridge.sandbox.spacemolt.turn import Turn

FEE = 0.01


def offer(turn: Turn, facility: Facility) -> JsonObject:
    """Put a facility up for sale."""
    price = turn.number("price")
    if price < 1:
        raise GameError("invalid_payload", "price is required.")
    if facility.type.category != "production":
        raise GameError("invalid_facility_type", "Only production facilities are sold.")
    if any(x.facility_id == facility.id for x in turn.universe.estates.listings.values()):
        raise GameError("already_listed", "That facility is for sale already.")
    fee = max(1, round(price * FEE))
    if facility.owner_kind == FACTION:
        pay(turn.universe.society.factions[facility.owner_id], fee)
    else:
        turn.universe.spend(turn.player, fee)
    listing = FacilityListing(
        id=turn.universe.new_id(),
        facility_id=facility.id,
        seller_id=facility.owner_id,
        price=price,
        listed_at=turn.universe.timestamp(),
    )
    turn.universe.estates.listings[listing.id] = listing
    return {
        "action": "list_for_sale",
        "listing_id": listing.id,
        "facility_id": facility.id,
        "definition_id": facility.type_id,
        "price": price,
        "fee": fee,
        "credits_left": turn.player.credits,
        "message": f"{facility.type.name} is for sale at {price} credits.",
    }


def browse(turn: Turn) -> JsonObject:
    """List what is for sale at this base."""
    base, estates = turn.base, turn.universe.estates
    found = []
    for listing in estates.listings.values():
        facility = estates.find(listing.facility_id)
        if facility.base_id == base.id and listing.price <= turn.number("max_price", listing.price):
            found.append(_view(listing, facility))
    return {
        "action": "browse_for_sale",
        "base_id": base.id,
        "base_name": base.name,
        "listings": found,
        "count": len(found),
    }


def _view(listing: FacilityListing, facility: Facility) -> JsonObject:
    return {
        "listing_id": listing.id,
        "facility_id": facility.id,
        "facility_name": facility.type.name,
        "definition_id": facility.type_id,
        "category": facility.type.category,
        "level": facility.type.level,
        "active": facility.active,
        "recipe_id": facility.type.recipe,
        "price": listing.price,
        "listed_at": listing.listed_at,
        "seller_type": facility.owner_kind,
    }


def _find(turn: Turn) -> FacilityListing:
    listing = turn.universe.estates.listings.get(turn.text("listing_id"))
    if listing is None:
        raise GameError("listing_not_found", "There is no such listing.")
    return listing


def buy(turn: Turn) -> JsonObject:
    """Buy a facility."""
    listing, universe = _find(turn), turn.universe
    facility = universe.estates.find(listing.facility_id)
    if facility.base_id != turn.base.id:
        raise GameError("wrong_station", "It stands at another base.")
    if listing.seller_id == turn.player.id:
        raise GameError("invalid_target", "That is your own listing.")
    universe.spend(turn.player, listing.price)
    if listing.seller_id in universe.society.factions:
        universe.society.factions[listing.seller_id].treasury += listing.price
    else:
        universe.earn(universe.players[listing.seller_id], listing.price)
    del universe.estates.listings[listing.id]
    facility.owner_kind, facility.owner_id = PLAYER, turn.player.id
    return {
        "action": "buy_listing",
        "facility_id": facility.id,
        "definition_id": facility.type_id,
        "price": listing.price,
        "credits_left": turn.player.credits,
        "message": f"{facility.type.name} is yours.",
    }


def cancel(turn: Turn) -> JsonObject:
    """Take a facility off the market."""
    listing = _find(turn)
    if listing.seller_id not in (turn.player.id, turn.player.faction_id):
        raise GameError("not_owner", "That is not your listing.")
    del turn.universe.estates.listings[listing.id]
    return {
        "action": "cancel_listing",
        "facility_id": listing.facility_id,
        "message": "Listing cancelled.",
    }
