"""What the bridge hears of MAID, and what it says about what it did not hear."""

import logging
from functools import partial
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from bridge.gateway.watching.stream import LINGER_SECONDS, REFUSALS_BELIEVED
from bridge.protocol.verdict import Done
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.events import ABRUPT, Listener
from bridge.sandbox.maid.world import Maid
from bridge.settings import Settings
from bridge.spec.model import GameSpec
from tests.journeys.maid.playing import SPEC, Table, laid, quiet_world
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio
ME = ("maid", "default")
PRIVATE = {"chat_message", "player_command", "tick"}
CLOSINGS = (ABRUPT, 1000, 1001, 1011, 1012, 4000)


def listener(world: Maid) -> Listener:
    (one,) = world.game.hub.listeners
    return one


async def sent(world: Maid) -> None:
    """Wait until the game has handed everything to the network."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while any(each.outbox for each in world.game.hub.listeners):
            await moment()


async def gone(world: Maid) -> None:
    with anyio.fail_after(PATIENCE_SECONDS):
        while world.listeners():
            await moment()


async def interrupted(table: Table, code: int, after: int) -> int:
    """Cut the connection and wait for gap and snapshot; return the seq of the snapshot."""
    table.world.interrupt(code)
    gap = await table.until("bridge.gap", after)
    return (await table.until("bridge.snapshot", gap.seq)).seq


async def test_what_happens_while_somebody_follows_is_in_the_journal(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
            table.world.emit("player_login", {"session_id": "s", "player_id": "p"})

            event = await table.until("player_login")

    assert event.data == {"session_id": "s", "player_id": "p"}


async def test_every_type_of_event_arrives_in_its_feed(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        feeds = [name for name in SPEC.feeds if name not in ("all", "actions", "snapshot")]
        for feed in feeds:
            table.gateway._listening.to(table.gateway.player(*ME), feed).__enter__()
        await table.until_listening()
        kinds = SPEC.subscriptions[-1].kinds
        for kind in kinds:
            table.world.emit(kind, {"kind": kind})
        await table.until(kinds[-1])

        for feed in feeds:
            page = await table.gateway.feeds.read(*ME, feed, after=0)
            told = {event.kind for event in page.events}
            assert told >= {kind for kind in SPEC.feeds[feed].kinds if kind in kinds}


async def test_private_talk_and_ticks_are_asked_for_only_by_name(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "all"):
            await table.until_listening()
            without = listener(table.world).types
            with table.gateway.listening(*ME, "chat"):
                with anyio.fail_after(PATIENCE_SECONDS):
                    while "chat_message" not in listener(table.world).types:
                        await moment()
                asked = listener(table.world).types

    assert without == set(SPEC.subscriptions[-1].kinds) - PRIVATE
    assert asked == without | {"chat_message"}


async def test_a_feed_that_nobody_follows_any_more_lapses_after_a_while(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
        table.world.clock.advance(LINGER_SECONDS - 1)
        with table.gateway.listening(*ME, "movement"):
            both = {"player_login", "player_logout", "room_enter", "room_leave"}
            with anyio.fail_after(PATIENCE_SECONDS):
                while listener(table.world).types != both:
                    await moment()
            table.world.clock.advance(2)

            with table.gateway.listening(*ME, "movement"), anyio.fail_after(PATIENCE_SECONDS):
                while listener(table.world).types != {"room_enter", "room_leave"}:
                    await moment()


async def test_what_was_missed_while_nobody_followed_is_a_gap_too(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
        table.world.clock.advance(LINGER_SECONDS + 1)
        with table.gateway.listening(*ME, "movement"), anyio.fail_after(PATIENCE_SECONDS):
            while listener(table.world).types != {"room_enter", "room_leave"}:
                await moment()
            table.world.emit("player_login", {})

            with table.gateway.listening(*ME, "players"):
                gap = await table.until("bridge.gap")

        assert gap.data["reason"] == "nobody followed it here"
        assert await table.events("player_login") == []


async def interruptions(table: Table, rounds: int) -> tuple[list[int], list[JsonValue]]:
    """Interrupt again and again; return the numbers of all events sent, and of those told."""
    sent_numbers: list[int] = []
    told: list[JsonValue] = []
    seq = 0
    with table.gateway.listening(*ME, "all"), table.gateway.listening(*ME, "state"):
        await table.until("Room.Info")
        before = (listener(table.world).types, listener(table.world).channels)
        for number in range(rounds):
            for each in (2 * number, 2 * number + 1):
                table.world.emit("combat", {"number": each})
                sent_numbers.append(each)
            await sent(table.world)
            last = await interrupted(table, CLOSINGS[number % len(CLOSINGS)], seq)

            events = await table.events("bridge.*", "combat", after=seq)
            kinds = [event.kind for event in events]
            assert kinds == ["combat", "combat", "bridge.gap", "bridge.snapshot"]
            assert (listener(table.world).types, listener(table.world).channels) == before
            told += [event.data["number"] for event in events if event.kind == "combat"]
            seq = last
    return sent_numbers, told


async def test_two_hundred_interruptions_leave_two_hundred_gaps(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with anyio.fail_after(60):
            sent_numbers, told = await interruptions(table, 200)

        assert told == sent_numbers
        assert len(await table.events("bridge.gap")) == 200
        assert table.world.executed["events_connect"] == 201
        # Backoff with jitter, and without end: never at once, never more than a minute.
        assert min(table.pauses) >= 0.5
        assert max(table.pauses) <= 60


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_two_thousand_interruptions_leave_two_thousand_gaps(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        sent_numbers, told = await interruptions(table, 2_000)

        assert told == sent_numbers
        assert table.world.executed["events_connect"] == 2_001


async def test_a_gap_says_from_when_to_when_and_why(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
            table.world.interrupt(1012)
            await gone(table.world)

            gap = await table.until("bridge.gap")

    assert str(gap.data["from"]) < str(gap.data["to"])
    assert gap.data["reason"] == "The game's connection was closed (1012)."
    assert gap.own


async def test_the_snapshot_tells_who_is_online_and_marks_their_names(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
            table.world.interrupt()

            snapshot = await table.until("bridge.snapshot")

        page = await table.gateway.feeds.read(*ME, "snapshot", after=0)
    listed = snapshot.data["list_players"]
    assert isinstance(listed, dict)
    assert listed["total"] == len(table.world.game.online())
    assert snapshot.untrusted
    assert [event.kind for event in page.events] == ["sync_complete", "bridge.snapshot"]


async def test_a_snapshot_that_may_not_be_made_says_so(tmp_path: Path) -> None:
    async with laid(tmp_path, keys={"api_key": demo.WORLD}) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
            table.world.interrupt()

            snapshot = await table.until("bridge.snapshot")

    assert "READ_PLAYERS" in str(snapshot.data["list_players"])


async def test_a_batch_of_updates_is_split_and_a_single_one_is_alike(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "state"):
            await table.until_listening()
            assert listener(table.world).channels == {"Char.Vitals", "Room.Info"}
            after = (await table.until("Room.Info")).seq
            table.world.update({"Char.Vitals": {"hp": 7}, "Room.Info": {"name": "Quay"}})
            table.world.update({"Char.Vitals": {"hp": 6}})
            with anyio.fail_after(PATIENCE_SECONDS):
                while len(await table.events(after=after)) < 3:
                    await moment()

        told = [(event.kind, event.data) for event in await table.events(after=after)]

    assert told == [
        ("Char.Vitals", {"hp": 7}),
        ("Room.Info", {"name": "Quay"}),
        ("Char.Vitals", {"hp": 6}),
    ]


async def test_reading_once_is_enough_to_be_listened_to(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.call("bridge_events", game="maid")
        await table.until_listening()
        table.world.emit("world_event", {"name": "rain"})
        await table.until("world_event")

        second = await table.done("bridge_events", game="maid")

    events = second["events"]
    assert isinstance(events, list)
    assert [event["data"] for event in events if isinstance(event, dict)][-1] == {"name": "rain"}


async def test_what_was_waited_for_and_read_is_unread_in_no_feed(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.call("bridge_events", game="maid")
        await table.until_listening()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(partial(table.call, "bridge_events", game="maid", wait_seconds=5))
            await moment()
            table.world.emit("player_login", {})

        answer = await table.gateway.call("bridge_status", {"game": "maid"})

    assert list(answer.news) == []
    assert "'unread': {}" in str(answer.outcome)


async def test_a_gap_alone_is_no_news_in_every_feed(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.call("bridge_events", game="maid")
        await table.until_listening()
        table.world.emit("player_login", {})
        await sent(table.world)
        table.world.interrupt()
        await table.until("bridge.snapshot")

        answer = await table.gateway.call("maid_health", {})
        read = await table.done("bridge_events", game="maid", feed="movement")

    (line,) = answer.news
    assert line == "Unread: 1 in players, 1 in state, 2 in snapshot. Read with bridge_events."
    assert "bridge.gap" in str(read)


async def test_a_handshake_that_is_refused_is_explained_and_final(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        table.world.faults.switch_on("handshake_403", times=5)
        with table.gateway.listening(*ME, "players"):
            refused = await table.until("bridge.refused")

        for _ in range(3):
            answer = await table.call("bridge_events", game="maid", feed="players")

        status = await table.done("bridge_status", game="maid")
        assert table.world.faults.active() == {"handshake_403": 4}
        assert len(await table.events("bridge.refused")) == 1
    assert "before the connection was open" in str(refused.data["reason"])
    assert "HTTP 403" in str(refused.data["reason"])
    assert isinstance(answer, Done)
    assert "game-bridge login maid" in answer.notes[0]
    assert "HTTP 403" in str(status)


async def test_a_server_that_starts_again_may_refuse_what_it_took_before(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
            table.world.faults.switch_on("handshake_403", times=REFUSALS_BELIEVED - 1)
            table.world.interrupt(1012)
            await table.until("bridge.gap")
            table.world.emit("player_login", {})
            await table.until("player_login")

            table.world.faults.switch_on("handshake_403", times=99)
            table.world.interrupt(1012)
            await table.until("bridge.refused")

        assert table.world.faults.active() == {"handshake_403": 99 - REFUSALS_BELIEVED}
        assert len(await table.events("bridge.gap")) == 1


async def test_a_close_for_the_credential_after_the_handshake_is_final_too(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        table.world.faults.switch_on("close_events_1008")
        with table.gateway.listening(*ME, "players"):
            refused = await table.until("bridge.refused")

        await table.call("bridge_events", game="maid", feed="players")
        assert table.world.executed["events_connect"] == 1
    assert "after the connection was open" in str(refused.data["reason"])
    assert "1008" in str(refused.data["reason"])


async def test_another_key_is_listened_with_and_what_was_missed_is_a_gap(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
            table.world.interrupt(1008)
            await table.until("bridge.refused")

            table.hold(api_key=demo.FULL)
            with table.gateway.listening(*ME, "players"):
                gap = await table.until("bridge.gap")

    assert "1008" in str(gap.data["reason"])
    assert len(table.pauses) == 0


async def test_without_a_key_nothing_is_opened_and_it_is_said(tmp_path: Path) -> None:
    async with laid(tmp_path, keys={"username": "player1"}) as table:
        await table.call("bridge_events", game="maid", wait_seconds=1, feed="players")
        answer = await table.call("bridge_events", game="maid", feed="players")

        assert table.world.executed["events_connect"] == 0
        assert await table.events("bridge.*") == []
    assert isinstance(answer, Done)
    assert "no API key" in answer.notes[0]


async def test_nothing_is_opened_while_the_game_has_shut_this_address_out(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        services = table.gateway.player(*ME).services
        services.gates.close("maid", table.world.clock.now() + 100)
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()

    assert table.pauses == [pytest.approx(100, abs=1)]


async def test_a_redirected_handshake_is_not_followed(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        table.world.faults.switch_on("redirect@events")
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()

        assert table.world.executed["followed_redirect"] == 0
        assert table.world.executed["leaked_credential"] == 0


@pytest.mark.parametrize("way", ["events", "events_by_header"])
async def test_the_key_is_in_no_log_record(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with laid(tmp_path, settings=Settings(via={"maid": way})) as table:
        table.world.faults.switch_on("redirect@events")
        with table.gateway.listening(*ME, "all"):
            with anyio.fail_after(PATIENCE_SECONDS):
                while not table.world.listeners():
                    await moment()
            table.world.emit("world_event", {})
            await table.until("world_event")
            table.world.interrupt()
            await table.until("bridge.gap")
            table.world.interrupt(1008)
            await table.until("bridge.refused")

    assert caplog.records
    assert demo.ROOMY not in caplog.text
    assert "api_key" not in caplog.text


async def test_two_processes_write_each_event_down_once(tmp_path: Path) -> None:
    world = quiet_world()
    async with laid(tmp_path, world=world) as one, laid(tmp_path, world=world) as other:
        with one.gateway.listening(*ME, "fights"), other.gateway.listening(*ME, "fights"):
            await one.until_listening()
            with other.gateway.listening(*ME, "players"):
                await other.until_listening()
                types = {each.types for each in world.game.hub.listeners}
                world.emit("combat", {})
                world.emit("player_login", {})
                await one.until("combat")
                await one.until("player_login")

        # The game greets a key that it has seen before.
        told = [e.kind for e in await one.events() if e.kind != "sync_complete"]

    assert sorted(told) == ["combat", "player_login"]
    assert types == {
        frozenset({"combat", "damage", "death", "respawn"}),
        frozenset({"player_login", "player_logout"}),
    }


async def test_a_listener_that_was_too_slow_is_told_what_it_missed(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "fights"):
            await table.until_listening()
            for number in range(1_000):
                table.world.emit("damage", {"number": number})
            await table.until("bridge.gap")

        numbers = [event.data["number"] for event in await table.events("damage")]

    assert len(numbers) < 1_000
    assert len(numbers) == len(set(numbers))


async def test_what_was_told_before_a_restart_is_parted_by_a_gap(tmp_path: Path) -> None:
    world = quiet_world()
    async with laid(tmp_path, world=world) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
            world.emit("player_login", {})
            await table.until("player_login")

    async with laid(tmp_path, world=world) as table:
        with table.gateway.listening(*ME, "players"):
            gap = await table.until("bridge.gap")

    assert gap.data["reason"] == "the bridge did not listen"


async def test_types_that_the_game_does_not_know_are_said_to_be_missing(tmp_path: Path) -> None:
    async with laid(tmp_path, spec=with_kind("weather")) as table:
        with table.gateway.listening(*ME, "all"):
            with anyio.fail_after(PATIENCE_SECONDS):
                while "does not tell" not in str(table.listening()):
                    await moment()
            answer = await table.call("bridge_events", game="maid")

    assert isinstance(answer, Done)
    assert "does not tell" in answer.notes[0]
    assert "Unknown event types: weather" in answer.notes[0]


def with_kind(kind: str) -> GameSpec:
    *others, last = SPEC.subscriptions
    more = last.model_copy(update={"kinds": [*last.kinds, kind]})
    return SPEC.model_copy(update={"subscriptions": [*others, more]})


async def test_a_snapshot_waits_until_the_key_may_ask_again(tmp_path: Path) -> None:
    keys = {"api_key": demo.FULL}
    async with laid(tmp_path, keys=keys) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
            for _ in range(60):
                await table.done("get_server_stats")
            table.world.interrupt()

            snapshot = await table.until("bridge.snapshot")

        assert table.world.executed["rate_limited"] == 0
    assert isinstance(snapshot.data["list_players"], dict)
    assert snapshot.data["list_players"]["total"] == 40
    assert max(table.pauses) > 50


async def test_another_process_takes_over_what_the_first_one_listened_to(tmp_path: Path) -> None:
    world = quiet_world()
    async with laid(tmp_path, world=world) as other:
        async with laid(tmp_path, world=world) as one:
            with one.gateway.listening(*ME, "fights"):
                await one.until_listening()
                with other.gateway.listening(*ME, "fights"), anyio.fail_after(PATIENCE_SECONDS):
                    while other.listening() != {"events": "elsewhere"}:
                        await moment()
                world.emit("combat", {})
                await one.until("combat")
        with other.gateway.listening(*ME, "fights"):
            gap = await other.until("bridge.gap")
            world.emit("death", {})
            await other.until("death")

    assert gap.data["reason"] == "the bridge did not listen"


async def test_a_folder_that_cannot_be_shared_keeps_nobody_from_listening(tmp_path: Path) -> None:
    (tmp_path / "streams").write_text("in the way")
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
            table.world.emit("player_login", {})

            await table.until("player_login")


async def test_a_vault_that_is_locked_is_told_and_asked_again_by_the_next_follower(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        table.vault.is_locked = True
        with table.gateway.listening(*ME, "players"), anyio.fail_after(PATIENCE_SECONDS):
            while "The keyring is locked" not in str(table.listening()):
                await moment()
        table.vault.is_locked = False

        with table.gateway.listening(*ME, "players"):
            await table.until_listening()


async def test_a_journal_that_cannot_be_written_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with laid(tmp_path) as table:
        with table.gateway.listening(*ME, "players"):
            await table.until_listening()
            await table.gateway.journal.aclose()
            journal = tmp_path / "events.sqlite3"
            journal.unlink()
            journal.mkdir()
            table.world.emit("player_login", {})
            with anyio.fail_after(PATIENCE_SECONDS):
                while "could not be recorded" not in caplog.text:
                    await moment()

            assert table.world.listeners() == 1
            journal.rmdir()
            table.world.emit("player_logout", {})
            await table.until("player_logout")
            told = [event.kind for event in await table.events()]
            gap = await table.until("bridge.gap")

    assert told[:2] == ["bridge.gap", "player_logout"]
    assert gap.data["reason"] == "the bridge could not write it down"
