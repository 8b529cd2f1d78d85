"""The real server process, with a fake gateway: both eras on stdio, its end, and rough handling."""

import signal
import sys
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from tests.server.child import ROOT, Child, serving
from tests.waiting import PATIENCE_SECONDS

CHAT = "game://tiny/default/feeds/chat"
END_SECONDS = 0.5


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def text_of(answer: dict[str, Any]) -> str:
    text = answer["result"]["content"][0]["text"]
    assert isinstance(text, str)
    return text


def is_update(message: dict[str, Any]) -> bool:
    return message.get("method") == "notifications/resources/updated"


def plays_in_the_older_era(host: Child) -> None:
    tools = host.ask("tools/list")["result"]["tools"]
    host.ask("resources/subscribe", {"uri": CHAT})
    called = host.call("tiny_chat")
    update = host.until(is_update)
    read = host.ask("resources/read", {"uri": CHAT})

    assert "tiny_look" in {tool["name"] for tool in tools}
    assert "<players-words>" in text_of(called)
    assert update["params"] == {"uri": CHAT}
    assert '{"sender":"Eve","content":"Hello there"}' in read["result"]["contents"][0]["text"]


def plays_in_the_newer_era(host: Child) -> None:
    tools = host.ask_modern("tools/list")["result"]["tools"]
    stream = host.send(
        "subscriptions/listen",
        {
            "notifications": {"resourceSubscriptions": [CHAT]},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    )
    host.until(lambda each: each.get("method") == "notifications/subscriptions/acknowledged")
    called = host.ask_modern("tools/call", {"name": "tiny_chat", "arguments": {}})
    update = host.until(is_update)

    assert "tiny_look" in {tool["name"] for tool in tools}
    assert "<players-words>" in text_of(called)
    assert update["params"]["uri"] == CHAT
    assert update["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == stream


def test_a_host_of_the_older_era_plays_and_hears_of_a_change() -> None:
    with serving() as host:
        assert host.initialize()["result"]["protocolVersion"] == "2025-11-25"
        plays_in_the_older_era(host)


def test_a_host_of_the_newer_era_plays_and_hears_of_a_change() -> None:
    with serving() as host:
        assert host.ask_modern("server/discover")["result"]["supportedVersions"] == ["2026-07-28"]
        plays_in_the_newer_era(host)


def test_a_host_of_the_newer_era_needs_no_discover() -> None:
    with serving() as host:
        plays_in_the_newer_era(host)


def test_a_host_that_discovers_and_then_initializes_plays_in_the_older_era() -> None:
    with serving() as host:
        host.ask_modern("server/discover")
        assert host.initialize()["result"]["protocolVersion"] == "2025-11-25"
        plays_in_the_older_era(host)


def test_a_host_that_does_not_wait_for_the_answer_to_discover_plays_too() -> None:
    with serving() as host:
        host.send("server/discover", {"_meta": {"io.modelcontextprotocol/protocolVersion": "x"}})
        host.notify("notifications/roots/list_changed")
        host.initialize()
        plays_in_the_older_era(host)


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", "auto", "2026-07-28"])
async def test_the_sdks_own_client_plays(mode: str) -> None:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "tests.server.serve_fake", "auto", "0"], cwd=ROOT
    )

    with anyio.fail_after(PATIENCE_SECONDS):
        async with Client(command, mode=mode) as client:
            tools = (await client.list_tools()).tools
            result = await client.call_tool("tiny_look", {})

    assert "tiny_look" in {tool.name for tool in tools}
    assert not result.is_error


def test_told_to_be_of_the_older_era_discover_is_unknown_and_initialize_works() -> None:
    with serving("legacy") as host:
        assert host.ask_modern("server/discover")["error"]["code"] == -32601
        host.initialize()
        plays_in_the_older_era(host)


def the_end(host: Child, how: signal.Signals | None) -> tuple[int, float, str]:
    if how is None:
        assert host.process.stdin is not None
        host.process.stdin.close()
    else:
        host.process.send_signal(how)
    return host.ended()


