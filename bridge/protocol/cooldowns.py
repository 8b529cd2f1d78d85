"""What may be done when: cooldowns and budgets, kept as the times at which things were done.

A cooldown is a window of seconds in which something may be done so many times; one with ``per``
counts each value of those parameters by itself. The book knows what the bridge did, and learns
from the game: a poll that says how long is left, or a refusal that says how long to wait, counts
more than what we remember.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import assert_never

from pydantic import JsonValue

from bridge.spec.model import Command, Cooldown, GameSpec, is_queued
from bridge.spec.placeholders import as_text

AGREES_SECONDS = 1.5
"""Games tell times in whole seconds: within this, what we remember is the finer truth."""
MARGIN_SECONDS = 0.25
"""Whoever waits for a cooldown waits so much longer: two clocks never run alike."""
CLOCK_SECONDS = 60.0
"""What was done later than this from now is not believed: the clock has been put back."""
LONGEST_SECONDS = 7 * 86400.0
"""No game holds anything back for longer."""
LATEST = 253_402_300_799.0
"""The last second that has a date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """Something cannot be done now."""

    cooldown: str
    seconds: float
    """How long until it can."""
    code: str
    about: str


@dataclass(slots=True)
class CooldownBook:
    """The cooldowns of one account. Every time is in seconds since the epoch."""

    spec: GameSpec
    done: dict[str, list[float]] = field(default_factory=dict)
    """Cooldown (with its values, if it counts per value) -> when it was used, oldest first."""
    blocked: dict[str, float] = field(default_factory=dict)
    """The same key -> when the game said that it is free again."""
    scopes: Collection[str] = ("account", "key", "ip")
    """Whose cooldowns these are; others are none of this book's business."""

    def ready_in(
        self, command: Command, arguments: Mapping[str, JsonValue], now: float
    ) -> NotYet | None:
        """Return what holds the command back the longest, None if nothing does."""
        waits = [
            NotYet(
                cooldown=name,
                seconds=free_at - now,
                code=cooldown.code or f"cooldown_{name}",
                about=cooldown.about,
            )
            for name, key, cooldown in self._of(command, arguments)
            if (free_at := self._free_at(key, cooldown, now)) > now
        ]
        return max(waits, key=lambda wait: wait.seconds, default=None)

    def concerned(self, command: Command) -> list[str]:
        """Return the names of the cooldowns of this book that hold a command back."""
        return [name for name, _, _ in self._of(command, {})]

    def note(
        self,
        command: Command,
        arguments: Mapping[str, JsonValue],
        now: float,
        *,
        succeeded: bool,
    ) -> None:
        """Remember that a command was carried out, or only tried."""
        for _, key, cooldown in self._of(command, arguments):
            if succeeded or cooldown.on == "attempt":
                used = self.done.setdefault(key, [])
                used.append(now)
                del used[: -cooldown.limit]
            if succeeded:
                self.blocked.pop(key, None)

    def learn(
        self, name: str, free_at: float, values: Mapping[str, JsonValue] | None = None
    ) -> None:
        """Take the game's word for when a cooldown ends.

        What we remembered is dropped if it held back longer, and left alone if it says the same
        and only more exactly.
        """
        cooldown = self.spec.cooldowns[name]
        key = _key(name, cooldown, values or {})
        ends = self._ends(key, cooldown)
        if cooldown.scope not in self.scopes or abs(ends - free_at) < AGREES_SECONDS:
            return
        if ends > free_at:
            self.done.pop(key, None)
        self.blocked[key] = free_at

    def shift(self, seconds: float) -> None:
        """Move everything that is remembered: the clock it was read from has been put right."""
        self.done = {key: [when + seconds for when in used] for key, used in self.done.items()}
        self.blocked = {key: until + seconds for key, until in self.blocked.items()}

    def forget_past(self, now: float) -> None:
        """Forget what holds nothing back any more."""
        for key in list(self.done):
            seconds = self._cooldown(key).seconds
            self.done[key] = [when for when in self.done[key] if when + seconds > now]
        self.done = {key: used for key, used in self.done.items() if used}
        self.blocked = {key: until for key, until in self.blocked.items() if until > now}

    def running(self, now: float) -> dict[str, JsonValue]:
        """Return the seconds that each cooldown still runs, by its key."""
        left = {}
        for key in {*self.done, *self.blocked}:
            seconds = self._free_at(key, self._cooldown(key), now) - now
            if seconds > 0:
                left[key] = round(seconds, 1)
        return dict(sorted(left.items()))

    def _of(
        self, command: Command, arguments: Mapping[str, JsonValue]
    ) -> Iterator[tuple[str, str, Cooldown]]:
        for name, cooldown in self.spec.cooldowns.items():
            if cooldown.scope in self.scopes and (
                name in command.cooldowns or _holds(cooldown, command)
            ):
                yield name, _key(name, cooldown, arguments), cooldown

    def _cooldown(self, key: str) -> Cooldown:
        return self.spec.cooldowns[key.partition(":")[0]]

    def _ends(self, key: str, cooldown: Cooldown) -> float:
        """Return when a cooldown ends or ended, as far as we remember; minus infinity if never."""
        used = self.done.get(key, [])
        full = len(used) >= cooldown.limit
        by_memory = used[-cooldown.limit] + cooldown.seconds if full else -math.inf
        return max(by_memory, self.blocked.get(key, -math.inf))

    def _free_at(self, key: str, cooldown: Cooldown, now: float) -> float:
        oldest, latest = now - cooldown.seconds, now + CLOCK_SECONDS
        recent = [when for when in self.done.get(key, []) if oldest < when <= latest]
        by_memory = (
            recent[-cooldown.limit] + cooldown.seconds if len(recent) >= cooldown.limit else now
        )
        told = self.blocked.get(key, now)
        return max(by_memory, told if told <= now + LONGEST_SECONDS else now)


def clock_time(at: float) -> str:
    """Return a moment as people read it, in UTC."""
    return datetime.fromtimestamp(max(0.0, min(at, LATEST)), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _holds(cooldown: Cooldown, command: Command) -> bool:
    """Say whether a cooldown holds a command back that does not name it."""
    match cooldown.holds:
        case "named":
            return False
        case "queued":
            return is_queued(command)
        case "unqueued":
            return not is_queued(command)
        case "all":
            return True
        case _ as never:
            assert_never(never)


def _key(name: str, cooldown: Cooldown, values: Mapping[str, JsonValue]) -> str:
    parts = [as_text(values.get(param)).lower() for param in cooldown.per]
    return ":".join([name, *parts])
