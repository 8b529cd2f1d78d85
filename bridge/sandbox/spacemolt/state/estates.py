"""Facilities at stations: what can be built, what has been, what is for sale."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import GameError

PLAYER, FACTION = "player", "faction"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityType:
    """A kind of facility. ``owner`` says whether a player or a faction builds it."""

    id: str
    name: str
    category: str
    about: str
    level: int
    cost: int
    rent: int
    owner: str
    recipe: str = ""
    personal_service: str = ""
    faction_service: str = ""
    upgrades_to: str = ""
    capacity: int = 0
    bonus_type: str = ""
    bonus_value: float = 0.0


@dataclass(slots=True, kw_only=True)
class Facility:
    """A facility that stands at a base."""

    id: str
    type_id: str
    base_id: str
    owner_kind: str
    owner_id: str
    active: bool = True
    description: str = ""
    access: str = "private"

    @property
    def type(self) -> FacilityType:
        """Return what kind it is."""
        return facility_types()[self.type_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityListing:
    """A facility for sale."""

    id: str
    facility_id: str
    seller_id: str
    price: int
    listed_at: str


@dataclass(slots=True, kw_only=True)
class Estates:
    """Every facility and every listing, by id."""

    facilities: dict[str, Facility] = field(default_factory=dict)
    listings: dict[str, FacilityListing] = field(default_factory=dict)

    def find(self, facility_id: str) -> Facility:
        """Return a facility; raises GameError with ``facility_not_found``."""
        facility = self.facilities.get(facility_id)
        if facility is None:
            raise GameError("facility_not_found", f"There is no facility '{facility_id}'.")
        return facility


@cache
def facility_types() -> Mapping[str, FacilityType]:
    """Return every kind of facility by id."""
    return {key: FacilityType(id=key, **entry) for key, entry in read("facilities").items()}
