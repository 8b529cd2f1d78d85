"""A page of a feed as text: a line per event, other players' words in marked blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from pydantic import JsonValue

from bridge.protocol.events import GameEvent
from bridge.server.clean import clean, defanged, marked, says_nothing, tidied
from bridge.server.needs import Page
from bridge.server.shorten import compact, shortened

_ROOM = 18_000
_ONE_EVENT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What is shown of a page."""

    text: str
    shown: int
    cursor: int
    """What to give next time: the last event that is shown."""
    missed: int

    def meta(self) -> dict[str, JsonValue]:
        """Return the figures for programs."""
        return {"game-bridge/next": self.cursor, "game-bridge/missed": self.missed}


def timeline(page: Page, *, title: str) -> Timeline:
    """Return the page as text; events that do not fit are left for the next reading."""
    lines: list[tuple[bool, str]] = []
    used = 0
    for event in page.events:
        line = _line(event)
        used += len(line) + 1
        if lines and used > _ROOM:
            break
        lines.append((event.untrusted and not is_official(event), line))
    cursor = page.cursor if len(lines) == len(page.events) else page.events[len(lines) - 1].seq
    head = f"{title}: {_count(len(lines))}. Next: after={cursor}."
    if page.missed:
        head += f" Missed: {page.missed} older events are no longer kept."
    if len(lines) < len(page.events) or page.newest > cursor:
        head += " There is more."
    text = "\n".join([head, *_blocks(lines)])
    return Timeline(text=text, shown=len(lines), cursor=cursor, missed=page.missed)


def _blocks(lines: Sequence[tuple[bool, str]]) -> list[str]:
    blocks: list[str] = []
    for untrusted, group in groupby(lines, key=lambda line: line[0]):
        text = "\n".join(line for _, line in group)
        blocks.append(marked(text) if untrusted else text)
    return blocks


def is_official(event: GameEvent) -> bool:
    """Say whether the game itself vouches for who speaks: ``empire_official`` is true.

    The game sets the member. What a player writes is text inside another one, and cannot set it.
    """
    return any(name.endswith("_official") and value is True for name, value in event.data.items())


def _line(event: GameEvent) -> str:
    word = defanged if event.untrusted else clean
    data = tidied(dict(event.data), word, prune=True)
    at = datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    whose = " (own)" if event.own else " (official)" if is_official(event) else ""
    start = f"#{event.seq} {at} {word(event.kind)}{whose}"
    if says_nothing(data):
        return start
    # One event is one line: a line feed in what somebody wrote stays an escape.
    return f"{start} {compact(shortened(data, _ONE_EVENT).value)}"


def _count(number: int) -> str:
    return f"{number or 'no'} event{'' if number == 1 else 's'}"
