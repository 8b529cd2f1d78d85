"""Reading feeds for a model: what is new since it last looked, waiting for it if asked."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

import anyio
from pydantic import JsonValue

from bridge.errors import BridgeError
from bridge.gateway.feeds import FeedPage, Feeds
from bridge.protocol.events import GameEvent
from bridge.protocol.tails import ECHOES
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.settings import Settings
from bridge.spec.model import GameSpec

ALL = "all"
"""The feed that every game has, with everything in it."""
DEFAULT_EVENTS = 20

Target = tuple[str, str, str]
"""A game, an account, and a feed."""


@dataclass(slots=True, eq=False)
class Reading:
    """Where the model has read up to, in every feed."""

    specs: Mapping[str, GameSpec]
    settings: Settings
    feeds: Feeds
    follow: Callable[[str, str, str], AbstractContextManager[None]]
    """Listens to an account's game, for one of its feeds, while the context is open."""
    troubles: Callable[[str, str], Sequence[str]]
    """Returns why less is heard of an account's game than was asked for."""
    _read_up_to: dict[Target, int] = field(default_factory=dict)

    async def events(self, game: str | None, wanted: Mapping[str, JsonValue]) -> Outcome:
        """Return what is new, oldest first, with the cursor for the next time."""
        feed = str(wanted.get("feed") or ALL).strip().lower()
        targets = self._targets(game, wanted.get("account"), feed)
        if not targets:
            return self._no_such_feed(game, feed)
        limit = int(str(wanted.get("limit") or DEFAULT_EVENTS))
        after = wanted.get("after")
        seconds = float(str(wanted.get("wait_seconds") or 0))
        try:
            with ExitStack() as following:
                # Where nothing is replayed, having asked once is enough to be listened to.
                if seconds or (game is not None and self.specs[game].subscriptions):
                    for each in targets:
                        following.enter_context(self.follow(*each))
                pages = await self._pages(
                    targets,
                    int(str(after)) if after is not None else None,
                    limit,
                    min(seconds, self.settings.call_budget - 1),
                )
                return _together(pages, self._notes(targets) if game is not None else ())
        except BridgeError as error:
            return Refused(code="journal", message=str(error), local=True)

    async def _pages(
        self, targets: Sequence[Target], after: int | None, limit: int, seconds: float
    ) -> Sequence[FeedPage]:
        since = after if after is not None else self._since(targets)
        pages = await self.feeds.read_together(targets, after=since, limit=limit, mark=True)
        if seconds and not any(page.events for page in pages):
            pages = await self._wait(targets, pages[0].cursor, limit, seconds)
        for target in targets:
            self._note(target, pages[0].cursor)
        return pages

    async def _wait(
        self, targets: Sequence[Target], cursor: int, limit: int, seconds: float
    ) -> list[FeedPage]:
        """Wait for news, which what we have said or done ourselves is not."""
        with anyio.move_on_after(seconds):
            seen, is_over = cursor, False
            while not is_over:
                pages = await self.feeds.wait(targets, after=seen, timeout=seconds, limit=limit)
                told = [event for page in pages for event in page.events]
                is_over = not told or not all(event.own and event.kind in ECHOES for event in told)
                seen = pages[0].cursor
        return await self.feeds.read_together(targets, after=cursor, limit=limit, mark=True)

    def _notes(self, targets: Sequence[Target]) -> tuple[str, ...]:
        return tuple(
            f"{game} {account}: {trouble}"
            for game, account, _ in targets
            for trouble in self.troubles(game, account)
        )

    def _since(self, targets: Sequence[Target]) -> int | None:
        """Return the cursor from which nothing of these feeds has been read, if all have one."""
        cursors = [self._read_up_to.get(target) for target in targets]
        known = [cursor for cursor in cursors if cursor is not None]
        return min(known) if len(known) == len(cursors) else None

    def _note(self, target: Target, cursor: int) -> None:
        """Remember how far a feed was read; whoever has read everything has read every feed."""
        game, account, feed = target
        for name in self.specs[game].feeds if feed == ALL else (feed,):
            key = (game, account, name)
            self._read_up_to[key] = max(cursor, self._read_up_to.get(key, 0))

    def _targets(self, game: str | None, account: JsonValue, feed: str) -> list[Target]:
        return [
            (name, each, feed)
            for name, spec in self.specs.items()
            if game in (None, name) and feed in spec.feeds
            for each in self.settings.accounts_of(name)
            if account in (None, each)
        ]

    def _no_such_feed(self, game: str | None, feed: str) -> Refused:
        there = {
            name for key, spec in self.specs.items() if game in (None, key) for name in spec.feeds
        }
        return Refused(
            code="unknown_feed",
            message=f"There is no feed {feed!r} for that game and account.",
            hint=f"Feeds are: {', '.join(sorted(there))}.",
            local=True,
        )


def _together(pages: Sequence[FeedPage], notes: tuple[str, ...]) -> Done:
    events: list[GameEvent] = sorted(
        (event for page in pages for event in page.events), key=lambda event: event.seq
    )
    missed = sum(page.missed for page in pages)
    result: dict[str, JsonValue] = {
        "events": [_shown(event) for event in events],
        "after": pages[0].cursor if pages else 0,
    }
    if missed:
        result["missed"] = missed
    return Done(result=result, notes=notes or (() if events else ("Nothing new.",)))


def _shown(event: GameEvent) -> JsonValue:
    return {
        "seq": event.seq,
        "game": event.game,
        "kind": event.kind,
        "at": round(event.at, 1),
        "data": dict(event.data),
    }
