"""What exists to be owned: items, modules, ship classes, recipes, and the skills to use them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import GameError


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that fits into a hold; ``value`` is its base price in credits."""

    id: str
    name: str
    category: str
    size: int
    value: int
    about: str
    fuel: int = 0
    effect: str = ""
    amount: int = 0
    stat: str = ""
    ticks: int = 0
    ammo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleType:
    """What a module does once it is fitted."""

    id: str
    slot: str
    type: str
    cpu: int
    power: int
    effects: Mapping[str, Any]
    mines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipClass:
    """A class of ships, with its bare statistics."""

    id: str
    name: str
    role: str
    category: str
    about: str
    tier: int
    price: int
    scale: int
    stats: Mapping[str, int]
    slots: Mapping[str, int]
    modules: tuple[str, ...]
    empire: str = ""
    piloting: int = 0
    starter: bool = False
    needs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How something is made; ``skill`` is the crafting level it asks for."""

    id: str
    name: str
    category: str
    time: int
    skill: int
    needs: Mapping[str, int]
    makes: Mapping[str, int]
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """A skill that grows by use, from 0 to 100."""

    id: str
    name: str
    category: str


@cache
def items() -> Mapping[str, Item]:
    """Return every item by id."""
    return {key: Item(id=key, **entry) for key, entry in read("items").items()}


@cache
def module_types() -> Mapping[str, ModuleType]:
    """Return every module type by id."""
    return {
        key: ModuleType(id=key, **{**entry, "mines": tuple(entry.get("mines", ()))})
        for key, entry in read("modules").items()
    }


@cache
def ship_classes() -> Mapping[str, ShipClass]:
    """Return every ship class by id."""
    return {
        key: ShipClass(
            id=key,
            role=entry["class"],
            modules=tuple(entry["modules"]),
            **{name: entry[name] for name in entry if name not in ("class", "modules")},
        )
        for key, entry in read("ships").items()
    }


@cache
def recipes() -> Mapping[str, Recipe]:
    """Return every recipe by id."""
    return {key: Recipe(id=key, **entry) for key, entry in read("recipes").items()}


@cache
def skills() -> Mapping[str, Skill]:
    """Return every skill by id."""
    return {key: Skill(id=key, **entry) for key, entry in read("skills").items()}


def find_item(wanted: str) -> Item:
    """Return the item of that id or name; raises GameError with ``invalid_item``."""
    known = items()
    if wanted in known:
        return known[wanted]
    for item in known.values():
        if item.name.casefold() == wanted.casefold():
            return item
    raise GameError("invalid_item", f"There is no item '{wanted}'. See catalog(type=items).")


def room_for(cargo: Mapping[str, int]) -> int:
    """Return the room that these goods take."""
    return sum(items()[item_id].size * quantity for item_id, quantity in cargo.items())
