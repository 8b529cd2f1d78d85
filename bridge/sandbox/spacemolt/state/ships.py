"""Ships and the modules on them: what a player flies or keeps in storage."""

from collections import Counter
from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.shapes import GameError
from bridge.sandbox.spacemolt.state.goods import (
    ModuleType,
    ShipClass,
    items,
    module_types,
    room_for,
    ship_classes,
)


@dataclass(slots=True, kw_only=True)
class Module:
    """One module, fitted or in a hold; ``wear`` goes from 0 (new) to 1."""

    id: str
    type_id: str
    wear: float = 0.0
    rounds: int = 0
    ammo_id: str = ""

    @property
    def type(self) -> ModuleType:
        """Return what this kind of module does."""
        return module_types()[self.type_id]

    def effect(self, name: str) -> int:
        """Return one of its numbers, 0 when it has none of that name."""
        value = self.type.effects.get(name, 0)
        return value if isinstance(value, int) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Buff:
    """A bonus that ends at a tick."""

    item_id: str
    stat: str
    amount: int
    expires_at: int


@dataclass(slots=True, kw_only=True)
class Ship:
    """A ship. ``loose`` are modules in the hold that were fitted before and remember their wear."""

    id: str
    owner_id: str
    class_id: str
    created_at: str
    hull: int = 0
    shield: int = 0
    fuel: int = 0
    name: str = ""
    stored_at: str = ""
    cargo: Counter[str] = field(default_factory=Counter)
    modules: list[Module] = field(default_factory=list)
    loose: list[Module] = field(default_factory=list)
    buffs: list[Buff] = field(default_factory=list)

    @property
    def model(self) -> ShipClass:
        """Return its class."""
        return ship_classes()[self.class_id]

    def bonus(self, effect: str) -> int:
        """Return the sum of one effect over the fitted modules and the buffs."""
        fitted = sum(module.effect(effect) for module in self.modules)
        return fitted + sum(buff.amount for buff in self.buffs if buff.stat == effect)

    def has_special(self, special: str) -> bool:
        """Say whether a fitted module has that special ability."""
        return any(module.type.effects.get("special") == special for module in self.modules)

    @property
    def max_hull(self) -> int:
        """Return the hull when whole."""
        return self.model.stats["hull"] + self.bonus("hull_bonus")

    @property
    def max_shield(self) -> int:
        """Return the shield when full."""
        return self.model.stats["shield"] + self.bonus("shield_bonus")

    @property
    def max_fuel(self) -> int:
        """Return the fuel when full."""
        return self.model.stats["fuel"] + self.bonus("max_fuel_bonus")

    @property
    def armor(self) -> int:
        """Return what each hit on the hull is lessened by."""
        return self.model.stats["armor"] + self.bonus("armor_bonus")

    @property
    def speed(self) -> int:
        """Return its speed, at least 1."""
        return max(
            1,
            self.model.stats["speed"] + self.bonus("speed_bonus") - self.bonus("speed_penalty"),
        )

    @property
    def shield_recharge(self) -> int:
        """Return the shield that comes back each tick."""
        return self.model.stats["shield_recharge"] + self.bonus("shield_recharge_bonus")

    @property
    def capacity(self) -> int:
        """Return the room of the hold."""
        return self.model.stats["cargo"] + self.bonus("cargo_bonus")

    @property
    def load(self) -> int:
        """Return the room that is taken."""
        return room_for(self.cargo)

    @property
    def room(self) -> int:
        """Return the room that is left."""
        return max(0, self.capacity - self.load)

    @property
    def fuel_per_jump(self) -> int:
        """Return the fuel one jump takes: more for a big ship and for a fast one."""
        return 4 + 2 * self.model.scale + self.speed

    def fits(self, item_id: str) -> int:
        """Return how many units of an item still fit."""
        return self.room // items()[item_id].size

    def load_cargo(self, item_id: str, quantity: int) -> None:
        """Put goods into the hold; raises GameError with ``no_cargo_space``."""
        if self.fits(item_id) < quantity:
            raise GameError(
                "no_cargo_space",
                f"{quantity} {items()[item_id].name} do not fit: {self.room} of"
                f" {self.capacity} free.",
            )
        self.cargo[item_id] += quantity

    def take_cargo(self, item_id: str, quantity: int) -> None:
        """Take goods out of the hold; raises GameError with ``item_not_available``."""
        have = self.cargo[item_id]
        if have < quantity:
            raise GameError(
                "item_not_available",
                f"You have {have} {items()[item_id].name} in cargo, not {quantity}.",
                details={"item_id": item_id, "have": have, "need": quantity},
            )
        self.cargo[item_id] = have - quantity
        self._tidy(item_id)

    def _tidy(self, item_id: str) -> None:
        if not self.cargo[item_id]:
            del self.cargo[item_id]
        spare = [module for module in self.loose if module.type_id == item_id]
        while len(spare) > self.cargo[item_id]:
            self.loose.remove(spare.pop())

    def slots_used(self, slot: str) -> int:
        """Return how many modules sit in that kind of slot."""
        return sum(module.type.slot == slot for module in self.modules)

    def grid_used(self) -> tuple[int, int]:
        """Return the CPU and the power that the fitted modules take."""
        return (
            sum(module.type.cpu for module in self.modules),
            sum(module.type.power for module in self.modules),
        )

    def restore(self) -> None:
        """Make the ship whole and full, as it leaves the yard."""
        self.hull, self.shield, self.fuel = self.max_hull, self.max_shield, self.max_fuel
