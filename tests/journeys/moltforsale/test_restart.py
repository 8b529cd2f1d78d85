"""What is remembered from one run to the next, and shared by processes that run at once."""

import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bridge.credentials import MemoryVault, Secrets
from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.world import Moltforsale
from bridge.sandbox.server import running
from tests.journeys.moltforsale.arena import ACT, POLL, US, Arena, entered, is_secret

pytestmark = pytest.mark.anyio

HOUR = 3600.0


class Runs:
    """One world and one account, and a gateway as often as wanted."""

    def __init__(self, folder: Path, world: Moltforsale, url: str) -> None:
        self.world = world
        self._folder = folder
        self._url = url
        self._vault = MemoryVault(Secrets(is_secret))

    @asynccontextmanager
    async def run(self, folder: Path | None = None) -> AsyncIterator[Arena]:
        state = folder or self._folder
        async with entered(state, world=self.world, url=self._url, vault=self._vault) as arena:
            yield arena


@asynccontextmanager
async def _runs(folder: Path) -> AsyncIterator[Runs]:
    world = Moltforsale(clock=HandClock(), schemers=0)
    world.add_agent("rival")
    async with running([world]) as url:
        yield Runs(folder, world, url)


async def test_a_restarted_bridge_polls_before_it_refuses_anything(tmp_path: Path) -> None:
    async with _runs(tmp_path) as runs:
        async with runs.run() as arena:
            await arena.register()
            await arena.done("post", content="Before")
        polls = runs.world.requests[POLL]
        runs.world.agent(US).last_done.clear()

        async with runs.run() as arena:
            await arena.done("post", content="After")

        assert runs.world.requests[POLL] == polls + 1


async def test_the_waits_that_no_poll_tells_survive_a_restart(tmp_path: Path) -> None:
    async with _runs(tmp_path) as runs:
        async with runs.run() as arena:
            await arena.register()
            await arena.done("trolling", target_handle="rival")
        runs.world.clock.advance(HOUR)
        runs.world.agent("rival").statuses.clear()

        async with runs.run() as arena:
            refused = await arena.refused("kol", target_handle="rival")

        assert (refused.code, refused.local) == ("PAIR_COOLDOWN", True)
        assert refused.wait == pytest.approx(5 * HOUR, abs=1)


async def test_the_hours_acts_are_counted_across_restarts(tmp_path: Path) -> None:
    async with _runs(tmp_path) as runs:
        async with runs.run() as arena:
            await arena.register()
            runs.world.set_credits(US, 10**9)
            for _ in range(60):
                await arena.done("buy", target_handle="rival")

        async with runs.run() as arena:
            refused = await arena.refused("buy", target_handle="rival")

        assert (refused.code, refused.local) == ("RATE_LIMIT_ACT", True)
        assert refused.wait == pytest.approx(runs.world.ready_in(US, "BUY", "rival"), abs=1)
        assert not runs.world.refused


async def test_without_notes_the_feed_and_a_poll_tell_the_waits(tmp_path: Path) -> None:
    async with _runs(tmp_path) as runs:
        async with runs.run() as arena:
            await arena.register()
            await arena.done("kol", target_handle="rival")
            await arena.done("post", content="Hello")
        runs.world.clock.advance(100.25)

        async with runs.run(tmp_path / "elsewhere") as arena:
            posting = await arena.refused("post", content="Hello again")
            pair = await arena.refused("trolling", target_handle="rival")
            own = await arena.refused("kol", target_handle="rival")

        assert posting.wait == pytest.approx(runs.world.ready_in(US, "POST"), abs=0.1)
        assert pair.wait == pytest.approx(runs.world.ready_in(US, "TROLLING", "rival"), abs=0.1)
        assert own.wait == pytest.approx(runs.world.ready_in(US, "KOL", "rival"), abs=0.1)


async def test_two_processes_count_together(tmp_path: Path) -> None:
    async with _runs(tmp_path) as runs, runs.run() as one, runs.run() as other:
        await one.register()
        await one.done("trolling", target_handle="rival")

        refused = await other.refused("sponsored_post", target_handle="rival")

        assert (refused.code, refused.local) == ("PAIR_COOLDOWN", True)
        assert runs.world.requests[ACT] == 1


async def test_two_processes_share_short_cooldowns_too(tmp_path: Path) -> None:
    async with _runs(tmp_path) as runs, runs.run() as one, runs.run() as other:
        await one.register()
        posts = [runs.world.force_post("rival", f"Post {number}") for number in range(2)]
        await other.done("poll")
        await one.done("react", post_id=posts[0])

        refused = await other.refused("react", post_id=posts[1])

        assert (refused.code, refused.local) == ("COOLDOWN_REACT", True)
        assert not runs.world.refused


async def test_the_notes_are_private_and_hold_no_secret(tmp_path: Path) -> None:
    async with _runs(tmp_path) as runs:
        async with runs.run() as arena:
            await arena.register()
            await arena.done("trolling", target_handle="rival")
            key = await arena.gateway.vault.get("moltforsale", "default", "api_key")

        files = list((tmp_path / "notes").glob("*.json"))

        assert len(files) == 2
        for file in files:
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert key is not None
            assert key not in file.read_text()
            assert json.loads(file.read_text())["format"] == 1


async def test_notes_that_cannot_be_read_are_as_good_as_none(tmp_path: Path) -> None:
    async with _runs(tmp_path) as runs:
        async with runs.run() as arena:
            await arena.register()
            await arena.done("post", content="Hello")
        for file in (tmp_path / "notes").glob("*.json"):
            file.write_text('{"format": 1, "done": ["spoilt')

        async with runs.run() as arena:
            refused = await arena.refused("post", content="Again")

        assert refused.code == "COOLDOWN_POST"
        assert refused.wait == pytest.approx(600, abs=1)


async def test_cooldowns_told_in_milliseconds_are_understood(tmp_path: Path) -> None:
    async with _runs(tmp_path) as runs:
        async with runs.run() as arena:
            await arena.register()
            await arena.done("post", content="Hello")
        runs.world.clock.advance(100)
        runs.world.faults.switch_on("milliseconds", times=9)

        async with runs.run(tmp_path / "elsewhere") as arena:
            refused = await arena.refused("post", content="Again")
            shown = await arena.read("poll")

        assert refused.wait == pytest.approx(500, abs=1)
        assert '"post":"in 500 s"' in shown


async def test_when_our_clock_is_put_right_what_is_remembered_stays_right(tmp_path: Path) -> None:
    async with _runs(tmp_path) as runs, runs.run() as arena:
        await arena.register()
        await arena.done("trolling", target_handle="rival")
        arena.skew = -5000.0
        await arena.done("poll")

        refused = await arena.refused("kol", target_handle="rival")

        assert refused.wait == pytest.approx(6 * HOUR, abs=1)
