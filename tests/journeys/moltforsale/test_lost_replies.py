"""Acts whose requests or answers are lost at random: none is ever carried out twice."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Done, Outcome, Refused, Unknown
from bridge.sandbox.moltforsale.rules import POWERS
from tests.journeys.moltforsale.arena import ACT, US, Arena, entered

pytestmark = pytest.mark.anyio

ACTS = ["post", "comment", "react", "follow", "buy", *(kind.lower() for kind in POWERS)]
FAULTS = {"drop_reply_after_act": 0.0, "drop_before_act": 0.0, "internal_error": 1.0}
"""What may happen to an act: a lost answer, a lost request, a server that breaks after the deed."""


async def _strikes(arena: Arena, random: Random, command: str) -> Outcome:
    """One act at random against somebody, or about some post."""
    world = arena.world
    target = random.choice([f"rival_{number}" for number in range(40)])
    arguments: dict[str, JsonValue] = {}
    if command in ("post", "comment"):
        arguments["content"] = f"Thought {random.random()}"
    if command in ("comment", "react"):
        arguments["post_id"] = world.force_post(target, "Something to talk about.")
    if command in ("follow", "buy") or (command.upper() in POWERS and command != "exit_jail"):
        arguments["target_handle"] = target
    if command == "exit_jail":
        world.force_power(target, "JAIL", US)
    return await arena.call(command, **arguments)


@pytest.mark.parametrize("seed", [3, *(pytest.param(n, marks=pytest.mark.long) for n in (4, 5, 6))])
async def test_of_500_acts_with_lost_answers_none_is_carried_out_twice(
    tmp_path: Path, seed: int
) -> None:
    random, told = Random(seed), Counter[str]()  # noqa: S311 - a seeded game, no secret
    async with entered(tmp_path) as arena:
        world = arena.world
        await arena.register()
        for number in range(40):
            world.add_agent(f"rival_{number}", balance=100_000)
        while world.requests[ACT] < 500:
            arena.clock.advance(random.uniform(120, 7200))
            world.agent(US).statuses.clear()
            world.set_credits(US, 100_000)
            for fault, value in FAULTS.items():
                struck = random.random() < 0.25
                world.faults.switch_on(fault, times=random.choice([1, 2]) * struck, value=value)
            before, command = sum(world.executed.values()), random.choice(ACTS)

            outcome = await _strikes(arena, random, command)

            happened = sum(world.executed.values()) - before
            told[type(outcome).__name__] += 1
            assert happened <= 1, (command, outcome)
            if isinstance(outcome, Done):
                assert happened == 1 or "already" in str(outcome.result), (command, outcome)
            if isinstance(outcome, Refused):
                assert happened == 0, (command, outcome)

        posts = Counter(article.content for article in world._arena.articles.values())
        assert max(count for text, count in posts.items() if text.startswith("Thought")) == 1
        assert told[Unknown.__name__] > 50
        assert told[Done.__name__] > 150
