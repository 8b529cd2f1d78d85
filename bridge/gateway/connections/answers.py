"""The calls that wait for their answers on one account's open connection."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

import anyio
from pydantic import JsonValue

from bridge.errors import Interrupted
from bridge.protocol.correlation import Orphan, PendingCalls, Pushed, Queued, Settled
from bridge.protocol.render import Way, frame
from bridge.protocol.wire import Frame
from bridge.spec.model import WebSocketUpstream
from bridge.upstream.websocket import Socket

OnQueued = Callable[[JsonValue], None]
"""Called with the game's words when it has taken a call for a tick."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A call that waits for its frames."""

    on_queued: OnQueued
    acknowledged: anyio.Event = field(default_factory=anyio.Event)
    """The game has said something about it."""
    settled: anyio.Event = field(default_factory=anyio.Event)
    frame: Frame | None = None


@dataclass(slots=True, eq=False)
class Answers:
    """Who waits for which frame."""

    way: Way
    upstream: WebSocketUpstream
    mark: str
    """Part of every id: the outcome of what an earlier process has sent must settle nothing here."""
    _pending: PendingCalls = field(init=False)
    _waiting: dict[str, _Waiting] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._pending = PendingCalls(self.upstream)

    async def ask(
        self,
        socket: Socket,
        name: str,
        arguments: Mapping[str, JsonValue],
        on_queued: OnQueued,
    ) -> Frame | None:
        """Send a command and return the frame that settles it, None if the connection is lost.

        Raises Interrupted if the connection is gone or it is not answered, or settled, in time.
        """
        request_id = f"{self.way.spec.game.id[:4]}-{self.mark}-{next(self._ids)}"
        waiting = _Waiting(on_queued)
        self._pending.send(request_id)
        self._waiting[request_id] = waiting
        outgoing = frame(self.way.spec, name, arguments, self.upstream.correlation, request_id)
        try:
            await socket.send(json.dumps(outgoing.data))
            await self._acknowledged(waiting)
            await self._settled(waiting)
        finally:
            self._waiting.pop(request_id, None)
            self._pending.forget(request_id)
        return waiting.frame

    def take(self, incoming: Frame) -> Frame | None:
        """Give a frame to the call that it answers; return it if it answers none."""
        match self._pending.receive(incoming):
            case Queued(request_id=request_id, payload=payload):
                self._waiting[request_id].acknowledged.set()
                self._waiting[request_id].on_queued(payload)
            case Settled(request_id=request_id, frame=settling):
                self._waiting[request_id].frame = settling
                self._waiting[request_id].acknowledged.set()
                self._waiting[request_id].settled.set()
            case Pushed(frame=news) | Orphan(frame=news):
                return news
        return None

    def lose(self) -> None:
        """Let every call know that its answer will not come."""
        for request_id in self._pending.lose_connection():
            if request_id in self._waiting:
                self._waiting[request_id].acknowledged.set()
                self._waiting[request_id].settled.set()

    async def _acknowledged(self, waiting: _Waiting) -> None:
        """Wait until the game has answered in any way. Raises Interrupted."""
        with anyio.move_on_after(self.upstream.reply_timeout) as limit:
            await waiting.acknowledged.wait()
        if limit.cancelled_caught:
            raise Interrupted(f"The game did not answer within {self.upstream.reply_timeout:g} s.")

    async def _settled(self, waiting: _Waiting) -> None:
        """Wait until the call is over: one that never is would hold up all that come after it.

        Raises Interrupted.
        """
        with anyio.move_on_after(self.upstream.settle_timeout) as limit:
            await waiting.settled.wait()
        if limit.cancelled_caught:
            seconds = f"{self.upstream.settle_timeout:g} s"
            raise Interrupted(f"The game took it, but has not said within {seconds} how it ended.")
