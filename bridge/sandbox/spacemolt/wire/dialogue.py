"""One WebSocket conversation, without the socket: frames in, frames out.

The rules are those of the game's document, sections "Message Format" and "Authentication Flow":
direct replies echo ``request_id``, pushes never do; an id of more than 128 characters is refused
and not echoed; ``register`` answers ``registered`` with the id and then ``logged_in`` without;
``login`` answers ``logged_in`` with it, perhaps after a ``reconnected`` without.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bridge.sandbox.spacemolt import accounts, mischief
from bridge.sandbox.spacemolt.checking import check
from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.engine import Settled, Ticket
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.universe import Push

if TYPE_CHECKING:
    from bridge.sandbox.spacemolt.state.players import Player
    from bridge.sandbox.spacemolt.world import SpaceMolt

LONGEST_REQUEST_ID = 128
GOING_AWAY = "server going away"


class Kind(Enum):
    """What a frame is: an answer to a command, the outcome of a mutation, or neither."""

    REPLY = "reply"
    OUTCOME = "outcome"
    PUSH = "push"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A frame to send."""

    frame: JsonObject
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Close the connection properly."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Cut the connection without a word."""


Output = Send | Close | Cut


class Dialogue:
    """What one connection has said and is told."""

    def __init__(self, world: "SpaceMolt", address: str, emit: Callable[[Output], None]) -> None:
        self._world = world
        self._address = address
        self._emit = emit
        self.player: Player | None = None
        self.last_heard = world.clock.now()

    def open(self) -> None:
        """Greet, or refuse an address that is out."""
        try:
            self._world.limits.check_address(self._address)
        except GameError as refusal:
            self._send("error", refusal.as_payload())
            self._emit(Close(code=1000, reason=refusal.code))
            return
        self._send("welcome", welcome(self._world))

    def receive(self, text: str) -> None:
        """Take one frame from the client."""
        self.last_heard = self._world.clock.now()
        request_id: str | None = None
        try:
            message = _parse(text)
            request_id = _request_id(message)
            self._carry_out(message, request_id)
        except GameError as refusal:
            answer = mischief.rephrase(self._world.faults, refusal)
            self._send("error", answer.as_payload(), request_id, kind=Kind.REPLY)
        self._world.deliver([])

    def hear(self, push: Push) -> None:
        """Pass on something that the player is told."""
        self._send(push.kind, push.data)

    def leave(self) -> None:
        """Note that the connection is gone."""
        player, self.player = self.player, None
        if player is not None:
            self._world.sign_off(player, self)

    def replaced(self) -> None:
        """Close, because the account signed in elsewhere."""
        self.player = None
        later = self._world.faults.take("displaced")
        code, reason = (4001, "session_replaced") if later else (1000, "connected elsewhere")
        self._emit(Close(code=code, reason=reason))

    def close(self, code: int, reason: str) -> None:
        """Close from the server's side."""
        self._emit(Close(code=code, reason=reason))

    def _carry_out(self, message: JsonObject, request_id: str | None) -> None:
        faults = self._world.faults
        name, payload = _command_of(message)
        if self._breaks_off():
            return
        self._world.limits.check_address(self._address)
        if faults.take("session_loss"):
            self.leave()
        if faults.take("rate_limited"):
            wait = faults.value("rate_limited")
            raise GameError("rate_limited", "Too many requests.", wait_seconds=wait)
        match name:
            case "register" | "login":
                self._sign_in(name, payload, request_id)
            case "logout":
                self._logout(payload, request_id)
            case "get_notifications" | "agentlogs":
                raise GameError("unknown_command", f"{name} is for HTTP; here events are pushed.")
            case _:
                self._command(name, payload, request_id)

    def _breaks_off(self) -> bool:
        faults = self._world.faults
        if mischief.strikes(faults, "drop_connection", value=mischief.BEFORE):
            self._emit(Cut())
            return True
        if mischief.strikes(faults, "close_1000", value=0):
            self._emit(Close(code=1000, reason=GOING_AWAY))
            return True
        if faults.take("close_4003"):
            reason = f"rate_limited retry_after={faults.value('close_4003'):.0f}"
            self._emit(Close(code=4003, reason=reason))
            return True
        if self.player is not None and faults.take("displaced"):
            self._emit(Close(code=4001, reason="session_replaced"))
            return True
        if faults.take("ip_timeout"):
            self._world.limits.put_out(self._address, faults.value("ip_timeout"))
        return False

    def _command(self, name: str, payload: JsonObject, request_id: str | None) -> None:
        player = self.player
        if name == "chat" and player is not None:
            self._world.limits.chat(player.id)
        outcome = self._world.game.engine.accept(player, name, payload)
        if not isinstance(outcome, Ticket):
            self._reply("ok", outcome, request_id)
            return
        self._world.hub.expect(outcome, lambda settled: self._settle(settled, request_id))
        pending = {
            "pending": True,
            "command": name,
            "message": f"{name} is queued for the next tick.",
        }
        self._reply("ok", pending, request_id)

    def _settle(self, settled: Settled, request_id: str | None) -> None:
        faults = self._world.faults
        if mischief.strikes(faults, "drop_connection", value=mischief.AT_TICK):
            self._emit(Cut())
        elif not faults.take("drop_result"):
            self._send(settled.type, settled.payload, request_id, kind=Kind.OUTCOME)

    def _sign_in(self, name: str, payload: JsonObject, request_id: str | None) -> None:
        if self.player is not None:
            raise GameError("already_authenticated", "You are signed in on this connection.")
        self._world.limits.sign_in(self._address)
        arguments = check(self._world.game.engine.find(name), payload)
        universe = self._world.game.universe
        if name == "register":
            player = accounts.register(universe, arguments)
            self._world.sign_on(player, self)
            registered = {"password": player.password, "player_id": player.id}
            self._reply("registered", registered, request_id)
            self._send("logged_in", accounts.greeting(universe, player))
        else:
            player = accounts.login(universe, arguments)
            returned = self._world.sign_on(player, self)
            if returned is not None:
                self._send("reconnected", returned)
            self._reply("logged_in", accounts.greeting(universe, player), request_id)
        self.player = player
        self._world.executed[name] += 1

    def _logout(self, payload: JsonObject, request_id: str | None) -> None:
        if self.player is None:
            raise GameError("not_authenticated", "You must login first.")
        check(self._world.game.engine.find("logout"), payload)
        self._world.executed["logout"] += 1
        self._reply("ok", {"message": "Everything is saved. Goodbye."}, request_id)
        self.leave()
        self._emit(Close(code=1000, reason="logout"))

    def _reply(self, name: str, payload: JsonObject, request_id: str | None) -> None:
        if mischief.strikes(self._world.faults, "drop_connection", value=mischief.AFTER):
            self._emit(Cut())
            return
        spoilt = mischief.spoil(self._world.faults, payload)
        self._send(name, spoilt, request_id, kind=Kind.REPLY)

    def _send(
        self,
        name: str,
        payload: JsonObject,
        request_id: str | None = None,
        *,
        kind: Kind = Kind.PUSH,
    ) -> None:
        frame: JsonObject = {"type": name, "payload": payload}
        if request_id is not None:
            frame["request_id"] = request_id
        self._emit(Send(frame=frame, kind=kind))


