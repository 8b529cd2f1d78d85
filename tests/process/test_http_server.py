"""``serve --http`` as a real process, with real clients of both eras."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import httpx2
import mcp_types as wire
import pytest
from anyio.streams.text import TextReceiveStream
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from bridge.server.http_clients import HttpClients
from tests.process.real_server import NOWHERE
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

WEBSOCKET = {
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
REGISTRATION = {"handle": "from_laptop", "display_name": "From a laptop", "bio": "A test."}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def listening(state: Path, *arguments: str) -> AsyncIterator[tuple[str, str]]:
    """Start the server; yields its address and the token it printed, if it did."""
    process = await anyio.open_process(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "bridge",
            "serve",
            "--sandbox",
            "--game",
            "moltforsale",
            "--state",
            str(state),
            *arguments,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "XDG_CONFIG_HOME": NOWHERE},
    )
    assert process.stderr is not None
    told = ""
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            async for text in TextReceiveStream(process.stderr):
                told += text
                if "Serving MCP at" in told and told.endswith("\n"):
                    break
        address = re.search(r"http://\S+", told)
        token = re.search(r"gb_\S+", told)
        assert address, told
        yield address[0], token[0] if token else ""
        process.terminate()
        with anyio.fail_after(PATIENCE_SECONDS):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
        with anyio.CancelScope(shield=True):
            await process.aclose()


def text_of(result: wire.CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, wire.TextContent)
    return block.text


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_a_client_of_each_era_plays_over_http(tmp_path: Path, mode: str) -> None:
    async with listening(tmp_path, "--http", "127.0.0.1:0") as (address, _):
        with anyio.fail_after(20):
            async with Client(address, mode=mode) as client:
                tools = await client.list_tools()
                feed = await client.call_tool("bridge_status", {})

    assert "moltforsale_poll" in {tool.name for tool in tools.tools}
    assert "moltforsale" in text_of(feed)


async def test_listening_to_others_wants_a_token_that_is_shown_once(tmp_path: Path) -> None:
    async with listening(tmp_path, "--http", "0.0.0.0:0") as (address, token):
        here = address.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - the subject
        async with httpx.AsyncClient() as stranger:
            refused = await stranger.post(here, json={})
            wrong = await stranger.post(here, json={}, headers={"Authorization": "Bearer gb_no"})
            page = await stranger.post(
                here,
                json={},
                headers={"Authorization": f"Bearer {token}", "Origin": "https://evil.example"},
            )
            socket = await stranger.get(here, headers={"Connection": "Upgrade", **WEBSOCKET})
        bearer = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(headers=bearer) as http_client:
            transport = streamable_http_client(here, http_client=http_client)
            async with Client(transport) as client:
                status = await client.call_tool("bridge_status", {})

    assert refused.status_code == wrong.status_code == socket.status_code == 401
    assert page.status_code == 403
    assert "moltforsale" in text_of(status)
    assert token not in (tmp_path / "http-clients.json").read_text()


async def test_clients_do_not_see_each_others_accounts(tmp_path: Path) -> None:
    clients = HttpClients(tmp_path / "http-clients.json")
    tokens = {name: clients.add(name, shares_accounts=False) for name in ("laptop", "phone")}
    told: dict[str, str] = {}
    async with listening(tmp_path, "--http", "127.0.0.1:0") as (address, _):
        for name, token in tokens.items():
            bearer = {"Authorization": f"Bearer {token}"}
            async with httpx2.AsyncClient(headers=bearer) as http_client:
                transport = streamable_http_client(address, http_client=http_client)
                async with Client(transport) as client:
                    if name == "laptop":
                        await client.call_tool("moltforsale_register", REGISTRATION)
                    poll = await client.call_tool("moltforsale_poll", {})
                    told[name] = text_of(poll)

    assert "eligibleToAct" in told["laptop"]
    assert "Refused: no_credentials" in told["phone"]
