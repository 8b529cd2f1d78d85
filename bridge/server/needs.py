"""What the server needs of the layer below, in its own words.

``bridge.gateway.gateway.Gateway`` is all of this, and so is the small fake that the tests use.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Protocol

from pydantic import JsonValue

from bridge.gateway.entrance import Ask, Wanted
from bridge.gateway.surface.toolbox import Tool
from bridge.protocol.events import GameEvent
from bridge.protocol.verdict import Outcome
from bridge.spec.model import GameSpec


class Progress(Protocol):
    """How far a call that waits has come."""

    @property
    def message(self) -> str:
        """What is being waited for."""

    @property
    def done(self) -> float:
        """How much is done; grows with every report."""

    @property
    def total(self) -> float | None:
        """How much there is to do, where that is known."""


class Answer(Protocol):
    """What came of a tool call."""

    @property
    def outcome(self) -> Outcome:
        """What the game, or the bridge, said."""

    @property
    def tool(self) -> str:
        """The tool's name."""

    @property
    def untrusted(self) -> bool:
        """Whether it carries other players' words."""

    @property
    def news(self) -> Sequence[str]:
        """What is unread, one line each."""

    @property
    def wanted(self) -> Wanted | None:
        """What the player must bring, where the call lacked credentials."""


class Tools(Protocol):
    """The tools that are offered."""

    def list(self) -> Sequence[Tool]:
        """Return them in an order that never changes."""

    def find(self, name: str, /) -> Tool | None:
        """Return the offered tool of that name."""

    def nearest(self, name: str, /) -> Sequence[str]:
        """Return up to three names that were probably meant."""


class Page(Protocol):
    """Some events of a feed, in order."""

    @property
    def events(self) -> Sequence[GameEvent]:
        """The events after the cursor that was given."""

    @property
    def cursor(self) -> int:
        """What to give next time."""

    @property
    def missed(self) -> int:
        """How many events after the old cursor are gone."""

    @property
    def newest(self) -> int:
        """The seq of the newest event; above the cursor there is more to read."""


class Feeds(Protocol):
    """The recent events of every feed."""

    async def read(
        self, game: str, account: str, feed: str, /, *, after: int | None, limit: int
    ) -> Page:
        """Return the events after the cursor; the newest where no cursor is given."""

    def listen(self, listener: Callable[[str, str, str], None], /) -> Callable[[], None]:
        """Tell the listener game, account and feed whenever one changes; return how to stop."""

    async def follow(self) -> None:
        """Tell the listeners of what other processes record, until cancelled."""


class Playing(Protocol):
    """The games, the accounts, and what can be done with them."""

    @property
    def specs(self) -> Mapping[str, GameSpec]:
        """The enabled games, by id."""

    @property
    def toolbox(self) -> Tools:
        """The tools that are offered."""

    @property
    def feeds(self) -> Feeds:
        """The recent events of every feed."""

    def accounts(self, game: str, /) -> Sequence[str]:
        """Return the accounts of a game, at least one."""

    async def call(
        self,
        name: str,
        arguments: Mapping[str, JsonValue],
        /,
        *,
        report: Callable[[Progress], Awaitable[None]] | None = None,
        ask: Ask | None = None,
    ) -> Answer:
        """Do what the tool says, within 45 seconds; ``ask`` puts a question to the player."""

    async def take(self, what: Wanted, brought: Mapping[str, str], /) -> Sequence[str]:
        """Store what the player brought; return what is still missing."""

    async def status(self, game: str, account: str, /) -> Answer:
        """Return what the game says about the account now."""

    def store(self, content: JsonValue, /, *, untrusted: bool = False) -> str:
        """Keep a large result and return the handle to read it with."""

    def stored(self, result_id: str, /) -> str | None:
        """Return a kept result; None when it is gone or never was."""

    def seen(self, game: str, account: str, kind: str, prefix: str, /) -> Sequence[str]:
        """Return ids and names seen in the game that begin with ``prefix``."""

    def listening(self, game: str, account: str, feed: str, /) -> AbstractContextManager[None]:
        """While it is open, somebody follows the feed and the game is listened to."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Own every background task; leaving it closes all connections."""
