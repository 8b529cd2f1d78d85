"""What was told already and will be told once more by another way.

A game that pushes over one way queues the same events for a session of another way, under other
ids or none. Whatever one way has told is therefore expected once more from each session that is
open on the others, and is not news there.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bridge.protocol.events import NewEvent

MOST_EXPECTED = 500
"""Echoes that are expected from one session; queues are shorter than that."""


@dataclass(slots=True)
class _Queue:
    """What one session is expected to tell again."""

    session: int
    expected: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Echoes:
    """The echoes that are expected, by way."""

    _queues: dict[str, _Queue] = field(default_factory=dict)

    def told(self, events: Sequence[NewEvent], by: str, sessions: Mapping[str, int]) -> None:
        """Remember what a way has told; ``sessions`` numbers those that are open, by way."""
        for way, session in sessions.items():
            queue = self._queue(way, session)
            if way != by and queue.expected.total() < MOST_EXPECTED:
                queue.expected.update(_mark(event) for event in events)

    def news(self, events: Sequence[NewEvent], by: str, session: int) -> list[NewEvent]:
        """Return which of the events that a session has told were not told before."""
        expected = self._queue(by, session).expected
        fresh = []
        for event in events:
            mark = _mark(event)
            if expected[mark] > 0:
                expected[mark] -= 1
            else:
                fresh.append(event)
        return fresh

    def _queue(self, way: str, session: int) -> _Queue:
        """Return the queue of a session; a new session has a new one."""
        if way not in self._queues or self._queues[way].session != session:
            self._queues[way] = _Queue(session)
        return self._queues[way]


def _mark(event: NewEvent) -> str:
    return json.dumps([event.kind, event.data], sort_keys=True, default=dict)
