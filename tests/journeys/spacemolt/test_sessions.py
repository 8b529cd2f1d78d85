"""Sessions over HTTP: how long they last, what ends them, and what they cost."""

from pathlib import Path

import anyio
import pytest

from bridge.protocol.verdict import Done
from bridge.sandbox.server import running
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

pytestmark = pytest.mark.anyio

EXPIRY_SECONDS = 30 * 60
ENDED = ("session_invalid", "session_expired", "session_required", "not_authenticated")


def sessions(table: Table) -> int:
    return len(table.world.asked("session"))


def logins(table: Table) -> int:
    return sum(each.name.endswith("login") for each in table.world.requests)


def refusals(table: Table) -> list[int]:
    return [each.status for each in table.world.requests if each.status >= 400]


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_a_session_is_renewed_before_it_ends(tmp_path: Path, way: str) -> None:
    async with laid(tmp_path, way=way, by_hand=True) as table:
        table.settle_in()
        await table.done("get_status")
        table.world.clock.advance(0.9 * EXPIRY_SECONDS)

        await table.done("get_status")

        assert sessions(table) == logins(table) == 2
        assert refusals(table) == []


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_a_session_that_is_used_lasts(tmp_path: Path, way: str) -> None:
    async with laid(tmp_path, way=way, by_hand=True) as table:
        table.settle_in()
        for _ in range(6):
            await table.done("get_status")
            table.world.clock.advance(0.5 * EXPIRY_SECONDS)

        assert sessions(table) == logins(table) == 1
        assert refusals(table) == []


@pytest.mark.parametrize("way", BY_REQUEST)
@pytest.mark.parametrize("code", [0, 1], ids=["session_invalid", "session_expired"])
async def test_a_session_that_the_game_has_ended_is_renewed_and_nobody_sees_it(
    tmp_path: Path, way: str, code: float
) -> None:
    async with laid(tmp_path, way=way) as table:
        table.settle_in()
        await table.done("get_status")
        table.world.faults.switch_on("session_loss", value=code)

        query = await table.call("get_status")
        table.world.faults.switch_on("session_loss", value=code)
        act = await table.call("undock")

        assert isinstance(query, Done)
        assert isinstance(act, Done)
        assert sessions(table) == logins(table) == 3
        assert table.world.executed["undock"] == 1
        assert not any(word in f"{query} {act}" for word in ENDED)
        used = {each.session for each in table.world.requests if each.session}
        assert len(used) == 3
        assert not any(session in f"{query} {act}" for session in used)


async def test_a_socket_that_forgot_who_we_are_is_signed_in_again(tmp_path: Path) -> None:
    async with laid(tmp_path, way=SOCKET) as table:
        table.settle_in()
        await table.done("get_status")
        table.world.faults.switch_on("session_loss")

        query = await table.call("get_status")

        assert isinstance(query, Done)
        assert logins(table) == 2
        assert table.world.connections == 1


@pytest.mark.parametrize("way", WAYS)
async def test_thirty_two_calls_that_fail_together_sign_in_once(tmp_path: Path, way: str) -> None:
    outcomes = []
    async with laid(tmp_path, way=way) as table:
        table.settle_in()
        await table.done("get_status")
        table.world.faults.switch_on("session_loss")

        async def ask() -> None:
            outcomes.append(await table.call("get_status"))

        async with anyio.create_task_group() as many:
            for _ in range(32):
                many.start_soon(ask)

        assert len(outcomes) == 32
        assert all(isinstance(each, Done) for each in outcomes)
        assert logins(table) == 2
        assert sessions(table) == (0 if way == SOCKET else 2)


@pytest.mark.parametrize("way", WAYS)
async def test_a_new_player_is_registered_though_the_game_still_knows_the_last(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way) as table:
        await table.register("Alpha")
        for slot in ("username", "password"):  # as game-bridge logout does
            await table.vault.forget("spacemolt", "default", slot)

        await table.register("Beta")
        status = await table.done("get_status")

        assert "Beta" in str(status["player"])
        assert await table.vault.get("spacemolt", "default", "username") == "Beta"
        assert table.world.executed["register"] == 2


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_each_version_of_http_has_sessions_of_its_own(tmp_path: Path, way: str) -> None:
    other = next(each for each in BY_REQUEST if each != way)
    async with laid(tmp_path, way=way) as table:
        table.settle_in()
        await table.done("get_status")
        async with sitting(
            table.world, table.url, tmp_path, vault=table.vault, via={"spacemolt": other}
        ) as second:
            await second.done("get_status")

        pools = {
            each: {asked.session for asked in table.world.requests if asked.way == each} - {""}
            for each in BY_REQUEST
        }
        assert all(len(pool) == 1 for pool in pools.values())
        assert not pools["http_v1"] & pools["http_v2"]


