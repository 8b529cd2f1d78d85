import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from bridge.cli.tokens import at_most
from bridge.gateway.gateway import Gateway
from bridge.gateway.surface.search import words_of
from bridge.protocol.verdict import Done, Refused
from tests.waiting import PATIENCE_SECONDS

from .games import gateway, specs

pytestmark = pytest.mark.anyio

SIXTY = ["tune", "held_out"]
FORTY = ["second_held_out"]
LAST = ["asked_last"]
CORPUS = Path(__file__).parents[1] / "corpus"
QUESTIONS = CORPUS / "questions.toml"
PLAIN_REQUESTS = CORPUS / "plain_requests.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    part: str
    game: str
    words: str
    wanted: str


def questions() -> Iterator[Question]:
    for part, games in tomllib.loads(QUESTIONS.read_text(encoding="utf-8")).items():
        for game, asked in games.items():
            for words, wanted in asked.items():
                yield Question(part=part, game=game, words=words, wanted=wanted)


async def find(playing: Gateway, **arguments: str) -> str:
    with anyio.fail_after(PATIENCE_SECONDS):
        answer = await playing.call("bridge_find", arguments)
    return str(answer.outcome.text) if isinstance(answer.outcome, Done) else ""


def names_in(found: str) -> list[str]:
    return [line.partition("(")[0] for line in found.splitlines()]


def test_no_question_says_the_name_of_its_command() -> None:
    parts = Counter((each.part, each.game) for each in questions())

    for game in specs():
        assert parts["tune", game] == 10
        assert parts["held_out", game] == 5
        assert parts["second_held_out", game] == parts["asked_last", game] == 10
    for each in questions():
        assert specs()[each.game].commands[each.wanted].offered
        assert not {*words_of(each.wanted.replace("_", " "))} & {*words_of(each.words)}, each


async def missed(parts: list[str], *, game_is_named: bool) -> list[tuple[str, str, list[str]]]:
    """Return what is not among the first five, with the question and what was found instead."""
    playing = gateway(admin=True)
    without = []
    for each in questions():
        if each.part in parts:
            within = {"game": each.game} if game_is_named else {}
            found = names_in(await find(playing, words=each.words, **within))[:5]
            if f"{each.game}_{each.wanted}" not in found:
                without.append((each.words, each.wanted, found))
    return without


@pytest.mark.parametrize(("parts", "most"), [(SIXTY, 3), (FORTY, 6), (LAST, 13)])
async def test_the_wanted_command_is_among_the_first_five(parts: list[str], most: int) -> None:
    without = await missed(parts, game_is_named=False)

    assert len(without) <= most, without


@pytest.mark.parametrize(("parts", "most"), [(SIXTY, 1), (FORTY, 3), (LAST, 5)])
async def test_it_is_so_too_where_the_game_is_named(parts: list[str], most: int) -> None:
    without = await missed(parts, game_is_named=True)

    assert len(without) <= most, without


async def test_an_answer_is_a_thousand_tokens_at_most_and_comes_within_five_milliseconds() -> None:
    playing = gateway(admin=True)
    await find(playing, words="anything at all to see here")  # reads the commands once
    took = []

    for each in questions():
        start = time.perf_counter()
        found = await find(playing, words=each.words)
        took.append(time.perf_counter() - start)
        assert at_most(found) < 1_000

    assert sorted(took)[len(took) // 2] < 0.005


async def test_no_description_of_a_command_is_answered_with_more_than_a_thousand_tokens() -> None:
    playing = gateway(admin=True)

    for game, spec in specs().items():
        for command in spec.commands.values():
            if command.offered:
                found = await find(playing, words=command.description, game=game)
                assert at_most(found) < 1_000


async def test_who_uses_the_commands_own_word_finds_it_at_once() -> None:
    playing = gateway(admin=True)
    without = []

    asked = tomllib.loads(PLAIN_REQUESTS.read_text(encoding="utf-8"))
    for words, wanted in asked.items():
        found = names_in(await find(playing, words=words))[:3]
        if wanted not in found:
            without.append((words, wanted, found))

    assert len(asked) == 50
    assert len(without) <= 2, without


async def test_who_asks_what_there_is_is_not_told_first_how_to_change_it() -> None:
    asked = names_in(await find(gateway(admin=True), words="which insurance do I have"))
    wanted = names_in(await find(gateway(admin=True), words="buy insurance"))

    assert asked[0] in {"spacemolt_view_insurance", "spacemolt_claim_insurance"}
    assert wanted[0] == "spacemolt_buy_insurance"


@pytest.mark.parametrize("game", list(specs()))
async def test_a_game_that_is_named_in_the_question_comes_first(game: str) -> None:
    found = names_in(await find(gateway(admin=True), words=f"say something in {game.title()}"))

    assert found[0].startswith(f"{game}_")


async def test_a_toolset_is_listed_when_the_words_say_nothing_about_it() -> None:
    found = await find(gateway(admin=True), words="xyzzy", toolset="spacemolt:drones")

    assert {name for name in names_in(found) if name.startswith("spacemolt_")} == {
        f"spacemolt_{name}"
        for name, command in specs()["spacemolt"].commands.items()
        if command.toolset == "drones"
    }


async def test_a_large_toolset_is_named_to_its_end() -> None:
    found = await find(gateway(admin=True), words="xyzzy", toolset="factions")

    assert all(
        f"spacemolt_{name}" in found
        for name, command in specs()["spacemolt"].commands.items()
        if command.toolset == "factions"
    )


async def test_an_unknown_toolset_is_refused_with_those_that_there_are() -> None:
    answer = await gateway().call("bridge_find", {"words": "x", "toolset": "piracy"})

    assert isinstance(answer.outcome, Refused)
    assert "station_exchange" in answer.outcome.hint


async def test_a_toolset_that_is_not_allowed_is_said_to_be_and_never_proposed() -> None:
    closed = {"words": "xyzzy", "toolset": "spacemolt:website"}

    answer = await gateway().call("bridge_find", closed)
    unknown = await gateway().call("bridge_find", {"words": "xyzzy"})

    assert isinstance(answer.outcome, Refused)
    assert answer.outcome.code == "not_allowed"
    assert "--allow spacemolt:website" in answer.outcome.hint
    assert isinstance(unknown.outcome, Refused)
    assert "website" not in unknown.outcome.hint
    assert "spacemolt_website_profile(" in await find(gateway(admin=True), **closed)


async def test_words_that_mean_nothing_are_refused_with_the_toolsets() -> None:
    answer = await gateway().call("bridge_find", {"words": "xyzzy", "game": "maid"})

    assert isinstance(answer.outcome, Refused)
    assert answer.outcome.code == "nothing_found"
    assert "observe" in answer.outcome.hint


async def test_nothing_is_found_that_may_not_be_done() -> None:
    answer = await gateway(read_only=True).call("bridge_find", {"words": "attack a pirate"})
    found = str(answer.outcome.text) if isinstance(answer.outcome, Done) else ""

    assert "spacemolt_attack" not in found
    assert "maid_shutdown" not in await find(gateway(), words="shut the server down")
