"""The rules hold where calls are made; that a tool is not listed protects nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import JsonValue

from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.gateway import Gateway
from bridge.gateway.rules import objection
from bridge.journal import Journal
from bridge.protocol.verdict import Outcome, Refused
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import Command, GameSpec

pytestmark = pytest.mark.anyio

GAMES = ("maid", "moltforsale", "pipeworks", "spacemolt")
SPECS = {game: load_game(spec_folder(), game) for game in GAMES}
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there: what is sent in spite of everything fails in another way."""


def commands() -> Iterator[tuple[GameSpec, str, Command]]:
    for spec in SPECS.values():
        for name, command in spec.commands.items():
            yield spec, name, command


def objections(settings: Settings) -> dict[str, str]:
    """Return the code of the objection to each command, called without arguments."""
    found = {}
    for spec, name, command in commands():
        refused = objection(settings, spec, name, command, {})
        found[f"{spec.game.id}_{name}"] = refused.code if refused is not None else ""
    return found


def test_each_command_is_free_an_administrators_or_not_for_models() -> None:
    for spec, name, command in commands():
        code = objections(Settings())[f"{spec.game.id}_{name}"]
        expected = "not_allowed" if spec.toolsets[command.toolset].admin else ""
        assert code == (expected if command.offered else "not_offered"), name


def test_read_only_refuses_whatever_is_no_query() -> None:
    codes = objections(Settings(read_only=True, allow=GAMES))

    for spec, name, command in commands():
        code = codes[f"{spec.game.id}_{name}"]
        if command.offered:
            assert code == ("" if command.effect == "query" else "read_only"), name


def test_a_command_is_a_query_only_with_the_values_that_change_nothing() -> None:
    for spec, name, command in commands():
        settings = Settings(read_only=True, allow=GAMES)
        for param, values in command.query_when.items():
            assert objection(settings, spec, name, command, {param: values[0]}) is None
            refused = objection(settings, spec, name, command, {param: "anything else"})
            assert refused is not None
            assert refused.code == "read_only"


@pytest.mark.parametrize("allow", ["maid:admin", "maid", "maid:moderation"])
def test_allowing_one_game_or_toolset_allows_no_other(allow: str) -> None:
    codes = objections(Settings(allow=(allow,)))

    allowed = {tool for tool, code in codes.items() if code != objections(Settings())[tool]}
    assert allowed
    assert all(tool.startswith("maid_") for tool in allowed)
    if allow == "maid:moderation":
        of = {SPECS["maid"].commands[tool.removeprefix("maid_")].toolset for tool in allowed}
        assert of == {"moderation"}


@pytest.mark.parametrize("chosen", [Settings(), Settings(read_only=True)], ids=["usual", "read"])
async def test_nothing_that_may_not_be_done_can_be_called_by_any_name(
    chosen: Settings, tmp_path: Path
) -> None:
    settings = replace(chosen, urls=dict.fromkeys(GAMES, NOWHERE), state_folder=tmp_path)
    gateway = Gateway(SPECS, settings, MemoryVault(Secrets()), Journal(tmp_path / "journal.db"))
    forbidden = {tool: code for tool, code in objections(settings).items() if code}
    async with gateway.journal, gateway.running():
        for tool, code in forbidden.items():
            direct = (await gateway.call(tool, {})).outcome
            by_name = (await gateway.call("bridge_call", {"tool": tool})).outcome
            nested: JsonValue = {"tool": "bridge_call", "arguments": {"tool": tool}}
            assert isinstance(nested, dict)
            inside = (await gateway.call("bridge_call", nested)).outcome
            for outcome in (direct, by_name):
                assert is_refused_here(outcome, {code, "wrong_arguments"}), (tool, outcome)
            assert is_refused_here(inside, {"wrong_arguments", "unknown_tool", code}), (
                tool,
                inside,
            )


def is_refused_here(outcome: Outcome, codes: set[str]) -> bool:
    return isinstance(outcome, Refused) and outcome.local and outcome.code in codes


def test_the_tools_of_forbidden_toolsets_are_not_listed_or_found(tmp_path: Path) -> None:
    for settings in (Settings(tools="all"), Settings(tools="all", read_only=True)):
        gateway = Gateway(SPECS, settings, MemoryVault(Secrets()), Journal(tmp_path / "j.db"))
        known = {tool.name for tool in gateway.toolbox.list()}
        known |= {tool.name for tool in gateway.toolbox.reachable()}
        for tool, code in objections(settings).items():
            game, _, name = tool.partition("_")
            if code and not SPECS[game].commands[name].query_when:
                assert tool not in known
