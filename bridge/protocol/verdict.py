"""What came of a call.

A game that says no is a value. A connection lost in mid-mutation is a value too: nobody knows
whether it happened, so it is never sent again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The game did it."""

    result: JsonValue
    text: str | None = None
    """The game's own rendering, where it has one."""
    notes: tuple[str, ...] = ()
    """What the bridge did on the way: one short line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The game, or the bridge on its behalf, said no; nothing happened."""

    code: str
    message: str
    hint: str = ""
    """What to do next."""
    wait: float | None = None
    """Seconds until it makes sense to try again."""
    local: bool = False
    """Refused by the bridge; nothing was sent."""
    details: JsonValue = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It was sent, and whether it happened cannot be known. It is not sent again."""

    sent: str
    """What was sent, in words."""
    reason: str
    check: str | None = None
    """The tool that tells what really happened."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The game has taken it and will do it on a later tick; the outcome comes as an event."""

    handle: str
    message: str
    details: Mapping[str, JsonValue] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


Outcome = Done | Refused | Unknown | Pending
