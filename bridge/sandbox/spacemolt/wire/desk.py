"""HTTP without the network: calls in, answers out. What both versions of the API share.

A query is answered at once. A mutation gives a ``Waiting``, which whoever serves it turns into an
answer once the tick has settled it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge.sandbox.spacemolt import accounts, mischief
from bridge.sandbox.spacemolt.checking import check
from bridge.sandbox.spacemolt.engine import Settled, Ticket
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.universe import Push
from bridge.sandbox.spacemolt.wire.sessions import DEFAULT_BATCH, Session, Sessions

if TYPE_CHECKING:
    from bridge.sandbox.spacemolt.world import SpaceMolt

LARGEST_BODY = 1_000_000

_AFTER_REGISTER = ("message", "player", "ship", "system", "poi")
_SOCKET_ONLY = ("modules", "recent_chat")

UNAUTHORIZED = frozenset(
    {"not_authenticated", "session_required", "session_invalid", "session_expired"}
)
TOO_MANY = frozenset({"rate_limited", "ip_timed_out"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a client asks: a body, a session, and the address it comes from."""

    body: bytes = b""
    session_id: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a client gets; ``content`` is JSON, or text when it is a string."""

    content: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Waiting:
    """A mutation that waits for its tick, and the session that ordered it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._settled: Settled | None = None
        self._then: Callable[[Settled], None] | None = None

    def settle(self, settled: Settled) -> None:
        """Note the outcome, and pass it on if somebody asked for it."""
        self._settled = settled
        if self._then is not None:
            self._then(settled)

    def then(self, told: Callable[[Settled], None]) -> None:
        """Call back with the outcome, at once if there is one."""
        self._then = told
        if self._settled is not None:
            told(self._settled)


