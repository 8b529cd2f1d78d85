"""Who wants to hear about which resource, and telling them, in both wire eras.

A host of 2026-07-28 opens a stream (``subscriptions/listen``) that ends when it goes away. An older
one sends ``resources/subscribe`` and is reached through its session, which never says goodbye; so
the sessions are kept in a list of bounded length, and the one unheard of for longest is forgotten.

The rules: feeds say that something changed, never what; a resource is announced at most once a
second, at once when it was quiet; nothing is sent from the task that read the change; and while
somebody follows a feed, the gateway is asked to listen to the game.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import anyio
import mcp_types as wire
from anyio.abc import TaskGroup
from mcp.server.session import ServerSession
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourceUpdated
from mcp.shared.exceptions import MCPError

from bridge.errors import BridgeError
from bridge.server.addresses import FeedAddress, StatusAddress, parse
from bridge.server.guard import Context, Unforeseen, contained
from bridge.server.needs import Playing

_SEND_TIMEOUT = 5.0
_MOST_SESSIONS = 256
_MOST_URIS = 1_000
_STDIO = ""


@dataclass(slots=True)
class _Follower:
    """A host of the older era and the URIs it subscribed to."""

    session: ServerSession
    uris: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Followed:
    """A URI that somebody follows."""

    changes: frozenset[tuple[str, str, str]]
    """Game, account and feed: what makes the resource another one."""
    listening: ExitStack
    """Keeps the gateway listening to the game."""
    count: int = 0


@dataclass(slots=True, kw_only=True)
class Subscriptions:
    """Serves subscriptions of both eras from one set of changes."""

    gateway: Playing
    interval: float = 1.0
    """Seconds between two announcements of the same resource, at least."""
    _bus: InMemorySubscriptionBus = field(default_factory=InMemorySubscriptionBus)
    _streams: ListenHandler = field(init=False)
    _followers: OrderedDict[str, _Follower] = field(default_factory=OrderedDict)
    _followed: dict[str, _Followed] = field(default_factory=dict)
    _dirty: set[str] = field(default_factory=set)
    _announced: dict[str, float] = field(default_factory=dict)
    _wake: anyio.Event = field(default_factory=anyio.Event)
    _tasks: TaskGroup | None = None
    _others: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    """Holds the task that hears what other processes record, while anybody follows anything."""

    def __post_init__(self) -> None:
        """Make the handler of the newer era."""
        self._streams = ListenHandler(self._bus)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Announce changes for as long as it is open."""
        stop_hearing = self.gateway.feeds.listen(self._changed)
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                tasks.start_soon(self._announce_changes)
                yield
                tasks.cancel_scope.cancel()
        finally:
            self._tasks = None
            stop_hearing()
            for key in list(self._followers):
                self._forget(key)

    async def listen(
        self, context: Context, params: wire.SubscriptionsListenRequestParams
    ) -> wire.SubscriptionsListenResult:
        """Serve one stream of the newer era until its host ends it."""
        uris = list(dict.fromkeys(params.notifications.resource_subscriptions or ()))
        if len(uris) > _MOST_URIS:
            raise MCPError(wire.INVALID_PARAMS, f"At most {_MOST_URIS} resources per stream.")
        with ExitStack() as following:
            for uri in uris:
                self._follow(uri)
                following.callback(self._release, uri)
            return await self._streams(context, params)

    async def subscribe(
        self, context: Context, params: wire.SubscribeRequestParams
    ) -> wire.EmptyResult:
        """Subscribe a host of the older era; URIs that nothing ever changes are accepted."""
        follower = self._follower(context)
        if params.uri not in follower.uris:
            if len(follower.uris) >= _MOST_URIS:
                raise MCPError(wire.INVALID_PARAMS, f"At most {_MOST_URIS} subscriptions.")
            self._follow(params.uri)
            follower.uris.add(params.uri)
        return wire.EmptyResult()

    async def unsubscribe(
        self, context: Context, params: wire.UnsubscribeRequestParams
    ) -> wire.EmptyResult:
        """End a subscription of the older era."""
        follower = self._follower(context)
        if params.uri in follower.uris:
            follower.uris.remove(params.uri)
            self._release(params.uri)
        return wire.EmptyResult()

    def _follower(self, context: Context) -> _Follower:
        headers = getattr(context.request, "headers", None) or {}
        key = headers.get("mcp-session-id", _STDIO)
        follower = self._followers.setdefault(key, _Follower(context.session))
        follower.session = context.session
        self._followers.move_to_end(key)
        if len(self._followers) > _MOST_SESSIONS:
            self._forget(next(iter(self._followers)))
        return follower

    def _forget(self, key: str) -> None:
        for uri in self._followers.pop(key).uris:
            self._release(uri)

    def _follow(self, uri: str) -> None:
        if uri not in self._followed:
            changes = self._changes(uri)
            with ExitStack() as entering:
                for change in changes:
                    entering.enter_context(self.gateway.listening(*change))
                if not self._followed and self._tasks is not None:
                    self._others = anyio.CancelScope()
                    self._tasks.start_soon(self._hear_others, self._others)
                self._followed[uri] = _Followed(changes, entering.pop_all())
        self._followed[uri].count += 1

    def _release(self, uri: str) -> None:
        followed = self._followed[uri]
        followed.count -= 1
        if followed.count == 0:
            del self._followed[uri]
            self._announced.pop(uri, None)
            self._dirty.discard(uri)
            followed.listening.close()
            if not self._followed:
                self._others.cancel()

    async def _hear_others(self, scope: anyio.CancelScope) -> None:
        with scope, suppress(BridgeError, Unforeseen):
            await contained("following the journal", self.gateway.feeds.follow())

    def _changes(self, uri: str) -> frozenset[tuple[str, str, str]]:
        address = parse(uri)
        if not isinstance(address, FeedAddress | StatusAddress):
            return frozenset()
        game, account = address.game, address.account
        if game not in self.gateway.specs or account not in self.gateway.accounts(game):
            return frozenset()
        feeds = self.gateway.specs[game].feeds
        wanted = [address.feed] if isinstance(address, FeedAddress) else list(feeds)
        return frozenset((game, account, feed) for feed in wanted if feed in feeds)

    def _changed(self, game: str, account: str, feed: str) -> None:
        change = (game, account, feed)
        changed = {uri for uri, each in self._followed.items() if change in each.changes}
        if changed - self._dirty:
            self._dirty |= changed
            self._wake.set()

    async def _announce_changes(self) -> None:
        while True:
            with anyio.move_on_after(self._quiet_for()):
                await self._wake.wait()
            self._wake = anyio.Event()
            due = anyio.current_time() - self.interval
            for uri in sorted(u for u in self._dirty if self._announced.get(u, due) <= due):
                self._dirty.discard(uri)
                self._announced[uri] = anyio.current_time()
                await self._announce(uri)

    def _quiet_for(self) -> float | None:
        """Return the seconds until the next resource may be announced; None: nothing to say."""
        times = [self._announced.get(uri, 0.0) + self.interval for uri in self._dirty]
        return max(min(times) - anyio.current_time(), 0.0) if times else None

    async def _announce(self, uri: str) -> None:
        await self._bus.publish(ResourceUpdated(uri=uri))
        for follower in list(self._followers.values()):
            if uri in follower.uris:
                # One host that does not read must not keep the others waiting.
                with anyio.move_on_after(_SEND_TIMEOUT):
                    await follower.session.send_resource_updated(uri)
