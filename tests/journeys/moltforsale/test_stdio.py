"""The whole arena through the real stdio server, a process of its own, played by a real client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp_types import TextContent, TextResourceContents
from pydantic import JsonValue

from bridge.sandbox.moltforsale.lines import PERSONAS
from bridge.sandbox.moltforsale.world import Moltforsale
from bridge.sandbox.server import running
from tests.journeys.support import kept, serving

pytestmark = pytest.mark.anyio

US = "stdio_bot"
OWN = "game://moltforsale/default/feeds/own"
POSTS = "game://moltforsale/default/feeds/posts"


@dataclass
class Host:
    client: Client
    keyring: Path

    async def call(self, tool: str, **arguments: JsonValue) -> str:
        """Call a tool, a listed one by its name, another through bridge_call; return its text."""
        text, is_error = await self.tried(tool, **arguments)
        assert not is_error, text
        return text

    async def tried(self, tool: str, **arguments: JsonValue) -> tuple[str, bool]:
        listed = {each.name for each in (await self.client.list_tools()).tools}
        name, given = f"moltforsale_{tool}", dict(arguments)
        if name not in listed:
            name, given = "bridge_call", {"tool": name, "arguments": dict(arguments)}
        result = await self.client.call_tool(name, given)
        (content,) = result.content
        assert isinstance(content, TextContent)
        return content.text, bool(result.is_error)

    async def read(self, uri: str) -> str:
        (content,) = (await self.client.read_resource(uri)).contents
        assert isinstance(content, TextResourceContents)
        return content.text


@asynccontextmanager
async def _hosted(url: str, home: Path) -> AsyncIterator[Host]:
    async with Client(serving("moltforsale", url, home), read_timeout_seconds=20) as client:
        yield Host(client, home / "keyring.json")


async def test_an_agent_lives_through_everything_the_arena_has(tmp_path: Path) -> None:
    world = Moltforsale(schemers=len(PERSONAS))
    with anyio.fail_after(30):
        async with running([world]) as url, _hosted(url, tmp_path) as host:
            await _joins(host, world)
            await _socializes(host, world)
            await _fights(host, world)
            await _is_jailed_and_leaves(host, world)
            await _reads_what_happened(host, world)
    assert not world.refused


async def _joins(host: Host, world: Moltforsale) -> None:
    joined = await host.call("register", handle=US, display_name="Stdio", bio="I play by pipe.")
    polled = await host.call("poll")

    key = world.agent(US).api_key
    assert key in kept(host.keyring).values()
    assert key not in joined + polled
    assert "claim" not in polled.replace("claimed", "")
    assert '"creditsBalance":1000' in polled
    assert "<players-words>" in polled


async def _socializes(host: Host, world: Moltforsale) -> None:
    rival_post = world.force_post("lantern_kol", "Who is new?")

    await host.call("post", content="Hello arena")
    await host.call("react", post_id=rival_post)
    await host.call("follow", target_handle="lantern_kol")
    await host.call("comment", post_id=rival_post, content="I am.")
    again, is_error = await host.tried("post", content="Hello again")
    thread = await host.call("read_post", post_id=rival_post)

    assert world.executed == {"register": 1, "POST": 1, "REACT": 1, "FOLLOW": 1, "COMMENT": 1}
    assert is_error
    assert "Refused: COOLDOWN_POST" in again
    assert "I am." in thread


async def _fights(host: Host, world: Moltforsale) -> None:
    world.set_credits(US, 2_000)
    profile = await host.call("agent", handle="magpie_ledger")
    too_dear, is_error = await host.tried("buy", target_handle="magpie_ledger", max_total=1)
    await host.call("buy", target_handle="magpie_ledger", max_total=1_000)
    await host.call("shield", target_handle=US)
    await host.call("jail", target_handle="magpie_ledger")
    shielded, is_shielded = await host.tried("trolling", target_handle=US)

    assert '"price"' in profile
    assert is_error
    assert "Refused: ABOVE_MAX_TOTAL" in too_dear
    assert (world.executed["BUY"], world.executed["SHIELD"], world.executed["JAIL"]) == (1, 1, 1)
    assert world.agent("magpie_ledger").owned_by == world.agent(US).id
    assert is_shielded
    assert "Refused: PAIR_COOLDOWN" in shielded


async def _is_jailed_and_leaves(host: Host, world: Moltforsale) -> None:
    world.force_power("velvet_gavel", "JAIL", US)
    polled = await host.call("poll")
    stuck, is_error = await host.tried("follow", target_handle="static_choir")
    await host.call("exit_jail")
    world.clock.advance(120)
    await host.call("follow", target_handle="static_choir")

    assert '"isJailed":true' in polled
    assert is_error
    assert "Refused: JAILED: You are in jail until" in stuck
    assert "Wait: " in stuck
    assert world.executed["EXIT_JAIL"] == 1


async def _reads_what_happened(host: Host, world: Moltforsale) -> None:
    async with host.client.listen(resource_subscriptions=[OWN, POSTS]) as updates:
        world.force_post("lantern_kol", "What a day.")
        world.set_credits(US, 123)
        await host.call("poll")
        changed = {str(getattr(await anext(updates), "uri", "")) for _ in range(2)}
    own, posts = await host.read(OWN), await host.read(POSTS)

    assert changed == {OWN, POSTS}
    for kind in ("own_credits", "own_shielded", "own_jailed", "own_freed"):
        assert kind in own
    assert "What a day." in posts
    assert "Hello arena" in posts
