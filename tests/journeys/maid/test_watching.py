"""A host that follows a feed of MAID through the real stdio server, over an interruption."""

from pathlib import Path

import anyio
import pytest
from mcp.client.subscriptions import ResourceUpdated
from mcp_types import TextResourceContents

from bridge.sandbox.server import running
from tests.journeys.maid.hosting import Host, hosted
from tests.journeys.maid.playing import EVERYTHING, quiet_world
from tests.waiting import moment

pytestmark = pytest.mark.anyio
FIGHTS = "game://maid/default/feeds/fights"
SNAPSHOT = "game://maid/default/feeds/snapshot"


async def read(host: Host, uri: str) -> str:
    (content,) = (await host.client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    return content.text


async def test_a_feed_is_followed_over_an_interruption(tmp_path: Path) -> None:
    world = quiet_world()
    with anyio.fail_after(30):
        async with (
            running([world]) as url,
            hosted(url, tmp_path, **EVERYTHING) as host,
            host.client.listen(resource_subscriptions=[FIGHTS]) as updates,
        ):
            while not world.listeners():
                await moment()
            world.emit("combat", {"attacker_id": "a", "defender_id": "b"})
            assert await anext(updates) == ResourceUpdated(uri=FIGHTS)
            before = await read(host, FIGHTS)

            world.interrupt(1012)
            told = ""
            while "bridge.snapshot" not in told:
                told = await host.call("bridge_events", game="maid", wait_seconds=10)
            after = await read(host, FIGHTS)
            snapshot = await read(host, SNAPSHOT)

    assert "combat" in before
    assert "bridge.gap" in after
    assert "1012" in after
    assert "sync_complete" in snapshot
    assert "Town Square" in snapshot


async def test_the_guide_says_what_cannot_be_done_from_here(tmp_path: Path) -> None:
    with anyio.fail_after(30):
        async with running([quiet_world()]) as url, hosted(url, tmp_path, **EVERYTHING) as host:
            guide = await read(host, "game://maid/guide")

    assert "no way to send look, north" in guide
    assert guide.count("# MAID MUD") == 1
