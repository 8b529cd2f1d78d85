"""The event stream: who listens to what, what they are sent, and how they are cut off.

- 17 types; without ``types`` a listener gets all but ``tick``. ``subscribe`` replaces the types.
- A listener without a key (the key is documented as optional) gets ``PUBLIC_TYPES`` only.
- ``subscribe`` with ``channels`` answers with the present values in one ``gmcp_batch``; later a
  single change comes as ``gmcp``, several as ``gmcp_batch``. Channels belong to a character; the
  simulated game shows that of ``player1`` to every key.
- A key that connects again is sent ``sync_complete`` first. Nothing is kept for anybody who is
  away: no numbers, no cursor, no replay.
- A listener with more than ``QUEUE_FRAMES`` frames waiting is cut off without a close frame.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bridge.sandbox.clock import Clock
from bridge.sandbox.faults import Faults
from bridge.sandbox.maid.records import stamp
from bridge.sandbox.maid.wire import JsonObject, encode

TYPES = (
    "player_login",
    "player_logout",
    "player_command",
    "chat_message",
    "system_message",
    "combat",
    "damage",
    "death",
    "respawn",
    "world_event",
    "room_enter",
    "room_leave",
    "entity_created",
    "entity_destroyed",
    "component_added",
    "component_removed",
    "tick",
)
PUBLIC_TYPES = frozenset({"system_message", "world_event", "tick"})
QUEUE_FRAMES = 256
ABRUPT = 0
"""The close code that stands for a connection that just ends, without a close frame."""
POLICY_VIOLATION = 1008


@dataclass(slots=True, eq=False)
class Listener:
    """One event connection, without its socket."""

    key_id: str | None
    types: frozenset[str]
    channels: frozenset[str] = frozenset()
    outbox: deque[str] = field(default_factory=deque)
    close_code: int | None = None
    wake: Callable[[], None] = lambda: None

    def send(self, frame: Mapping[str, object]) -> None:
        """Queue a frame; a listener that is too slow is cut off instead."""
        if self.close_code is not None:
            return
        if len(self.outbox) >= QUEUE_FRAMES:
            self.close(ABRUPT)
            return
        self.outbox.append(encode(frame))
        self.wake()

    def close(self, code: int) -> None:
        """Ask for the connection to be closed; what is still queued is lost."""
        if self.close_code is None:
            self.close_code = code
            self.outbox.clear()
            self.wake()


class Hub:
    """Everybody who listens."""

    def __init__(
        self,
        *,
        clock: Clock,
        faults: Faults,
        channels: Callable[[], Mapping[str, JsonObject]],
        state: Callable[[], JsonObject],
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._channels = channels
        self._state = state
        self._known: set[str] = set()
        self.listeners: list[Listener] = []

    def connect(self, key_id: str | None, types: str | None) -> Listener:
        """Let a listener in; ``types`` is the comma-separated query parameter."""
        listener = Listener(key_id, frozenset())
        wanted = [name for name in (types or "").split(",") if name]
        if types is None:
            wanted = [name for name in TYPES if name != "tick"]
        self._listen_to(listener, wanted, {})
        self.listeners.append(listener)
        if key_id is not None and key_id in self._known:
            listener.send({"type": "sync_complete", "data": self._state()})
        if key_id is not None:
            self._known.add(key_id)
        if self._faults.take("close_events_1008"):
            listener.close(POLICY_VIOLATION)
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        if listener in self.listeners:
            self.listeners.remove(listener)

    def emit(self, kind: str, data: Mapping[str, object]) -> None:
        """Send an event to everybody who wants it; ValueError if there is no such type."""
        if kind not in TYPES:
            raise ValueError(f"{kind} is no event type of MAID; there are {', '.join(TYPES)}")
        wanting = [one for one in self.listeners if kind in one.types]
        if wanting and self._faults.take("drop_events"):
            return
        carried = dict(data)
        if wanting and self._faults.take("lone_surrogate@events"):
            carried["note"] = "broken \ud800 text"
        for listener in wanting:
            listener.send({"type": kind, "timestamp": stamp(self._clock.now()), "data": carried})

    def update(self, values: Mapping[str, JsonObject]) -> None:
        """Send changed GMCP packages to everybody who subscribed to their channels."""
        for listener in list(self.listeners):
            updates = [
                {"package": package, "data": data}
                for package, data in values.items()
                if package in listener.channels
            ]
            if updates and self._faults.take("batch_frames"):
                updates = updates * (int(self._faults.value("batch_frames")) or 5)
            if len(updates) == 1:
                listener.send({"type": "gmcp", **updates[0]})
            elif updates:
                listener.send({"type": "gmcp_batch", "updates": updates})

    def interrupt(self, code: int = ABRUPT, *, key_id: str | None = None) -> int:
        """Close every connection, or those of one key, and say how many there were."""
        struck = [one for one in self.listeners if key_id is None or one.key_id == key_id]
        for listener in struck:
            listener.close(code)
        return len(struck)

    def strike(self) -> None:
        """Let the faults that close connections happen, if anybody is there to suffer."""
        if self.listeners and self._faults.take("close_events"):
            self.interrupt(int(self._faults.value("close_events")))
        elif self.listeners and self._faults.take("close_events_1008"):
            self.interrupt(POLICY_VIOLATION)

    def receive(self, listener: Listener, text: str) -> None:
        """Take a frame from a client and queue the answer."""
        frame = _parsed(text)
        echo = {"requestId": frame["requestId"]} if frame and "requestId" in frame else {}
        if frame is None:
            listener.send({"type": "error", "detail": "Frames must be JSON objects"})
        elif frame.get("type") == "ping":
            listener.send({"type": "pong", **echo})
        elif frame.get("type") == "subscribe":
            self._subscribe(listener, frame, echo)
        else:
            listener.send({"type": "error", "detail": "Unknown message type", **echo})

    def _subscribe(self, listener: Listener, frame: JsonObject, echo: JsonObject) -> None:
        asked: JsonObject = {name: frame[name] for name in ("types", "channels") if name in frame}
        if not asked or not all(_is_names(names) for names in asked.values()):
            detail = "subscribe needs a list of types or of channels"
            listener.send({"type": "error", "detail": detail, **echo})
            return
        if "channels" in asked and listener.key_id is None:
            listener.send({"type": "error", "detail": "API key required", **echo})
            return
        types = _names(asked.get("types"))
        if "types" in asked:
            if not self._listen_to(listener, types, echo):
                return
            asked["types"] = [name for name in types if name in listener.types]
        listener.send({"type": "subscribed", **asked, **echo})
        if "channels" in asked:
            listener.channels = frozenset(_names(asked["channels"]))
            self._send_present(listener)

    def _listen_to(self, listener: Listener, types: list[str], echo: JsonObject) -> bool:
        unknown = [name for name in types if name not in TYPES]
        if unknown:
            detail = f"Unknown event types: {', '.join(unknown)}"
            listener.send({"type": "error", "detail": detail, **echo})
            return False
        allowed = frozenset(TYPES) if listener.key_id else PUBLIC_TYPES
        listener.types = allowed.intersection(types)
        return True

    def _send_present(self, listener: Listener) -> None:
        updates = [
            {"package": package, "data": data}
            for package, data in self._channels().items()
            if package in listener.channels
        ]
        if updates:
            listener.send({"type": "gmcp_batch", "updates": updates})


def _parsed(text: str) -> JsonObject | None:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _names(value: object) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []
