"""A newcomer's game through the real stdio server, a process of its own, over each way."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp_types import TextContent, TextResourceContents
from pydantic import JsonValue

from bridge.sandbox.server import running
from tests.journeys.spacemolt.table import TICK_SECONDS, WAYS
from tests.journeys.spacemolt.watched import Watched
from tests.journeys.support import kept, serving

pytestmark = pytest.mark.anyio

CHAT = "game://spacemolt/default/feeds/chat"


@dataclass
class Host:
    client: Client
    home: Path
    heard: str = ""
    """Everything that the model has read."""

    async def call(self, tool: str, **arguments: JsonValue) -> str:
        """Call a tool and return its text; it must not be an error."""
        text, is_error = await self.tried(tool, **arguments)
        assert not is_error, text
        return text

    async def tried(self, tool: str, **arguments: JsonValue) -> tuple[str, bool]:
        name = tool if tool.startswith("bridge_") else f"spacemolt_{tool}"
        result = await self.client.call_tool(name, dict(arguments))
        (content,) = result.content
        assert isinstance(content, TextContent)
        self.heard += content.text
        return content.text, bool(result.is_error)

    async def read(self, uri: str) -> str:
        (content,) = (await self.client.read_resource(uri)).contents
        assert isinstance(content, TextResourceContents)
        self.heard += content.text
        return content.text

    def password(self) -> str:
        return next(
            value
            for name, value in kept(self.home / "keyring.json").items()
            if name.endswith("password")
        )


@asynccontextmanager
async def hosted(url: str, home: Path, way: str) -> AsyncIterator[Host]:
    flags = ("--via", f"spacemolt={way}", "--tools", "all")
    server = serving("spacemolt", url, home, *flags)
    async with Client(server, read_timeout_seconds=20) as client:
        yield Host(client, home)


@pytest.mark.parametrize("way", WAYS)
async def test_a_newcomer_plays_and_comes_back(tmp_path: Path, way: str) -> None:
    world = Watched(tick_seconds=TICK_SECONDS)
    with anyio.fail_after(40):
        async with running([world]) as url:
            async with hosted(url, tmp_path, way) as host:
                await joins(host)
                await earns(host)
                await is_spoken_to(host, world)
                assert host.password() not in host.heard
            async with hosted(url, tmp_path, way) as host:
                status = await host.call("get_status")
                assert "Tester" in status
                assert "over here" in await host.read(CHAT)
                assert host.password() not in host.heard
    sessions = {each.session for each in world.requests} - {""}
    assert not any(session in host.heard for session in sessions)
    assert {each.way for each in world.requests} == {way}
    assert world.executed["register"] == 1
    assert world.executed["mine"] == 3
    assert world.executed["sell"] == 1


async def joins(host: Host) -> None:
    refused, is_error = await host.tried("get_status")
    assert is_error
    assert "register" in refused
    joined = await host.call(
        "register", username="Tester", empire="solarian", registration_code="sandbox"
    )
    assert "never shown" in joined


async def earns(host: Host) -> None:
    assert "Sol" in await host.call("get_system")
    await host.call("undock")
    assert "main_belt" in await host.call("travel", destination="main_belt")
    mined = [await host.call("mine") for _ in range(3)]
    assert all("Mined" in text or "quantity" in text for text in mined)
    await host.call("travel", target_poi="earth")
    await host.call("dock")
    assert "iron_ore" in await host.call("view_market")
    assert re.search(
        r"Sold 5|quantity_sold.{0,3}5", await host.call("sell", item_id="Iron Ore", quantity=5)
    )


async def is_spoken_to(host: Host, world: Watched) -> None:
    world.pilot_chats("Tester", "over here, Tester!")
    told = await host.call("bridge_events", feed="chat", wait_seconds=15)
    assert "over here" in told
    assert "players-words" in told
