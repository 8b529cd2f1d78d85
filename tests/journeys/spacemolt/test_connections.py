"""What networks and servers do to a game in progress, over each way."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
import websockets

from bridge.protocol.verdict import Done, Pending, Refused, Unknown
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
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio

BEFORE, AFTER, AT_TICK = 0.0, 1.0, 2.0


async def settled(table: Table) -> None:
    table.settle_in()
    await table.done("get_status")


def sent(table: Table, word: str) -> int:
    return sum(word in each.name for each in table.world.requests)


# -- Answers that are lost


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("when", [BEFORE, AFTER], ids=["before", "after"])
async def test_a_question_whose_answer_is_lost_is_asked_again(
    tmp_path: Path, way: str, when: float
) -> None:
    async with laid(tmp_path, way=way) as table:
        await settled(table)
        table.world.faults.switch_on("drop_connection", value=when)

        query = await table.call("get_nearby")

        assert isinstance(query, Done)
        assert sent(table, "get_nearby") == 2


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("when", [BEFORE, AFTER, AT_TICK], ids=["before", "after", "at the tick"])
async def test_an_act_whose_answer_is_lost_is_unknown_and_sent_once(
    tmp_path: Path, way: str, when: float
) -> None:
    async with laid(tmp_path, way=way) as table:
        await settled(table)
        table.world.faults.switch_on("drop_connection", value=when)

        act = await table.call("undock")
        status = await table.call("get_status")

        assert isinstance(act, Unknown)
        assert act.check == "spacemolt_get_status"
        assert isinstance(status, Done)
        assert sent(table, "undock") == 1
        assert table.world.executed["undock"] <= 1


async def test_an_act_goes_no_other_way_when_its_connection_is_given_up(tmp_path: Path) -> None:
    """The connection was opened again after a try that failed, and nothing of that may count."""
    async with laid(tmp_path) as table:
        await settled(table)
        live = table.player.carrier.lives()[SOCKET]
        table.world.sockets = False
        table.world.faults.switch_on("close_1000")
        await table.done("get_status")
        table.world.sockets = True
        with anyio.fail_after(PATIENCE_SECONDS):
            while live.state != "open":
                await moment()
        table.world.faults.switch_on("drop_result")
        acts = []

        async with anyio.create_task_group() as playing:

            async def undock() -> None:
                acts.append(await table.call("undock"))

            playing.start_soon(undock)
            with anyio.fail_after(PATIENCE_SECONDS):
                while table.world.executed["undock"] == 0:
                    await moment()
            live.close()

        assert [type(act) for act in acts] == [Unknown]
        assert sent(table, "undock") == 1


@pytest.mark.parametrize("way", BY_REQUEST)
@pytest.mark.parametrize("fault", ["malformed_frame", "lone_surrogate", "big_reply"])
async def test_an_answer_that_is_garbled_ends_nothing(tmp_path: Path, way: str, fault: str) -> None:
    async with laid(tmp_path, way=way) as table:
        await settled(table)
        table.world.faults.switch_on(fault)

        await table.call("get_status")

        assert isinstance(await table.call("get_status"), Done)


# -- A server that restarts


# Later versions close a connection that has not signed in within the time allowed, with 4002.
async def test_a_connection_of_nobody_is_opened_again_only_when_it_is_needed(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path, way=SOCKET) as table:
        await table.done("help")
        live = table.player.carrier.lives()[SOCKET]
        too_late = {"type": "websocket.close", "code": 4002, "reason": "auth_timeout"}
        await table.world.lines[-1](too_late)
        with anyio.fail_after(PATIENCE_SECONDS):
            while live.state == "open":
                await moment()

        assert live.state == "closed"
        await table.done("help")
        assert table.world.connections == 2


@pytest.mark.parametrize("when", [0.0, 1.0], ids=["at a command", "at a tick"])
async def test_a_server_that_restarts_is_waited_for(tmp_path: Path, when: float) -> None:
    async with laid(tmp_path, way=SOCKET) as table:
        await settled(table)
        table.world.faults.switch_on("close_1000", value=when)

        act = await table.call("undock")
        status = await table.call("get_status")

        assert isinstance(act, Unknown if when == 0 else Done | Unknown)
        assert isinstance(status, Done)
        assert table.world.connections == 2
        assert sent(table, "login") == 2
        assert sent(table, "undock") <= 1


async def test_events_after_a_restart_are_heard_without_a_call(tmp_path: Path) -> None:
    async with laid(tmp_path, way=SOCKET) as table:
        await settled(table)
        table.world.close_connections()
        with anyio.fail_after(PATIENCE_SECONDS):
            while not table.world.player("Tester").online or table.world.connections < 2:
                await moment()

        table.world.pilot_chats("Tester", "welcome back")

        event = await table.until("chat_message")
        assert event.data["content"] == "welcome back"


# -- Another client of the same account


async def until_given_up(table: Table) -> None:
    with anyio.fail_after(PATIENCE_SECONDS):
        while table.player.carrier.lives()[SOCKET].final is None:
            await moment()


async def signed_in_elsewhere(table: Table) -> Any:
    """Return a connection of another client that has just signed in to the account."""
    password = await table.vault.get("spacemolt", "default", "password")
    socket = await websockets.connect(table.url.replace("http", "ws") + "/spacemolt/ws")
    await socket.recv()
    login = {"type": "login", "payload": {"username": "Tester", "password": password}}
    await socket.send(json.dumps(login))
    with anyio.fail_after(PATIENCE_SECONDS):
        while json.loads(await socket.recv())["type"] != "logged_in":
            pass
    return socket


@pytest.mark.parametrize("newer", [False, True], ids=["1000", "4001"])
async def test_whoever_is_displaced_says_so_and_does_not_fight(
    tmp_path: Path, *, newer: bool
) -> None:
    async with laid(tmp_path, way=SOCKET) as table:
        await settled(table)
        if newer:
            table.world.faults.switch_on("displaced")
        other = await signed_in_elsewhere(table)
        await until_given_up(table)

        refused = await table.refused("get_status")

        assert "Another client has signed in" in refused.message
        assert table.world.connections == 2
        await other.send(json.dumps({"type": "get_status"}))
        with anyio.fail_after(PATIENCE_SECONDS):
            assert json.loads(await other.recv())["type"] == "ok"
        await other.close()


async def test_whoever_is_displaced_goes_on_by_request_and_says_why(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await settled(table)
        other = await signed_in_elsewhere(table)
        await until_given_up(table)

        status = await table.call("get_status")

        assert isinstance(status, Done)
        assert "Another client has signed in" in str(status.notes)
        assert table.world.requests[-1].way == "http_v2"
        assert table.world.connections == 2
        await other.close()


# -- Frames that come together, twice, or unasked


@pytest.mark.parametrize("glue", [0.0, 1.0], ids=["line breaks", "nothing"])
async def test_frames_in_one_message_are_all_read(tmp_path: Path, glue: float) -> None:
    async with laid(tmp_path, way=SOCKET) as table:
        await settled(table)
        table.world.faults.switch_on("batch_frames", times=6, value=glue)

        await table.done("get_status")
        await table.done("undock")
        await table.done("get_nearby")

        assert table.world.executed["undock"] == 1
        tips = [each for each in await table.events("system") if "tip" in str(each.data)]
        assert len(tips) >= 3


async def test_the_greeting_after_a_registration_settles_nothing_and_is_no_news(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path, way=SOCKET) as table:
        await table.register()

        nearby = await table.done("get_nearby")
        cargo = await table.done("get_cargo")

        assert "nearby" in nearby
        assert "cargo" in cargo
        assert await table.events() == []
        password = await table.vault.get("spacemolt", "default", "password")
        assert password
        assert password not in f"{nearby}{cargo}"


@pytest.mark.parametrize(
    ("fault", "kind", "feed"),
    [("ok_push", "auto_undock", "navigation"), ("unknown_push", "solar_flare", "all")],
)
async def test_what_nobody_asked_for_settles_nothing_and_is_kept(
    tmp_path: Path, fault: str, kind: str, feed: str
) -> None:
    async with laid(tmp_path, way=SOCKET) as table:
        await settled(table)
        table.world.faults.switch_on(fault)

        nearby = await table.done("get_nearby")
        page = await table.gateway.feeds.read("spacemolt", "default", feed, after=0, limit=10)

        assert "nearby" in nearby
        assert [each.kind for each in page.events] == [kind]


async def test_no_id_is_that_of_a_call_of_an_earlier_process(tmp_path: Path) -> None:
    """Else the outcome of what that one has sent would be taken for that of something else."""
    world, vault = Watched(tick_seconds=TICK_SECONDS), new_vault()
    hold(world, vault, "Tester")
    async with running([world]) as url:
        for _ in range(2):
            async with sitting(world, url, tmp_path, vault=vault) as table:
                await table.done("get_status")

    ids = [each.request_id for each in world.requests]
    assert [each.name for each in world.requests] == ["login", "get_status"] * 2
    assert len(set(ids)) == len(ids)


# -- Accepted, not done


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_what_is_only_accepted_is_pending_and_its_outcome_becomes_an_event(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way) as table:
        await settled(table)
        table.world.faults.switch_on("http_pending")

        act = await table.call("undock")
        with anyio.fail_after(PATIENCE_SECONDS):
            while table.world.executed["undock"] == 0:
                await moment()
        await table.call("get_status")

        assert isinstance(act, Pending)
        (event,) = await table.events("action_result")
        assert event.data["command"] == "undock"
        page = await table.gateway.feeds.read("spacemolt", "default", "actions", after=0, limit=9)
        assert [each.kind for each in page.events] == ["action_result"]


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_what_was_only_accepted_and_then_refused_is_told_as_an_event(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way) as table:
        await settled(table)
        table.world.faults.switch_on("http_pending")

        act = await table.call("travel", target_poi="nowhere_at_all")
        with anyio.fail_after(PATIENCE_SECONDS):
            while not await table.events("action_error"):
                await table.call("get_nearby")

        assert isinstance(act, Pending | Refused)
        (event,) = await table.events("action_error")
        assert event.data["code"] == "invalid_poi"


# -- The way is barred


async def test_without_a_socket_the_game_goes_on_by_request(tmp_path: Path) -> None:
    async with laid(tmp_path, world=Watched(tick_seconds=0.03, sockets=False)) as table:
        table.settle_in()

        first = await table.call("undock")
        second = await table.call("help")

        assert isinstance(first, Done)
        assert isinstance(second, Done)
        assert "Sent over http_v2" in str(first.notes)
        assert table.world.requests[-1].way == "http_v1"
        assert table.world.executed["undock"] == 1


async def test_a_way_that_has_no_words_for_a_call_says_which_has(tmp_path: Path) -> None:
    async with laid(tmp_path, way="http_v2") as table:
        table.settle_in()

        refused = await table.refused("facility", action="help")

        assert refused.local
        assert refused.code == "no_way"
        assert "websocket and http_v1 can" in refused.hint
        assert table.world.requests == []
