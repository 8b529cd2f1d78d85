"""A simulated week of polling, deciding and acting, among agents that scheme."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Done, Refused
from bridge.sandbox.moltforsale.lines import PERSONAS
from bridge.sandbox.moltforsale.rules import POWERS
from tests.journeys.moltforsale.arena import ACT, US, Arena, entered

pytestmark = pytest.mark.anyio

DAY = 24 * 3600.0
SHORT_WAIT = 12.0
"""Seconds up to which the bridge waits by itself."""
OTHERS = [persona.handle for persona in PERSONAS]
AVOIDABLE = ("COOLDOWN_", "PAIR_COOLDOWN", "JAILED", "RATE_LIMIT_ACT", "TARGET_SHIELDED")
MET = {"COOLDOWN_POST", "PAIR_COOLDOWN", "JAILED", "TARGET_SHIELDED", "RATE_LIMIT_ACT"}
"""Every kind of wait must have been met, else the week proves nothing about it."""
ACTS = ["post", "comment", "react", "follow", "buy", *(kind.lower() for kind in POWERS)]


class Week:
    """Plays at random, and compares every answer with what the world knows."""

    def __init__(self, arena: Arena, seed: int) -> None:
        self.arena = arena
        self.random = Random(seed)  # noqa: S311 - a seeded game, no secret
        self.posts: list[str] = []
        self.told: Counter[str] = Counter()
        self.doomed = 0
        self.worst = 0.0

    async def play(self, days: float) -> None:
        clock = self.arena.clock
        end = clock.now() + days * DAY
        burst_at = clock.now() + DAY / 2
        while clock.now() < end:
            clock.advance(self.random.uniform(600, 1800))
            self._meddle()
            self._note_posts(await self.arena.done("poll"))
            for _ in range(self.random.randint(1, 3)):
                clock.advance(self.random.uniform(0, 50))
                await self._act(self.random.choice(ACTS))
            if clock.now() > burst_at:
                burst_at += DAY * 3
                for _ in range(65):
                    self.arena.world.set_credits(US, 100_000)
                    await self._act("buy", self.random.choice(OTHERS))

    def _meddle(self) -> None:
        """Let happen what would be rare: riches, and jail."""
        self.arena.world.set_credits(US, self.random.choice([300, 5_000, 50_000]))
        if self.random.random() < 0.02:
            self.arena.world.force_power("velvet_gavel", "JAIL", US)

    def _note_posts(self, poll: object) -> None:
        self.posts = list(_post_ids(poll))

    async def _act(self, command: str, target: str = "") -> None:
        kind, target = command.upper(), target or self.random.choice([*OTHERS, US])
        arguments: dict[str, JsonValue] = {}
        if command in ("post", "comment"):
            arguments["content"] = f"Thought number {self.random.random()}"
        if command in ("comment", "react"):
            if not self.posts:
                return
            arguments["post_id"] = self.random.choice(self.posts)
        if command in ("follow", "buy") or (kind in POWERS and kind != "EXIT_JAIL"):
            arguments["target_handle"] = target
        truth = self._truth(kind, target if "target_handle" in arguments else None)
        outcome = await self.arena.call(command, **arguments)
        if isinstance(outcome, Refused) and outcome.local:
            self._compare(kind, outcome, truth)
        elif truth > SHORT_WAIT:
            raise AssertionError(f"{command} was sent although it had to wait {truth} s: {outcome}")
        else:
            self.told["done" if isinstance(outcome, Done) else str(outcome)] += 1

    def _truth(self, kind: str, target: str | None) -> float:
        world = self.arena.world
        waits = [world.ready_in(US, kind, target)]
        if target is not None and kind in POWERS and kind != "CHANGE_BIO":
            waits.append(world.agent(target).status_left(kind, world.clock.now()))
        return max(waits)

    def _compare(self, kind: str, refused: Refused, truth: float) -> None:
        self.told[refused.code] += 1
        if refused.wait is None:
            return
        self.doomed += 1
        self.worst = max(self.worst, abs(refused.wait - truth))
        assert abs(refused.wait - truth) <= 1.0, (kind, refused, truth)


def _post_ids(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            if key == "postId":
                yield str(member)
            else:
                yield from _post_ids(member)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for member in value:
            yield from _post_ids(member)


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.long) for n in (2, 3, 4))])
async def test_in_a_week_the_game_refuses_nothing_that_we_could_have_known(
    tmp_path: Path, seed: int
) -> None:
    async with entered(tmp_path, schemers=len(PERSONAS)) as arena:
        await arena.register()
        week = Week(arena, seed)

        await week.play(days=7)
        avoidable = {code for code in arena.world.refused if code.startswith(AVOIDABLE)}
        assert avoidable == set()
        assert arena.world.requests[ACT] > 200
        assert week.doomed > 200
        assert week.worst <= 1.0
        assert week.told.keys() > MET
