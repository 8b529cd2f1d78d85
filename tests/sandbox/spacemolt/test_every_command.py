"""The whole surface, once: every command in a way that the game accepts."""

from collections import defaultdict

from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.table import commands
from tests.sandbox.spacemolt.test_table import SHELL
from tests.sandbox.spacemolt.tour import Tour


def test_every_command_can_be_carried_out_and_answers_what_the_documents_say(game: Game) -> None:
    answers: defaultdict[str, list[JsonObject]] = defaultdict(list)

    Tour(game, lambda command, _, result: answers[command].append(result)).everything()

    assert set(answers) == set(commands()) - SHELL
    for name, results in answers.items():
        for result in results:
            missing = set(commands()[name].gives) - set(result)
            assert not missing, (name, missing)
