"""Something that changes a game, carried out by a task of its own.

Whoever called may give up waiting, or be cancelled: the act goes on, since it cannot be called
back, and its outcome becomes an event. It is sent at most once.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, assert_never

import anyio
from pydantic import JsonValue

from bridge.errors import BridgeError
from bridge.protocol.events import NewEvent
from bridge.protocol.verdict import Done, Outcome, Pending, Refused, Unknown

Phase = Literal["waiting", "sent", "queued", "over"]

BROKEN = "Something went wrong inside game-bridge; its log on stderr says what"
PROGRESS_SECONDS = 2.0
"""How long a host that waits is left without a word."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a call is, for a host that shows it."""

    message: str
    done: float
    """Grows with every report: the seconds waited so far."""
    total: float | None = None


ProgressReport = Callable[[Progress], Awaitable[None]]


@dataclass(slots=True, eq=False)
class Act:
    """One act: what was asked for, how far it is, and what came of it."""

    handle: str
    tool: str
    command: str
    arguments: Mapping[str, JsonValue]
    phase: Phase = "waiting"
    outcome: Outcome | None = None
    heard: bool = True
    """Somebody still waits for the outcome."""
    details: Mapping[str, JsonValue] = field(default_factory=dict)
    """What the game said when it queued the act."""
    over: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    _moved: anyio.Event = field(default_factory=anyio.Event)

    def sending(self) -> None:
        """Note that from now on it may have happened."""
        self.phase = "sent"

    def queued(self, payload: JsonValue) -> None:
        """Note that the game has taken it."""
        self.phase = "queued"
        self.details = payload if isinstance(payload, Mapping) else {}
        self._moved.set()

    def end(self, outcome: Outcome) -> None:
        """Note what came of it."""
        self.phase = "over"
        self.outcome = outcome
        self.over.set()
        self._moved.set()

    async def move(self) -> None:
        """Wait until it has come further than when this was last awaited."""
        await self._moved.wait()
        self._moved = anyio.Event()

    def break_down(self, error: Exception) -> None:
        """Note that something on our side went wrong; nothing happened if it was not sent yet."""
        if not isinstance(error, BridgeError):
            log.error("%s broke down", self.tool, exc_info=error)
        reason = str(error) if isinstance(error, BridgeError) else BROKEN
        if self.phase == "waiting":
            self.end(Refused(code="bridge", message=reason, local=True))
        else:
            self.end(Unknown(sent=self.command, reason=reason))

    def in_words(self) -> str:
        """Return how far it is, for a person who waits."""
        told = self.details.get("message")
        match self.phase:
            case "waiting":
                return f"{self.command} waits for an earlier action"
            case "sent":
                return f"{self.command} was sent"
            case "queued":
                return str(told) if told else f"{self.command} is queued for a tick"
            case "over":
                return f"{self.command} is over"


async def waited_for(act: Act, report: ProgressReport | None) -> None:
    """Wait until the act is over, telling the host when it is queued and every two seconds."""
    began = anyio.current_time()
    while not act.over.is_set():
        with anyio.move_on_after(PROGRESS_SECONDS):
            await act.move()
        if report is not None and not act.over.is_set():
            waited = anyio.current_time() - began
            await report(Progress(message=act.in_words(), done=round(waited, 3)))


def as_pending(act: Act, waited: float) -> Pending:
    """Return the answer to a caller for whom it takes too long."""
    game = act.tool.removesuffix(f"_{act.command}")
    return Pending(
        handle=act.handle,
        message=(
            f"{act.in_words().rstrip('.')}; it is not over after {waited:.0f} s. Its outcome will be in the "
            f"feed {game}/actions: call bridge_events to wait for it. Do not send it again."
        ),
        details=act.details,
    )


def as_event(act: Act, now: float, *, untrusted: bool | str = False) -> NewEvent:
    """Return the outcome of an act that nobody waited for, as an event of the account's own.

    It is ``untrusted`` where the command's result may carry other players' words.
    """
    data: dict[str, JsonValue] = {
        "handle": act.handle,
        "command": act.command,
        "arguments": dict(act.arguments),
    }
    kind = "action_result"
    match act.outcome:
        case Done(result=result):
            data["result"] = result
        case Refused(code=code, message=message, hint=hint):
            kind = "action_error"
            data |= {"code": code, "message": message, "next": hint}
        case Unknown(reason=reason, check=check):
            kind = "action_unknown"
            data |= {"message": reason, "check": check}
        case Pending(message=message):
            data |= {"pending": True, "message": message}
        case None:
            kind = "action_unknown"
            data["message"] = "The bridge was stopped before the outcome was known."
        case _ as never:
            assert_never(never)
    return NewEvent(
        kind=kind,
        at=now,
        data=data,
        identity=f"act:{act.handle}",
        own=True,
        untrusted=bool(untrusted),
    )
