import anyio
import pytest
from pydantic import JsonValue

from bridge.cli.surface import SHOWN, Listing, compact
from bridge.cli.tokens import at_most
from bridge.protocol.verdict import Done, Refused
from bridge.settings import ToolsMode

from .games import MODES, every_admin, gateway, listed, specs

pytestmark = pytest.mark.anyio

ANNOTATIONS = 105
"""Bytes of the four annotations, which every tool has explicitly.

They are a fifth of what models are shown where tools have 525 bytes on average, as the few that are
listed by default have. All of SpaceMolt has to do with 325 bytes each to stay within 15,000 tokens,
so that they are a third there, whatever else is left out.
"""


def shown(tools: list[Listing]) -> str:
    """Return what hosts hand on to the model: names, descriptions and input schemas."""
    return compact([{key: tool[key] for key in SHOWN if key in tool} for tool in tools])


def sent(tools: list[Listing]) -> int:
    return len(compact({"tools": [dict(tool) for tool in tools]}).encode())


def test_the_default_surface_of_all_games_is_forty_tools_and_five_thousand_tokens_at_most() -> None:
    tools = listed(gateway())

    assert len(tools) <= 40
    assert at_most(shown(tools)) <= 5_000


def test_all_of_spacemolt_with_the_bridges_own_tools_is_fifteen_thousand_tokens_at_most() -> None:
    tools = listed(gateway("all", games=("spacemolt",), admin=True))

    assert any("website" in str(tool["name"]) for tool in tools)
    assert len(tools) >= 180
    assert at_most(shown(tools)) <= 15_000


def test_the_compact_surface_is_one_thousand_tokens_at_most() -> None:
    tools = listed(gateway("compact"))

    assert len(tools) == 5
    assert at_most(shown(tools)) <= 1_000


@pytest.mark.parametrize("mode", ["core", "compact"])
def test_hosts_are_sent_little_more_than_models_are_shown(mode: ToolsMode) -> None:
    tools = listed(gateway(mode))

    assert sent(tools) <= 1.2 * len(shown(tools).encode())


def test_with_every_command_listed_annotations_are_a_third_and_nothing_else_is_sent() -> None:
    tools = listed(gateway("all", admin=True))

    assert sent(tools) <= 1.33 * len(shown(tools).encode())


@pytest.mark.parametrize("mode", MODES)
def test_beside_what_models_are_shown_only_annotations_are_sent(mode: ToolsMode) -> None:
    tools = listed(gateway(mode, admin=True))

    assert sent(tools) <= len(shown(tools).encode()) + ANNOTATIONS * len(tools) + 12
    assert not any("outputSchema" in tool for tool in tools)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("game", list(specs()))
async def test_every_command_can_be_found_by_its_name_and_called_in_every_mode(
    mode: ToolsMode, game: str
) -> None:
    playing = gateway(mode, admin=True)

    with anyio.fail_after(20):
        for name, command in specs()[game].commands.items():
            if not command.offered:
                continue
            found = await playing.call("bridge_find", {"words": name, "game": game})
            assert isinstance(found.outcome, Done)
            assert f"{game}_{name}(" in str(found.outcome.text)

            strange: JsonValue = {"no_such_argument": [1]}
            wrapped = {"tool": f"{game}_{name}", "arguments": strange}
            answer = await playing.call("bridge_call", wrapped)
            assert isinstance(answer.outcome, Refused)
            assert answer.outcome.code == "wrong_arguments"
            assert f"{game}_{name} {{" in answer.outcome.hint


def test_administration_is_listed_only_where_it_is_allowed() -> None:
    closed = {str(tool["name"]) for tool in listed(gateway("all"))}
    opened = {str(tool["name"]) for tool in listed(gateway("all", admin=True))}

    assert every_admin()
    assert "maid_shutdown" in opened - closed
    assert {"pipeworks_delete_user", "maid_ban_player"} <= opened - closed
