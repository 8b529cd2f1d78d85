"""Drones: in a bay, or out in space with a script."""

from collections import Counter
from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.shapes import GameError
from bridge.sandbox.spacemolt.state.goods import room_for

IN_BAY, DEPLOYED = "bay", "deployed"
HULL = 30
CAPACITY = 20
BANDWIDTH = 10


@dataclass(slots=True, kw_only=True)
class Drone:
    """One drone."""

    id: str
    owner_id: str
    item_id: str
    loaded_at: str
    status: str = IN_BAY
    hull: int = HULL
    system_id: str = ""
    place_id: str = ""
    deployed_at: str = ""
    script: str = ""
    memory: dict[str, str] = field(default_factory=dict)
    cargo: Counter[str] = field(default_factory=Counter)

    @property
    def room(self) -> int:
        """Return the room that is left in it."""
        return max(0, CAPACITY - room_for(self.cargo))


@dataclass(slots=True, kw_only=True)
class Drones:
    """Every drone, by id."""

    drones: dict[str, Drone] = field(default_factory=dict)

    def of(self, owner_id: str, status: str = "") -> list[Drone]:
        """Return a player's drones, all or those of a status."""
        return [
            drone
            for drone in self.drones.values()
            if drone.owner_id == owner_id and status in ("", drone.status)
        ]

    def find(self, drone_id: str, owner_id: str) -> Drone:
        """Return a player's drone; raises GameError with ``drone_not_found``."""
        drone = self.drones.get(drone_id)
        if drone is None or drone.owner_id != owner_id:
            raise GameError("drone_not_found", f"You have no drone '{drone_id}'. See get_drones.")
        return drone
