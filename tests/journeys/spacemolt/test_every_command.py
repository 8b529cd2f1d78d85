"""Every command, over every way: what is right arrives and is understood, what is wrong stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.spec.model import Command
from bridge.spec.parts import Spelling
from tests.journeys.spacemolt import samples
from tests.journeys.spacemolt.table import SPEC, WAYS, laid
from tests.journeys.spacemolt.watched import Watched

pytestmark = pytest.mark.anyio

NOT_UNDERSTOOD = {
    "invalid_payload",
    "invalid_params",
    "invalid_json",
    "invalid_action",
    "missing_action",
    "unknown_command",
    "unknown_tool",
    "method_not_allowed",
    "not_authenticated",
}
BY_ITSELF = ("login", "logout", "register")
"""What is part of coming and going, and so has tests of its own below."""
NOT_THERE = {
    "websocket": {"get_notifications": "Over the socket the game pushes."},
    "http_v2": {"help": "It is a GET there, and HTTP v1 has it."},
    "http_v1": {},
}


def spelling_of(way: str, name: str) -> Spelling:
    return SPEC.via.get(way, {}).get(name, Spelling())


def game_commands() -> Iterator[tuple[str, Command]]:
    for name, command in SPEC.commands.items():
        if SPEC.toolsets[command.toolset].admin or name in BY_ITSELF:
            continue
        yield name, command


def fast_world() -> Watched:
    return Watched(tick_seconds=0.01)


def is_understood(outcome: Outcome) -> bool:
    if isinstance(outcome, Refused):
        return not outcome.local and outcome.code not in NOT_UNDERSTOOD | {"unreachable"}
    return isinstance(outcome, Done)


@pytest.mark.parametrize("way", WAYS)
async def test_every_right_call_arrives_and_is_understood(tmp_path: Path, way: str) -> None:
    failures, tried = [], set[str]()
    async with laid(tmp_path, world=fast_world(), way=way) as table:
        table.settle_in()
        table.world.endow("Tester")
        for name, command in game_commands():
            if name in NOT_THERE[way]:
                continue
            for arguments in samples.right_calls(name, command, spelling_of(way, name)):
                before = len(table.world.requests)
                outcome = await table.player.run(name, arguments)
                tried.add(name)
                sent = table.world.requests[before:]
                if not is_understood(outcome) or not any(each.way == way for each in sent):
                    failures.append((name, arguments, outcome, sent))

    assert failures == []
    assert len(tried) == 177 - len(BY_ITSELF) - len(NOT_THERE[way])


@pytest.mark.parametrize("way", WAYS)
async def test_coming_and_going_is_understood_too(tmp_path: Path, way: str) -> None:
    async with laid(tmp_path, world=fast_world(), way=way) as table:
        await table.register()
        gone = await table.player.run("logout", {})
        after = await table.done("get_status")

        assert isinstance(gone, Done)
        assert "Tester" in str(after["player"])
        assert table.world.executed["register"] == table.world.executed["logout"] == 1
        assert table.world.executed["login"] >= 1
        assert {each.way for each in table.world.requests} == {way}


async def test_what_is_wrong_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    answers: dict[str, list[Outcome]] = {"missing": [], "choice": [], "stranger": []}
    async with laid(tmp_path, allow=("spacemolt:website",)) as table:
        table.settle_in()
        for name, command in SPEC.commands.items():
            for _, call in samples.without_one(command):
                answers["missing"].append(await table.call(name, **call))
            for _, call in samples.with_a_wrong_choice(command):
                answers["choice"].append(await table.call(name, **call))
            stranger = samples.with_a_stranger(command)
            answers["stranger"].append(await table.call(name, **stranger))

        assert not table.world.requests
        assert table.world.connections == 0

    for outcome in (each for kind in answers.values() for each in kind):
        assert isinstance(outcome, Refused)
        assert outcome.local
        assert outcome.code == "wrong_arguments"
    assert len(answers["missing"]) == sum(
        not param.optional
        for command in SPEC.commands.values()
        for param in command.params.values()
    )
    assert len(answers["choice"]) == sum(
        bool(param.enum) for command in SPEC.commands.values() for param in command.params.values()
    )
    assert len(answers["stranger"]) == len(SPEC.commands)
