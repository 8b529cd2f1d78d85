"""Being too fast: every shape in which the game says so, and what is sent while it lasts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from bridge.protocol.verdict import Done, Pending, Refused
from bridge.sandbox.server import running
from bridge.server.present import Presenter
from tests.journeys.spacemolt.table import (
    BY_REQUEST,
    TICK_SECONDS,
    WAYS,
    Table,
    hold,
    laid,
    new_vault,
    sitting,
)
from tests.journeys.spacemolt.watched import SOCKET, Watched
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio

NEVER = 3_600.0
"""A tick that no test lives to see: the test itself ticks."""

BOTH = {"spacemolt": ("default", "second")}
SHORT, LONG = 5.0, 90.0
SHAPES = {
    "object": "rate_limited",
    "string": "error_429",
    "empty": "empty_429",
    "page": "html_429",
}


def traffic(table: Table) -> tuple[int, int]:
    return len(table.world.requests), table.world.connections


# -- 429 and its kin


@pytest.mark.parametrize("way", BY_REQUEST)
@pytest.mark.parametrize("shape", SHAPES)
async def test_a_short_refusal_of_any_shape_is_waited_out(
    tmp_path: Path, way: str, shape: str
) -> None:
    async with laid(tmp_path, way=way, by_hand=True) as table:
        table.settle_in()
        await table.done("get_status")
        table.world.faults.switch_on(SHAPES[shape], value=SHORT)

        query = await table.call("get_status")
        table.world.faults.switch_on(SHAPES[shape], value=SHORT)
        act = await table.call("undock")

        told = 10.0 if shape in ("empty", "page") else SHORT
        assert table.pauses == [told, told]
        assert isinstance(query, Done)
        assert isinstance(act, Done)
        assert f"Waited {told:.0f} s" in query.notes[0]
        assert table.world.executed["undock"] == 1


async def test_a_short_refusal_over_the_socket_is_waited_out(tmp_path: Path) -> None:
    async with laid(tmp_path, way=SOCKET, by_hand=True) as table:
        table.settle_in()
        await table.done("get_status")
        table.world.faults.switch_on("rate_limited", value=8.5)

        act = await table.call("undock")

        assert isinstance(act, Done)
        assert table.pauses == [8.5]
        assert table.world.executed["undock"] == 1


@pytest.mark.parametrize("way", WAYS)
async def test_a_long_refusal_is_told_with_its_end(tmp_path: Path, way: str) -> None:
    async with laid(tmp_path, way=way, by_hand=True) as table:
        table.settle_in()
        await table.done("get_status")
        table.world.faults.switch_on("rate_limited", value=LONG)

        refused = await table.refused("undock")

        assert refused.code == "rate_limited"
        assert refused.wait == LONG
        assert table.pauses == []
        assert table.world.executed["undock"] == 0


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_a_limit_of_the_whole_address_holds_every_account_back(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way, by_hand=True, accounts=BOTH) as table:
        table.settle_in("Alpha")
        hold(table.world, table.vault, "Beta", "second")
        await table.done("get_status", account="default")
        table.world.faults.switch_on("error_429", value=LONG)
        await table.refused("get_status", account="default")
        before = traffic(table)

        refused = await table.refused("get_status", account="second")

        assert refused.local
        assert refused.wait == pytest.approx(LONG, abs=2)
        assert traffic(table) == before


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_a_limit_met_while_signing_in_holds_everything_back_too(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way, by_hand=True) as table:
        table.settle_in()
        table.world.faults.switch_on("error_429", value=LONG)
        first = await table.refused("get_status")
        before = traffic(table)

        second = await table.refused("get_status")

        assert first.code == "rate_limited"
        assert second.local
        assert traffic(table) == before
        table.world.clock.advance(LONG + 1)
        await table.done("get_status")


# -- The address is out


async def until_reopened(table: Table) -> None:
    """Wait until every connection that was lost has been tried again, as far as it is allowed."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while any(live.reopenings == 0 for live in table.player.carrier.lives().values()):
            await moment()


