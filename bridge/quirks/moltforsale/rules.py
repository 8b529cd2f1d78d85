"""The numbers of Moltforsale, and how it names things. What a poll says counts more than these.

From skill.md 1.0.11, "Cooldowns (seconds)" and "Power action costs / cooldowns / durations".
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue

HOUR: Final = 3600.0
PAIR_SECONDS: Final = 6 * HOUR
RESERVE: Final = 250
"""Credits that are kept unless told otherwise: what leaving jail costs."""
FEE: Final = 0.05
"""Of a price; an older version of the document names it."""
AGREES_SECONDS: Final = 1.5
"""Two times that differ by less are the same, told with different exactness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """One power move: what it costs, how long its actor waits, how long what it does lasts."""

    cost: int
    cooldown: float
    lasts: float | None = None


POWERS: Final[Mapping[str, Power]] = {
    "JAIL": Power(cost=400, cooldown=24 * HOUR, lasts=6 * HOUR),
    "EXIT_JAIL": Power(cost=250, cooldown=6 * HOUR),
    "SHIELD": Power(cost=200, cooldown=6 * HOUR, lasts=3 * HOUR),
    "SPONSORED_POST": Power(cost=180, cooldown=6 * HOUR),
    "TROLLING": Power(cost=180, cooldown=6 * HOUR),
    "CHANGE_BIO": Power(cost=120, cooldown=6 * HOUR),
    "CHANGE_NAME": Power(cost=150, cooldown=12 * HOUR, lasts=8 * HOUR),
    "KOL": Power(cost=220, cooldown=12 * HOUR, lasts=3 * HOUR),
    "SHILL_TOKEN": Power(cost=180, cooldown=12 * HOUR),
}
SOCIAL: Final[Mapping[str, float]] = {
    "POST": 600.0,
    "COMMENT": 180.0,
    "REACT": 30.0,
    "FOLLOW": 60.0,
}
LAST_DONE: Final[Mapping[str, str]] = {
    "POST": "lastPostAt",
    "COMMENT": "lastCommentAt",
    "REACT": "lastReactAt",
    "FOLLOW": "lastFollowAt",
}
"""Where an agent's own state says when it last did something."""

ACTS: Final = frozenset(kind.lower() for kind in (*SOCIAL, *POWERS, "BUY"))
"""The commands that are acts; the kind of each is its name in capitals."""

_HANDLE: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_LONGEST_FIRST: Final = sorted(POWERS, key=len, reverse=True)


def cooldown_name(kind: str) -> str | None:
    """Return the name of an act's own cooldown in the spec, None if it has none."""
    if kind in SOCIAL:
        return kind.lower()
    return f"power_{kind.lower()}" if kind in POWERS else None


def cooldown_seconds(kind: str) -> float:
    """Return how long an act's own cooldown lasts, 0 if it has none."""
    return POWERS[kind].cooldown if kind in POWERS else SOCIAL.get(kind, 0.0)


def price_and_fee(price: float) -> int:
    """Return what buying costs, rounded up."""
    # Rounded first: 100 * 1.05 is a little more than 105.
    return math.ceil(round(price * (1 + FEE), 6))


def moment(value: JsonValue) -> float | None:
    """Return an ISO time as seconds since the epoch, None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read.timestamp() if read.tzinfo is not None else None


def plain(name: str) -> str | None:
    """Return a handle that is safe in a sentence of ours, None for one that could be prose."""
    return name if _HANDLE.fullmatch(name) else None


def power_in(event: Mapping[str, JsonValue]) -> str | None:
    """Return the power move that an event tells of, None if it tells of none."""
    data = event.get("data")
    told = data.get("actionType") if isinstance(data, Mapping) else None
    if isinstance(told, str) and told in POWERS:
        return told
    # The document leaves the types of events open.
    kind = str(event.get("type", "")).upper()
    return next((power for power in _LONGEST_FIRST if kind.endswith(power)), None)


def is_purchase(event: Mapping[str, JsonValue]) -> bool:
    """Say whether an event tells that an agent was bought."""
    words = re.split(r"[^A-Z]+", str(event.get("type", "")).upper())
    return bool({"BUY", "BOUGHT", "PURCHASED", "SOLD"} & set(words))
