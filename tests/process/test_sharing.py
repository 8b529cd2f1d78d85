"""Two server processes of one user on one account; one of them is killed."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from bridge.sandbox.server import running
from bridge.sandbox.spacemolt.world import SpaceMolt
from tests.process.real_server import RealServer, flags, quiet_world, registered, serving
from tests.waiting import moment

pytestmark = pytest.mark.anyio

CHAT = "game://spacemolt/default/feeds/chat"
TAKE_OVER_SECONDS = 5.0


@contextlib.asynccontextmanager
async def two_servers(folder: Path) -> AsyncIterator[tuple[SpaceMolt, RealServer, RealServer]]:
    """A world, and two servers that play one account in it; the first has the connection."""
    world = quiet_world()
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(running([world]))
        account = await registered(url, "Vexnoc")
        first = await stack.enter_async_context(serving(*flags(url, folder), environment=account))
        await first.call("spacemolt_get_status")
        second = await stack.enter_async_context(serving(*flags(url, folder), environment=account))
        yield world, first, second


async def test_they_share_the_journal_and_the_connection_passes_on_when_one_is_killed(
    tmp_path: Path,
) -> None:
    async with two_servers(tmp_path) as (world, first, second):
        assert "has the live connection" in await second.call("spacemolt_get_status")
        await second.request("resources/subscribe", uri=CHAT)
        world.pilot_chats("Vexnoc", "hello both")
        await second.until_updated(CHAT)
        assert "hello both" in await second.call("bridge_events", feed="chat")
        assert "hello both" in await first.call("bridge_events", feed="chat")

        first.process.kill()
        second.notifications.clear()
        with anyio.fail_after(TAKE_OVER_SECONDS):
            while '"websocket":"open"' not in await second.call("bridge_status"):
                await moment()
        world.pilot_chats("Vexnoc", "hello heir")
        await second.until_updated(CHAT)

        read = await second.call("bridge_events", feed="chat", wait_seconds=5)
        assert "hello heir" in read
        assert "hello both" not in read


async def test_a_server_that_ends_gives_the_connection_back(tmp_path: Path) -> None:
    async with two_servers(tmp_path) as (_, first, second):
        await second.call("spacemolt_get_status")
        assert first.process.stdin is not None
        await first.process.stdin.aclose()
        with anyio.fail_after(TAKE_OVER_SECONDS):
            assert await first.process.wait() == 0

        await second.call("spacemolt_get_status")

        assert '"websocket":"open"' in await second.call("bridge_status")
