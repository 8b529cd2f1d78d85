from collections.abc import Mapping
from dataclasses import dataclass, field

import anyio
import mcp_types as wire
import pytest
from mcp import Client, MCPError
from mcp.client.session import IncomingMessage
from mcp.client.subscriptions import ResourceUpdated

from bridge.server.app import build_server
from bridge.server.guard import Context
from bridge.server.subscriptions import Subscriptions
from tests.waiting import PATIENCE_SECONDS, moment

from .fake_gateway import FakeGateway
from .hosts import LEGACY, MODERN, connected

# The client warns that the older era is on its way out; serving it is the point here.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning"),
]

CHAT = "game://tiny/default/feeds/chat"
CHAT_AFTER = "game://tiny/default/feeds/chat?after=0"
ACTIONS = "game://tiny/default/feeds/actions"
STATUS = "game://tiny/default/status"


@dataclass
class Mailbox:
    """What a host of the older era was told."""

    uris: list[str] = field(default_factory=list)
    arrived: anyio.Event = field(default_factory=anyio.Event)

    async def take(self, message: IncomingMessage) -> None:
        if isinstance(message, wire.ResourceUpdatedNotification):
            self.uris.append(message.params.uri)
            self.arrived.set()

    async def next(self) -> None:
        await self.arrived.wait()
        self.arrived = anyio.Event()


async def test_a_host_of_the_newer_era_hears_of_a_change() -> None:
    gateway = FakeGateway()

    async with (
        connected(gateway, MODERN) as client,
        client.listen(resource_subscriptions=[CHAT, ACTIONS]) as stream,
    ):
        await client.call_tool("tiny_chat", {})
        event = await anext(aiter(stream))

    assert event == ResourceUpdated(uri=CHAT)


async def test_a_host_of_the_older_era_hears_of_a_change() -> None:
    gateway, mailbox = FakeGateway(), Mailbox()

    with anyio.fail_after(PATIENCE_SECONDS):
        async with Client(build_server(gateway), mode=LEGACY, message_handler=mailbox.take) as host:
            await host.subscribe_resource(CHAT)
            await host.call_tool("tiny_chat", {})
            await mailbox.next()

    assert mailbox.uris == [CHAT]


async def test_a_host_that_unsubscribed_hears_nothing_more() -> None:
    gateway, mailbox = FakeGateway(), Mailbox()

    with anyio.fail_after(PATIENCE_SECONDS):
        async with Client(build_server(gateway), mode=LEGACY, message_handler=mailbox.take) as host:
            await host.subscribe_resource(CHAT)
            await host.subscribe_resource(ACTIONS)
            await host.unsubscribe_resource(CHAT)
            await host.unsubscribe_resource(CHAT)
            gateway.feeds.record("chat", {})
            gateway.feeds.record("actions", {})
            await mailbox.next()

    assert mailbox.uris == [ACTIONS]


async def test_the_same_feed_is_announced_under_each_uri_that_was_asked_for() -> None:
    gateway, mailbox = FakeGateway(), Mailbox()

    with anyio.fail_after(PATIENCE_SECONDS):
        async with Client(build_server(gateway), mode=LEGACY, message_handler=mailbox.take) as host:
            for uri in (CHAT, CHAT_AFTER, STATUS):
                await host.subscribe_resource(uri)
            gateway.feeds.record("chat", {})
            while len(mailbox.uris) < 3:
                await mailbox.next()

    assert sorted(mailbox.uris) == [CHAT, CHAT_AFTER, STATUS]


@pytest.mark.parametrize("uri", ["test://watched-resource", "game://tiny/nobody/feeds/chat"])
async def test_a_uri_that_nothing_changes_is_accepted(uri: str) -> None:
    gateway = FakeGateway()

    async with connected(gateway, LEGACY) as client:
        await client.subscribe_resource(uri)

        assert gateway.open_feeds == []


async def test_the_game_is_listened_to_while_somebody_of_the_older_era_follows() -> None:
    gateway = FakeGateway()

    async with connected(gateway, LEGACY) as client:
        await client.subscribe_resource(CHAT)
        await client.subscribe_resource(CHAT)
        during = list(gateway.open_feeds)
        await client.unsubscribe_resource(CHAT)
        after = list(gateway.open_feeds)
        await client.subscribe_resource(STATUS)

    assert during == [("tiny", "default", "chat")]
    assert after == []
    assert gateway.open_feeds == []
    assert gateway.feeds.listeners == []


