"""What SpaceMolt tells: every kind in its feed, over every way, and nothing twice."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from bridge.protocol.events import from_poll, from_reply, kinds_match
from bridge.sandbox.spacemolt.state.universe import Push
from tests.journeys.spacemolt.table import BY_REQUEST, SPEC, TICK_SECONDS, WAYS, Table, laid
from tests.journeys.spacemolt.watched import SOCKET, Watched
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio

KINDS = {
    "chat": ["chat_message"],
    "combat": [
        "base_destroyed",
        "base_raid_update",
        "battle_alert",
        "battle_damage",
        "battle_ended",
        "battle_joined",
        "battle_left",
        "battle_started",
        "battle_update",
        "combat_update",
        "drone_destroyed",
        "drone_scan",
        "pilotless_ship",
        "pirate_combat",
        "pirate_destroyed",
        "pirate_radio",
        "pirate_spawn",
        "pirate_warning",
        "player_died",
        "player_kill",
        "police_combat",
        "police_spawn",
        "police_warning",
        "scan_detected",
        "scan_result",
    ],
    "trade": [
        "market_update",
        "ship_commission_complete",
        "trade_cancelled",
        "trade_complete",
        "trade_declined",
        "trade_offer_received",
    ],
    "actions": [
        "achievement_unlocked",
        "action_error",
        "action_result",
        "crafting_update",
        "drone_survey",
        "drone_update",
        "mining_yield",
        "observation_update",
        "skill_level_up",
        "station_repaired",
    ],
    "faction": [
        "facility_reclaimed",
        "facility_rent_warning",
        "faction_invite",
        "faction_peace_proposed",
        "faction_war_declared",
        "fleet_invite",
        "ranch_poached",
    ],
    "navigation": ["auto_dock", "auto_undock", "poi_arrival", "poi_departure", "reconnected"],
    "system": [
        "error",
        "forum_reply",
        "friend_request",
        "gameplay_tip",
        "new_forum_post",
        "server_restart_warning",
        "system",
    ],
}
"""Every kind that the game or its clients have named, by the feed where a player would look."""
STRANGERS = ["solar_flare", "ok"]
"""What nobody has named, and what says nothing."""


async def until_there(table: Table, number: int) -> Sequence[str]:
    """Wait until so many events are in the journal and return their kinds."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while len(events := await table.events()) < number:
            await moment()
    return [each.kind for each in events]


def push(table: Table, kind: str, **data: JsonValue) -> None:
    world = table.world
    world.game.universe.pushes.append(
        Push(player_id=world.player("Tester").id, kind=kind, data=dict(data))
    )


@pytest.mark.parametrize("way", WAYS)
async def test_every_kind_is_found_where_a_player_would_look(tmp_path: Path, way: str) -> None:
    every = [kind for kinds in KINDS.values() for kind in kinds] + STRANGERS
    async with laid(tmp_path, way=way) as table:
        table.settle_in()
        await table.done("get_nearby")
        for kind in every:
            push(table, kind, message=f"About {kind}")
        table.world.deliver([])
        await table.done("get_nearby")

        told = await until_there(table, len(every))
        shown = {
            feed: {
                event.kind
                for event in (
                    await table.gateway.feeds.read("spacemolt", "default", feed, after=0, limit=200)
                ).events
            }
            for feed in SPEC.feeds
        }

    assert sorted(told) == sorted(every)
    assert shown["all"] == set(every)
    for feed, kinds in KINDS.items():
        assert set(kinds) <= shown[feed], feed
    named = set().union(*(shown[feed] for feed in KINDS))
    assert "solar_flare" not in named


def test_no_kind_is_in_more_feeds_than_two() -> None:
    for kinds in KINDS.values():
        for kind in kinds:
            feeds = [name for name, feed in SPEC.feeds.items() if kinds_match(kind, feed.kinds)]

            assert 2 <= len(feeds) <= 3, kind
            assert "all" in feeds


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_what_waits_rides_on_the_next_reply_under_its_own_name(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way) as table:
        table.settle_in()
        await table.done("get_nearby")
        table.world.pilot_chats("Tester", "are you there?")
        table.world.kill("Tester")

        await table.done("get_nearby")

        kinds = [each.kind for each in await table.events()]
        assert "chat_message" in kinds
        assert "player_died" in kinds
        assert "system" not in kinds
        assert len(table.world.asked("get_notifications")) == 0


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_no_news_at_all_is_no_trouble(tmp_path: Path, way: str) -> None:
    async with laid(tmp_path, way=way) as table:
        table.settle_in()
        table.world.faults.switch_on("null_notifications", times=3)

        await table.done("get_nearby")
        await table.done("get_status")

        assert await table.events() == []


# -- The queue is read only while somebody listens


