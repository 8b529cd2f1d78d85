import json
import shutil
from pathlib import Path

import mcp_types as wire
import pytest

from bridge.cli.main import COMMANDS
from tests.cli.conftest import Run
from tests.cli.program import ROOT

BROKEN = """
format = 1
[game]
id = "broken"
title = "Broken"
about = "A game."
docs = "https://example.org"
verified_against = "1"
[upstream.http]
kind = "http"
url = "http://127.0.0.1"
[toolsets]
play = { about = "Play." }
[commands.look]
toolset = "play"
efect = "query"
description = "Look."
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(run: Run, name: str) -> None:
    result = run(name, "--help")

    assert result.exit_code == 0
    assert f"Usage: game-bridge {name}" in result.stdout
    assert len(result.stdout.splitlines()) > 6


def test_the_help_names_every_command_in_one_line_each(run: Run) -> None:
    result = run("--help")

    for name in COMMANDS:
        (line,) = [line for line in result.stdout.splitlines() if line.startswith(f"  {name} ")]
        assert not line.endswith("...")


def test_an_unknown_command_is_a_usage_error(run: Run) -> None:
    result = run("serv")

    assert result.exit_code == 2
    assert "No such command 'serv'. Did you mean serve?" in result.stderr


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").stdout.startswith("game-bridge")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["tools", "--game", "chess"], "--game: there is no game 'chess'. There are: maid"),
        (["tools", "--tools", "most"], "'most' is not one of 'core', 'all', 'compact'"),
        (["tools", "--toolset", "maid:dance"], "--toolset: maid has no toolset 'dance'. It has"),
        (["tools", "--allow", "maid"], "--allow wants GAME:TOOLSET, not 'maid'"),
        (["tools", "--account", "maid=a/b"], "--account: 'a/b' cannot name an account"),
        (["tools", "--config", "none.toml"], "none.toml: there is no such settings file"),
        (["games", "--via", "maid=pigeon"], "--via maid=pigeon: it can be reached by http"),
        (["games", "--url", "maid=http://far.example"], "credentials only travel encrypted"),
        (["games", "--specs", "nowhere"], "--specs: nowhere is no folder"),
        (["call", "x", "--sandbox", "--url", "maid=http://127.0.0.1"], "exclude each other"),
        (["call", "maid_health", "health"], "Arguments are KEY=VALUE, not 'health'"),
        (["sandbox", "--game", "chess"], "there is no simulated chess. There are: maid"),
        (["sandbox", "--port", "99999"], "99999 is not in the range"),
    ],
)
def test_a_wrong_flag_ends_with_status_two_and_says_which(
    run: Run, arguments: list[str], problem: str
) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert problem in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_wrong_variable_ends_with_status_two_and_says_which(run: Run) -> None:
    result = run("tools", GAME_BRIDGE_TOOLS="most")

    assert result.exit_code == 2
    assert "GAME_BRIDGE_TOOLS wants core or all or compact" in result.stderr


def test_a_wrong_log_level_says_so(run: Run) -> None:
    result = run("call", "bridge_status", GAME_BRIDGE_LOG="loud")

    assert result.exit_code == 2
    assert "GAME_BRIDGE_LOG wants debug or info" in result.stderr


def test_tools_tells_what_each_game_costs(run: Run) -> None:
    result = run("tools", "--game", "maid")

    assert result.exit_code == 0
    assert "bridge: 5 tools" in result.stdout
    assert "\n  maid_" in result.stdout
    assert "spacemolt" not in result.stdout
    assert result.stdout.splitlines()[-1].startswith("All: ")
    assert "tokens" in result.stdout.splitlines()[-1]


def test_the_surface_flags_of_serve_shape_the_tools(run: Run) -> None:
    def names(*flags: str) -> set[str]:
        listed = json.loads(run("tools", "--json", "--game", "spacemolt", *flags).stdout)
        return {tool["name"] for tool in listed["tools"]}

    assert len(names("--tools", "compact")) == 5
    assert len(names("--tools", "all")) > 150
    assert "spacemolt_craft" in names("--toolset", "spacemolt:crafting") - names()
    assert "spacemolt_mine" in names() - names("--read-only")


def test_several_accounts_make_an_argument(run: Run) -> None:
    flags = ["--account", "maid=eve", "--account", "maid=ann"]

    listed = json.loads(run("tools", "--json", *flags).stdout)

    rooms = next(tool for tool in listed["tools"] if tool["name"] == "maid_list_rooms")
    assert rooms["inputSchema"]["properties"]["account"]["enum"] == ["eve", "ann"]


def test_tools_as_json_is_what_mcp_lists(run: Run) -> None:
    result = run("tools", "--json", "--tools", "all")

    listed = wire.ListToolsResult.model_validate(json.loads(result.stdout))
    assert len(listed.tools) > 250
    assert all(tool.annotations is not None for tool in listed.tools)


def test_the_built_in_specs_are_good(run: Run) -> None:
    result = run("check")

    assert result.exit_code == 0
    assert result.stdout.count(" commands, ") == 4


def test_a_broken_spec_is_named_with_file_and_key(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text(BROKEN)
    shutil.copy(ROOT / "examples" / "add_a_game" / "guess.toml", tmp_path)

    result = run("check", str(tmp_path))

    assert result.exit_code == 1
    assert "broken.toml: commands.look." in result.stderr
    assert result.stdout.startswith("guess: 2 commands")


def test_a_folder_without_specs_is_no_success(run: Run, tmp_path: Path) -> None:
    result = run("check", str(tmp_path))

    assert result.exit_code == 1
    assert "There is no spec" in result.stderr


def test_games_shows_where_they_would_be_reached(run: Run) -> None:
    result = run("games", "--url", "maid=http://127.0.0.1:9")

    assert "http://127.0.0.1:9\n" in result.stdout
    assert "ws://127.0.0.1:9/api/v1/events\n" in result.stdout
    assert "wss://game.spacemolt.com/ws\n" in result.stdout
    assert "(there is none yet)" in result.stdout


def test_a_game_of_ones_own_is_added_to_the_others(run: Run) -> None:
    result = run("games", GAME_BRIDGE_SPECS=str(ROOT / "examples" / "add_a_game"))

    assert "guess: Guess." in result.stdout
    assert "spacemolt: SpaceMolt." in result.stdout


def test_a_game_without_a_sandbox_is_left_out_of_it(run: Run) -> None:
    specs = ["--specs", str(ROOT / "examples" / "add_a_game")]

    assert run("call", "bridge_status", "--sandbox", *specs).exit_code == 0
    named = run("call", "bridge_status", "--sandbox", "--game", "guess", *specs)
    assert named.exit_code == 2
    assert "there is no simulated guess" in named.stderr


def test_a_call_in_the_sandbox_prints_what_a_model_would_read(run: Run) -> None:
    result = run("call", "spacemolt_get_version", "--sandbox", "--game", "spacemolt")

    assert result.exit_code == 0
    assert '"version":"0.327.2"' in result.stdout


def test_the_sandbox_has_a_ready_made_account_where_a_game_needs_one(run: Run) -> None:
    result = run("call", "maid_whoami", "--sandbox", "--game", "maid", "--json")

    told = json.loads(result.stdout)
    assert told["outcome"] == "done"
    assert told["result"]["username"] == "player1"


def test_a_refused_call_ends_with_status_one(run: Run) -> None:
    result = run("call", "spacemolt_undock", "--sandbox", "--game", "spacemolt")

    assert result.exit_code == 1
    assert result.stdout.startswith("Refused: ")


def test_an_unknown_tool_ends_with_status_two_and_names_the_nearest(run: Run) -> None:
    result = run("call", "spacemolt_undok", "--sandbox", "--game", "spacemolt")

    assert result.exit_code == 2
    assert "spacemolt_undock" in result.stderr


def test_values_are_json_where_they_can_be(run: Run) -> None:
    result = run(
        "call", "bridge_find", "words=sell ore", 'game="maid"', "--sandbox", "--game", "maid"
    )

    assert result.exit_code == 0


def test_the_sandbox_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    run("call", "spacemolt_get_version", "--sandbox", "--game", "spacemolt")

    assert list(tmp_path.iterdir()) == []


def test_a_state_folder_that_was_named_is_used_in_the_sandbox_too(run: Run, tmp_path: Path) -> None:
    run("call", "bridge_events", "--sandbox", "--game", "maid", "--state", str(tmp_path / "s"))

    assert (tmp_path / "s" / "events.sqlite3").exists()