async def put_out(table: Table, seconds: float = 120.0) -> Refused:
    table.world.faults.switch_on("ip_timeout", value=seconds)
    return await table.refused("get_status")


@pytest.mark.parametrize("way", [None, *WAYS])
async def test_nothing_is_sent_while_the_address_is_out(tmp_path: Path, way: str | None) -> None:
    async with laid(tmp_path, way=way, by_hand=True) as table:
        table.settle_in()
        await table.done("get_status")
        told = await put_out(table)
        before = traffic(table)

        for _ in range(3):
            query = await table.refused("get_status")
            act = await table.refused("undock")
            by_name = await table.refused("bridge_call", tool="spacemolt_get_nearby")
        table.world.close_connections()
        await until_reopened(table)
        table.world.clock.advance(100)
        await table.refused("get_status")

        assert told.wait == pytest.approx(120, abs=2)
        for refused in (query, act, by_name):
            assert refused.local
            assert refused.code == "ip_timed_out"
            assert "UTC" in refused.message
            assert 110 < (refused.wait or 0) <= 121
        assert traffic(table) == before
        table.world.clock.advance(25)
        await table.done("get_status")


async def test_the_model_reads_until_when(tmp_path: Path) -> None:
    async with laid(tmp_path, by_hand=True) as table:
        table.settle_in()
        await put_out(table)
        shown = Presenter(store=table.gateway.store, now=table.world.clock.now)

        first = shown.text(await table.answer("get_status"))
        status = await table.done("bridge_status")

        assert "ip_timed_out" in first
        assert "until" in first
        assert "shut_out_for_seconds" in str(status)


async def test_a_timeout_met_at_the_door_is_heeded_and_no_other_way_is_tried(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path, by_hand=True) as table:
        table.settle_in()
        table.world.limits.put_out("127.0.0.1", 120)

        first = await table.refused("get_status")
        before = traffic(table)
        second = await table.refused("get_status")

        assert first.code == second.code == "ip_timed_out"
        assert first.wait == pytest.approx(120, abs=2)
        assert traffic(table) == before == (0, 1)
        assert await table.events() == []


async def test_a_close_that_names_a_time_is_heeded_by_every_way(tmp_path: Path) -> None:
    async with laid(tmp_path, by_hand=True) as table:
        table.settle_in()
        await table.done("get_status")
        table.world.faults.switch_on("close_4003", value=120)
        told = await table.refused("get_status")
        before = traffic(table)

        refused = await table.refused("get_status")

        assert told.code == refused.code == "ip_timed_out"
        assert refused.wait == pytest.approx(120, abs=2)
        assert traffic(table) == before
        table.world.clock.advance(125)
        await table.done("get_status")


async def test_a_second_gateway_of_the_same_user_sends_nothing_either(tmp_path: Path) -> None:
    world, vault = Watched(tick_seconds=TICK_SECONDS), new_vault()
    hold(world, vault, "Tester")
    async with (
        running([world]) as url,
        sitting(world, url, tmp_path, by_hand=True, vault=vault) as one,
        sitting(world, url, tmp_path, by_hand=True, vault=vault) as two,
    ):
        await two.done("get_status")
        await one.done("get_status")
        await put_out(one)
        before = traffic(one)

        refused = await two.refused("get_status")
        with two.gateway.listening("spacemolt", "default", "chat"):
            for _ in range(50):
                await moment()

        assert refused.local
        assert refused.code == "ip_timed_out"
        assert traffic(one) == before
        world.clock.advance(125)
        await two.done("get_status")


# -- A normal session meets no limit


async def test_whoever_chats_too_much_is_held_back_here_and_never_refused_there(
    tmp_path: Path,
) -> None:
    world = Watched(tick_seconds=TICK_SECONDS, limits=True)
    async with laid(
        tmp_path, world=world, way="http_v2", by_hand=True, unpaced=frozenset[str]()
    ) as table:
        table.settle_in()
        for number in range(20):
            await table.done("chat", channel="system", content=f"Hello {number}")

        refused = await table.refused("chat", channel="system", content="Once more")

        assert refused.local
        assert refused.code == "rate_limited"
        assert len(world.asked("spacemolt_social/chat")) == 20
        assert all(each.status == 200 for each in world.requests)
        world.clock.advance(61)
        await table.done("chat", channel="system", content="Now")


