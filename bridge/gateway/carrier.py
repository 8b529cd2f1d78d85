"""Carries one command of one account over the best way that is open, and brings back a verdict."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from pydantic import JsonValue

from bridge.errors import BridgeError, Interrupted, ProtocolViolation, Unreachable
from bridge.gateway.addresses import home, ways
from bridge.gateway.connections.echoes import Echoes
from bridge.gateway.connections.live import Live
from bridge.gateway.identity.permissions import Permissions
from bridge.gateway.identity.sessions import Session, Sessions
from bridge.gateway.pacing.admission import Admission
from bridge.gateway.rules import as_asked
from bridge.gateway.services import Services
from bridge.gateway.shared.budgets import Sending, Ticket
from bridge.gateway.shared.gates import NotNow
from bridge.protocol.events import NewEvent, from_reply
from bridge.protocol.identity import missing_key
from bridge.protocol.judge import Verdict, judge_frame, judge_reply
from bridge.protocol.render import Way, can_send, http_call
from bridge.protocol.session import STEP_COMMAND, Answered, Asked, answered, question
from bridge.protocol.verdict import Refused
from bridge.protocol.wire import HttpCall, HttpReply
from bridge.spec.model import Command, GameSpec, HttpUpstream, WebSocketUpstream
from bridge.spec.placeholders import MissingValue

log = logging.getLogger(__name__)

RESPITE_SECONDS = 30.0
"""How long a connection that could not be had is tried only after the other ways."""


@dataclass(slots=True, kw_only=True)
class Note:
    """What happens on the way of one call, for whoever sent it."""

    sending: Callable[[], None] = lambda: None
    """Called right before it goes out."""
    queued: Callable[[JsonValue], None] = lambda _: None
    """Called with the game's words when it has taken the call for a tick."""
    handle: str = ""
    lines: list[str] = field(default_factory=list)
    """What the bridge did by itself, for the model."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the HTTP reply that settled it."""
    invented: dict[str, JsonValue] = field(default_factory=dict, repr=False)
    """Values the bridge made up, such as a new password."""


