"""The clock of a simulated game: the wall's, or one that a test turns by hand."""

import time
from typing import Protocol


class Clock(Protocol):
    """Where a world reads the time."""

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        ...


class WallClock:
    """Real time, plus what it has been turned forward."""

    def __init__(self) -> None:
        self._turned = 0.0

    def now(self) -> float:
        """Return real time in seconds since the epoch, plus every turn."""
        return time.time() + self._turned

    def advance(self, seconds: float) -> None:
        """Turn the clock forward by so many seconds."""
        self._turned += seconds


class HandClock:
    """A clock that stands still until it is turned."""

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Turn the clock forward by so many seconds."""
        self._now += seconds
