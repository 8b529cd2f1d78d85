"""Which frame answers which call. The socket's memory; it never waits and never sends.

The rules, from api.md, "Request Correlation" and "Action Execution":

- A frame belongs to a call only by its ``request_id``. Its type says nothing: ``ok`` may be a
  push, and older servers answer queries with types of their own.
- A frame without one is a push. A frame with one that nobody waits for is an orphan: a
  duplicate, or the answer to a call of an earlier connection. Both are kept, neither settles
  anything.
- A call is sent, perhaps queued, and settled once. The mark of the first phase is not the end:
  pending is not done. The second phase may overtake the first.
- When the connection is lost, every call that is not settled is lost with it, and whether it
  happened is known to nobody.
"""

import json
from dataclasses import dataclass, field

from pydantic import JsonValue

from bridge.protocol.wire import Frame, is_too_deep
from bridge.spec.model import WebSocketUpstream
from bridge.spec.paths import matches_any


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """The first phase: the game has taken the call and will do it on a tick."""

    request_id: str
    payload: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The call is over, and this frame says how."""

    request_id: str
    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """The game tells something nobody asked for."""

    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """An answer that nobody waits for: a duplicate, or one from before a reconnect."""

    frame: Frame


Signal = Queued | Settled | Pushed | Orphan


@dataclass(slots=True)
class PendingCalls:
    """The calls that wait for an answer on one connection."""

    upstream: WebSocketUpstream
    _queued: dict[str, bool] = field(default_factory=dict)

    def send(self, request_id: str) -> None:
        """Remember that a call goes out. Raises ValueError if the id is in use."""
        if request_id in self._queued:
            raise ValueError(f"a call with id {request_id} is waiting already")
        self._queued[request_id] = False

    def receive(self, frame: Frame) -> Signal:
        """Return what an incoming frame means."""
        request_id = frame.data.get(self.upstream.correlation)
        if request_id is None:
            return Pushed(frame=frame)
        if not isinstance(request_id, str) or request_id not in self._queued:
            return Orphan(frame=frame)
        refused = frame.data.get("type") in self.upstream.refused_by
        if not refused and matches_any(dict(frame.data), self.upstream.pending):
            return self._first_phase(request_id, frame)
        del self._queued[request_id]
        return Settled(request_id=request_id, frame=frame)

    def forget(self, request_id: str) -> None:
        """Stop waiting for a call; its answer will be an orphan."""
        self._queued.pop(request_id, None)

    def lose_connection(self) -> list[str]:
        """Return the ids of all calls that were not settled, and forget them."""
        lost = list(self._queued)
        self._queued.clear()
        return lost

    def waiting(self) -> list[str]:
        """Return the ids of all calls that are not settled."""
        return list(self._queued)

    def _first_phase(self, request_id: str, frame: Frame) -> Signal:
        if self._queued[request_id]:
            return Orphan(frame=frame)
        self._queued[request_id] = True
        return Queued(request_id=request_id, payload=frame.data.get("payload"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What one WebSocket message held: its frames, and the part in which there were none."""

    frames: tuple[Frame, ...]
    rest: str = field(default="", repr=False)


def decode(message: str) -> Decoded:
    """Return every JSON object of a message; under load a game sends several at once.

    From the first thing that is none, the message is returned as it came.
    """
    decoder = json.JSONDecoder()
    frames: list[Frame] = []
    at = _skip_space(message, 0)
    while at < len(message):
        try:
            value, end = decoder.raw_decode(message, at)
        except (ValueError, RecursionError):
            break
        if not isinstance(value, dict) or is_too_deep(value, message[at:end]):
            break
        frames.append(Frame(data=value))
        at = _skip_space(message, end)
    return Decoded(frames=tuple(frames), rest=message[at:])


def _skip_space(message: str, at: int) -> int:
    while at < len(message) and message[at] in " \t\r\n":
        at += 1
    return at
