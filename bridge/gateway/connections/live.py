"""One account's open connection to a game: opened on first need, kept open, reopened when lost.

- A close with 1000 is normal (a deploy, an idle connection): it is opened again with growing,
  jittered waits, as long as somebody is to be signed in again.
- Being displaced by another client, or refused, is final: no reconnect, and it is said.
- Pushes go to the journal from the reader itself, before anybody is told.
- Calls that wait when the connection is lost are lost with it; nothing is sent again from here.
- Where a game allows one connection per account, the process that has the lease opens it. Another
  one gets the events from the journal, and tries again with each call. A connection that is final
  keeps its lease, or the next process would go on with the quarrel.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import anyio
from pydantic import JsonValue

from bridge.errors import BridgeError, Interrupted, ProtocolViolation, Unreachable
from bridge.gateway.connections.answers import Answers, OnQueued
from bridge.gateway.connections.pushed import Pushed
from bridge.gateway.identity.sessions import credentials, drive, hide
from bridge.gateway.pacing.admission import Admission
from bridge.gateway.services import Services
from bridge.gateway.shared.gates import NotNow
from bridge.gateway.shared.lease import Lease
from bridge.protocol.correlation import decode
from bridge.protocol.events import NewEvent
from bridge.protocol.judge import judge_frame
from bridge.protocol.render import Way
from bridge.protocol.session import STEP_COMMAND, Answered, Asked, SocketCall, sign_in
from bridge.protocol.verdict import Refused
from bridge.protocol.wire import Frame
from bridge.spec.model import WebSocketUpstream
from bridge.upstream.websocket import Closed, Rejected, Socket, Throttled, connect

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0
GREETING_SECONDS = 10.0
STABLE_SECONDS = 30.0
"""How long a connection must have lasted for the waits to start small again."""
QUICK_LOSSES = 4
"""So many signed-in connections in a row that did not last mean that another client fights us."""
LEASES = "connections"
"""The folder of leases in the state folder."""

log = logging.getLogger(__name__)

State = Literal["closed", "elsewhere", "opening", "open", "waiting", "final"]


@dataclass(slots=True, eq=False)
class Live:
    """The open connection of one account."""

    way: Way
    account: str
    services: Services
    admission: Admission
    pushed: Callable[[Sequence[NewEvent]], None]
    """Called with what the game has pushed, before it is recorded."""
    state: State = "closed"
    final: Refused | None = None
    """Why it will not be opened again."""
    reopenings: int = 0
    greeting: Mapping[str, JsonValue] = field(default_factory=dict)
    _answers: Answers = field(init=False)
    _news: Pushed = field(init=False)
    _lease: Lease | None = None
    _socket: Socket | None = None
    _signed_in: bool = False
    _sign_in_lock: anyio.Lock = field(default_factory=anyio.Lock)
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _hurry: anyio.Event = field(default_factory=anyio.Event)
    _scope: anyio.CancelScope | None = None
    _failure: BridgeError | None = None
    _failed_at: float = 0.0
    _auth: str | None = None
    _refused: dict[str, tuple[Mapping[str, JsonValue], Refused]] = field(
        default_factory=dict, repr=False
    )
    """Logins that were refused, with the credentials: games lock accounts that try them again."""

    def __post_init__(self) -> None:
        mark = f"{self.services.chance.getrandbits(32):08x}"
        self._answers = Answers(self.way, self._upstream(), mark)
        self._news = Pushed(self.way, self.account, self.services, self.pushed)
        state = self.services.settings.state_folder
        if self._upstream().single and state.name:
            self._lease = Lease(state / LEASES, self.way.spec.game.id, self.account)

    async def ready(self, auth: str | None) -> Refused | None:
        """Make sure that the connection is open, and signed in if an auth is named.

        Returns a refusal when the game, or a missing credential, stands in the way. Raises
        Unreachable when the connection cannot be had.
        """
        await self._opened()
        if auth is None or not self._signs_in(auth):
            return None
        async with self._sign_in_lock:
            return None if self._signed_in else await self._sign_in(auth)

    async def call(
        self, name: str, arguments: Mapping[str, JsonValue], on_queued: OnQueued
    ) -> Frame:
        """Send a command and return the frame that settles it, however long that takes.

        Raises Unreachable if nothing was sent, Interrupted if the connection was lost or nothing
        was answered in time.
        """
        socket = self._socket
        if socket is None:
            raise Unreachable("The connection to the game is not open.")
        answer = await self._answers.ask(socket, name, arguments, on_queued)
        if answer is None:
            # It was sent, so whatever has ended the connection, it may have happened.
            lost = self._failure if isinstance(self._failure, Interrupted) else None
            raise lost or Interrupted("The connection to the game was lost.")
        return answer

    def in_words(self) -> str:
        """Return how the connection is, for bridge_status."""
        if self.final is not None:
            return self.final.message
        if self.state == "elsewhere" and self._lease is not None:
            holder = self._lease.holder() or "another process"
            return f"{holder} has the live connection of this account; its events arrive here too"
        return self.state

    def trouble(self) -> str:
        """Return why the connection is not open, for whoever is sent another way."""
        if self.final is not None or self.state == "elsewhere" or self._failure is None:
            return self.in_words()
        return str(self._failure)

    def has_failed(self) -> bool:
        """Say whether the connection is not open although it was tried."""
        return self.state != "open" and self._failure is not None

    def has_failed_since(self, since: float) -> bool:
        """Say whether the connection could not be had at some time after ``since``."""
        return self.final is not None or (self.has_failed() and self._failed_at > since)

    def signed_in(self, auth: str) -> None:
        """Heed that a command has signed in to an auth; so it is again after a reconnect."""
        self._signed_in = True
        self._auth = auth

    def signed_out(self, auth: str | None) -> None:
        """Take the game's word that it does not know us, or not as whom a call wants to be known.

        The next call signs in again; where an auth has no sign-in, on a connection of its own.
        """
        if auth is not None and self._signs_in(auth):
            self._signed_in = False
        else:
            self.close()

    def close(self) -> None:
        """Close the connection, and do not open it again until it is needed."""
        self._auth = None
        if self._scope is not None:
            self._scope.cancel()
        self._forget_connection("closed")

    # -- Opening and keeping open ---------------------------------------------

    async def _opened(self) -> None:
        """Wait until the connection is open. Raises Unreachable after a try that failed."""
        if self.final is not None:
            raise Unreachable(f"{self.final.message} {self.final.hint}".strip())
        if self.state in ("closed", "elsewhere"):
            self._failure = None
            self._take_lease()
            self._become("opening")
            self._scope = anyio.CancelScope()
            self.services.start("A connection", self._keep_open, self._scope)
        tries = self.reopenings
        self._hurry.set()
        while self.state == "opening" or (self.state == "waiting" and self.reopenings == tries):
            await self._changed.wait()
        if isinstance(self._failure, NotNow) and self.state != "open":
            raise NotNow(self._failure.refused)
        if self.state != "open":
            raise Unreachable(str(self._failure or "The connection to the game is not open."))

    def _take_lease(self) -> None:
        """Get the right to open the connection. Raises Unreachable when another process has it."""
        if self._lease is not None and not self._lease.try_acquire():
            self._become("elsewhere")
            raise Unreachable(self.in_words())

    async def _keep_open(self, scope: anyio.CancelScope) -> None:
        try:
            with scope:
                await self._stay_open()
        finally:
            if scope is self._scope and self.state not in ("closed", "final"):
                self._failure = self._failure or Unreachable("The connection broke down.")
                self._forget_connection("closed")

    async def _stay_open(self) -> None:
        wait = FIRST_WAIT_SECONDS
        quick_losses = 0
        while True:
            began = self.services.now()
            self._failure = await self._one_connection()
            self._heed_wait(self._failure)
            ever_open = self.state == "open"
            held_back = isinstance(self._failure, NotNow)
            self._failed_at = 0.0 if ever_open or held_back else self.services.now()
            lasted = self.services.now() - began > STABLE_SECONDS
            self._forget_connection("waiting")
            quick_losses = 0 if lasted else quick_losses + ever_open
            if self._is_final(self._failure, quick_losses):
                self._become("final")
                return
            if self._auth is None or (not ever_open and self.reopenings == 0):
                self._become("closed")
                return
            wait = FIRST_WAIT_SECONDS if lasted else min(wait * 2, LONGEST_WAIT_SECONDS)
            await self._pause(wait * self.services.chance.uniform(0.5, 1.0))
            self.reopenings += 1
            self._become("opening")

    async def _pause(self, seconds: float) -> None:
        """Wait before the next try; a call that needs the connection cuts it short, once."""
        self._hurry = anyio.Event()
        await anyio.sleep(min(seconds, FIRST_WAIT_SECONDS))
        with anyio.move_on_after(max(0.0, seconds - FIRST_WAIT_SECONDS)):
            await self._hurry.wait()

    async def _one_connection(self) -> BridgeError:
        """Open, greet, sign in again, and read until the connection ends; return why it did."""
        try:
            await self.admission.enter(self._upstream().cooldowns)
            async with connect(self.way.base_url) as socket:
                await self._greeted(socket)
                async with anyio.create_task_group() as reading:
                    reading.start_soon(self._read, socket, reading.cancel_scope)
                    self._socket = socket
                    if await self._known_again():
                        self._become("open")
                    else:
                        reading.cancel_scope.cancel()
                return self._failure or Interrupted("The connection to the game was lost.")
        except (Unreachable, Interrupted, ProtocolViolation) as error:
            return error

    async def _greeted(self, socket: Socket) -> None:
        greeting = self._upstream().greeting
        if greeting is None:
            return
        with anyio.move_on_after(GREETING_SECONDS):
            while True:
                for each in decode(await socket.receive()).frames:
                    if each.data.get("type") == greeting:
                        payload = each.data.get("payload")
                        self.greeting = payload if isinstance(payload, Mapping) else {}
                        return
                    self._heed_refusal(each)
                    await self._news.record([each])
        raise ProtocolViolation(f"The game did not greet us within {GREETING_SECONDS:g} s.")

    def _heed_refusal(self, instead: Frame) -> None:
        """Raise Unreachable if the game said no in place of a greeting."""
        if instead.data.get("type") in self._upstream().refused_by:
            verdict = judge_frame(self.way.spec, self._upstream(), STEP_COMMAND, instead)
            self.admission.heed(verdict)
            if isinstance(verdict.outcome, Refused):
                raise NotNow(verdict.outcome)

    async def _read(self, socket: Socket, scope: anyio.CancelScope) -> None:
        try:
            while True:
                message = await socket.receive()
                try:
                    await self._take(message)
                except Exception:
                    log.exception("a message from %s could not be taken in", self.way.upstream)
        except Interrupted as error:
            self._failure = error
            scope.cancel()

    async def _take(self, message: str) -> None:
        """Sort one message's frames: answers to their calls, everything else to the journal."""
        decoded = decode(message)
        news = [each for frame in decoded.frames if (each := self._answers.take(frame)) is not None]
        await self._news.record(news, decoded.rest)

    # -- Signing in -------------------------------------------------------------

    def _signs_in(self, auth: str) -> bool:
        """Say whether an auth has a step that a socket can carry."""
        return any(step.command is not None for step in self.way.spec.auth[auth].sign_in)

    async def _sign_in(self, auth: str) -> Refused | None:
        known = await credentials(self.way, self.account, self.services.vault)
        refused = self._refused.get(auth)
        if refused is None or refused[0] != known:
            learnt = await drive(sign_in(self.way, auth, known), self._carry)
        else:
            learnt = refused[1]
        if isinstance(learnt, Refused):
            self.services.vault.doubt(self.way.spec.game.id, self.account)
            if learnt.wait is None and not learnt.local:
                self._refused[auth] = (known, learnt)
            return learnt
        hide(self.way, learnt, self.services.vault.secrets)
        self._signed_in = True
        self._auth = auth
        return None

    async def _carry(self, asked: Asked) -> Answered:
        if not isinstance(asked, SocketCall):
            raise TypeError("a socket carries commands only")
        command = self.way.spec.commands[asked.command]
        await self.admission.enter(command.cooldowns)
        answer = await self.call(asked.command, asked.arguments, lambda _: None)
        self.admission.heed(judge_frame(self.way.spec, self._upstream(), command, answer))
        return answer

    async def _known_again(self) -> bool:
        """Sign in again after a reconnect, if we were; say whether that went well."""
        if self._auth is None:
            return True
        try:
            refused = await self._sign_in(self._auth)
        except BridgeError as error:
            self._failure = error
            return False
        if refused is not None:
            self._failure = Unreachable(refused.message)
            self._auth = self._auth if refused.wait is not None else None
        return refused is None

    # -- The end of a connection --------------------------------------------------

    def _heed_wait(self, failure: BridgeError) -> None:
        """Send nothing at all for as long as the game says in place of a connection."""
        if isinstance(failure, Closed | Throttled) and failure.wait:
            until = self.services.now() + failure.wait
            self.services.gates.close(self.way.spec.game.id, until)

    def _is_final(self, failure: BridgeError, quick_losses: int) -> bool:
        if self.final is None and isinstance(failure, Rejected):
            self.final = Refused(code="connection_rejected", message=str(failure), local=True)
        if self.final is None and isinstance(failure, Closed):
            upstream = self._upstream()
            displaced = failure.code in upstream.displaced_by or any(
                words in failure.reason.lower() for words in upstream.displaced_reasons
            )
            if displaced or quick_losses >= QUICK_LOSSES:
                self.final = self._displaced()
            elif failure.code in upstream.rejected_by:
                self.final = Refused(code="connection_rejected", message=str(failure), local=True)
        return self.final is not None

    def _displaced(self) -> Refused:
        title = self.way.spec.game.title
        return Refused(
            code="displaced",
            message=f"Another client has signed in to this {title} account and took its place.",
            hint="Close the other client, then restart this server to play here again.",
            local=True,
        )

    def _forget_connection(self, state: State) -> None:
        self._socket = None
        self._signed_in = False
        self._answers.lose()
        self._become(state)

    def _become(self, state: State) -> None:
        self.state = state
        if state == "closed" and self._lease is not None:
            self._lease.release()
        self._changed.set()
        self._changed = anyio.Event()

    def _upstream(self) -> WebSocketUpstream:
        upstream = self.way.spec.upstream[self.way.upstream]
        if not isinstance(upstream, WebSocketUpstream):
            raise TypeError(f"{self.way.upstream} is not a WebSocket")
        return upstream
