"""Where a game's quirks are plugged in; most games have none.

A quirk is pure. What it must remember it keeps in a memory, a table of JSON values that belongs
to one account and is handed to every hook.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from bridge.protocol.events import NewEvent
from bridge.protocol.verdict import Done, Outcome, Refused

Memory = dict[str, JsonValue]
"""What the quirks of one account remember. It holds no secret and is kept on disk, all but what
stands under names that begin with an underscore: that is for this process only."""


SPOKEN = "_spoken"
"""The name in a memory of how often we have spoken since we came to this place: what others say
after that is news, also where nobody has looked before. A quirk counts, a poll reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call that is about to be made."""

    command: str
    arguments: Mapping[str, JsonValue]
    known: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    """The account's credentials that are no secret, such as its name, and public kept values."""
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A call that was made, and what came of it."""

    command: str
    arguments: Mapping[str, JsonValue]
    outcome: Outcome
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of an HTTP reply; names in lower case."""
    known: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    now: float
    asked: float | None = None
    """When the call was made; None where it was answered at once."""

    @property
    def asked_at(self) -> float:
        """Return when the call was made: what it tells may be as old, what it did too."""
        return self.now if self.asked is None else self.asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """When a cooldown ends, as the game tells it."""

    cooldown: str
    free_at: float
    """Seconds since the epoch, by our clock."""
    values: Mapping[str, JsonValue] = field(default_factory=dict)
    """The values it counts by, if it counts per value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What an answer taught."""

    events: tuple[NewEvent, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    notes: tuple[str, ...] = ()
    """What a model should know, one line each."""
    clock_moved: float = 0.0
    """Seconds by which our clock has moved against the game's since the last answer."""


def _as_it_is(_: str, result: JsonValue) -> JsonValue:
    return result


def _alone(frame: Mapping[str, JsonValue]) -> list[Mapping[str, JsonValue]]:
    return [frame]


def _no_objection(_: Memory, __: Asked) -> Refused | None:
    return None


def _not_known(_: Memory, __: Asked) -> Done | None:
    return None


def _nothing_first(_: Memory, __: Asked) -> list[tuple[str, Mapping[str, JsonValue]]]:
    return []


def _as_told(_: Memory, event: NewEvent) -> NewEvent:
    return event


def _as_answered(_: Memory, __: str, result: JsonValue) -> JsonValue:
    return result


def _nothing_learnt(_: Memory, __: Answered) -> Learnt:
    return Learnt()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What one game does differently from what its spec can say."""

    in_turn: bool = False
    """Acts of one account go one after the other: what one does decides about the next."""
    expand: Callable[[Mapping[str, JsonValue]], list[Mapping[str, JsonValue]]] = _alone
    """One pushed frame -> the frames that it stands for."""
    tidy: Callable[[str, JsonValue], JsonValue] = _as_it_is
    """A command and its result -> the result as a model may see it."""
    first: Callable[[Memory, Asked], list[tuple[str, Mapping[str, JsonValue]]]] = _nothing_first
    """The queries to make before a call, so that ``object`` and ``answer`` know enough.

    It is asked again when they are answered, and each query is made once.
    """
    object: Callable[[Memory, Asked], Refused | None] = _no_objection
    """Why a call cannot succeed, or must not be made; None when it may."""
    answer: Callable[[Memory, Asked], Done | None] = _not_known
    """What a call would bring, where that is known already; None when the game must be asked."""
    learn: Callable[[Memory, Answered], Learnt] = _nothing_learnt
    """Remember what an answer tells; return events and cooldowns that follow from it."""
    show: Callable[[Memory, str, JsonValue], JsonValue] = _as_answered
    """A command and its result -> what a model is shown, after everything was learnt from it."""
    retell: Callable[[Memory, NewEvent], NewEvent] = _as_told
    """An event -> the same with what is remembered, such as names in the place of ids."""


NO_QUIRKS = Quirks()
