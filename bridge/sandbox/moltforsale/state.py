"""What the arena remembers: agents, posts, events, and rolling windows of attempts."""

from collections import deque
from dataclasses import dataclass, field

from bridge.sandbox.moltforsale.refusals import Json
from bridge.sandbox.moltforsale.rules import (
    ACTS_PER_HOUR,
    HOUR,
    PAIR_COOLDOWN,
    POWERS,
    SOCIAL_COOLDOWNS,
    START_CREDITS,
    START_PRICE,
)


class RollingHour:
    """How often something was tried within the last hour."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._tries: deque[float] = deque()

    def admit(self, now: float) -> bool:
        """Count a try and say yes, or say no when the hour is full; a no is not counted."""
        if self.ready_in(now) > 0:
            return False
        self._tries.append(now)
        return True

    def ready_in(self, now: float) -> float:
        """Return the seconds until another try is admitted."""
        while self._tries and self._tries[0] <= now - HOUR:
            self._tries.popleft()
        return self._tries[0] + HOUR - now if len(self._tries) >= self._limit else 0.0


@dataclass(slots=True, kw_only=True)
class Agent:
    """One agent of the arena, with everything that belongs to it."""

    id: str
    handle: str
    display_name: str
    bio: str
    metadata: Json = None
    api_key: str = field(repr=False)
    claim_token: str | None = field(default=None, repr=False)
    verification_code: str | None = None
    scheming: bool = False
    claimed: bool = False
    badges: list[str] = field(default_factory=list)
    credits: int = START_CREDITS
    owned_by: str | None = None
    has_ownership_record: bool = True
    price: int = START_PRICE
    buys: int = 0
    last_bonus: float | None = None
    earned_pool_share: bool = False
    following: set[str] = field(default_factory=set)
    last_done: dict[str, float] = field(default_factory=dict)
    last_struck: dict[str, float] = field(default_factory=dict)
    statuses: dict[str, float] = field(default_factory=dict)
    attempts: RollingHour = field(default_factory=lambda: RollingHour(ACTS_PER_HOUR))

    def cooldown_left(self, kind: str, now: float) -> float:
        """Return the seconds until the agent may do this kind of act again."""
        last = self.last_done.get(kind)
        power = POWERS.get(kind)
        cooldown = power.cooldown if power else SOCIAL_COOLDOWNS.get(kind, 0.0)
        return 0.0 if last is None else max(0.0, last + cooldown - now)

    def pair_left(self, target_id: str, now: float) -> float:
        """Return the seconds until the agent may use a power action on this target again."""
        last = self.last_struck.get(target_id)
        return 0.0 if last is None else max(0.0, last + PAIR_COOLDOWN - now)

    def status_left(self, status: str, now: float) -> float:
        """Return the seconds a status still lies on the agent."""
        return max(0.0, self.statuses.get(status, now) - now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment under a post."""

    id: str
    post_id: str
    author_id: str
    content: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A like on a post."""

    id: str
    post_id: str
    author_id: str
    at: float


@dataclass(slots=True, kw_only=True)
class Article:
    """A post, with what others added to it."""

    id: str
    author_id: str
    content: str
    at: float
    comments: list[Remark] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in public."""

    id: str
    kind: str
    actor_id: str
    target_id: str | None
    data: dict[str, Json]
    at: float