class Desk:
    """One version of the HTTP API: its sessions, and how its answers look."""

    def __init__(self, world: "SpaceMolt") -> None:
        self.world = world
        self.sessions = Sessions(world.game.universe)

    # How answers look; the versions differ here

    def success(
        self, result: JsonObject, session: Session | None, *, riding: bool = True
    ) -> Answer:
        """Return a result in the envelope of this version, with or without notifications."""
        around = self.around(session, riding=riding)
        return Answer(content={"result": result, **around, "error": None})

    def failure(self, refusal: GameError, session: Session | None) -> Answer:
        """Return a refusal in the envelope of this version."""
        error = refusal.as_payload()
        content = {"result": None, **self.around(session), "error": error}
        return Answer(content=content, status=status_of(refusal))

    def around(self, session: Session | None, *, riding: bool = True) -> JsonObject:
        """Return what every answer carries: waiting notifications, and the session."""
        if session is None:
            return {"notifications": [], "session": None}
        waiting = session.drain() if riding else []
        return {
            "notifications": None if self.world.faults.take("null_notifications") else waiting,
            "session": session.view(),
        }

    # What can be asked

    def open_session(self, call: Call) -> Answer:
        """Open a session."""
        session = None
        try:
            if spoilt := self.refuse_early(call):
                return spoilt
            self.world.limits.sign_in(call.address)
            session = self.sessions.create()
        except GameError as refusal:
            return self.failure(refusal, None)
        text = "Session created. Send its id as X-Session-Id with every request."
        return self.success({"message": text}, session)

    def run(self, name: str, payload: JsonObject, call: Call) -> Answer | Waiting:
        """Carry out a command; raises nothing, for every refusal is an answer."""
        session: Session | None = None
        try:
            session = self.enter(call)
            outcome = self.carry_out(name, payload, session, call)
        except GameError as refusal:
            self.world.deliver([])
            return self.failure(mischief.rephrase(self.world.faults, refusal), session)
        self.world.deliver([])
        if isinstance(outcome, Ticket):
            return self._pending(outcome, session)
        spoilt = mischief.spoil(self.world.faults, outcome)
        return self.success(spoilt, session, riding=name != "get_notifications")

    def enter(self, call: Call) -> Session:
        """Return the session of a call; raises GameError unless there is one."""
        faults = self.world.faults
        if faults.take("session_loss"):
            session = self.sessions.find(call.session_id)
            self.end(session)
            if faults.value("session_loss"):
                raise GameError("session_expired", "The session has expired.")
        return self.sessions.find(call.session_id)

    def carry_out(
        self, name: str, payload: JsonObject, session: Session, call: Call
    ) -> JsonObject | Ticket:
        """Carry out a command; raises GameError."""
        player = session.player
        match name:
            case "register" | "login":
                return self._sign_in(name, payload, session, call)
            case "logout":
                return self._logout(payload, session)
            case "get_notifications":
                return self.poll(payload, session)
            case "chat" if player is not None:
                self.world.limits.chat(player.id)
        return self.world.game.engine.accept(player, name, payload)

    def finish(self, settled: Settled, session: Session) -> Answer:
        """Return the answer to a mutation that is settled."""
        payload = dict(settled.payload)
        if not settled.succeeded:
            refusal = GameError(payload["code"], payload["message"], details=payload.get("details"))
            return self.failure(refusal, session)
        notes = {key: payload[key] for key in ("auto_docked", "auto_undocked") if key in payload}
        result = {**payload["result"], **notes}
        return self.success(mischief.spoil(self.world.faults, result), session)

    def poll(self, payload: JsonObject, session: Session) -> JsonObject:
        """Return queued notifications; raises GameError."""
        if session.player is None:
            raise GameError("not_authenticated", "You must login first.")
        arguments = check(self.world.game.engine.find("get_notifications"), payload)
        self.world.executed["get_notifications"] += 1
        return session.poll(
            limit=arguments.number("limit", DEFAULT_BATCH),
            clear=arguments.flag("clear", default=True),
            types=arguments.texts("types"),
        )

    def end(self, session: Session) -> None:
        """End a session; its player leaves with the last listener."""
        self.sessions.drop(session)
        if session.player is not None:
            self.world.leave_session(session)

    def sweep(self) -> None:
        """End the sessions that have been idle for too long."""
        for session in self.sessions.expired():
            self.end(session)

    def refuse_early(self, call: Call) -> Answer | None:
        """Return the answer to a client that is out, or that a fault sends away."""
        faults, limits = self.world.faults, self.world.limits
        if faults.take("empty_429"):
            return Answer(content="", status=429)
        if faults.take("html_429"):
            page = "<html><body><h1>429 Too Many Requests</h1></body></html>"
            return Answer(content=page, status=429, headers={"Content-Type": "text/html"})
        if faults.take("error_429"):
            return limited("Too many requests.", faults.value("error_429"))
        if faults.take("rate_limited"):
            wait = faults.value("rate_limited")
            refusal = GameError("rate_limited", "Too many requests.", wait_seconds=wait)
            return self.failure(refusal, None)
        if faults.take("ip_timeout"):
            limits.put_out(call.address, faults.value("ip_timeout"))
        try:
            limits.check_address(call.address)
        except GameError as refusal:
            return limited(refusal.message, refusal.wait_seconds or 0)
        return None

    def _pending(self, ticket: Ticket, session: Session) -> Answer | Waiting:
        if not self.world.faults.take("http_pending"):
            waiting = Waiting(session)
            self.world.hub.expect(ticket, waiting.settle)
            return waiting
        self.world.hub.expect(ticket, lambda settled: _file(settled, session))
        return self.success(
            {
                "pending": True,
                "command": ticket.command.name,
                "message": "Action pending. Resolves next tick.",
            },
            session,
        )

    def _sign_in(self, name: str, payload: JsonObject, session: Session, call: Call) -> JsonObject:
        if session.player is not None:
            raise GameError("already_authenticated", "This session is signed in already.")
        self.world.limits.sign_in(call.address)
        universe = self.world.game.universe
        arguments = check(self.world.game.engine.find(name), payload)
        register = name == "register"
        player = (accounts.register if register else accounts.login)(universe, arguments)
        returned = accounts.arrive(universe, player)
        session.player = player
        self.world.hub.listen(player.id, session)
        if returned is not None:
            session.hear(Push(player_id=player.id, kind="reconnected", data=returned))
        self.world.executed[name] += 1
        state = accounts.greeting(universe, player)
        if register:
            secret = {"password": player.password, "player_id": player.id}
            return secret | {name: state[name] for name in _AFTER_REGISTER}
        return {name: value for name, value in state.items() if name not in _SOCKET_ONLY}

    def _logout(self, payload: JsonObject, session: Session) -> JsonObject:
        if session.player is None:
            raise GameError("not_authenticated", "You must login first.")
        check(self.world.game.engine.find("logout"), payload)
        self.world.executed["logout"] += 1
        self.world.leave_session(session)
        session.player = None
        return {"message": "Everything is saved. Goodbye."}


def _file(settled: Settled, session: Session) -> None:
    push = Push(player_id=settled.ticket.player.id, kind=settled.type, data=dict(settled.payload))
    session.hear(push)


def limited(message: str, seconds: float) -> Answer:
    """Return the 429 of the limiter, whose ``error`` is a plain string."""
    wait = max(1, round(seconds))
    return Answer(
        content={"error": "rate_limited", "message": message, "retry_after": wait},
        status=429,
        headers={"Retry-After": str(wait)},
    )


def status_of(refusal: GameError) -> int:
    """Return the HTTP status of a refusal."""
    if refusal.code in UNAUTHORIZED:
        return 401
    if refusal.code == "payload_too_large":
        return 413
    return 429 if refusal.code in TOO_MANY else 400


def parse(body: bytes) -> JsonObject:
    """Return the body as an object, empty when there is none; raises GameError."""
    if len(body) > LARGEST_BODY:
        raise GameError("payload_too_large", f"At most {LARGEST_BODY} bytes.")
    if not body.strip():
        return {}
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise GameError("invalid_json", "The body is not valid JSON.") from None
    if not isinstance(payload, dict):
        raise GameError("invalid_payload", "The body must be a JSON object.")
    return payload
