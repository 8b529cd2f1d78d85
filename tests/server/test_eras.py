from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp_types as wire
import pytest
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage

from bridge.server.app import build_server
from bridge.server.eras import DISCOVER, Era, era_gate
from tests.waiting import PATIENCE_SECONDS

from .fake_gateway import FakeGateway

pytestmark = pytest.mark.anyio

ENVELOPE = {
    "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
}


class Gate:
    """The gate, with what goes in and what comes out."""

    def __init__(
        self,
        host: MemoryObjectSendStream[SessionMessage | Exception],
        replies: MemoryObjectReceiveStream[SessionMessage],
        passed: MemoryObjectReceiveStream[SessionMessage | Exception],
    ) -> None:
        self.host = host
        self.replies = replies
        self.passed = passed

    async def ask(self, method: str, params: dict[str, Any] | None = None) -> None:
        request = wire.JSONRPCRequest(jsonrpc="2.0", id=1, method=method, params=params)
        await self.host.send(SessionMessage(request))

    async def answer(self) -> dict[str, Any]:
        return (await self.replies.receive()).message.model_dump(by_alias=True, exclude_none=True)


@asynccontextmanager
async def gate(era: Era = "auto", server: Server[Any] | None = None) -> AsyncIterator[Gate]:
    server = server or build_server(FakeGateway())
    host, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](9)
    out, replies = anyio.create_memory_object_stream[SessionMessage](9)
    onward, passed = anyio.create_memory_object_stream[SessionMessage | Exception](9)
    with anyio.fail_after(PATIENCE_SECONDS):
        async with incoming, replies, passed, anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: era_gate(server, incoming, out, onward, era=era))
            async with host:
                yield Gate(host, replies, passed)


async def test_discover_is_answered_and_not_passed_on() -> None:
    async with gate() as it:
        await it.ask(DISCOVER, ENVELOPE)
        answer = await it.answer()

        assert answer["result"]["supportedVersions"] == ["2026-07-28"]
        assert it.passed.statistics().current_buffer_used == 0


async def test_discover_is_answered_as_the_sdk_would_have() -> None:
    server = build_server(FakeGateway())
    host, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](9)
    out, replies = anyio.create_memory_object_stream[SessionMessage](9)
    request = wire.JSONRPCRequest(jsonrpc="2.0", id=1, method=DISCOVER, params=ENVELOPE)

    with anyio.fail_after(PATIENCE_SECONDS):
        async with replies, host, anyio.create_task_group() as tasks:
            tasks.start_soon(server.run, incoming, out, server.create_initialization_options())
            await host.send(SessionMessage(request))
            sdk = (await replies.receive()).message.model_dump_json(by_alias=True)
            await host.aclose()
    async with gate(server=server) as it:
        await it.ask(DISCOVER, ENVELOPE)
        ours = (await it.replies.receive()).message

    assert wire.JSONRPCResponse.model_validate_json(sdk) == ours


async def test_initialize_after_discover_is_passed_on() -> None:
    async with gate() as it:
        await it.ask(DISCOVER, ENVELOPE)
        await it.ask("initialize", {})
        passed = await it.passed.receive()

    assert isinstance(passed, SessionMessage)
    assert isinstance(passed.message, wire.JSONRPCRequest)
    assert passed.message.method == "initialize"


async def test_discover_is_left_to_the_sdk_once_the_era_is_the_newer_one() -> None:
    async with gate() as it:
        await it.ask("tools/list", ENVELOPE)
        await it.ask(DISCOVER, ENVELOPE)
        await it.passed.receive()
        passed = await it.passed.receive()

        assert isinstance(passed, SessionMessage)
        assert it.replies.statistics().current_buffer_used == 0


async def test_discover_is_still_answered_when_the_era_is_the_older_one() -> None:
    async with gate() as it:
        await it.ask("initialize", {})
        await it.ask(DISCOVER, ENVELOPE)

        assert "result" in await it.answer()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (None, wire.INVALID_PARAMS),
        ({"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}, wire.INVALID_PARAMS),
        (
            {
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2031-01-01",
                    "io.modelcontextprotocol/clientCapabilities": {},
                }
            },
            wire.UNSUPPORTED_PROTOCOL_VERSION,
        ),
    ],
)
async def test_a_discover_that_is_wrong_is_refused_and_decides_nothing(
    params: dict[str, Any] | None, code: int
) -> None:
    async with gate() as it:
        await it.ask(DISCOVER, params)
        assert (await it.answer())["error"]["code"] == code
        await it.ask(DISCOVER, ENVELOPE)
        assert "result" in await it.answer()


async def test_told_to_be_of_the_older_era_it_does_not_know_discover() -> None:
    async with gate("legacy") as it:
        await it.ask(DISCOVER, ENVELOPE)

        assert (await it.answer())["error"]["code"] == wire.METHOD_NOT_FOUND


async def test_lines_that_are_no_requests_pass() -> None:
    notification = wire.JSONRPCNotification(jsonrpc="2.0", method="notifications/initialized")
    broken = ValueError("not JSON")

    async with gate() as it:
        await it.host.send(broken)
        await it.host.send(SessionMessage(notification))

        assert await it.passed.receive() is broken
        passed = await it.passed.receive()

    assert isinstance(passed, SessionMessage)
    assert passed.message == notification


async def test_the_end_of_the_input_closes_both_ways_out() -> None:
    async with gate() as it:
        await it.host.aclose()

        with pytest.raises(anyio.EndOfStream):
            await it.passed.receive()
        with pytest.raises(anyio.EndOfStream):
            await it.replies.receive()
