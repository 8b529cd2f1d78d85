"""API keys: what each may do, and how often.

A key is ``maid_``, the first eight characters of its id, ``_``, and 32 secret characters. Every
permission stands for itself: ADMIN alone may not read players.
"""

import math
import random
import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bridge.sandbox.maid.wire import HttpError

PERMISSIONS = (
    "READ_PUBLIC",
    "READ_PLAYERS",
    "WRITE_PLAYERS",
    "READ_WORLD",
    "WRITE_WORLD",
    "ADMIN",
)
COMBINATIONS: Mapping[str, tuple[str, ...]] = {
    "READ_ALL": ("READ_PUBLIC", "READ_PLAYERS", "READ_WORLD"),
    "WRITE_ALL": ("WRITE_PLAYERS", "WRITE_WORLD"),
    "FULL_ACCESS": PERMISSIONS,
}
WINDOW_SECONDS = 60
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def expand(names: Iterable[str]) -> tuple[str, ...]:
    """Return single permissions in documented order; HttpError 400 names an unknown one."""
    wanted: set[str] = set()
    for name in names:
        if name not in PERMISSIONS and name not in COMBINATIONS:
            raise HttpError(400, f"Invalid permission: {name}")
        wanted.update(COMBINATIONS.get(name, (name,)))
    return tuple(name for name in PERMISSIONS if name in wanted)


@dataclass(slots=True)
class Window:
    """A sliding window: at most ``limit`` requests in any 60 seconds; refused ones do not count."""

    limit: int
    _taken: deque[float] = field(default_factory=deque)

    def admit(self, now: float) -> bool:
        """Say whether one more request fits, and count it if so."""
        self._forget(now)
        if len(self._taken) >= self.limit:
            return False
        self._taken.append(now)
        return True

    def headers(self, now: float) -> dict[str, str]:
        """Return the headers that every response carries."""
        self._forget(now)
        oldest = self._taken[0] if self._taken else now
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - len(self._taken)),
            "X-RateLimit-Reset": str(math.ceil(oldest + WINDOW_SECONDS)),
        }

    def refusal(self, now: float) -> HttpError:
        """Return the documented 429, which carries neither a limit nor a reset time."""
        wait = max(1, math.ceil(self._taken[0] + WINDOW_SECONDS - now)) if self._taken else 1
        headers = {"Retry-After": str(wait), "X-RateLimit-Remaining": "0"}
        return HttpError(429, "Rate limit exceeded", headers)

    def _forget(self, now: float) -> None:
        while self._taken and now - self._taken[0] >= WINDOW_SECONDS:
            self._taken.popleft()


@dataclass(slots=True, kw_only=True)
class ApiKey:
    """One API key; times are seconds since the epoch."""

    raw: str
    key_id: str
    name: str
    permissions: tuple[str, ...]
    created_at: float
    created_by: str
    expires_at: float | None = None
    last_used: float | None = None
    is_active: bool = True
    window: Window = field(default_factory=lambda: Window(60))

    def serves(self, now: float) -> bool:
        """Say whether the key is neither revoked nor expired."""
        return self.is_active and (self.expires_at is None or now < self.expires_at)


class KeyRing:
    """Every API key there ever was."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._keys = {key.key_id: key for key in keys}

    def __iter__(self) -> Iterator[ApiKey]:
        return iter(self._keys.values())

    def find(self, raw: str | None, now: float) -> ApiKey | None:
        """Return the serving key that reads like this, if there is one."""
        return next((key for key in self if key.raw == raw and key.serves(now)), None)

    def by_id(self, key_id: str) -> ApiKey | None:
        """Return the key with this id, revoked or not."""
        return self._keys.get(key_id)

    def create(
        self,
        *,
        name: str,
        permissions: tuple[str, ...],
        created_by: str,
        now: float,
        expires_in_days: int | None,
        rate_limit_rpm: int,
        rng: random.Random,
    ) -> ApiKey:
        """Add a new key and return it."""
        key_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        secret = "".join(rng.choices(_ALPHABET, k=32))
        key = ApiKey(
            raw=f"maid_{key_id[:8]}_{secret}",
            key_id=key_id,
            name=name,
            permissions=permissions,
            created_at=now,
            created_by=created_by,
            expires_at=None if expires_in_days is None else now + expires_in_days * 86_400,
            window=Window(rate_limit_rpm),
        )
        self._keys[key_id] = key
        return key
