"""Hosts of both eras, connected in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import mcp_types as wire
import pytest
from mcp import Client

from bridge.server.app import build_server
from tests.waiting import PATIENCE_SECONDS

from .fake_gateway import FakeGateway

LEGACY = "legacy"
MODERN = "2026-07-28"

both_eras = pytest.mark.parametrize("mode", [LEGACY, MODERN])


@asynccontextmanager
async def connected(
    gateway: FakeGateway, mode: str, *, structured: bool = False, announce_every: float = 1.0
) -> AsyncIterator[Client]:
    """Yield a client of the era; everything in it is over within ten seconds."""
    server = build_server(gateway, structured=structured, announce_every=announce_every)
    with anyio.fail_after(PATIENCE_SECONDS):
        async with Client(server, mode=mode) as client:
            yield client


def text_of(result: wire.CallToolResult) -> str:
    """Return the text of a result."""
    (block,) = result.content
    assert isinstance(block, wire.TextContent)
    return block.text


def contents_of(result: wire.ReadResourceResult) -> wire.TextResourceContents:
    """Return the one content of a resource."""
    (contents,) = result.contents
    assert isinstance(contents, wire.TextResourceContents)
    return contents