async def test_the_game_is_listened_to_while_a_stream_of_the_newer_era_is_open() -> None:
    gateway = FakeGateway()

    async with connected(gateway, MODERN) as client:
        async with client.listen(resource_subscriptions=[STATUS, "test://other"]):
            during = sorted(gateway.open_feeds)
        async with client.listen(tools_list_changed=True):
            after = list(gateway.open_feeds)

    assert during == [("tiny", "default", "actions"), ("tiny", "default", "chat")]
    assert after == []


async def test_other_processes_are_heard_while_anybody_follows_anything() -> None:
    gateway = FakeGateway()

    async with connected(gateway, LEGACY) as client:
        before = gateway.feeds.following
        await client.subscribe_resource(CHAT)
        await client.subscribe_resource(ACTIONS)
        await client.call_tool("tiny_look", {})
        during = gateway.feeds.following
        await client.unsubscribe_resource(CHAT)
        await client.unsubscribe_resource(ACTIONS)
        await client.call_tool("tiny_look", {})

        assert (before, during, gateway.feeds.following) == (0, 1, 0)


async def test_a_feed_that_cannot_be_listened_to_leaves_nothing_behind() -> None:
    gateway = FakeGateway(deaf_to="actions")

    async with connected(gateway, LEGACY) as client:
        with pytest.raises(MCPError, match="went wrong inside"):
            await client.subscribe_resource(STATUS)
        await client.subscribe_resource(CHAT)

        assert gateway.open_feeds == [("tiny", "default", "chat")]


async def test_changes_in_quick_succession_are_announced_once_per_interval() -> None:
    gateway, mailbox = FakeGateway(), Mailbox()
    server = build_server(gateway, announce_every=0.2)

    with anyio.fail_after(PATIENCE_SECONDS):
        async with Client(server, mode=LEGACY, message_handler=mailbox.take) as host:
            await host.subscribe_resource(CHAT)
            began = anyio.current_time()
            for _ in range(100):
                gateway.feeds.record("chat", {})
                await moment()
            await mailbox.next()
            first = anyio.current_time() - began
            await mailbox.next()
            second = anyio.current_time() - began

    assert len(mailbox.uris) == 2
    assert first < 0.2 <= second + 0.01


async def test_a_change_is_announced_from_another_task_than_the_one_that_read_it() -> None:
    gateway, mailbox = FakeGateway(), Mailbox()

    with anyio.fail_after(PATIENCE_SECONDS):
        async with Client(build_server(gateway), mode=LEGACY, message_handler=mailbox.take) as host:
            await host.subscribe_resource(CHAT)
            gateway.feeds.record("chat", {})
            at_once = list(mailbox.uris)
            await mailbox.next()

    assert at_once == []


async def test_too_many_subscriptions_are_refused() -> None:
    uris = [f"test://{number}" for number in range(1_001)]

    async with connected(FakeGateway(), MODERN) as client:
        with pytest.raises(MCPError, match="At most 1000"):
            async with client.listen(resource_subscriptions=uris):
                pass

    async with connected(FakeGateway(), LEGACY) as client:
        for uri in uris[:-1]:
            await client.subscribe_resource(uri)
        with pytest.raises(MCPError, match="At most 1000"):
            await client.subscribe_resource(uris[-1])


@dataclass
class Request:
    """An HTTP request of a session."""

    headers: Mapping[str, str]


async def test_the_session_unheard_of_for_longest_is_forgotten(context: Context) -> None:
    gateway = FakeGateway()
    subscriptions = Subscriptions(gateway=gateway)

    for number in range(300):
        context.request = Request({"mcp-session-id": f"session-{number}"})
        await subscriptions.subscribe(context, wire.SubscribeRequestParams(uri=CHAT))
    for number in range(44, 300):
        context.request = Request({"mcp-session-id": f"session-{number}"})
        await subscriptions.unsubscribe(context, wire.UnsubscribeRequestParams(uri=CHAT))

    assert gateway.open_feeds == []
