"""The galaxy: systems, the places in them, and the bases at some of those places."""

import math
from collections import deque
from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject


@dataclass(slots=True, kw_only=True)
class Deposit:
    """What can be dug at a place: how rich it is and how much is left."""

    item_id: str
    richness: int
    full: int
    remaining: int


@dataclass(slots=True, kw_only=True)
class Place:
    """A point of interest; ``hidden`` is the survey power that finds it, 0 for one in plain sight."""

    id: str
    system_id: str
    name: str
    type: str
    about: str
    at: tuple[float, float]
    kind: str = ""
    base_id: str = ""
    hidden: int = 0
    deposits: dict[str, Deposit] = field(default_factory=dict)

    def distance_to(self, other: "Place") -> float:
        """Return the way to another place of the same system, in astronomical units."""
        return math.dist(self.at, other.at)


@dataclass(slots=True, kw_only=True)
class System:
    """A star system; ``links`` are jumps, by the system they lead to, with their length."""

    id: str
    name: str
    about: str
    empire: str
    police: int
    at: tuple[float, float]
    links: dict[str, int]
    places: dict[str, Place] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Base:
    """A base where ships dock; ``prices`` scales what its market asks and pays."""

    id: str
    name: str
    about: str
    empire: str
    defense: int
    fuel: int
    max_fuel: int
    prices: float
    services: tuple[str, ...]
    place_id: str = ""
    system_id: str = ""


class Galaxy:
    """Every system, place and base, by id."""

    def __init__(self) -> None:
        raw = dict(read("galaxy"))
        self.bases = {key: _base(key, entry) for key, entry in raw.pop("bases").items()}
        self.systems = {key: _system(key, entry) for key, entry in raw.items()}
        self.places = {
            place.id: place for system in self.systems.values() for place in system.places.values()
        }
        for place in self.places.values():
            if place.base_id:
                self.bases[place.base_id].place_id = place.id
                self.bases[place.base_id].system_id = place.system_id

    def locate(self, target: str) -> tuple[System, Place | None]:
        """Return the system that an id or name means, and the place when it means one."""
        wanted = target.casefold()
        for system in self.systems.values():
            if wanted in (system.id, system.name.casefold()):
                return system, None
        for place in self.places.values():
            if wanted in (place.id, place.name.casefold(), place.base_id):
                return self.systems[place.system_id], place
        raise GameError("invalid_target", f"Nothing in the galaxy is called '{target}'.")

    def route(self, start: str, goal: str) -> list[str] | None:
        """Return the systems on the way, without the first one, by the fewest jumps."""
        came_from: dict[str, str] = {start: ""}
        waiting = deque([start])
        while waiting and goal not in came_from:
            here = waiting.popleft()
            for neighbour in self.systems[here].links:
                if neighbour not in came_from:
                    came_from[neighbour] = here
                    waiting.append(neighbour)
        if goal not in came_from:
            return None
        steps = [goal]
        while came_from[steps[-1]]:
            steps.append(came_from[steps[-1]])
        return steps[-2::-1] if len(steps) > 1 else []


def _base(key: str, entry: JsonObject) -> Base:
    return Base(
        id=key,
        name=entry["name"],
        about=entry["about"],
        empire=entry["empire"],
        defense=entry["defense"],
        fuel=entry["fuel"],
        max_fuel=entry["fuel"],
        prices=entry["prices"],
        services=tuple(entry["services"]),
    )


def _system(key: str, entry: JsonObject) -> System:
    return System(
        id=key,
        name=entry["name"],
        about=entry["about"],
        empire=entry["empire"],
        police=entry["police"],
        at=(entry["at"][0], entry["at"][1]),
        links=dict(entry["links"]),
        places={name: _place(key, name, place) for name, place in entry["places"].items()},
    )


def _place(system_id: str, key: str, entry: JsonObject) -> Place:
    return Place(
        id=key,
        system_id=system_id,
        name=entry["name"],
        type=entry["type"],
        about=entry["about"],
        at=(entry["at"][0], entry["at"][1]),
        kind=entry.get("class", ""),
        base_id=entry.get("base", ""),
        hidden=entry.get("hidden", 0),
        deposits={
            item: Deposit(item_id=item, richness=richness, full=full, remaining=full)
            for item, (richness, full) in entry.get("resources", {}).items()
        },
    )