ends = pytest.mark.parametrize("how", [None, signal.SIGTERM, signal.SIGINT])


@ends
def test_the_process_ends_quickly_and_closes_the_gateway(how: signal.Signals | None) -> None:
    with serving() as host:
        host.initialize()
        host.send("tools/call", {"name": "tiny_wait", "arguments": {}})
        host.call("tiny_look")
        status, seconds, errors = the_end(host, how)

    assert status == 0
    assert seconds < END_SECONDS
    assert errors == "gateway closed\n"


@ends
def test_a_process_that_nobody_has_spoken_to_ends_quickly(how: signal.Signals | None) -> None:
    with serving() as host:
        host.ask_modern("server/discover")
        status, seconds, errors = the_end(host, how)

    assert status == 0
    assert seconds < END_SECONDS
    assert errors == "gateway closed\n"


def test_a_gateway_that_does_not_close_gets_a_second() -> None:
    with serving(close_seconds=30) as host:
        host.initialize()
        status, seconds, errors = the_end(host, signal.SIGTERM)

    assert status == 0
    assert seconds < 1 + END_SECONDS
    assert "not closed within 1.0 s" in errors


def test_a_host_that_reads_nothing_does_not_keep_the_process_alive() -> None:
    with serving() as host:
        host.initialize()
        for _ in range(50):
            host.send("tools/list")
        host.wait_until_stdout_is_full()
        host.process.send_signal(signal.SIGTERM)
        status, seconds, _ = host.ended()

    assert status == 0
    assert 1 < seconds < 2 + END_SECONDS


def test_a_host_that_has_gone_away_ends_the_process() -> None:
    with serving() as host:
        host.initialize()
        assert host.process.stdout is not None
        host.process.stdout.close()
        host.send("tools/list")
        status, _, errors = host.ended()

    assert status == 0
    assert "Traceback" not in errors


def test_lines_that_cannot_be_read_are_passed_over() -> None:
    lines = [
        b"{not json",
        b"",
        b"\xff\xfe\x00",
        b'{"jsonrpc":"2.0"}',
        b"[]",
        b'{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"\\ud800"}}',
        b'{"jsonrpc":"2.0","id":5,"method":"tools/call","params":7}',
        b"[" * 100_000,
    ]

    with serving() as host:
        host.initialize()
        for line in lines:
            host.write(line)
            assert '{"place":"here"}' in text_of(host.call("tiny_look")), line


def test_nothing_that_a_tool_does_ends_the_server() -> None:
    with serving() as host:
        host.initialize()
        surrogate = text_of(host.call("tiny_surrogate"))
        huge = text_of(host.call("tiny_huge"))
        broken = host.call("tiny_break")
        foreign = host.call("tiny_foreign_cancel")
        unknown = host.call("tiny_dance")
        after = text_of(host.call("tiny_look"))

    assert surrogate == '{"text":"half a smile: \ufffd, and on"}'
    assert len(huge) <= 20_000
    assert broken["result"]["isError"]
    assert "hunter2" not in text_of(broken)
    assert foreign["result"]["isError"]
    assert unknown["error"]["code"] == -32602
    assert after.startswith('{"place":"here"}')


def test_a_cancelled_call_is_not_answered_and_the_next_one_is() -> None:
    with serving() as host:
        host.initialize()
        waiting = host.send("tools/call", {"name": "tiny_wait", "arguments": {}})
        host.notify("notifications/cancelled", {"requestId": waiting})
        actions = "game://tiny/default/feeds/actions"
        read = host.ask("resources/read", {"uri": actions})

        assert '{"cancelled":true}' in read["result"]["contents"][0]["text"]
        assert all(message.get("id") != waiting for message in host.seen)


def test_five_megabytes_of_arguments_are_taken() -> None:
    with serving() as host:
        host.initialize()
        answer = host.ask(
            "tools/call", {"name": "tiny_look", "arguments": {"what": "x" * 5_000_000}}
        )

    assert not answer["result"].get("isError")
