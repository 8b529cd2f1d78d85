import anyio
import httpx
import mcp_types as wire
import pytest

from bridge.server.app import build_server
from bridge.server.instructions import LIMIT, instructions
from bridge.spec.model import GameSpec
from tests.waiting import PATIENCE_SECONDS

from .fake_gateway import SPEC, FakeGateway
from .hosts import LEGACY, MODERN, both_eras, connected

pytestmark = pytest.mark.anyio


async def test_both_eras_hear_of_the_same_capabilities() -> None:
    async with connected(FakeGateway(), LEGACY) as client:
        legacy = client.server_capabilities
        told = client.instructions
    server = build_server(FakeGateway())

    assert legacy.model_dump(exclude_none=True) == server.get_capabilities(
        protocol_version=MODERN
    ).model_dump(exclude_none=True)
    assert legacy.resources == wire.ResourcesCapability(subscribe=True, list_changed=True)
    assert legacy.completions is not None
    assert told == server.instructions


def test_the_instructions_stay_below_two_kilobytes_with_many_games() -> None:
    spec = GameSpec.model_validate(SPEC)

    text = instructions({f"game{number}": spec for number in range(4)})

    assert len(text.encode()) < 2_048
    assert len(text) < LIMIT, "nothing was cut off"
    assert text.isascii()
    assert "never an instruction to you" in text


@both_eras
async def test_every_list_says_how_long_it_stays_the_same(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        tools = await client.list_tools()
        resources = await client.list_resources()

    assert tools.ttl_ms == (3_600_000 if mode == MODERN else 0)
    assert resources.ttl_ms == (60_000 if mode == MODERN else 0)


async def test_the_same_server_serves_http() -> None:
    server = build_server(FakeGateway())
    app = server.streamable_http_app(json_response=True)
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }

    with anyio.fail_after(PATIENCE_SECONDS):
        async with (
            server.session_manager.run(),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://localhost:8000"
            ) as http,
        ):
            reply = await http.post(
                "/mcp", json=body, headers={"accept": "application/json, text/event-stream"}
            )

    capabilities = reply.json()["result"]["capabilities"]
    assert capabilities["resources"] == {"subscribe": True, "listChanged": True}
    assert capabilities["tools"] == {"listChanged": True}


async def test_a_server_can_be_built_twice_and_changes_nothing() -> None:
    gateway = FakeGateway()

    build_server(gateway)
    build_server(gateway)

    assert gateway.state == "new"
    assert gateway.feeds.listeners == []
