"""Requests in a sliding window, counted so that the game never has to refuse one. Pure.

- Where between sending and answer the game counts a request is not known. So it counts here from
  when it is let out until a whole window after its answer.
- Until the first answer has told the limit, requests go one at a time: the limit that is
  documented may not be that of this key.
- What others send with the same key shows in what the game says is left, and counts too.
- Several processes of one user keep one account of a key, on a page that each of them reads before
  it decides and writes afterwards.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from bridge.protocol.http_dates import RETRY_AFTER, date_of, seconds_until

LIMIT = "x-ratelimit-limit"
REMAINING = "x-ratelimit-remaining"
RESET = "x-ratelimit-reset"

MARGIN_SECONDS = 0.1
"""Added to every window: two clocks never run alike."""
TOO_MANY = 429
LARGEST_LIMIT = 100_000
"""Some say that there is no limit with a number of ten digits; so many are never counted."""
LONGEST_WAIT_SECONDS = 7 * 86400.0
"""No wait is believed beyond a week."""
LONGEST_OUT_SECONDS = 120.0
"""A process that has said nothing for so long has ended, and its requests with it."""

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{0,9})?")


@dataclass(slots=True)
class Budget:
    """What is left of one key's requests. Every time is in seconds since the epoch, by our clock."""

    limit: int
    seconds: float
    _is_told: bool = False
    _out: int = 0
    """Requests of this process without an answer."""
    _elsewhere: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Other process -> its requests without an answer, and until when that is believed."""
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
        if self._on_their_way() and not self._is_told:
            return None
        if self._counting() < self.limit:
            return 0.0
        return min([*self._own, *self._others]) - now if self._own or self._others else None

    def take(self) -> None:
        """Count a request that goes out."""
        self._out += 1

    def put_back(self) -> None:
        """Take it back that a request goes out: it does not."""
        self._out -= 1

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

    # -- What processes tell each other -------------------------------------------------

    def page(self, whose: str, now: float) -> dict[str, JsonValue]:
        """Return what is known, for the other processes; ``whose`` names this one."""
        self._forget(now)
        out = dict(self._elsewhere)
        if self._out:
            out[whose] = self._out, now + LONGEST_OUT_SECONDS
        return {
            "limit": self.limit if self._is_told else None,
            "own": _bundled(self._own),
            "others": _bundled(self._others),
            "out": {process: list(told) for process, told in out.items()},
            "shut_until": self._shut_until,
        }

    def take_over(self, page: Mapping[str, JsonValue], whose: str, now: float) -> None:
        """Know what the page says, whoever wrote it; what makes no sense there is left out."""
        latest = now + self.seconds + 1
        self._own = _unbundled(page.get("own"), latest)
        self._others = _unbundled(page.get("others"), latest)
        limit = page.get("limit")
        if isinstance(limit, int) and 1 <= limit <= LARGEST_LIMIT:
            # An old answer may no longer be true; then one request goes first once more.
            self.limit, self._is_told = limit, self._is_told or bool(self._own)
        shut_until = page.get("shut_until")
        if isinstance(shut_until, int | float) and shut_until <= now + LONGEST_WAIT_SECONDS:
            self._shut_until = shut_until
        told = page.get("out")
        self._elsewhere = {
            process: (count, until)
            for process, count, until in _pairs(told if isinstance(told, dict) else {})
            if process != whose and until <= now + LONGEST_OUT_SECONDS
        }

    def _counting(self) -> int:
        return self._on_their_way() + len(self._own) + len(self._others)

    def _on_their_way(self) -> int:
        return self._out + sum(count for count, _ in self._elsewhere.values())

    def _forget(self, now: float) -> None:
        self._own = [until for until in self._own if until > now]
        self._others = [until for until in self._others if until > now]
        self._elsewhere = {name: out for name, out in self._elsewhere.items() if out[1] > now}

    def _count_others(self, now: float, used: int, free_at: float) -> None:
        """Take over how many requests the game has counted beyond ours.

        Ours that are on their way may be among them or not; only when there are none is it exact.
        """
        self._forget(now)
        others = max(0, used - len(self._own) - self._on_their_way())
        if self._on_their_way():
            others = max(others, len(self._others))
        # One of them is free when the game says so; of the others nothing is known.
        unknown = [now + self.seconds] * others
        self._others = [min(free_at, now + self.seconds), *unknown[1:]] if unknown else []

    def _free_at(self, now: float, headers: Mapping[str, str]) -> float:
        """Return when the game says that there is room again, a whole window from now at most."""
        latest = now + self.seconds
        told = headers.get(RETRY_AFTER, "")
        retry_after = _number(told)
        if retry_after is None:
            retry_after = seconds_until(told, headers)
        if retry_after is not None and retry_after >= 0:
            # Not cut off: whoever says it longer than a window means it.
            return now + min(retry_after, LONGEST_WAIT_SECONDS)
        reset = _number(headers.get(RESET))
        for game_time in (date_of(headers.get("date")), now):
            if reset is not None and game_time is not None and reset >= game_time:
                wait = reset - game_time
                if wait <= self.seconds + 1:
                    return now + wait
        return latest


def _bundled(times: Iterable[float]) -> dict[str, JsonValue]:
    """Return times as tenths of seconds, rounded up, with how many there are of each."""
    return {str(tenth): n for tenth, n in Counter(math.ceil(at * 10) for at in times).items()}


def _unbundled(bundles: JsonValue, latest: float) -> list[float]:
    pairs = bundles.items() if isinstance(bundles, dict) else ()
    return [
        int(tenth) / 10
        for tenth, count in pairs
        if _NUMBER.fullmatch(tenth) and tenth.isdecimal() and int(tenth) / 10 <= latest
        if isinstance(count, int) and count <= LARGEST_LIMIT
        for _ in range(count)
    ]


def _pairs(told: Mapping[str, JsonValue]) -> Iterable[tuple[str, int, float]]:
    for process, pair in told.items():
        match pair:
            case [int(count), int() | float() as until] if count >= 0:
                yield process, count, until


def _number(text: str | None) -> float | None:
    if text is None or _NUMBER.fullmatch(text.strip()) is None:
        return None
    return float(text)
