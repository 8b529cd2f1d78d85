"""Sixty requests a minute for each key, kept on our side."""

from functools import partial
from pathlib import Path

import anyio
import httpx
import pytest

from bridge.gateway.shared.budgets import LONGEST_WAIT_SECONDS
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.keys import Window
from bridge.sandbox.maid.world import Maid
from bridge.settings import Settings
from tests.journeys.maid.playing import EVERYTHING, Table, laid, quiet_world

pytestmark = pytest.mark.anyio
SIXTY = {**EVERYTHING, "api_key": demo.FULL}


async def insist(table: Table, calls: int, *, at_once: int) -> list[Outcome]:
    """Make so many calls, so many at once, and wait only when told to."""
    outcomes: list[Outcome] = []

    async def one(lane: int) -> None:
        for _ in range(calls // at_once):
            outcome = await table.call(("list_rooms", "get_server_stats", "list_players")[lane % 3])
            outcomes.append(outcome)
            if isinstance(outcome, Refused):
                assert outcome.wait is not None
                table.world.clock.advance(outcome.wait * 0.37)

    async with anyio.create_task_group() as lanes:
        for lane in range(at_once):
            lanes.start_soon(one, lane)
    return outcomes


def limited(world: Maid, raw: str, rpm: int) -> None:
    """Give a demo key another limit."""
    next(key for key in world.game.keys if key.raw == raw).window = Window(rpm)


@pytest.mark.parametrize("at_once", [1, 30])
async def test_a_run_that_tries_to_exceed_the_limit_is_never_refused_by_the_game(
    tmp_path: Path, at_once: int
) -> None:
    world = quiet_world(HandClock())
    async with laid(tmp_path, world=world, keys=SIXTY) as table:
        outcomes = await insist(table, 360, at_once=at_once)

        done = sum(isinstance(outcome, Done) for outcome in outcomes)
        assert world.executed["rate_limited"] == 0
        assert done >= 100
        assert {outcome.code for outcome in outcomes if isinstance(outcome, Refused)} <= {
            "rate_limited"
        }


@pytest.mark.parametrize("rpm", [1, 7, 200])
async def test_a_key_with_another_limit_tells_it_with_its_first_answer(
    tmp_path: Path, rpm: int
) -> None:
    world = quiet_world(HandClock())
    limited(world, demo.FULL, rpm)
    async with laid(tmp_path, world=world, keys=SIXTY) as table:
        outcomes = await insist(table, 144, at_once=24)

        assert world.executed["rate_limited"] == 0
        assert sum(isinstance(outcome, Done) for outcome in outcomes) >= min(rpm, 144)


async def test_a_long_wait_is_told_and_a_short_one_is_waited_out(tmp_path: Path) -> None:
    world = quiet_world(HandClock())
    async with laid(tmp_path, world=world, keys=SIXTY) as table:
        for _ in range(60):
            await table.done("list_rooms")
        refused = await table.refused("list_rooms")
        world.clock.advance(60 - LONGEST_WAIT_SECONDS + 1)
        waited = await table.call("list_rooms")

    assert refused.local
    assert refused.wait == pytest.approx(60, abs=1)
    assert isinstance(waited, Done)
    assert table.pauses == [pytest.approx(LONGEST_WAIT_SECONDS - 1, abs=0.2)]


async def test_two_accounts_with_one_key_share_what_is_left_of_it(tmp_path: Path) -> None:
    world = quiet_world(HandClock())
    accounts = Settings(accounts={"maid": ("one", "other")})
    async with laid(tmp_path, world=world, settings=accounts) as table:
        table.hold("one", api_key=demo.FULL)
        table.hold("other", api_key=demo.FULL)
        outcomes = [
            await table.call("list_rooms", account=("one", "other")[n % 2]) for n in range(70)
        ]
        table.hold("other", api_key=demo.READ_ALL)

        assert sum(isinstance(outcome, Done) for outcome in outcomes) == 60
        assert world.executed["rate_limited"] == 0
        assert isinstance(await table.call("list_rooms", account="other"), Done)


@pytest.mark.parametrize("at_once", [1, 15])
async def test_two_processes_with_one_key_together_never_exceed_its_limit(
    tmp_path: Path, at_once: int
) -> None:
    world = quiet_world(HandClock())
    async with (
        laid(tmp_path, world=world, keys=SIXTY) as one,
        laid(tmp_path, beside=one, keys=SIXTY) as other,
        anyio.create_task_group() as both,
    ):
        both.start_soon(partial(insist, one, 150, at_once=at_once))
        both.start_soon(partial(insist, other, 150, at_once=at_once))

    executed = world.executed
    assert executed["rate_limited"] == 0
    assert executed["list_rooms"] + executed["stats_server"] + executed["list_players"] >= 80


async def test_what_a_process_has_used_up_is_not_there_for_the_next_one(tmp_path: Path) -> None:
    world = quiet_world(HandClock())
    async with laid(tmp_path, world=world, keys=SIXTY) as one:
        for _ in range(59):
            await one.done("list_rooms")
        async with laid(tmp_path, beside=one, keys=SIXTY) as second:
            await second.done("list_rooms")
        async with laid(tmp_path, beside=one, keys=SIXTY) as third:
            refused = await third.refused("list_rooms")

    assert refused.local
    assert world.executed["rate_limited"] == 0


async def test_a_refusal_holds_for_the_next_process_too(tmp_path: Path) -> None:
    world = quiet_world(HandClock())
    async with laid(tmp_path, world=world, keys=SIXTY) as one:
        await one.done("list_rooms")
        async with httpx.AsyncClient(headers={"X-API-Key": demo.FULL}) as others:
            for _ in range(59):
                await others.get(f"{one.url}/maid/api/v1/stats/server")
        await one.refused("list_rooms")
        async with laid(tmp_path, beside=one, keys=SIXTY) as other:
            refused = await other.refused("list_rooms")

    assert refused.local
    assert world.executed["rate_limited"] == 1


async def test_nothing_of_a_key_is_written_to_the_state_folder(tmp_path: Path) -> None:
    async with laid(tmp_path, keys=SIXTY) as table:
        await table.done("list_rooms")

    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    notes = [file for file in files if "key_requests" in file.name]
    assert notes
    secret = demo.FULL.rpartition("_")[2].encode()
    assert not [file for file in files if secret in file.read_bytes() + file.name.encode()]


async def test_what_others_use_of_the_key_is_left_to_them(tmp_path: Path) -> None:
    world = quiet_world(HandClock())
    async with laid(tmp_path, world=world, keys=SIXTY) as table:
        async with httpx.AsyncClient(headers={"X-API-Key": demo.FULL}) as others:
            for _ in range(40):
                await others.get(f"{table.url}/maid/api/v1/stats/server")
        outcomes = [await table.call("list_rooms") for _ in range(40)]

        assert sum(isinstance(outcome, Done) for outcome in outcomes) == 20
        assert world.executed["rate_limited"] == 0


async def test_a_refusal_of_the_game_itself_is_heeded_without_a_reset(tmp_path: Path) -> None:
    world = quiet_world(HandClock())
    async with laid(tmp_path, world=world, keys=SIXTY) as table:
        await table.done("list_rooms")
        async with httpx.AsyncClient(headers={"X-API-Key": demo.FULL}) as others:
            for _ in range(59):
                await others.get(f"{table.url}/maid/api/v1/stats/server")
        refused = await table.refused("list_rooms")
        again = [await table.refused("get_server_stats") for _ in range(5)]

        assert (refused.local, refused.wait) == (False, 60)
        assert all(each.local for each in again)
        assert world.executed["rate_limited"] == 1
        world.clock.advance(60)
        await table.done("list_rooms")


async def test_a_request_whose_answer_was_lost_counts_as_well(tmp_path: Path) -> None:
    world = quiet_world(HandClock())
    async with laid(tmp_path, world=world, keys=SIXTY) as table:
        await table.done("list_rooms")
        world.faults.switch_on("drop_reply_after@list_rooms")
        await table.done("list_rooms")

        status = await table.done("bridge_status", game="maid")

    assert "'requests_left': {'key_requests': 57}" in str(status)


async def test_the_status_tells_how_much_is_left(tmp_path: Path) -> None:
    world = quiet_world(HandClock())
    async with laid(tmp_path, world=world, keys=SIXTY) as table:
        for _ in range(3):
            await table.done("list_rooms")

        status = await table.done("bridge_status", game="maid")

    assert "'requests_left': {'key_requests': 57}" in str(status)


async def test_calls_without_a_key_are_not_counted(tmp_path: Path) -> None:
    world = quiet_world(HandClock())
    async with laid(tmp_path, world=world, keys=SIXTY) as table:
        for _ in range(70):
            await table.done("health")
            await table.done("whoami")


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_the_limit_holds_by_the_clock_on_the_wall(tmp_path: Path) -> None:
    world = quiet_world(WallClock())
    async with laid(tmp_path, world=world, keys=SIXTY, sleep=anyio.sleep) as table:
        done = 0
        with anyio.move_on_after(130):
            while True:
                outcome = await table.gateway.call("maid_list_rooms", {})
                done += isinstance(outcome.outcome, Done)
                await anyio.sleep(0.01)

        assert world.executed["rate_limited"] == 0
        assert done >= 120
