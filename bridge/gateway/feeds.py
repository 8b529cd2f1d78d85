"""What the games told us, as feeds that can be read, waited for and listened to.

A feed is a named group of kinds. A reader names its cursor and gets what came after it, the next
cursor, and how much is too old to be had: it never gets an event twice and never skips one
unknowingly. A cursor is good for every feed of every game. Listeners hear which feeds changed,
after the events are on the disk.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import NoReturn

import anyio
from anyio.abc import TaskStatus
from pydantic import JsonValue

from bridge.journal import Journal, JournalError
from bridge.journal_tables import Query
from bridge.protocol.events import GameEvent, NewEvent
from bridge.spec.model import Feed, GameSpec

ResourceKey = tuple[str, str, str]
"""A game, an account, and a feed."""
Listener = Callable[[str, str, str], None]
"""Told the game, the account and the feed that changed; must neither block nor raise."""

ASIDE = frozenset({"bridge.*", "bridge.gap", "bridge.refused"})
"""What the bridge says of itself: it stands in many feeds, and is no news from the game."""

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """What a read of a feed gives."""

    events: Sequence[GameEvent]
    """Oldest first."""
    cursor: int
    """Where to read on."""
    missed: int
    """How many events after the old cursor are too old to be had."""
    newest: int
    """The seq of the feed's newest event, 0 for none; above the cursor there is more to read."""


