"""Requests in a sliding window, counted so that the game never has to refuse one. Pure.

- Where between sending and answer the game counts a request is not known. So it counts here from
  when it is let out until a whole window after its answer.
- Until the first answer has told the limit, requests go one at a time: the limit that is
  documented may not be that of this key.
- What others send with the same key shows in what the game says is left, and counts too.
"""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

LIMIT = "x-ratelimit-limit"
REMAINING = "x-ratelimit-remaining"
RESET = "x-ratelimit-reset"
RETRY_AFTER = "retry-after"

MARGIN_SECONDS = 0.1
"""Added to every window: two clocks never run alike."""
TOO_MANY = 429
LARGEST_LIMIT = 100_000
"""Some say that there is no limit with a number of ten digits; so many are never counted."""
LONGEST_WAIT_SECONDS = 7 * 86400.0
"""No wait is believed beyond a week."""

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{0,9})?")


@dataclass(slots=True)
class Budget:
    """What is left of one key's requests. Every time is in seconds since the epoch, by our clock."""

    limit: int
    seconds: float
    _is_told: bool = False
    _out: int = 0
    """Requests without an answer."""
    _own: list[float] = field(default_factory=list)
    """When each of our answered requests stops to count."""
    _others: list[float] = field(default_factory=list)
    """The same for requests that somebody else must have sent."""
    _shut_until: float = 0.0

    def ready_in(self, now: float) -> float | None:
        """Return the seconds until one more may be sent; None if an answer must come first."""
        if self._shut_until > now:
            return self._shut_until - now
        self._forget(now)
        if self._out and not self._is_told:
            return None
        if self._counting() < self.limit:
            return 0.0
        return min([*self._own, *self._others]) - now if self._own or self._others else None

    def take(self) -> None:
        """Count a request that goes out."""
        self._out += 1

    def lose(self, now: float) -> None:
        """Note that a request is over without an answer; the game may have counted it."""
        self._out -= 1
        self._own.append(now + self.seconds + MARGIN_SECONDS)

    def answer(self, now: float, status: int, headers: Mapping[str, str]) -> None:
        """Note the answer to a request, and heed what its headers tell. Names in lower case."""
        self.lose(now)
        self._is_told = True
        limit = _number(headers.get(LIMIT))
        if limit is not None and limit >= 1:
            self.limit = min(int(limit), LARGEST_LIMIT)
        free_at = self._free_at(now, headers)
        if status == TOO_MANY:
            self._shut_until = free_at
            return
        left = _number(headers.get(REMAINING))
        if left is not None:
            self._count_others(now, int(self.limit - left), free_at)

    def left(self, now: float) -> int:
        """Return how many requests may be sent now, as far as is known."""
        self._forget(now)
        return 0 if self._shut_until > now else max(0, self.limit - self._counting())

    def _counting(self) -> int:
        return self._out + len(self._own) + len(self._others)

    def _forget(self, now: float) -> None:
        self._own = [until for until in self._own if until > now]
        self._others = [until for until in self._others if until > now]

    def _count_others(self, now: float, used: int, free_at: float) -> None:
        """Take over how many requests the game has counted beyond ours.

        Ours that are on their way may be among them or not; only when there are none is it exact.
        """
        self._forget(now)
        others = max(0, used - len(self._own) - self._out)
        if self._out:
            others = max(others, len(self._others))
        # One of them is free when the game says so; of the others nothing is known.
        unknown = [now + self.seconds] * others
        self._others = [min(free_at, now + self.seconds), *unknown[1:]] if unknown else []

    def _free_at(self, now: float, headers: Mapping[str, str]) -> float:
        """Return when the game says that there is room again, a whole window from now at most."""
        latest = now + self.seconds
        retry_after = _number(headers.get(RETRY_AFTER))
        if retry_after is not None and retry_after >= 0:
            # Not cut off: whoever says it longer than a window means it.
            return now + min(retry_after, LONGEST_WAIT_SECONDS)
        reset = _number(headers.get(RESET))
        for game_time in (_date(headers.get("date")), now):
            if reset is not None and game_time is not None and reset >= game_time:
                wait = reset - game_time
                if wait <= self.seconds + 1:
                    return now + wait
        return latest


def _number(text: str | None) -> float | None:
    if text is None or _NUMBER.fullmatch(text.strip()) is None:
        return None
    return float(text)


def _date(text: str | None) -> float | None:
    """Return the game's own time, as every HTTP answer should tell it."""
    if text is not None:
        with contextlib.suppress(ValueError, OverflowError):
            return parsedate_to_datetime(text).timestamp()
    return None
