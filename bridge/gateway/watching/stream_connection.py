"""One open connection of an event stream, from its handshake to its end.

Reading, recording, asking and pinging each have a task. What was read is recorded even when the
connection is lost meanwhile; what is heard before the first acknowledgement is recorded after the
gap that ends with it.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from pydantic import JsonValue

from bridge.errors import BridgeError, Interrupted
from bridge.gateway.services import Services
from bridge.protocol.correlation import Decoded, PendingCalls, Settled, decode
from bridge.protocol.events import NewEvent, from_frame
from bridge.protocol.render import Way
from bridge.protocol.streams import Hearing, granted, part_of, stream_of, subscribe_frame
from bridge.protocol.wire import Frame
from bridge.quirks.games import quirks_of
from bridge.spec.parts import AppPing, Subscription
from bridge.upstream.websocket import Socket

MOST_CHARACTERS_WAITING = 4_000_000
"""Characters of messages that may wait to be recorded, however few messages that is."""
MOST_WAITING = 1_000
"""Messages that may wait to be recorded; then the game has to wait, or cuts us off."""
LONGEST_KEPT_TEXT = 2_000
NOBODY = "nobody followed it here"

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Answer:
    """What the game says to one of our frames."""

    come: anyio.Event = field(default_factory=anyio.Event)
    data: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(slots=True, eq=False, kw_only=True)
class Connection:
    """One open connection."""

    way: Way
    account: str
    services: Services
    socket: Socket
    hearing: Hearing
    wanted: Callable[[], frozenset[str]]
    """The kinds to listen to now."""
    change: Callable[[], Awaitable[None]]
    """Returns when ``wanted`` may have changed."""
    settled: Callable[[list[NewEvent]], None]
    """Told of the gaps that have ended, after they were recorded; of none as well."""
    last_told: Callable[[frozenset[str]], Awaitable[float | None]]
    """Returns when the newest event of some kinds was recorded by anybody, None if there is none."""
    last_sign: float = 0.0
    """When something was read last."""
    troubles: dict[str, str] = field(default_factory=dict)
    """The kinds that are wanted and not told, with the reason."""
    _asked: frozenset[str] = frozenset()
    _waiting: int = 0
    """The characters of the messages that wait to be recorded."""
    _recorded: anyio.Event = field(default_factory=anyio.Event)
    _received: int = 0
    _failure: Interrupted | None = None
    _ready: anyio.Event = field(default_factory=anyio.Event)
    _pending: PendingCalls = field(init=False)
    _answers: dict[str, _Answer] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._pending = PendingCalls(stream_of(self.way))
        self.last_sign = self.services.now()

    async def hold(self) -> Interrupted | None:
        """Listen until the connection is lost; return why, or None when nothing is wanted."""
        outbox, inbox = anyio.create_memory_object_stream[tuple[Decoded, int]](MOST_WAITING)
        async with anyio.create_task_group() as recording:
            recording.start_soon(self._record, inbox)
            async with outbox, anyio.create_task_group() as speaking:
                speaking.start_soon(self._read, outbox, speaking.cancel_scope)
                ping = stream_of(self.way).ping
                if ping is not None:
                    speaking.start_soon(self._ping, ping, speaking.cancel_scope)
                await self._stay_subscribed()
                speaking.cancel_scope.cancel()
            self._ready.set()
        return self._failure

    # -- Reading and recording --------------------------------------------------------

    async def _read(
        self, outbox: MemoryObjectSendStream[tuple[Decoded, int]], scope: anyio.CancelScope
    ) -> None:
        try:
            while True:
                message = await self.socket.receive()
                self.last_sign = self.services.now()
                self._received += 1
                decoded = decode(message)
                news = tuple(each for each in decoded.frames if self._is_news(each))
                if news or decoded.rest.strip():
                    while self._waiting > MOST_CHARACTERS_WAITING:
                        await self._recorded.wait()
                    self._waiting += len(message)
                    await outbox.send((Decoded(frames=news, rest=decoded.rest), len(message)))
        except Interrupted as error:
            self._failure = error
            scope.cancel()

    def _is_news(self, frame: Frame) -> bool:
        """Say whether a frame is no answer to one of ours; answers go where they are awaited."""
        match self._pending.receive(frame):
            case Settled(request_id=request_id):
                self._answers[request_id].data = frame.data
                self._answers[request_id].come.set()
                return False
            case _:
                return True

    async def _record(self, inbox: MemoryObjectReceiveStream[tuple[Decoded, int]]) -> None:
        """Record all that was read, as much at once as there is."""
        async with inbox:
            async for first in inbox:
                await self._ready.wait()
                messages = [first]
                while inbox.statistics().current_buffer_used:
                    messages.append(inbox.receive_nowait())
                events = [event for message, _ in messages for event in self._events(message)]
                with anyio.CancelScope(shield=True):
                    await self._tell(events)
                self._waiting -= sum(length for _, length in messages)
                self._recorded.set()
                self._recorded = anyio.Event()

    def _events(self, message: Decoded) -> list[NewEvent]:
        now, spec = self.services.now(), self.way.spec
        expand = quirks_of(spec.game.id).expand
        told = [data for each in message.frames for data in expand(each.data)]
        events = [event for data in told for event in from_frame(spec, data, now)]
        offered = {kind for part in spec.subscriptions for kind in part.kinds}
        # Some games tell more than was asked for, private talk perhaps.
        wanted = [each for each in events if each.kind in self._asked or each.kind not in offered]
        if message.rest.strip():
            # Cut short only afterwards: half a secret would not be recognised.
            shown = self.services.vault.secrets.redact(message.rest)[:LONGEST_KEPT_TEXT]
            unread: dict[str, JsonValue] = {"text": shown}
            wanted.append(NewEvent(kind="bridge.unreadable", at=now, data=unread, untrusted=True))
        return wanted

    async def _tell(self, events: list[NewEvent]) -> None:
        """Record events, after the gap that those before them have left which could not be."""
        gaps = self.hearing.unkept(self.services.now())
        try:
            game = self.way.spec.game.id
            await self.services.feeds.record(game, self.account, [*gaps, *events])
        except BridgeError:
            log.exception("events of %s could not be recorded", self.way.spec.game.id)
            self.hearing.fail_to_keep(events)
        else:
            if gaps:
                self.hearing.keep_again()
                self.settled(gaps)

    # -- Asking -------------------------------------------------------------------------

    async def _stay_subscribed(self) -> None:
        """Ask for what is wanted whenever that changes; return when nothing is."""
        try:
            while wanted := self.wanted():
                if wanted == self._asked:
                    await self.change()
                else:
                    # It may change meanwhile: look again before waiting for that.
                    await self._subscribe(wanted)
        except Interrupted:
            # Only the reader knows when everything that came before the end has been read.
            await anyio.sleep_forever()
        self.hearing.settle((), self.services.now(), NOBODY)

    async def _subscribe(self, wanted: frozenset[str]) -> None:
        before, self._asked = self._asked, wanted
        told: set[str] = set()
        asked_already = False
        for subscription in self.way.spec.subscriptions:
            part, former = part_of(subscription, wanted), part_of(subscription, before)
            # To some games what was asked for last is all that is wanted.
            if part != former or (part and asked_already):
                asked_already = True
                told |= await self._ask_for(subscription, wanted)
            else:
                told |= self.hearing.heard.intersection(part)
        unheard_of = self.hearing.unheard_of(told)
        since = await self.last_told(unheard_of) if unheard_of else None
        if since is not None:
            self.hearing.miss(unheard_of, since, "the bridge did not listen")
        gaps = self.hearing.settle(told, self.services.now(), NOBODY)
        await self._tell(gaps)
        self._ready.set()
        self.settled(gaps)

    async def _ask_for(self, subscription: Subscription, wanted: frozenset[str]) -> frozenset[str]:
        """Return the kinds of one subscription that the game will tell. Raises Interrupted."""
        asked = frozenset(part_of(subscription, wanted))
        data = await self._answer_to(subscribe_frame(subscription, wanted))
        if data is None:
            # They are in the handshake too, and an older server may not acknowledge.
            log.info("%s did not acknowledge what was subscribed to", self.way.spec.game.id)
            return asked
        told, reason = granted(subscription, wanted, data), "it did not grant it"
        if data.get("type") in stream_of(self.way).refused_by:
            told, reason = frozenset(), str(data.get("detail") or data.get("message"))
        for kind in subscription.kinds:
            self.troubles.pop(kind, None)
        self.troubles.update(dict.fromkeys(sorted(asked - told), reason))
        return told

    async def _answer_to(self, frame: dict[str, JsonValue]) -> Mapping[str, JsonValue] | None:
        """Return the answer to a frame, None when none comes. Raises Interrupted."""
        upstream = stream_of(self.way)
        request_id = f"{self.way.spec.game.id[:4]}-{next(self._ids)}"
        answer = _Answer()
        self._pending.send(request_id)
        self._answers[request_id] = answer
        try:
            await self.socket.send(json.dumps({**frame, upstream.correlation: request_id}))
            with anyio.move_on_after(upstream.reply_timeout):
                await answer.come.wait()
        finally:
            self._pending.forget(request_id)
            del self._answers[request_id]
        return answer.data if answer.come.is_set() else None

    async def _ping(self, ping: AppPing, scope: anyio.CancelScope) -> None:
        """Ping, and give the connection up when nothing at all has come since the last one."""
        received = -1
        try:
            while self._received != received:
                received = self._received
                await self.socket.send(json.dumps(ping.frame))
                await anyio.sleep(ping.every)
        except Interrupted:
            return  # the reader has noticed too
        self._failure = Interrupted("The game no longer answers.")
        scope.cancel()
