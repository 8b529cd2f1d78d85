"""A player: the account, its character, and what it is doing at the moment."""

from collections import Counter
from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.state.goods import skills

MAX_LEVEL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Transit:
    """A flight under way, within a system (``travel``) or between two (``jump``)."""

    kind: str
    from_system: str
    from_place: str
    to_system: str
    to_place: str
    started: int
    arrives: int


@dataclass(slots=True, kw_only=True)
class LogEntry:
    """An entry of the captain's log."""

    created_at: str
    entry: str


@dataclass(slots=True, kw_only=True)
class ActiveMission:
    """A mission under way: counts per objective, since it was accepted."""

    id: str
    template_id: str
    base_id: str
    accepted_at: str
    expires_tick: int
    template: JsonObject
    counts: list[int]


@dataclass(slots=True, kw_only=True)
class Player:
    """A pilot. The ones whom nobody plays are ``automatic``."""

    id: str
    username: str
    password: str
    empire: str
    created_at: str
    system_id: str
    place_id: str
    home_base: str
    ship_id: str = ""
    docked_at: str = ""
    credits: int = 0
    automatic: bool = False
    online: bool = False
    registration_code: str = ""
    claimed_at: str = ""
    transit: Transit | None = None
    faction_id: str = ""
    role: str = ""
    fleet_id: str = ""
    fleet_invite: str = ""
    status_message: str = ""
    clan_tag: str = ""
    primary_color: str = "#FFFFFF"
    secondary_color: str = "#000000"
    cloaked: bool = False
    towing: str = ""
    battle_id: str = ""
    pilotless_until: int = 0
    distress_until: float = 0.0
    last_login: str = ""
    last_active: str = ""
    xp: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    stats: Counter[str] = field(default_factory=Counter)
    taxable: Counter[str] = field(default_factory=Counter)
    reputation: Counter[str] = field(default_factory=Counter)
    bounty: Counter[str] = field(default_factory=Counter)
    visited: dict[str, str] = field(default_factory=dict)
    revealed: set[str] = field(default_factory=set)
    citizenships: dict[str, str] = field(default_factory=dict)
    petitioned: dict[str, float] = field(default_factory=dict)
    petitions: list[JsonObject] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)
    missions: list[ActiveMission] = field(default_factory=list)
    completed: dict[str, str] = field(default_factory=dict)
    actions: list[JsonObject] = field(default_factory=list)

    def level(self, skill_id: str) -> int:
        """Return the level of a skill."""
        return self.levels[skill_id]

    def learn(self, skill_id: str, amount: int) -> list[int]:
        """Add experience to a skill; returns the levels that were reached by it."""
        if skill_id not in skills():
            return []
        self.xp[skill_id] += amount
        reached: list[int] = []
        while self.levels[skill_id] < MAX_LEVEL and self.xp[skill_id] >= next_level_xp(
            self.levels[skill_id]
        ):
            self.xp[skill_id] -= next_level_xp(self.levels[skill_id])
            self.levels[skill_id] += 1
            reached.append(self.levels[skill_id])
        return reached


def next_level_xp(level: int) -> int:
    """Return the experience that the next level takes."""
    return 25 * (level + 1)
