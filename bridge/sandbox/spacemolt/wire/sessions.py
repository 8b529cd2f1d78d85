"""HTTP sessions: who is behind an ``X-Session-Id``, and what waits to be told there.

A session ends after thirty minutes without a request. Events wait in a queue of a hundred; when it
is full the oldest is dropped, without a word.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Push, Universe

IDLE_SECONDS = 1800.0
QUEUE_LENGTH = 100
DEFAULT_BATCH = 50

# The type under which a kind of event is filed; the first prefix that fits counts.
_CATEGORIES = (
    ("chat_", "chat"),
    ("trade_", "trade"),
    ("market_", "trade"),
    ("faction_", "faction"),
    ("fleet_", "friend"),
    ("combat_", "combat"),
    ("scan_", "combat"),
    ("battle_", "combat"),
    ("pirate_", "combat"),
    ("police_", "combat"),
    ("pilotless_", "combat"),
)


def category(kind: str) -> str:
    """Return the type under which notifications of a kind are filed; ``system`` when none fits."""
    return next((name for prefix, name in _CATEGORIES if kind.startswith(prefix)), "system")


@dataclass(slots=True, kw_only=True)
class Session:
    """One session; ``player`` once it has signed in."""

    id: str
    universe: Universe
    created: float
    last_used: float
    player: Player | None = None
    polled_tick: int = -1
    queue: deque[JsonObject] = field(default_factory=lambda: deque(maxlen=QUEUE_LENGTH))

    def hear(self, push: Push) -> None:
        """Queue something that the player is told."""
        self.queue.append(
            {
                "id": self.universe.new_id(),
                "type": category(push.kind),
                "msg_type": push.kind,
                "timestamp": self.universe.timestamp(),
                "data": push.data,
            }
        )

    def drain(self) -> list[JsonObject]:
        """Take everything that waits."""
        waiting = list(self.queue)
        self.queue.clear()
        return waiting

    def poll(self, *, limit: int, clear: bool, types: list[str]) -> JsonObject:
        """Return what ``get_notifications`` returns; at most once a tick."""
        universe = self.universe
        answer: JsonObject = {
            "count": 0,
            "notifications": [],
            "current_tick": universe.tick,
            "timestamp": int(universe.clock.now()),
            "remaining": len(self.queue),
        }
        if self.polled_tick == universe.tick:
            wait = max(1, round(universe.tick_seconds))
            return answer | {"throttled": True, "retry_after": wait}
        self.polled_tick = universe.tick
        wanted = [item for item in self.queue if not types or item["type"] in types][:limit]
        if clear:
            kept = [item for item in self.queue if item not in wanted]
            self.queue.clear()
            self.queue.extend(kept)
        answer |= {"notifications": wanted, "count": len(wanted)}
        return answer | {"remaining": len(self.queue) if clear else len(self.queue) - len(wanted)}

    def view(self) -> JsonObject:
        """Describe the session, as every answer does."""
        view: JsonObject = {
            "id": self.id,
            "created_at": _time(self.created),
            "expires_at": _time(self.last_used + IDLE_SECONDS),
        }
        return view | ({"player_id": self.player.id} if self.player else {})


class Sessions:
    """One pool of sessions; HTTP v1 and v2 have one each."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self._sessions: dict[str, Session] = {}

    def create(self) -> Session:
        """Open a session."""
        now = self._universe.clock.now()
        session = Session(
            id=self._universe.new_id(),
            universe=self._universe,
            created=now,
            last_used=now,
        )
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str) -> Session:
        """Return a session and note its use; raises GameError unless it is alive."""
        if not session_id:
            raise GameError(
                "session_required",
                "Create a session with POST session and send its id as X-Session-Id.",
            )
        session = self._sessions.get(session_id)
        if session is None:
            raise GameError(
                "session_invalid",
                "That session does not exist or has expired. Create a new one and login again.",
            )
        session.last_used = self._universe.clock.now()
        return session

    def expired(self) -> list[Session]:
        """Return the sessions that have been idle for too long."""
        oldest = self._universe.clock.now() - IDLE_SECONDS
        return [session for session in self._sessions.values() if session.last_used <= oldest]

    def every(self) -> list[Session]:
        """Return every session."""
        return list(self._sessions.values())

    def drop(self, session: Session) -> None:
        """End a session."""
        self._sessions.pop(session.id, None)


def _time(moment: float) -> str:
    stamp = datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")
    # The game writes nanoseconds.
    return stamp.replace("+00:00", "000Z")
