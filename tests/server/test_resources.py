import anyio
import mcp_types as wire
import pytest
from mcp import MCPError

from bridge.protocol.verdict import Done, Refused
from bridge.server.guard import Context
from bridge.server.present import Presenter
from bridge.server.resources import ResourceHandlers
from tests.waiting import PATIENCE_SECONDS

from .fake_gateway import FakeGateway, LockedGame, SilentGame, ToolResult
from .hosts import LEGACY, both_eras, connected, contents_of

pytestmark = pytest.mark.anyio


@both_eras
async def test_guide_status_and_feeds_of_every_account_are_listed(mode: str) -> None:
    async with connected(FakeGateway(names=("me", "my twin")), mode) as client:
        resources = (await client.list_resources()).resources

    assert [resource.uri for resource in resources] == [
        "game://tiny/guide",
        "game://tiny/me/status",
        "game://tiny/me/feeds/chat",
        "game://tiny/me/feeds/actions",
        "game://tiny/my%20twin/status",
        "game://tiny/my%20twin/feeds/chat",
        "game://tiny/my%20twin/feeds/actions",
    ]
    assert all(resource.title and resource.description for resource in resources)


@both_eras
async def test_the_templates_say_how_uris_are_made(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        templates = (await client.list_resource_templates()).resource_templates

    assert [template.uri_template for template in templates] == [
        "game://{game}/{account}/feeds/{feed}{?after,limit}",
        "game://{game}/{account}/status",
        "game://{game}/guide",
        "game://results/{id}",
    ]


@both_eras
async def test_reading_a_feed_gives_events_the_next_cursor_and_what_was_missed(mode: str) -> None:
    gateway = FakeGateway()
    gateway.feeds.forgotten = 2
    for number in range(5):
        gateway.feeds.record("actions", {"number": number})

    async with connected(gateway, mode) as client:
        contents = contents_of(
            await client.read_resource("game://tiny/default/feeds/actions?after=2&limit=2")
        )

    assert contents.text.startswith("tiny default actions: 2 events. Next: after=4. Missed: 2")
    assert '{"number":2}' in contents.text
    assert '{"number":3}' in contents.text
    assert '{"number":4}' not in contents.text
    assert contents.meta == {"game-bridge/next": 4, "game-bridge/missed": 2}


@both_eras
async def test_what_others_wrote_is_marked_in_a_feed(mode: str) -> None:
    gateway = FakeGateway()
    gateway.feeds.record("chat", {"sender": "Eve", "content": "\ud800 obey"}, untrusted=True)

    async with connected(gateway, mode) as client:
        contents = contents_of(await client.read_resource("game://tiny/default/feeds/chat"))

    assert "<players-words>" in contents.text
    assert '{"sender":"Eve","content":"\ufffd obey"}' in contents.text


@both_eras
async def test_status_is_what_the_game_says_now(mode: str) -> None:
    gateway = FakeGateway(
        status_answer=ToolResult(outcome=Done(result={"credits": 7}), untrusted=True)
    )

    async with connected(gateway, mode) as client:
        contents = contents_of(await client.read_resource("game://tiny/default/status"))

    assert '{"credits":7}\n</players-words>' in contents.text


@both_eras
async def test_a_status_that_is_refused_says_why(mode: str) -> None:
    refused = Refused(code="no_password", message="No password.", hint="game-bridge login tiny")
    gateway = FakeGateway(status_answer=ToolResult(outcome=refused))

    async with connected(gateway, mode) as client:
        contents = contents_of(await client.read_resource("game://tiny/default/status"))

    assert contents.text == "Refused: no_password: No password.\nNext: game-bridge login tiny"


@both_eras
async def test_the_guide_says_how_to_play(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        contents = contents_of(await client.read_resource("game://tiny/guide"))

    assert contents.text == "# Tiny\n\nA very small game.\n\nLook first, then act."
    assert contents.mime_type == "text/markdown"


@both_eras
async def test_a_kept_result_is_read_by_its_handle(mode: str) -> None:
    gateway = FakeGateway(kept={"r1": "long \x1b[1mago", "r2": "x" * 500_000})

    async with connected(gateway, mode) as client:
        first = contents_of(await client.read_resource("game://results/r1"))
        second = contents_of(await client.read_resource("game://results/r2"))

    assert first.text.endswith("\nlong ago\n</players-words>")
    assert "(100000 more characters: use bridge_result)" in second.text


@both_eras
@pytest.mark.parametrize(
    "uri",
    [
        "game://tiny/nobody/status",
        "game://tiny/default/feeds/gossip",
        "game://huge/guide",
        "game://results/r9",
        "game://tiny/default/feeds/chat?after=now",
        "https://tiny.example",
    ],
)
async def test_what_does_not_exist_is_said_as_the_era_says_it(mode: str, uri: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        with pytest.raises(MCPError) as missing:
            await client.read_resource(uri)

    assert missing.value.code == (-32002 if mode == LEGACY else wire.INVALID_PARAMS)
    assert missing.value.data == {"uri": uri}


@both_eras
async def test_what_nobody_foresaw_is_an_error_that_tells_nothing(mode: str) -> None:
    gateway = FakeGateway()
    gateway.feeds.events.append(("chat", None))  # type: ignore[arg-type] # a broken journal

    async with connected(gateway, mode) as client:
        with pytest.raises(MCPError) as broken:
            await client.read_resource("game://tiny/default/feeds/chat")

    assert broken.value.code == wire.INTERNAL_ERROR
    assert broken.value.message.startswith("Something went wrong inside game-bridge")


@both_eras
async def test_what_the_bridge_says_is_wrong_is_told_in_its_words(mode: str) -> None:
    async with connected(LockedGame(), mode) as client:
        with pytest.raises(MCPError, match=r"The keyring is locked\. Unlock it and try again\."):
            await client.read_resource("game://tiny/default/status")


async def test_a_status_that_does_not_come_is_said_so(context: Context) -> None:
    gateway = SilentGame()
    presenter = Presenter(store=gateway.store, now=lambda: 0.0)
    resources = ResourceHandlers(gateway=gateway, presenter=presenter, status_timeout=0.01)
    params = wire.ReadResourceRequestParams(uri="game://tiny/default/status")

    with anyio.fail_after(PATIENCE_SECONDS):
        contents = contents_of(await resources.read(context, params))

    assert contents.text.startswith("The game has not answered in time.")


@both_eras
async def test_lists_of_one_page_refuse_a_cursor(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        with pytest.raises(MCPError):
            await client.list_resources(cursor="2")
        with pytest.raises(MCPError):
            await client.list_resource_templates(cursor="2")
