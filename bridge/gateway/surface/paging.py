"""Lists that come in parts, under one habit: a page, or all entries up to a bound.

However a game counts (pages, or an offset), a model asks for ``page`` and ``page_size``, or for
``up_to`` so many entries, and is told the number of the next page, if there is one.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

import anyio
from pydantic import JsonValue

from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.spec.model import Command
from bridge.spec.parts import Pages
from bridge.spec.paths import dig
from bridge.spec.placeholders import names_in

PAGE, PAGE_SIZE, UP_TO, OFFSET = "page", "page_size", "up_to", "offset"

Values = Mapping[str, JsonValue]
Run = Callable[[Values], Awaitable[Outcome]]


@dataclass(slots=True)
class _Read:
    """What has been read so far."""

    size: int
    """Entries on a page."""
    entries: list[JsonValue] = field(default_factory=list)
    total: JsonValue = None
    complete: bool = False
    refused: Outcome | None = None
    notes: tuple[str, ...] = ()


async def in_pages(run: Run, command: Command, values: Values, seconds: float) -> Outcome:
    """Return the page that was asked for, or as many entries as were, within so many seconds.

    A command whose answer does not come in pages is run as it is.
    """
    if command.pages is None:
        return await run(values)
    listed = _List(run, command, command.pages, values)
    up_to = _number(values, UP_TO)
    if up_to is None:
        return await listed.one_page()
    read = _Read(size=min(up_to, command.pages.most))
    with anyio.move_on_after(seconds) as deadline:
        await listed.read_on(up_to, read)
    if not read.entries and read.refused is not None:
        return read.refused
    return listed.together(read, up_to, late=deadline.cancelled_caught)


@dataclass(frozen=True, slots=True)
class _List:
    """One list of a game."""

    run: Run
    command: Command
    pages: Pages
    values: Values

    async def one_page(self) -> Outcome:
        page = _number(self.values, PAGE) or 1
        size = _number(self.values, PAGE_SIZE) or self.pages.size
        outcome = await self.run(self._asked(page, size))
        if not isinstance(outcome, Done):
            return outcome
        entries, total = self._entries(outcome), dig(outcome.result, self.pages.total)
        result = self._told(entries, total) | {PAGE: page}
        if self._is_more(outcome):
            result["next_page"] = page + 1
        return replace(outcome, result=result)

    async def read_on(self, up_to: int, read: _Read) -> None:
        page = 0
        while len(read.entries) < up_to and not read.complete:
            page += 1
            outcome = await self.run(self._asked(page, read.size))
            if not isinstance(outcome, Done):
                read.refused = outcome
                return
            found = self._entries(outcome)
            read.entries += found
            read.total = dig(outcome.result, self.pages.total)
            read.complete = not found or not self._is_more(outcome)
            if page == 1 and found:
                # A game may give fewer at once than it was asked for: the next page begins there.
                read.size = min(read.size, len(found))
            read.notes += outcome.notes

    def together(self, read: _Read, up_to: int, *, late: bool) -> Done:
        entries = read.entries[:up_to]
        notes = read.notes
        if late or read.refused is not None:
            refused = read.refused
            reason = refused.message if isinstance(refused, Refused) else "It took too long."
            next_page = len(entries) // read.size + 1
            on = f"Read on with page {next_page} and page_size {read.size}."
            notes += (f"Only the first {len(entries)} entries. {reason} {on}",)
        return Done(result=self._told(entries, read.total), notes=notes)

    def _asked(self, page: int, size: int) -> dict[str, JsonValue]:
        asked = {name: value for name, value in self.values.items() if name != UP_TO}
        asked |= {PAGE: page, PAGE_SIZE: size}
        if OFFSET in names_in(dict(self.command.query)):
            asked[OFFSET] = (page - 1) * size
        return asked

    def _entries(self, done: Done) -> list[JsonValue]:
        found = dig(done.result, self.pages.items)
        return found if isinstance(found, list) else []

    def _is_more(self, done: Done) -> bool:
        return dig(done.result, self.pages.more) is True

    def _told(self, entries: list[JsonValue], total: JsonValue) -> dict[str, JsonValue]:
        name = self.pages.named or self.pages.items.rpartition(".")[2]
        told: dict[str, JsonValue] = {name: entries}
        return told if total is None else told | {"total": total}


def _number(values: Values, name: str) -> int | None:
    value = values.get(name)
    return value if isinstance(value, int) else None
