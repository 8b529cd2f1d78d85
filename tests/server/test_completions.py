import mcp_types as wire
import pytest

from .fake_gateway import FakeGateway
from .hosts import both_eras, connected

pytestmark = pytest.mark.anyio

FEED = wire.ResourceTemplateReference(uri="game://{game}/{account}/feeds/{feed}{?after,limit}")
RESULT = wire.ResourceTemplateReference(uri="game://results/{id}")
PLAY = wire.PromptReference(name="play_tiny")


@both_eras
@pytest.mark.parametrize(
    ("ref", "name", "value", "expected"),
    [
        (FEED, "game", "", ["tiny"]),
        (FEED, "game", "T", ["tiny"]),
        (FEED, "game", "x", []),
        (FEED, "account", "d", ["default"]),
        (FEED, "feed", "", ["chat", "actions"]),
        (FEED, "feed", "act", ["actions"]),
        (FEED, "limit", "1", ["10", "100"]),
        (FEED, "after", "", []),
        (PLAY, "account", "", ["default"]),
        (PLAY, "goal", "travel to s", ["travel to sol", "travel to sirius", "travel to steel"]),
        (PLAY, "goal", "travel ", []),
        (PLAY, "colour", "", []),
        (wire.PromptReference(name="play_chess"), "account", "", []),
    ],
)
async def test_a_value_is_completed_from_what_there_is(
    mode: str,
    ref: wire.ResourceTemplateReference | wire.PromptReference,
    name: str,
    value: str,
    expected: list[str],
) -> None:
    async with connected(FakeGateway(), mode) as client:
        result = await client.complete(ref, {"name": name, "value": value})

    assert result.completion.values == expected


@both_eras
async def test_the_game_that_is_there_already_narrows_the_choice(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        result = await client.complete(FEED, {"name": "feed", "value": "c"}, {"game": "tiny"})

    assert result.completion.values == ["chat"]


@both_eras
async def test_handles_of_kept_results_are_completed_newest_first(mode: str) -> None:
    async with connected(FakeGateway(), mode) as client:
        await client.call_tool("tiny_huge", {})
        await client.call_tool("tiny_huge", {})
        result = await client.complete(RESULT, {"name": "id", "value": "r"})

    assert result.completion.values == ["r2", "r1"]


@both_eras
async def test_at_most_a_hundred_values_are_given_and_the_rest_is_counted(mode: str) -> None:
    names = tuple(f"pilot{number}" for number in range(150))

    async with connected(FakeGateway(names=names), mode) as client:
        result = await client.complete(FEED, {"name": "account", "value": "pilot"})

    assert len(result.completion.values) == 100
    assert result.completion.total == 150
    assert result.completion.has_more