# -- Logins that are refused: games lock out whoever tries them again


@pytest.mark.parametrize("way", WAYS)
async def test_a_login_that_was_refused_is_tried_again_only_with_another_password(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way) as table:
        table.settle_in()
        right = await table.vault.get("spacemolt", "default", "password")
        table.vault.hold("spacemolt", "default", "password", "0" * 64)

        refused = [await table.refused("get_status") for _ in range(3)]

        assert {each.code for each in refused} == {"auth_failed"}
        assert logins(table) == 1
        table.vault.hold("spacemolt", "default", "password", str(right))
        await table.done("get_status")
        assert logins(table) == 2


async def test_a_password_that_is_reset_while_the_game_restarts_is_no_end(tmp_path: Path) -> None:
    async with laid(tmp_path, way=SOCKET) as table:
        table.settle_in()
        await table.done("get_status")
        right = await table.vault.get("spacemolt", "default", "password")
        table.vault.hold("spacemolt", "default", "password", "0" * 64)
        table.world.close_connections()
        refused = [await table.refused("get_status") for _ in range(3)]

        table.vault.hold("spacemolt", "default", "password", str(right))
        await table.done("get_status")

        assert "auth_failed" in {each.code for each in refused}
        assert logins(table) == 3
        assert table.player.carrier.lives()[SOCKET].state == "open"


# -- What signing in costs: 30 a minute and address, sessions, logins and registrations together


def limited_world() -> Watched:
    return Watched(tick_seconds=TICK_SECONDS, limits=True)


def crew(number: int) -> tuple[str, ...]:
    return tuple(f"pilot{each}" for each in range(number))


def paced(pilots: tuple[str, ...]) -> dict[str, object]:
    """Return the settings of a crew that keeps to the game's limits by itself."""
    return {"unpaced": frozenset[str](), "accounts": {"spacemolt": pilots}}


async def test_the_bridge_never_signs_in_more_often_than_the_game_allows(tmp_path: Path) -> None:
    pilots = crew(18)
    async with laid(
        tmp_path, world=limited_world(), way="http_v2", by_hand=True, **paced(pilots)
    ) as table:
        for pilot in pilots:
            hold(table.world, table.vault, f"Captain {pilot}", pilot)
        for pilot in pilots[:15]:
            await table.done("get_status", account=pilot)
        before = len(table.world.requests)

        refused = await table.refused("get_status", account=pilots[15])

        assert refused.local
        assert refused.code == "rate_limited"
        assert 0 < (refused.wait or 0) <= 60
        assert "UTC" in refused.message
        assert len(table.world.requests) == before
        table.world.clock.advance(61)
        for pilot in pilots[15:]:
            await table.done("get_status", account=pilot)
        assert refusals(table) == []


async def test_two_gateways_of_one_user_share_what_signing_in_costs(tmp_path: Path) -> None:
    world, pilots, vault = limited_world(), crew(16), new_vault()
    for pilot in pilots:
        hold(world, vault, f"Captain {pilot}", pilot)
    async with (
        running([world]) as url,
        sitting(
            world,
            url,
            tmp_path,
            by_hand=True,
            vault=vault,
            via={"spacemolt": "http_v2"},
            **paced(pilots),
        ) as one,
        sitting(
            world,
            url,
            tmp_path,
            by_hand=True,
            vault=vault,
            via={"spacemolt": "http_v1"},
            **paced(pilots),
        ) as two,
    ):
        for pilot in pilots[:7]:
            await one.done("get_status", account=pilot)
            await two.done("get_status", account=pilot)
        await one.done("get_status", account=pilots[7])

        refused = await two.refused("get_status", account=pilots[8])

        assert refused.local
        assert refused.code == "rate_limited"
        assert refusals(one) == []


@pytest.mark.parametrize("way", WAYS)
async def test_a_registration_signs_in_and_costs_no_more_than_that(
    tmp_path: Path, way: str
) -> None:
    pilots = crew(12)
    async with laid(
        tmp_path, world=limited_world(), way=way, by_hand=True, **paced(pilots)
    ) as table:
        for pilot in pilots:
            await table.register(f"Captain {pilot}", account=pilot)
            await table.done("get_status", account=pilot)

        assert refusals(table) == []
        assert table.world.executed["register"] == 12
        assert logins(table) == 0
        assert sessions(table) == (0 if way == SOCKET else 12)
