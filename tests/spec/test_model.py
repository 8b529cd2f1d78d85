import pytest
from pydantic import ValidationError

from bridge.spec.model import is_queued
from tests.spec.toy import command, toy

GAME = toy(
    "[auth.player]\n[auth.admin]",
    command("look"),
    command("open_door", 'auth = "none"'),
    command("ban", 'auth = "admin"'),
    command("mine", 'effect = "mutation"'),
    command("chat", 'effect = "mutation"', "queued = false"),
    command("build", 'effect = "irreversible"', "queued = true"),
)


def test_a_command_needs_the_first_auth_unless_it_says_otherwise() -> None:
    assert GAME.auth_of(GAME.commands["look"]) == "player"
    assert GAME.auth_of(GAME.commands["open_door"]) is None
    assert GAME.auth_of(GAME.commands["ban"]) == "admin"


def test_a_command_of_a_game_without_auths_needs_none() -> None:
    game = toy(command("look"))

    assert game.auth_of(game.commands["look"]) is None


def test_a_mutation_waits_for_a_tick_unless_the_spec_says_otherwise() -> None:
    queued = {name for name, each in GAME.commands.items() if is_queued(each)}

    assert queued == {"mine", "build"}


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        GAME.commands["look"].effect = "query"
