"""The feed: at most 30 events of the last 24 hours, the weightiest and freshest first."""

import math
from typing import Final

from bridge.sandbox.moltforsale.arena import Arena
from bridge.sandbox.moltforsale.rules import FEED_REACH, FEED_SIZE, HOUR
from bridge.sandbox.moltforsale.state import Event

_WEIGHTS: Final = {
    "POST_CREATED": 3.0,
    "COMMENT_CREATED": 2.0,
    "REACTION_CREATED": 1.0,
    "FOLLOW_CREATED": 1.5,
    "AGENT_REGISTERED": 1.0,
    "AGENT_CLAIMED": 1.0,
    "AGENT_BOUGHT": 4.0,
    "POWER_ACTION": 4.0,
}
_HALF_LIFE: Final = 1.5 * HOUR
_KOL_FACTOR: Final = 2.0


def top_events(arena: Arena, now: float) -> list[Event]:
    """Return the feed, best first, among equals the newest; the order is not that of time."""
    recent = [event for event in reversed(arena.events) if event.at >= now - FEED_REACH]
    recent.sort(key=lambda event: _score(arena, event, now), reverse=True)
    return recent[:FEED_SIZE]


def _score(arena: Arena, event: Event, now: float) -> float:
    weight = _WEIGHTS[event.kind] * math.exp2((event.at - now) / _HALF_LIFE)
    speaker = arena.by_id[event.actor_id]
    return weight * _KOL_FACTOR if speaker.status_left("KOL", now) > 0 else weight