class Feeds:
    """The feeds of all games, on top of the journal that all processes share.

    A feed that the game does not have raises ``KeyError``; every asynchronous method raises
    ``JournalError`` when the journal cannot be used.
    """

    def __init__(
        self,
        journal: Journal,
        specs: Mapping[str, GameSpec],
        *,
        redact: Callable[[JsonValue], JsonValue] = lambda value: value,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        """``redact`` cuts secrets out of an event's data before it is stored."""
        self._journal = journal
        self._specs = specs
        self._redact = redact
        self._sleep = sleep
        self._listeners: dict[object, Listener] = {}
        self._read_upto: dict[ResourceKey, int] = {}
        self._began: int | None = None
        self._told: set[int] | None = None

    async def record(self, game: str, account: str, events: Sequence[NewEvent]) -> list[GameEvent]:
        """Store the events, then tell the listeners; return those that are new."""
        await self._begin()
        new = await self._journal.append(game, account, [self._redacted(each) for each in events])
        if self._told is not None:
            self._told.update(event.seq for event in new)
        self._tell(game, account, {event.kind for event in new})
        return new

    async def record_beside(self, game: str, account: str, events: Sequence[NewEvent]) -> None:
        """Store what came with an answer; the answer counts even where that cannot be stored."""
        try:
            await self.record(game, account, events)
        except JournalError as error:
            _log.warning("Events of %s are lost. %s", game, error)

    async def read(
        self,
        game: str,
        account: str,
        feed: str,
        *,
        after: int | None = None,
        limit: int = 100,
        mark: bool = False,
    ) -> FeedPage:
        """Return up to ``limit`` events after the cursor; the newest where no cursor is given.

        With ``mark`` they no longer count as unread.
        """
        target = (game, account, feed)
        return (await self.read_together([target], after=after, limit=limit, mark=mark))[0]

    async def read_together(
        self,
        targets: Sequence[ResourceKey],
        *,
        after: int | None = None,
        limit: int = 100,
        mark: bool = False,
    ) -> list[FeedPage]:
        """Read several feeds at one moment; all pages have the same next cursor."""
        await self._begin()
        queries = [self._query(target, after, limit) for target in targets]
        pages = await self._journal.read(queries)
        full = [page.events[-1].seq if page.events else after or 0 for page in pages if page.more]
        cursor = min(full, default=max((page.position for page in pages), default=0))
        if full and len(pages) > 1:
            # No page may run ahead of one that is full, or the common cursor would skip events.
            pages = await self._journal.read([replace(query, upto=cursor) for query in queries])
        if mark:
            self._mark(targets, cursor)
        return [
            FeedPage(events=page.events, cursor=cursor, missed=page.missed, newest=page.newest)
            for page in pages
        ]

    async def wait(
        self,
        targets: Sequence[ResourceKey],
        *,
        after: int | None,
        timeout: float,  # noqa: ASYNC109 - what there is by then is returned, not given up
        limit: int = 100,
    ) -> list[FeedPage]:
        """Wait until one of the feeds has an event after the cursor, then read them together.

        Without a cursor, only what comes from now on counts. All pages are empty when nothing came.
        """
        cursor = await self._journal.position() if after is None else after
        queries = [self._query(target, cursor, 0) for target in targets]

        async def is_news() -> bool:
            return any(page.newest > cursor for page in await self._journal.read(queries))

        with anyio.move_on_after(timeout):
            await self._journal.until(is_news)
        return await self.read_together(targets, after=cursor, limit=limit)

    async def told_last(self, game: str, account: str, kinds: Collection[str]) -> float | None:
        """Return when the newest event of these kinds was told, None if none is kept."""
        newest = await self._journal.latest(game, account, kinds=list(kinds), limit=1)
        return newest[-1].at if newest else None

    async def unread(self, game: str, account: str) -> Mapping[str, int]:
        """Return for each feed how many events have come since it was last read and marked.

        What came before this process first used its feeds does not count, and neither does what is
        too old to be had, nor what the bridge says of itself in every feed, such as a gap.
        """
        began = await self._begin()
        targets = [(game, account, feed) for feed in self._feeds_of(game)]
        queries = [self._query(each, self._read_upto.get(each, began), 0) for each in targets]
        news = [replace(each, kinds=[k for k in each.kinds if k not in ASIDE]) for each in queries]
        pages = await self._journal.read(news)
        return {feed: page.more for (_, _, feed), page in zip(targets, pages, strict=True)}

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell the listener of every change from now on; return how to stop that."""
        token = object()
        self._listeners[token] = listener

        def stop() -> None:
            self._listeners.pop(token, None)

        return stop

    async def follow(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> NoReturn:
        """Tell the listeners of what other processes record from now on, until cancelled.

        It looks into the journal about twice a second, so begin when somebody wants to know.
        """
        said = ""
        while True:
            try:
                seq = await self._journal.position()
                task_status.started()
                task_status = anyio.TASK_STATUS_IGNORED
                await self._follow(seq)
            except JournalError as error:
                if str(error) != said:
                    said = str(error)
                    _log.warning(said)
                await self._sleep(_RETRY_SECONDS)
            finally:
                self._told = None

    async def _follow(self, seq: int) -> NoReturn:
        told: set[int] = set()
        self._told = told

        async def is_news() -> bool:
            return await self._journal.position() > seq

        while True:
            await self._journal.until(is_news)
            changes = await self._journal.changes(seq)
            seq = changes[-1].seq if changes else await self._journal.position()
            changed: dict[tuple[str, str], set[str]] = {}
            for change in changes:
                if change.seq not in told:
                    changed.setdefault((change.game, change.account), set()).add(change.kind)
            told -= {each for each in told if each <= seq}
            for (game, account), kinds in changed.items():
                self._tell(game, account, kinds)

    async def _begin(self) -> int:
        if self._began is None:
            self._began_at(await self._journal.position())
        return self._began or 0

    def _began_at(self, position: int) -> None:
        # Of several that ask at once the first one counts: what came since then is unread.
        if self._began is None:
            self._began = position

    def _redacted(self, event: NewEvent) -> NewEvent:
        data = self._redact(dict(event.data))
        kind = str(self._redact(event.kind))
        return replace(event, kind=kind, data=data if isinstance(data, dict) else {"value": data})

    def _feeds_of(self, game: str) -> Mapping[str, Feed]:
        spec = self._specs.get(game)
        return {} if spec is None else spec.feeds

    def _query(self, target: ResourceKey, after: int | None, limit: int) -> Query:
        game, account, name = target
        feed = self._specs[game].feeds[name]
        # The journal keeps so many of each kind: within that there are no holes.
        window = min(feed.keep, self._journal.retention.keep)
        return Query(
            game=game, account=account, kinds=feed.kinds, after=after, limit=limit, window=window
        )

    def _mark(self, targets: Sequence[ResourceKey], cursor: int) -> None:
        """Count as read what these feeds hold, in the other feeds too that hold nothing else."""
        for game, account, name in targets:
            feeds = self._feeds_of(game)
            for other, feed in feeds.items():
                if all(_is_wanted(kind, feeds[name].kinds) for kind in feed.kinds):
                    key = (game, account, other)
                    self._read_upto[key] = max(cursor, self._read_upto.get(key, 0))

    def _tell(self, game: str, account: str, kinds: Iterable[str]) -> None:
        for name, feed in self._feeds_of(game).items():
            if any(_is_wanted(kind, feed.kinds) for kind in kinds):
                for listener in list(self._listeners.values()):
                    listener(game, account, name)


def _is_wanted(kind: str, patterns: Sequence[str]) -> bool:
    """Say whether the kind, or all that a pattern stands for, is among the patterns."""
    return any(fnmatchcase(kind, pattern) for pattern in patterns)
