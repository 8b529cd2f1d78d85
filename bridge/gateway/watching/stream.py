"""An event stream of one account: listened to from the first follower on, reopened when lost.

- Nothing is replayed. Every stretch of time that was missed is a ``bridge.gap`` in the journal,
  followed by a snapshot: the answers of the queries that the spec names for it.
- Whoever follows a feed keeps its kinds subscribed for a quarter of an hour after leaving, so that
  looking in now and then misses nothing.
- A refusal of the credential, before or after the connection was accepted, is final: it is said,
  and the next try waits for another credential. Only one that had been let in with it before tries
  a few times more: a server that is just starting refuses everybody in the same way.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import anyio
from pydantic import JsonValue

from bridge.errors import BridgeError, CredentialError, Unreachable
from bridge.gateway.identity.sessions import credentials
from bridge.gateway.services import Services
from bridge.gateway.shared.claims import Claims
from bridge.gateway.watching.stream_connection import Connection
from bridge.protocol.events import NewEvent
from bridge.protocol.render import Way
from bridge.protocol.streams import (
    REFUSED,
    SNAPSHOT,
    Hearing,
    handshake,
    missing_credential,
    stream_of,
    wanted_kinds,
)
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.upstream.websocket import Closed, Rejected, connect

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
STABLE_SECONDS = 30.0
"""How long a connection must have lasted for the waits to start small again."""
LINGER_SECONDS = 900.0
"""How long a feed that nobody follows any more is still listened to."""
LOOK_SECONDS = 5.0
"""How often it is looked whether another process has given up its part."""
SNAPSHOT_TRIES = 5
REFUSALS_BELIEVED = 5
"""After so many refused handshakes a credential that was good is taken to be so no longer."""

log = logging.getLogger(__name__)

State = Literal["closed", "opening", "open", "waiting", "elsewhere", "final"]
Ask = Callable[[str, Mapping[str, JsonValue]], Awaitable[Outcome]]
"""Makes a query of the game."""


@dataclass(slots=True, eq=False)
class Stream:
    """What one account hears from one event stream."""

    way: Way
    account: str
    services: Services
    ask: Ask
    state: State = "closed"
    final: Refused | None = None
    """Why it is not listened to until the credentials change."""
    hearing: Hearing = field(default_factory=Hearing)
    _followers: Counter[str] = field(default_factory=Counter)
    _lapses: dict[str, float] = field(default_factory=dict)
    """Feed -> until when it is listened to without a follower."""
    _claims: Claims | None = None
    _connection: Connection | None = None
    _failure: BridgeError | None = None
    _known: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    _accepted: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    """The credentials with which something was heard last."""
    _refusals: int = 0
    """Handshakes that were refused since then."""
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _gap_ended: anyio.Event = field(default_factory=anyio.Event)
    _scope: anyio.CancelScope | None = None

    def __post_init__(self) -> None:
        state = self.services.settings.state_folder
        if state.name:  # an empty path stands for no state folder, which nobody can share
            self._claims = Claims(state / "streams", self.way.spec.game.id, self.account)

    @contextmanager
    def follow(self, feed: str) -> Iterator[None]:
        """Listen to a feed's kinds while the context is open, and a while longer."""
        self._followers[feed] += 1
        self._start()
        self._change()
        try:
            yield
        finally:
            self._followers[feed] -= 1
            if not self._followers[feed]:
                del self._followers[feed]
                self._lapses[feed] = self.services.now() + LINGER_SECONDS

    def trouble(self) -> str | None:
        """Return why less than what is followed is heard, and what to do; None if all is."""
        match self.state:
            case "final" if self.final is not None:
                return f"{self.final.message} {self.final.hint}"
            case "open":
                return self._not_told(self._connection)
            case "waiting":
                return f"{self._failure} It is tried again."
            case "opening":
                return "Listening is only about to begin. What happens from then on is told."
            case _:
                return None

    def _not_told(self, connection: Connection | None) -> str | None:
        if connection is None or not connection.troubles:
            return None
        kinds, reasons = connection.troubles, sorted(set(connection.troubles.values()))
        title = self.way.spec.game.title
        return f"{title} does not tell {', '.join(kinds)}: {'; '.join(reasons)}."

    # -- Staying there ------------------------------------------------------------------

    def _start(self) -> None:
        if self._scope is None:
            self._scope = anyio.CancelScope()
            if self.final is None:
                self.state = "opening"
            self.services.start("An event stream", self._run, self._scope)

    async def _run(self, scope: anyio.CancelScope) -> None:
        try:
            with scope:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._keep_snapshots)
                    await self._stay()
                    if self._scope is scope:
                        self._scope = None  # whoever follows from here on begins anew
                    tasks.cancel_scope.cancel()
        finally:
            self.hearing.lose(self.services.now(), "the bridge stopped listening")
            if self._scope in (scope, None):
                self._is_over()

    def _is_over(self) -> None:
        self._scope = None
        if self._claims is not None:
            self._claims.hold(())
        if self.state != "final":
            self.state = "closed"

    async def _stay(self) -> None:
        """Keep a connection open as long as there is something to listen to."""
        wait = FIRST_WAIT_SECONDS
        if await self._is_still_final():
            return
        while await self._is_due():
            began = self.services.now()
            failure = await self._one_connection()
            self._connection = None
            if failure is None:
                continue
            self._failure = failure
            self.final = self._refusal(failure)
            if self.final is not None:
                await self._give_up(self.final)
                return
            lasted = self.services.now() - began > STABLE_SECONDS
            wait = FIRST_WAIT_SECONDS if lasted else wait
            self.state = "waiting"
            await self.services.sleep(wait * self.services.chance.uniform(0.5, 1.0))
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    async def _is_still_final(self) -> bool:
        """Say whether the credentials are those that were refused."""
        if self.final is None:
            return False
        try:
            known = await credentials(self.way, self.account, self.services.vault)
        except BridgeError:
            return False
        if known == self._known:
            return True
        self.final, self.state = None, "opening"
        return False

    async def _is_due(self) -> bool:
        """Wait until there is something for us to listen to; False when nobody follows."""
        while self._followed():
            now = self.services.now()
            shut_for = self.services.gates.opens_at(self.way.spec.game.id, now) - now
            if shut_for > 0:
                self._failure = Unreachable("The game has shut this address out.")
                self.state = "waiting"
                await self.services.sleep(shut_for)
            elif self._kinds():
                return True
            else:
                self.state = "elsewhere"
                await self._until_change()
        return False

    async def _one_connection(self) -> BridgeError | None:
        """Listen over one connection; return how it failed, None when nobody follows any more."""
        self.state = "opening"
        try:
            self._known = await credentials(self.way, self.account, self.services.vault)
            missing = missing_credential(self.way, self._known)
            if missing is not None:
                label = self.way.spec.credentials[missing].label
                raise CredentialError(f"There is no {label} for {self.way.spec.game.title}.")
            opening = handshake(self.way, self._known, self._kinds())
            async with connect(opening.url, headers=opening.headers) as socket:
                self._connection = connection = Connection(
                    way=self.way,
                    account=self.account,
                    services=self.services,
                    socket=socket,
                    hearing=self.hearing,
                    wanted=self._kinds,
                    change=self._until_change,
                    settled=self._settled,
                    last_told=self._last_told,
                )
                failure = await connection.hold()
        except BridgeError as error:
            return error
        if failure is not None:
            self.hearing.lose(connection.last_sign, str(failure))
        return failure

    # -- What is wanted -----------------------------------------------------------------

    def _followed(self) -> list[str]:
        now = self.services.now()
        self._lapses = {feed: until for feed, until in self._lapses.items() if until > now}
        return [*self._followers, *self._lapses]

    def _kinds(self) -> frozenset[str]:
        """Return the kinds that somebody wants and that no other process listens to."""
        wanted = wanted_kinds(self.way.spec, self._followed())
        if self._claims is None:
            return wanted
        try:
            return self._claims.hold(wanted)
        except BridgeError as error:
            log.warning("%s", error)
            return wanted

    def _change(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    async def _until_change(self) -> None:
        with anyio.move_on_after(LOOK_SECONDS):
            await self._changed.wait()

    # -- Gaps and snapshots ---------------------------------------------------------------

    def _settled(self, gaps: list[NewEvent]) -> None:
        self.state = "open"
        self._accepted, self._refusals = self._known, 0
        if gaps:
            self._gap_ended.set()

    async def _last_told(self, kinds: frozenset[str]) -> float | None:
        """Return when the newest of these was recorded, by us or another process."""
        try:
            return await self.services.feeds.told_last(self.way.spec.game.id, self.account, kinds)
        except BridgeError as error:
            log.warning("%s", error)
            return None

    async def _keep_snapshots(self) -> None:
        """After every gap, record how things stand; one that another gap overtakes is skipped."""
        source = next((each for each in self.way.spec.events if each.source == "push"), None)
        while source is not None and source.snapshot:
            await self._gap_ended.wait()
            self._gap_ended = anyio.Event()
            data = {name: await self._answer(name, each) for name, each in source.snapshot.items()}
            commands = (self.way.spec.commands[name] for name in data)
            await self._record(
                NewEvent(
                    kind=SNAPSHOT,
                    at=self.services.now(),
                    data=data,
                    own=True,
                    untrusted=any(command.untrusted for command in commands),
                )
            )

    async def _answer(self, command: str, arguments: Mapping[str, JsonValue]) -> JsonValue:
        told = ""
        for _ in range(SNAPSHOT_TRIES):
            outcome = await self.ask(command, arguments)
            if isinstance(outcome, Done):
                return outcome.result
            told = outcome.message if isinstance(outcome, Refused) else "it did not come"
            if not isinstance(outcome, Refused) or outcome.wait is None:
                break
            await self.services.sleep(outcome.wait)
        return {"not_known": told}

    async def _record(self, event: NewEvent) -> None:
        try:
            await self.services.feeds.record(self.way.spec.game.id, self.account, [event])
        except BridgeError:
            log.exception("%s could not be recorded", event.kind)

    # -- The end ----------------------------------------------------------------------------

    async def _give_up(self, final: Refused) -> None:
        """Say once that it is not listened to, and why."""
        self.state, self._scope = "final", None
        if final.code == "connection_rejected":
            data: dict[str, JsonValue] = {"reason": final.message, "next": final.hint}
            await self._record(NewEvent(kind=REFUSED, at=self.services.now(), data=data, own=True))

    def _refusal(self, failure: BridgeError) -> Refused | None:
        """Return why it must not be tried again, None if it may."""
        game = self.way.spec.game
        hint = f"Ask the player to run: game-bridge login {game.id}. Then listening begins again."
        if isinstance(failure, CredentialError):
            return Refused(code="no_credentials", message=str(failure), hint=hint, local=True)
        if isinstance(failure, Rejected):
            self._refusals += 1
            if self._known == self._accepted and self._refusals < REFUSALS_BELIEVED:
                return None
            when = "before the connection was open"
        elif isinstance(failure, Closed) and failure.code in stream_of(self.way).rejected_by:
            when = "after the connection was open"
        else:
            return None
        message = (
            f"{game.title} refused our credential {when}: {failure} It is wrong, was revoked, or "
            "may not listen."
        )
        return Refused(code="connection_rejected", message=message, hint=hint, local=True)
