import anyio
import mcp_types as wire
import pytest
from mcp import MCPError

from bridge.protocol.verdict import Done
from bridge.server.guard import Context
from bridge.server.present import Presenter
from bridge.server.prompts import PromptHandlers
from tests.waiting import PATIENCE_SECONDS

from .fake_gateway import BrokenGame, FakeGateway, LockedGame, SilentGame, ToolResult
from .hosts import both_eras, connected

pytestmark = pytest.mark.anyio


def text_of(result: wire.GetPromptResult) -> str:
    (message,) = result.messages
    assert message.role == "user"
    assert isinstance(message.content, wire.TextContent)
    return message.content.text


@both_eras
async def test_there_is_a_prompt_for_each_game(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        (prompt,) = (await client.list_prompts()).prompts

    assert prompt.name == "play_tiny"
    assert [argument.name for argument in prompt.arguments or ()] == ["account", "goal"]


@both_eras
async def test_the_prompt_has_the_guide_the_state_and_the_goal(mode: str) -> None:
    gateway = FakeGateway(
        names=("me", "twin"),
        status_answer=ToolResult(outcome=Done(result={"name": "Eve"}), untrusted=True),
    )

    async with connected(gateway, mode) as client:
        result = await client.get_prompt(
            "play_tiny", {"account": "twin", "goal": "Get \ufeffrich."}
        )

    text = text_of(result)
    assert text.startswith("# Tiny\n\nA very small game.")
    assert "## Your account: twin\n\n<players-words>" in text
    assert 'account="twin"' in text
    assert "game://tiny/twin/feeds/chat" in text
    assert text.endswith("## Your goal\n\nGet rich.")


@both_eras
async def test_a_prompt_without_arguments_plays_the_first_account(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        text = text_of(await client.get_prompt("play_tiny"))

    assert '## Your account: default\n\n{"credits":5}' in text
    assert "look around" in text


@both_eras
@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("tiny", {}, "Unknown prompt: tiny. There is play_tiny."),
        ("play_chess", {}, "Unknown prompt: play_chess."),
        ("play_tiny", {"account": "eve"}, "No account eve for tiny. Known: default."),
    ],
)
async def test_what_cannot_be_played_is_refused_with_what_can(
    mode: str, name: str, arguments: dict[str, str], words: str
) -> None:
    async with connected(FakeGateway(), mode) as client:
        with pytest.raises(MCPError) as refused:
            await client.get_prompt(name, arguments)

    assert refused.value.code == wire.INVALID_PARAMS
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("gateway", "words"),
    [
        (SilentGame, "The game has not answered yet."),
        (BrokenGame, "The state could not be read."),
        (LockedGame, "The state could not be read."),
    ],
)
async def test_a_game_that_does_not_answer_does_not_hold_up_the_prompt(
    gateway: type[FakeGateway], words: str, context: Context
) -> None:
    playing = gateway()
    presenter = Presenter(store=playing.store, now=lambda: 0.0)
    prompts = PromptHandlers(gateway=playing, presenter=presenter, state_timeout=0.01)

    with anyio.fail_after(PATIENCE_SECONDS):
        result = await prompts.get(context, wire.GetPromptRequestParams(name="play_tiny"))

    assert words in text_of(result)