def welcome(world: "SpaceMolt") -> JsonObject:
    """Return what every connection is greeted with."""
    newest = read("releases")["releases"][0]
    return {
        "version": newest["version"],
        "release_date": newest["date"],
        "release_notes": newest["notes"],
        "tick_rate": world.tick_seconds,
        "current_tick": world.game.universe.tick,
        "server_time": int(world.clock.now()),
        "motd": "This is a simulation for trying things out.",
        "game_info": "A small simulated galaxy that speaks the protocol of SpaceMolt.",
        "website": "https://www.spacemolt.com",
        "help_text": "Register or login, then try get_status and help.",
        "terms": "Nothing here is real, and nothing is kept.",
    }


def _parse(text: str) -> JsonObject:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise GameError("invalid_json", "That is not valid JSON.") from None
    if not isinstance(message, dict):
        raise GameError("invalid_payload", "A message must be a JSON object.")
    return message


def _command_of(message: JsonObject) -> tuple[str, JsonObject]:
    name, payload = message.get("type"), message.get("payload")
    if not isinstance(name, str):
        raise GameError("invalid_payload", "type is required and must be a string.")
    if payload is not None and not isinstance(payload, dict):
        raise GameError("invalid_payload", "payload must be an object.")
    return name, payload or {}


def _request_id(message: JsonObject) -> str | None:
    request_id = message.get("request_id")
    if request_id is None:
        return None
    if not isinstance(request_id, str) or len(request_id) > LONGEST_REQUEST_ID:
        raise GameError(
            "invalid_request_id",
            f"request_id must be a string of at most {LONGEST_REQUEST_ID} characters.",
        )
    return request_id
