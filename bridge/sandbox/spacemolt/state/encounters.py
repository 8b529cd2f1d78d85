"""Fights and what they leave: computer-flown ships, battles, wrecks."""

from collections import Counter
from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.state.ships import Module

ZONES = ("outer", "mid", "inner", "engaged")
CONTAINER = "container"


@dataclass(slots=True, kw_only=True)
class Npc:
    """A pirate or an empire's patrol. ``hunting`` is the player it fights, once it does."""

    id: str
    kind: str
    name: str
    system_id: str
    place_id: str
    ship_class: str
    hull: int
    max_hull: int
    shield: int
    max_shield: int
    damage: int
    tier: str
    empire: str = ""
    role: str = ""
    hunting: str = ""
    warned_until: int = 0


@dataclass(slots=True, kw_only=True)
class Fighter:
    """One participant of a battle."""

    player_id: str
    side: int
    zone: int = 0
    stance: str = "fire"
    target_id: str = ""
    fleeing: int = 0
    dealt: int = 0
    taken: int = 0
    kills: int = 0


@dataclass(slots=True, kw_only=True)
class Battle:
    """A battle between players, somewhere in a system."""

    id: str
    system_id: str
    place_id: str
    started: int
    fighters: dict[str, Fighter] = field(default_factory=dict)

    def enemies_of(self, fighter: Fighter) -> list[Fighter]:
        """Return everybody who fights on another side."""
        return [other for other in self.fighters.values() if other.side != fighter.side]


@dataclass(slots=True, kw_only=True)
class Wreck:
    """What is left of a ship, or a container with goods that somebody threw overboard."""

    id: str
    type: str
    system_id: str
    place_id: str
    ship_class: str
    ship_name: str
    victim_id: str
    victim_name: str
    created_at: str
    expires_tick: int
    expires_at: str
    killer_id: str = ""
    killer_name: str = ""
    salvage_value: int = 0
    policy_id: str = ""
    towed_by: str = ""
    cargo: Counter[str] = field(default_factory=Counter)
    modules: list[Module] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Say whether nothing is left to take."""
        return not self.cargo and not self.modules


@dataclass(slots=True, kw_only=True)
class Encounters:
    """Every computer-flown ship, battle and wreck, by id."""

    npcs: dict[str, Npc] = field(default_factory=dict)
    battles: dict[str, Battle] = field(default_factory=dict)
    wrecks: dict[str, Wreck] = field(default_factory=dict)
