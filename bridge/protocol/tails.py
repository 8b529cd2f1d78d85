"""News told from history where a game shows only the last lines of the place we are in.

There are no ids and no times: of two looks at the same place, the longest end of the older one
that is the beginning of the newer one is what both have seen, and the rest is new. That is exact
as long as fewer messages came than are shown at once; where nothing is common to both, lines were
missed, which is an event too. Lines that are said over and over can hide others like them, but
nothing is ever told twice.

The first look at a place is history, except what came after we spoke there ourselves. Lines are
other people's words: one message can spread over several lines, and imitate others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from bridge.protocol.events import NewEvent
from bridge.spec.parts import Tail
from bridge.spec.paths import dig

LINE: Final = "chat"
GAP: Final = "chat_gap"
MOVED: Final = "room_changed"
CAME: Final = "presence_came"
LEFT: Final = "presence_left"

RECENT_SECONDS: Final = 60.0
"""How old the look of another process may be to be taken on."""
MOST_KEPT: Final = 400
"""Lines that are remembered of a look."""
ECHOES: Final = frozenset({LINE, MOVED})
"""Kinds that tell us nothing new where they come from ourselves."""
MOST_TOLD: Final = 100
"""Lines that become events after one look; what came before them is a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look saw."""

    whose: str
    """What the place belongs to, such as the id of our character."""
    place: str
    lines: Sequence[str]
    present: Sequence[str] | None = None
    """Who is there; None where the game does not say."""
    at: float
    """When it was asked for, in seconds since the epoch."""

    def remembered(self) -> dict[str, JsonValue]:
        """Return the look as the next one wants it."""
        return {
            "whose": self.whose,
            "place": self.place,
            "lines": list[JsonValue](self.lines[-MOST_KEPT:]),
            "present": None if self.present is None else list[JsonValue](self.present),
            "at": self.at,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is new in a look, and whether lines before it were missed."""

    lines: Sequence[str] = ()
    gap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known before a look."""

    last: Mapping[str, JsonValue] = field(default_factory=dict)
    """The look before, as it was remembered."""
    looked: bool = False
    """This process has looked before, so the last look is good however old it is."""
    own: str | None = None
    """How our own lines begin."""
    spoken: int = 0
    """How often we have spoken since we came to this place."""


def look(tail: Tail, whose: str, beside: JsonValue, lines: JsonValue, at: float) -> Look | None:
    """Return what the two queries of a look have told, None when they make no sense."""
    place = dig(beside, tail.place)
    if not isinstance(place, str) or not isinstance(lines, list):
        return None
    present = dig(beside, tail.present) if tail.present else None
    names = [str(name) for name in present] if isinstance(present, list) else None
    return Look(whose=whose, place=place, lines=_texts(lines), present=names, at=at)


def events(tail: Tail, now: Look, known: Known) -> list[NewEvent]:
    """Return what a look tells that the look before did not."""
    told: list[NewEvent] = []
    last = known.last if _is_good(now, known) else {}
    if last and last.get("place") != now.place:
        moved: dict[str, JsonValue] = {"room": now.place, "before": last.get("place")}
        told.append(NewEvent(kind=MOVED, at=now.at, data=moved, own=True))
    if last.get("place") == now.place:
        news = new_lines(_texts(last.get("lines")), now.lines, tail.window)
    else:
        news = since_we_spoke(now.lines, known.own, known.spoken)
    told += _spoken(now, news, known.own)
    if last:
        told += _presence(now, last.get("present"))
    return told


def kept(now: Look, last: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return what is to be remembered of a look: the last one if nothing has changed since."""
    fresh, at = now.remembered(), last.get("at")
    unchanged = {**last, "at": now.at} == fresh
    recent = isinstance(at, int | float) and now.at - at <= RECENT_SECONDS / 3
    return last if unchanged and recent else fresh


def is_outdated(now: Look, last: Mapping[str, JsonValue]) -> bool:
    """Say whether somebody has looked since this look was asked for."""
    at = last.get("at")
    return isinstance(at, int | float) and at > now.at


def new_lines(old: Sequence[str], new: Sequence[str], window: int) -> News:
    """Return what ``new`` shows beyond ``old``; ``window`` messages are shown at most."""
    common = _common(old, new)
    fresh = new[common:]
    gap = bool(fresh) and common == 0 and (bool(old) or len(new) >= window)
    return News(lines=fresh, gap=gap)


def since_we_spoke(lines: Sequence[str], own: str | None, spoken: int) -> News:
    """Return what came after the first of the last ``spoken`` lines that are our own."""
    if not own or spoken < 1:
        return News()
    ours = [index for index, line in enumerate(lines) if line.startswith(own)]
    return News(lines=lines[ours[-spoken:][0] + 1 :]) if ours else News()


def _is_good(now: Look, known: Known) -> bool:
    last, at = known.last, known.last.get("at")
    if last.get("whose") != now.whose or not isinstance(at, int | float):
        return False
    return known.looked or now.at - at <= RECENT_SECONDS


def _spoken(now: Look, news: News, own: str | None) -> list[NewEvent]:
    lines = news.lines[-MOST_TOLD:]
    told: list[NewEvent] = []
    if news.gap or len(lines) < len(news.lines):
        missed: dict[str, JsonValue] = {"room": now.place, "message": "Lines before were missed."}
        told.append(NewEvent(kind=GAP, at=now.at, data=missed))
    for line in lines:
        data: dict[str, JsonValue] = {"room": now.place, "line": line}
        ours = own is not None and line.startswith(own)
        told.append(NewEvent(kind=LINE, at=now.at, data=data, own=ours, untrusted=True))
    return told


def _presence(now: Look, before: JsonValue) -> list[NewEvent]:
    if now.present is None or not isinstance(before, list):
        return []
    changes = [(CAME, name) for name in now.present if name not in before]
    changes += [(LEFT, name) for name in _texts(before) if name not in now.present]
    return [
        NewEvent(kind=kind, at=now.at, data={"name": name}, untrusted=True)
        for kind, name in changes
    ]


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many lines the longest end of ``old`` has that begins ``new``."""
    # Knuth, Morris and Pratt: a message of thousands of line breaks must not cost their square.
    borders = _borders(new)
    length = 0
    for line in old:
        while length and (length == len(new) or new[length] != line):
            length = borders[length - 1]
        if new and new[length] == line:
            length += 1
    return length


def _borders(lines: Sequence[str]) -> list[int]:
    """Return for each beginning the length of its longest proper part that begins and ends it."""
    borders = [0] * len(lines)
    length = 0
    for index in range(1, len(lines)):
        while length and lines[index] != lines[length]:
            length = borders[length - 1]
        if lines[index] == lines[length]:
            length += 1
        borders[index] = length
    return borders


def _texts(value: JsonValue) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
