"""Ships for sale and ships being built."""

from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.shapes import GameError

SOURCING, BUILDING, READY = "sourcing", "building", "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipListing:
    """A ship on the market; the station's own have no seller."""

    id: str
    base_id: str
    ship_id: str
    seller_id: str
    price: int
    listed_at: str


@dataclass(slots=True, kw_only=True)
class Commission:
    """A ship on order. Materials are counted in ``gathered`` until all of ``required`` are there."""

    id: str
    player_id: str
    base_id: str
    ship_class: str
    paid: int
    provided: bool
    created_at: str
    required: dict[str, int]
    gathered: dict[str, int] = field(default_factory=dict)
    status: str = SOURCING
    started: int = 0
    complete: int = 0
    built_ship: str = ""


@dataclass(slots=True, kw_only=True)
class Yards:
    """Every listing and commission, by id."""

    listings: dict[str, ShipListing] = field(default_factory=dict)
    commissions: dict[str, Commission] = field(default_factory=dict)

    def listing_of(self, ship_id: str) -> ShipListing | None:
        """Return the listing of a ship, if it is for sale."""
        return next((x for x in self.listings.values() if x.ship_id == ship_id), None)

    def find_listing(self, listing_id: str) -> ShipListing:
        """Return a listing; raises GameError with ``listing_not_found``."""
        listing = self.listings.get(listing_id)
        if listing is None:
            raise GameError("listing_not_found", f"There is no listing '{listing_id}'.")
        return listing

    def find_commission(self, commission_id: str, player_id: str) -> Commission:
        """Return a player's commission; raises GameError with ``commission_not_found``."""
        commission = self.commissions.get(commission_id)
        if commission is None or commission.player_id != player_id:
            raise GameError("commission_not_found", f"You have no commission '{commission_id}'.")
        return commission
