"""Listening to games while somebody follows a feed, and not longer.

Where a game pushes, its connection is opened and kept open: an event stream by ``stream.py``, one
that carries commands too by ``live.py``. Where it does not, its query is polled: see
``polling.py``. Failures are told in the log and tried again.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

import anyio

from bridge.errors import BridgeError
from bridge.gateway.player import Player
from bridge.gateway.watching.polling import poll, silence
from bridge.gateway.watching.stream import Stream
from bridge.protocol.render import Way
from bridge.spec.model import WebSocketUpstream

log = logging.getLogger(__name__)

TRY_AGAIN_SECONDS = 30.0
LOOK_SECONDS = 1.0
"""How often it is looked whether the process that has the live connection is still there."""


@dataclass(slots=True, eq=False)
class Listening:
    """Who listens to whom."""

    _followers: Counter[tuple[str, str]] = field(default_factory=Counter)
    _scopes: dict[tuple[str, str], anyio.CancelScope] = field(default_factory=dict)
    _streams: dict[tuple[str, str], list[Stream]] = field(default_factory=dict)
    _polls: dict[tuple[str, str], dict[int, str | None]] = field(default_factory=dict)
    """Why the last polls have heard nothing, by their places in the spec."""
    _silences: dict[tuple[str, str], str | None] = field(default_factory=dict)

    @contextmanager
    def to(self, player: Player, feed: str) -> Iterator[None]:
        """Listen to a player's game, for one of its feeds, as long as the context is open."""
        key = (player.spec.game.id, player.account)
        if key not in self._streams:
            self._streams[key] = list(_streams_of(player))
            self._silences[key] = silence(player)
        with ExitStack() as streams:
            for stream in self._streams[key]:
                streams.enter_context(stream.follow(feed))
            with self._sources(player, key):
                yield

    def states(self, game: str, account: str) -> dict[str, str]:
        """Return how the event streams stand that somebody has followed."""
        streams = self._streams.get((game, account), [])
        return {each.way.upstream: each.trouble() or each.state for each in streams}

    def troubles(self, game: str, account: str) -> list[str]:
        """Return why less is heard than somebody has asked for."""
        streams = self._streams.get((game, account), [])
        reasons = [self._silences.get((game, account)), *(each.trouble() for each in streams)]
        reasons += self._polls.get((game, account), {}).values()
        return [reason for reason in reasons if reason is not None]

    @contextmanager
    def _sources(self, player: Player, key: tuple[str, str]) -> Iterator[None]:
        self._followers[key] += 1
        if self._followers[key] == 1:
            self._scopes[key] = anyio.CancelScope()
            troubles = self._polls[key] = {}
            scope = self._scopes[key]
            player.services.start("Listening to a game", _listen, player, scope, troubles)
        try:
            yield
        finally:
            self._followers[key] -= 1
            if self._followers[key] == 0:
                self._scopes.pop(key).cancel()


def _streams_of(player: Player) -> Iterator[Stream]:
    for way in player.carrier.ways:
        there = player.spec.upstream[way.upstream]
        if isinstance(there, WebSocketUpstream) and there.dialect == "event_stream":
            yield Stream(way, player.account, player.services, player.run)


async def _listen(
    player: Player, scope: anyio.CancelScope, troubles: dict[int, str | None]
) -> None:
    with scope:
        async with anyio.create_task_group() as sources:
            for way in player.carrier.ways:
                there = player.spec.upstream[way.upstream]
                if isinstance(there, WebSocketUpstream) and there.dialect == "typed_frames":
                    sources.start_soon(_keep_connected, player, way)
            for number, source in enumerate(player.spec.events):
                if source.source == "poll":
                    sources.start_soon(poll, player, source, partial(_set, troubles, number))


def _set(troubles: dict[int, str | None], number: int, trouble: str | None) -> None:
    troubles[number] = trouble


async def _keep_connected(player: Player, way: Way) -> None:
    live = player.carrier.live(way)
    auth = next(iter(player.spec.auth), None)
    while live.final is None:
        try:
            refused = await live.ready(auth)
        except BridgeError as error:
            level = logging.DEBUG if live.state == "elsewhere" else logging.INFO
            log.log(level, "%s cannot be listened to: %s", player.spec.game.id, error)
        else:
            if refused is not None:
                log.info("%s: %s", player.spec.game.id, refused.message)
        await anyio.sleep(LOOK_SECONDS if live.state == "elsewhere" else TRY_AGAIN_SECONDS)