async def test_actions_and_questions_have_budgets_of_their_own(tmp_path: Path) -> None:
    async with laid(tmp_path, by_hand=True, unpaced=frozenset[str]()) as table:
        table.settle_in()
        await table.done("undock")
        await table.done("travel", target_poi="main_belt")
        for _ in range(28):
            await table.call("mine")

        act = await table.refused("mine")
        query = await table.call("get_status")

        assert act.local
        assert act.code == "rate_limited"
        assert isinstance(query, Done)
        assert len(table.world.asked("mine")) == 28


async def test_no_more_connections_are_opened_than_the_game_allows(tmp_path: Path) -> None:
    pilots = tuple(f"pilot{number}" for number in range(21))
    chosen: dict[str, object] = {
        "unpaced": frozenset[str](),
        "accounts": {"spacemolt": pilots},
    }
    async with laid(tmp_path, world=None, way=None, by_hand=True, **chosen) as table:
        for pilot in pilots:
            hold(table.world, table.vault, f"Captain {pilot}", pilot)
        for pilot in pilots[:20]:
            await table.done("get_nearby", account=pilot)

        last = await table.call("get_nearby", account=pilots[20])

        assert isinstance(last, Done)
        assert "connections to the game" in str(last.notes)
        assert table.world.connections == 20
        assert table.world.requests[-1].way == "http_v2"


# -- One action at a time


@asynccontextmanager
async def ticking(world: Watched, after: str = "") -> AsyncIterator[None]:
    """Let the world tick all the time, from the first answer to a command on if one is named."""

    async def tick() -> None:
        while after and not any(each.status for each in world.requests if after in each.name):
            await moment()
        while True:
            world.tick()
            await moment()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick)
        yield
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("newer", [False, True], ids=["action_queued", "action_pending"])
@pytest.mark.parametrize("way", BY_REQUEST)
async def test_an_action_that_meets_another_one_waits_for_the_tick(
    tmp_path: Path, way: str, *, newer: bool
) -> None:
    world = Watched(tick_seconds=NEVER)
    async with laid(tmp_path, world=world, way=way, by_hand=True) as table:
        table.settle_in()
        await table.done("get_status")
        table.world.faults.switch_on("http_pending")
        pending = await table.call("undock")
        if newer:
            table.world.faults.switch_on("newer_codes")

        async with ticking(world, after="travel"):
            act = await table.call("travel", target_poi="main_belt")

        assert isinstance(pending, Pending)
        assert isinstance(act, Done)
        assert act.notes == ("Waited 10 s, as the game asked (action_pending).",)
        assert world.executed["undock"] == world.executed["travel"] == 1
        assert [each.status for each in world.requests if "travel" in each.name] == [400, 200]


@pytest.mark.parametrize("newer", [False, True], ids=["already_traveling", "in_transit"])
@pytest.mark.parametrize("way", WAYS)
async def test_an_action_in_mid_flight_is_told_to_wait_for_the_arrival(
    tmp_path: Path, way: str, *, newer: bool
) -> None:
    world = Watched(tick_seconds=NEVER)
    async with laid(tmp_path, world=world, way="http_v1") as table:
        table.settle_in()
        async with ticking(world):
            await table.done("undock")
        table.world.faults.switch_on("http_pending")
        await table.call("travel", target_poi="main_belt")
        world.tick()
        async with sitting(
            world, table.url, tmp_path / "2", vault=table.vault, via={"spacemolt": way}
        ) as other:
            if newer:
                table.world.faults.switch_on("newer_codes")

            refused = await other.refused("mine")

        assert refused.code == "in_transit"
        assert "get_status" in refused.hint
        assert world.executed["mine"] == 0