@dataclass(slots=True, eq=False)
class Carrier:
    """The open ways of one account."""

    spec: GameSpec
    account: str
    services: Services
    ways: list[Way] = field(init=False)
    admission: Admission = field(init=False)
    retell: Callable[[Sequence[NewEvent]], Sequence[NewEvent]] = lambda events: events
    """Adds what is remembered to events that ride on replies."""
    permissions: Permissions = field(init=False)
    _sessions: dict[str, Sessions] = field(default_factory=dict)
    _lives: dict[str, Live] = field(default_factory=dict)
    _echoes: Echoes = field(default_factory=Echoes)
    _carried: dict[str, str] = field(default_factory=dict)
    """Command -> the way that carried it last."""
    _detour: str | None = None
    """The way that is used because the preferred one is not to be had."""

    def __post_init__(self) -> None:
        settings = self.services.settings
        self.ways = ways(self.spec, settings)
        self.admission = Admission(self.spec, self.services, home(self.spec, settings))
        self.permissions = Permissions(self.spec)

    async def carry(self, name: str, arguments: Mapping[str, JsonValue], note: Note) -> Verdict:
        """Send a command over the first way that is open and return what came of it.

        Raises Unreachable when no way is open, Interrupted when the answer was lost,
        ProtocolViolation, CredentialError or MissingValue.
        """
        able = [way for way in self.ways if can_send(self.spec, way.upstream, name, arguments)]
        failure: Unreachable = NotNow(self._no_way(name, arguments))
        for way in sorted(able, key=self._has_failed_lately):
            try:
                self.admission.check()
                if isinstance(way.spec.upstream[way.upstream], WebSocketUpstream):
                    verdict = await self._over_socket(way, name, arguments, note)
                else:
                    verdict = await self._over_http(way, name, arguments, note)
            except Unreachable as error:
                failure = error
            else:
                self.admission.heed(verdict)
                self._say_which_way(way, able[0], note)
                return verdict
        raise failure

    def _no_way(self, name: str, arguments: Mapping[str, JsonValue]) -> Refused:
        """Return what to say when no way that is switched on has words for a call."""
        game = self.spec.game.id
        others = [way for way in self.spec.upstream if can_send(self.spec, way, name, arguments)]
        wanted = self.services.settings.via.get(game, "what is switched on")
        return Refused(
            code="no_way",
            message=f"{wanted} cannot carry {name} with these arguments.",
            hint=f"{' and '.join(others)} can: the player starts the server without --via for that."
            if others
            else "Leave out what it does not take.",
            local=True,
        )

    def _has_failed_lately(self, way: Way) -> bool:
        """Say whether a way is worth trying only after the others."""
        live = self._lives.get(way.upstream)
        return live is not None and live.has_failed_since(self.services.now() - RESPITE_SECONDS)

    def _say_which_way(self, way: Way, preferred: Way, note: Note) -> None:
        """Tell the model once when the preferred way was not to be had, and why."""
        if way is preferred:
            self._detour = None
        elif self._detour != way.upstream:
            live = self._lives.get(preferred.upstream)
            why = live.trouble() if live is not None else f"{preferred.upstream} is not to be had."
            note.lines.append(f"Sent over {way.upstream}: {why}")
            self._detour = way.upstream

    def live(self, way: Way) -> Live:
        """Return the account's open connection for a WebSocket way, made on first need."""
        if way.upstream not in self._lives:
            pushed = partial(self._told, way.upstream)
            self._lives[way.upstream] = Live(
                way, self.account, self.services, self.admission, pushed
            )
        return self._lives[way.upstream]

    def lives(self) -> Mapping[str, Live]:
        """Return the connections that have been needed so far, by upstream."""
        return self._lives

    def unheard(self, name: str, events: Sequence[NewEvent]) -> Sequence[NewEvent]:
        """Return which of the events that a command has brought no other way has told."""
        way = self._carried.get(name, "")
        session = self._sessions[way].number() if way in self._sessions else None
        if session is None:
            return events
        news = self._echoes.news(events, way, session)
        self._told(way, news)
        return news

    def _told(self, way: str, events: Sequence[NewEvent]) -> None:
        numbers = {name: sessions.number() for name, sessions in self._sessions.items()}
        is_open = {name: number for name, number in numbers.items() if number is not None}
        self._echoes.told(events, way, is_open)

    def _heard_elsewhere(self) -> bool:
        """Say whether another process of the user writes down what the game tells."""
        return any(live.state == "elsewhere" for live in self._lives.values())

    async def start_afresh(self, *, as_another: bool = True, after: str = "") -> None:
        """Heed that the credentials have changed, to those of another account or not.

        Where a command that has changed them signs in as well, its way is signed in now.
        """
        signed_in = self.spec.commands[after].signs_in if after else None
        spared = self._carried.get(after) if signed_in else None
        for way, sessions in self._sessions.items():
            if way == spared and signed_in:
                await sessions.signed_in(signed_in)
            elif as_another:
                sessions.forget()
        for way, live in self._lives.items():
            if way == spared and signed_in:
                live.signed_in(signed_in)
            else:
                live.close()

    def public(self, known: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return what sign-ins with these credentials have kept and is no secret."""
        found: dict[str, JsonValue] = {}
        for sessions in self._sessions.values():
            found |= sessions.public(known)
        return found

    def trouble(self) -> str | None:
        """Return why the account cannot be played for now, None if it can."""
        rests = (sessions.rests() for sessions in self._sessions.values())
        return next((rest.message for rest in rests if rest is not None), None)

    async def pardon(self) -> None:
        """Let every sign-in be tried again that was refused: somebody wants it tried."""
        for way in self.ways:
            if isinstance(way.spec.upstream[way.upstream], HttpUpstream):
                await self.sessions(way).pardon()

    def stands_back(self) -> Refused | None:
        """Return why the game is not to be signed in to only for listening, None if it may be."""
        refused = (sessions.stands_back() for sessions in self._sessions.values())
        return next((each for each in refused if each is not None), None)

    async def signed_off(self) -> None:
        """Heed that the game was told good-bye: what it knew of us is over."""
        for sessions in self._sessions.values():
            await sessions.ended()

    async def leave(self) -> None:
        """Sign in no more, and tell the game good-bye where that is wanted."""
        for sessions in self._sessions.values():
            sessions.close()
        farewell = self.spec.game.farewell
        for way in self.ways if farewell else ():
            kept = self._sessions[way.upstream].kept() if way.upstream in self._sessions else {}
            if kept and farewell:
                try:
                    await self.services.http.exchange(http_call(way, farewell, {}, kept))
                    await self._sessions[way.upstream].ended()
                except BridgeError as error:
                    log.info("%s was not told good-bye: %s", self.spec.game.title, error)

    async def _over_socket(
        self, way: Way, name: str, arguments: Mapping[str, JsonValue], note: Note
    ) -> Verdict:
        command = self.spec.commands[name]
        upstream = way.spec.upstream[way.upstream]
        assert isinstance(upstream, WebSocketUpstream)
        live = self.live(way)
        refused = await live.ready(self.spec.auth_of(command))
        if refused is not None:
            return Verdict(outcome=refused, then="stop")
        note.sending()
        self._carried[name] = way.upstream
        verdict = judge_frame(
            self.spec, upstream, command, await live.call(name, arguments, note.queued)
        )
        if verdict.then == "sign_in_again":
            live.signed_out(self.spec.auth_of(command))
        return verdict

    async def _over_http(
        self, way: Way, name: str, arguments: Mapping[str, JsonValue], note: Note
    ) -> Verdict:
        command = self.spec.commands[name]
        auth = self.spec.auth_of(command)
        sessions = self.sessions(way)
        session = await sessions.session(auth)
        if isinstance(session, Refused):
            return Verdict(outcome=session, then="stop")
        missing = missing_key(self.spec, auth, session.known)
        if missing is not None:
            raise MissingValue(missing)
        known = {**session.known, **note.invented}
        if command.ask is not None and auth is not None:
            asked_for = {**known, **arguments}
            found = await self._exchanged(question(way, auth, command.ask, asked_for))
            learnt = answered(way, command.ask, found, asked_for)
            if isinstance(learnt, Verdict):
                return await self._heeded(learnt, command, sessions, session)
            known |= learnt
        call = http_call(way, name, arguments, known)
        sending = Sending(self.spec, self.account, command, self.admission.where, session.known)
        reply = await self._sent(call, sending, note)
        if isinstance(reply, Refused):
            return Verdict(outcome=reply)
        self._carried[name] = way.upstream
        events = self.unheard(name, from_reply(self.spec, reply.body, self.services.now()))
        if events and not self._heard_elsewhere():
            await self.services.feeds.record_beside(
                self.spec.game.id, self.account, self.retell(events)
            )
        asked = as_asked(command, arguments)
        verdict = judge_reply(self.spec, way.http(), asked, reply, note.handle)
        return await self._heeded(verdict, command, sessions, session)

    async def _heeded(
        self, verdict: Verdict, command: Command, sessions: Sessions, session: Session
    ) -> Verdict:
        """Draw the consequences of a verdict for who we are to the game."""
        verdict = self.permissions.heed(command, session.known, verdict)
        if verdict.then == "sign_in_again":
            auth = self.spec.auth_of(command)
            final = await sessions.lost(auth, session.generation, only=verdict.lost)
            if final is not None:
                return Verdict(outcome=final, then="stop")
        return verdict

    async def _sent(self, call: HttpCall, sending: Sending, note: Note) -> HttpReply | Refused:
        """Send a request when its key has room for it, unless the key may not do it at all."""
        refused = self.permissions.objection(sending.command, sending.known)
        if refused is not None:
            return refused
        ticket = await self._ticket(sending)
        if isinstance(ticket, Refused):
            return ticket
        try:
            self.admission.check()
            note.sending()
            reply = await self.services.http.exchange(call)
            await ticket.answered(reply)
        finally:
            await ticket.over()
        return reply

    async def _ticket(self, sending: Sending) -> Ticket | Refused:
        services = self.services
        if self.spec.game.id in services.settings.unpaced:
            return Ticket([], lambda: None)
        return await services.budgets.ticket(sending, services.now, services.sleep)

    def sessions(self, way: Way) -> Sessions:
        """Return the account's sessions over an HTTP way, made on first need."""
        if way.upstream not in self._sessions:
            state = self.services.settings.state_folder
            self._sessions[way.upstream] = Sessions(
                way,
                self.account,
                self.services.vault,
                partial(self._carry, way),
                self.services.now,
                # An empty path stands for no state folder.
                state if state.name else None,
            )
        return self._sessions[way.upstream]

    async def _carry(self, way: Way, asked: Asked) -> Answered:
        if not isinstance(asked, HttpCall):
            raise TypeError("HTTP carries requests only")
        await self.admission.enter(asked.cooldowns)
        reply = await self._exchanged(asked)
        self.admission.heed(judge_reply(self.spec, way.http(), STEP_COMMAND, reply, ""))
        return reply

    async def _exchanged(self, call: HttpCall) -> HttpReply:
        """Ask what must be known before a call can be made. Raises Unreachable."""
        try:
            return await self.services.http.exchange(call)
        except (Interrupted, ProtocolViolation) as error:
            # What became of the sign-in matters little: the call itself was not sent.
            raise Unreachable(f"Signing in failed: {error}") from error