def polls(table: Table) -> list[float]:
    return [each.at for each in table.world.requests if each.name.endswith("get_notifications")]


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_the_queue_is_read_while_somebody_listens_and_once_a_tick_at_most(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way, by_hand=True) as table:
        table.settle_in()
        await table.done("get_nearby")
        before = len(polls(table))
        with (
            table.gateway.listening("spacemolt", "default", "chat"),
            anyio.fail_after(PATIENCE_SECONDS),
        ):
            table.world.pilot_chats("Tester", "news for listeners")
            event = await table.until("chat_message")
            while len(polls(table)) < 5:
                await moment()
        for _ in range(20):
            await moment()
        after = len(polls(table))
        table.world.clock.advance(60)
        await table.done("get_nearby")

        asked = polls(table)
        assert before == 0
        assert event.data["content"] == "news for listeners"
        pauses = [later - sooner for sooner, later in pairwise(asked)]
        assert min(pauses) >= 10
        assert len(asked) <= after + 1


@pytest.mark.parametrize("way", BY_REQUEST)
async def test_waiting_for_news_by_request_ends_when_some_come(tmp_path: Path, way: str) -> None:
    async with laid(tmp_path, way=way, by_hand=True) as table:
        table.settle_in()
        await table.done("bridge_events", feed="chat")
        read: list[str] = []

        async def wait() -> None:
            read.append(str(await table.done("bridge_events", feed="chat", wait_seconds=9)))

        with anyio.fail_after(PATIENCE_SECONDS):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(wait)
                while not polls(table):
                    await moment()
                table.world.pilot_chats("Tester", "over here!")

        assert "over here!" in read[0]


async def test_a_queue_that_was_read_in_this_tick_is_no_error(tmp_path: Path) -> None:
    world = Watched(tick_seconds=30)
    async with laid(tmp_path, world=world, way="http_v2") as table:
        table.settle_in()

        outcomes = [await table.player.run("get_notifications", {}) for _ in range(2)]

        assert "throttled" in str(outcomes[1])
        assert await table.events() == []


async def test_nothing_is_polled_while_a_socket_pushes(tmp_path: Path) -> None:
    async with laid(tmp_path, by_hand=True) as table:
        table.settle_in()
        await table.done("get_nearby")
        with table.gateway.listening("spacemolt", "default", "chat"):
            table.world.pilot_chats("Tester", "pushed")
            await table.until("chat_message")
            for _ in range(50):
                await moment()

        assert polls(table) == []
        assert {each.way for each in table.world.requests} == {SOCKET}


# -- Nothing twice


async def test_an_event_that_a_poll_and_a_reply_tell_is_told_once(tmp_path: Path) -> None:
    item: JsonValue = {
        "id": "n1",
        "type": "system",
        "msg_type": "player_died",
        "timestamp": "2026-05-26T12:00:00Z",
        "data": {"cause": "combat"},
    }
    source = next(each for each in SPEC.events if each.source == "poll")
    async with laid(tmp_path) as table:
        polled = from_poll(SPEC, source, {"notifications": [item]}, 1.0)
        ridden = from_reply(SPEC, {"result": {}, "notifications": [item]}, 2.0)
        for events in (polled, ridden, polled):
            await table.gateway.feeds.record("spacemolt", "default", events)

        assert [each.kind for each in await table.events()] == ["player_died"]


async def test_what_was_pushed_is_not_told_again_when_the_socket_is_lost(tmp_path: Path) -> None:
    world = Watched(tick_seconds=TICK_SECONDS, sockets=False)
    async with laid(tmp_path, world=world, by_hand=True) as table:
        table.settle_in()
        await table.done("get_nearby")  # by request, so that a session listens too
        world.sockets = True
        world.clock.advance(60)
        await table.done("get_nearby")
        table.world.pilot_chats("Tester", "first")
        await table.until("chat_message")
        table.world.pilot_scans("Tester")
        await table.until("scan_detected")
        world.sockets = False
        world.close_connections()
        table.world.pilot_chats("Tester", "second")
        with anyio.fail_after(PATIENCE_SECONDS):
            while not table.player.carrier.lives()[SOCKET].has_failed():
                await moment()

        await table.done("get_nearby")

        assert {each.way for each in world.requests[-1:]} == {"http_v2"}
        said = [each.data["content"] for each in await table.events("chat_message")]
        assert said == ["first", "second"]
        assert len(await table.events("scan_detected")) == 1


async def test_two_versions_of_http_do_not_tell_the_same_twice(tmp_path: Path) -> None:
    world = Watched(tick_seconds=TICK_SECONDS, sockets=False)
    async with laid(tmp_path, world=world) as table:
        table.settle_in()
        await table.done("get_nearby")
        await table.done("battle", action="help")  # which only the older version has
        for number in range(3):
            table.world.pilot_chats("Tester", f"line {number}")

        await table.done("get_nearby")
        await table.done("battle", action="help")
        await table.done("get_nearby")

        said = [each.data["content"] for each in await table.events("chat_message")]
        assert said == ["line 0", "line 1", "line 2"]
