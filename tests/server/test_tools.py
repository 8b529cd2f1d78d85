import json
import logging

import anyio
import mcp_types as wire
import pytest
from mcp import MCPError
from mcp_types import methods

from .fake_gateway import FakeGateway
from .hosts import LEGACY, MODERN, both_eras, connected, text_of

pytestmark = pytest.mark.anyio


@both_eras
async def test_every_tool_is_listed_with_its_schema_and_all_four_annotations(mode: str) -> None:
    gateway = FakeGateway()

    async with connected(gateway, mode) as client:
        tools = (await client.list_tools()).tools

    assert [tool.name for tool in tools] == [tool.name for tool in gateway.toolbox.list()]
    assert tools[0].input_schema == gateway.toolbox.list()[0].input_schema
    assert tools[0].title == "Tiny Look"
    for tool in tools:
        assert tool.output_schema is None
        assert tool.annotations is not None
        assert None not in tool.annotations.model_dump(exclude={"title"}).values()


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
async def test_the_list_is_valid_for_the_wire_models(version: str) -> None:
    async with connected(FakeGateway(), MODERN if version == MODERN else LEGACY) as client:
        listed = await client.list_tools()

    wired = methods.serialize_server_result(
        "tools/list", version, listed.model_dump(by_alias=True, mode="json", exclude_none=True)
    )
    assert len(wired["tools"]) == len(listed.tools)


@both_eras
async def test_a_list_of_one_page_refuses_a_cursor(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        with pytest.raises(MCPError) as refused:
            await client.list_tools(cursor="page-2")

    assert refused.value.code == wire.INVALID_PARAMS


@both_eras
async def test_a_call_answers_with_text_notes_and_news(mode: str) -> None:
    gateway = FakeGateway()

    async with connected(gateway, mode) as client:
        result = await client.call_tool("tiny_look", {"what": "ship"})

    assert text_of(result) == ('{"place":"here"}\nSigned in.\n2 new chat messages (tiny chat feed)')
    assert not result.is_error
    assert result.structured_content is None
    assert gateway.arguments == [{"what": "ship"}]


@both_eras
async def test_data_comes_beside_the_text_where_asked(mode: str) -> None:
    async with connected(FakeGateway(), mode, structured=True) as client:
        result = await client.call_tool("tiny_look", {})

    assert result.structured_content == {"place": "here", "empty": []}


@both_eras
async def test_an_unknown_tool_is_a_protocol_error_that_names_the_nearest(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        with pytest.raises(MCPError) as refused:
            await client.call_tool("tiny_lok", {})

    assert refused.value.code == wire.INVALID_PARAMS
    assert "Unknown tool: tiny_lok. Did you mean tiny_look" in refused.value.message


async def test_a_command_that_is_not_listed_is_named_with_the_way_to_it() -> None:
    gateway = FakeGateway()
    gateway.toolbox.unlisted.append("tiny_dance")

    async with connected(gateway, LEGACY) as client:
        with pytest.raises(MCPError, match=r"tiny_dance \(through bridge_call\)"):
            await client.call_tool("tiny_dance", {})


@both_eras
@pytest.mark.parametrize(
    ("name", "words", "is_error"),
    [
        ("tiny_refuse", "Refused: not_docked: You are in space.\nNext: Dock first.", True),
        ("tiny_lose", "Unknown: mine was sent", True),
        ("tiny_travel", "Pending: Arrives on tick 12.", False),
    ],
)
async def test_what_a_game_says_is_a_result(
    mode: str, name: str, words: str, *, is_error: bool
) -> None:
    async with connected(FakeGateway(), mode) as client:
        result = await client.call_tool(name, {})

    assert text_of(result).startswith(words)
    assert result.is_error is is_error


@both_eras
async def test_what_nobody_foresaw_is_an_error_result_that_tells_nothing(
    mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(FakeGateway(), mode) as client:
        with caplog.at_level(logging.ERROR):
            result = await client.call_tool("tiny_break", {})
        after = await client.call_tool("tiny_look", {})

    assert result.is_error
    assert "Something went wrong inside game-bridge while it ran tiny_break" in text_of(result)
    assert "hunter2" not in text_of(result)
    assert "Traceback" in caplog.text
    assert not after.is_error


@both_eras
async def test_what_the_bridge_says_is_wrong_is_told_in_its_words(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        result = await client.call_tool("tiny_locked", {})

    assert result.is_error
    assert text_of(result) == "Failed: The keyring is locked. Unlock it and try again."


@both_eras
async def test_something_awaited_that_was_cancelled_does_not_end_the_server(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        result = await client.call_tool("tiny_foreign_cancel", {})
        after = await client.call_tool("tiny_look", {})

    assert result.is_error
    assert not after.is_error


@both_eras
async def test_progress_is_reported_while_a_call_waits(mode: str) -> None:
    gateway = FakeGateway()
    reports: list[tuple[float, float | None, str | None]] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        reports.append((progress, total, message))
        if progress >= 3:
            gateway.go_on.set()

    async with connected(gateway, mode) as client:
        result = await client.call_tool("tiny_wait", {}, progress_callback=on_progress)

    assert text_of(result) == "waited"
    assert [done for done, _, _ in reports] == [1, 2, 3]
    assert reports[0][1:] == (3, "half a smile: \ufffd, and on")


@both_eras
async def test_a_call_without_a_progress_token_reports_nothing(mode: str) -> None:
    gateway = FakeGateway()
    gateway.go_on.set()

    async with connected(gateway, mode) as client:
        assert text_of(await client.call_tool("tiny_wait", {})) == "waited"


@both_eras
async def test_a_cancelled_call_is_cancelled_in_the_gateway(mode: str) -> None:
    gateway = FakeGateway()

    async with connected(gateway, mode) as client:
        with anyio.move_on_after(0.05) as scope:
            await client.call_tool("tiny_wait", {})
        after = await client.call_tool("tiny_look", {})

    assert scope.cancelled_caught
    assert gateway.cancelled == ["tiny_wait"]
    assert not after.is_error


@both_eras
async def test_a_lone_surrogate_and_a_nan_cannot_leave(mode: str) -> None:
    async with connected(FakeGateway(), mode, structured=True) as client:
        result = await client.call_tool("tiny_surrogate", {})

    assert text_of(result) == '{"text":"half a smile: \ufffd, and on"}'
    assert json.loads(json.dumps(result.structured_content, allow_nan=False)) == {
        "text": "half a smile: \ufffd, and on",
        "half a smile: \ufffd, and on": None,
    }


@both_eras
async def test_five_megabytes_become_twenty_thousand_characters_and_a_handle(mode: str) -> None:
    gateway = FakeGateway()

    async with connected(gateway, mode) as client:
        result = await client.call_tool("tiny_huge", {})

    assert len(text_of(result)) <= 20_000
    assert text_of(result).endswith("bridge_result, id r1")
    assert len(gateway.kept["r1"]) > 5_000_000
