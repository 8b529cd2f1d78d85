"""What lies in storage at a base, for a player or for a faction."""

from collections import Counter
from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import items


@dataclass(slots=True, kw_only=True)
class Locker:
    """One owner's storage at one base."""

    items: Counter[str] = field(default_factory=Counter)
    gifts: list[JsonObject] = field(default_factory=list)
    activity: list[JsonObject] = field(default_factory=list)

    def put(self, item_id: str, quantity: int) -> None:
        """Add goods."""
        self.items[item_id] += quantity

    def take(self, item_id: str, quantity: int) -> None:
        """Remove goods; raises GameError with ``item_not_available``."""
        have = self.items[item_id]
        if have < quantity:
            raise GameError(
                "item_not_available",
                f"There are {have} {items()[item_id].name} in storage, not {quantity}.",
                details={"item_id": item_id, "have": have, "need": quantity},
            )
        self.items[item_id] = have - quantity
        if not self.items[item_id]:
            del self.items[item_id]


class Lockers:
    """Every storage, by base and owner; an empty one is made when it is first opened."""

    def __init__(self) -> None:
        self._lockers: dict[tuple[str, str], Locker] = {}

    def at(self, base_id: str, owner_id: str) -> Locker:
        """Return the storage of a player or a faction at a base."""
        return self._lockers.setdefault((base_id, owner_id), Locker())
