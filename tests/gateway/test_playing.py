"""Whole calls through the gateway, against the simulated SpaceMolt over real sockets."""

from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from bridge.gateway.acts import Progress
from bridge.protocol.verdict import Done, Pending, Refused, Unknown
from tests.gateway.spacemolt_table import laid
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio


async def test_a_newcomer_registers_mines_and_sells(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        await table.done("undock")
        await table.done("travel", target_poi="main_belt")

        mined = await table.done("mine")
        await table.done("travel", target_poi="earth")
        await table.done("dock")
        sold = await table.done("sell", item_id=mined["resource_id"], quantity=1)

        assert sold
        assert table.world.executed["mine"] == 1
        assert table.world.executed["sell"] == 1


async def test_the_password_goes_to_the_vault_and_nowhere_else(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        outcome = await table.call(
            "register", username="Tester", empire="solarian", registration_code="sandbox"
        )

        password = await table.gateway.vault.get("spacemolt", "default", "password")
        assert password is not None
        assert len(password) == 64
        assert password not in str(outcome)
        page = await table.gateway.feeds.read("spacemolt", "default", "all", after=0, limit=100)
        assert password not in str(page)


async def test_a_second_registration_is_refused_while_an_account_is_kept(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.register()

        outcome = await table.call(
            "register", username="Another", empire="solarian", registration_code="sandbox"
        )

        assert isinstance(outcome, Refused)
        assert outcome.code == "already_registered"
        assert table.world.executed["register"] == 1


async def test_without_an_account_the_refusal_names_what_to_do(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        outcome = await table.call("mine")

        assert isinstance(outcome, Refused)
        assert outcome.code == "no_credentials"
        assert "game-bridge login spacemolt" in outcome.hint


async def test_queries_pass_beside_an_action_that_waits_for_its_tick(tmp_path: Path) -> None:
    async with laid(tmp_path, tick=1.0) as table:
        await table.register()
        order: list[str] = []

        async def act() -> None:
            await table.done("undock")
            order.append("undock")

        async def ask() -> None:
            await table.done("get_status")
            order.append("get_status")

        with anyio.fail_after(PATIENCE_SECONDS):
            async with anyio.create_task_group() as both:
                both.start_soon(act)
                both.start_soon(ask)

        assert order == ["get_status", "undock"]


async def test_actions_of_one_account_go_one_after_the_other(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        await table.done("undock")
        await table.done("travel", target_poi="main_belt")

        with anyio.fail_after(PATIENCE_SECONDS):
            async with anyio.create_task_group() as many:
                for _ in range(4):
                    many.start_soon(table.done, "mine")

        assert table.world.executed["mine"] == 4


async def test_an_action_that_outlasts_the_budget_is_pending_and_settles_as_an_event(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path, tick=0.5, call_budget=0.2) as table:
        await table.register()

        outcome = await table.call("undock")

        assert isinstance(outcome, Pending)
        data = await table.until_kind("action_result", "actions")
        assert data["handle"] == outcome.handle
        assert data["command"] == "undock"
        assert table.world.executed["undock"] == 1


async def test_who_is_there_when_a_journey_ends_late_is_told_as_others_words(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path, tick=0.5, call_budget=0.2) as table:
        await table.register()

        outcome = await table.call("travel", target_poi="main_belt")
        await table.until_kind("action_result", "actions")

        assert isinstance(outcome, Pending)
        page = await table.gateway.feeds.read("spacemolt", "default", "actions", limit=1)
        assert [(event.kind, event.untrusted) for event in page.events] == [("action_result", True)]


async def test_cancelling_the_caller_takes_nothing_back(tmp_path: Path) -> None:
    async with laid(tmp_path, tick=0.3) as table:
        await table.register()

        with anyio.move_on_after(0.1):
            await table.call("undock")

        data = await table.until_kind("action_result", "actions")
        assert data["command"] == "undock"
        assert table.world.executed["undock"] == 1


async def test_a_connection_lost_in_mid_action_leaves_its_fate_unknown_and_sends_nothing_again(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path, tick=0.3) as table:
        await table.register()
        await table.done("get_status")
        outcomes: list[object] = []

        async def act() -> None:
            outcomes.append(await table.call("undock"))

        with anyio.fail_after(PATIENCE_SECONDS):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(act)
                while (
                    not table.player.acts
                    or next(iter(table.player.acts.values())).phase != "queued"
                ):
                    await moment()
                table.world.close_connections()

        outcome = outcomes[0]
        assert isinstance(outcome, Unknown)
        assert outcome.check == "spacemolt_get_status"
        await table.done("get_status")
        assert table.world.executed["undock"] <= 1


async def test_a_closed_connection_is_opened_again_and_signed_in(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        await table.done("get_status")
        table.world.close_connections()

        with anyio.fail_after(PATIENCE_SECONDS):
            result = await table.done("get_status")

        assert result["player"]


async def test_being_displaced_is_final_and_said(tmp_path: Path) -> None:
    async with laid(tmp_path, via={"spacemolt": "websocket"}) as table:
        await table.register()
        await table.done("get_status")
        table.world.close_connections(code=4001, reason="session_replaced")

        with anyio.fail_after(PATIENCE_SECONDS):
            while table.player.carrier.lives()["websocket"].final is None:
                await moment()
            outcome = await table.call("get_status")

        assert isinstance(outcome, Refused)
        assert "Another client has signed in" in outcome.message


async def test_pushes_become_events_and_the_next_result_says_so(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        await table.done("get_status")
        table.world.pilot_chats("Tester", "hello there")
        await table.until_kind("chat_message", "chat")

        result = await table.gateway.call("spacemolt_get_status", {})
        read = await table.done("bridge_events", feed="chat")

        assert any("chat" in line for line in result.news)
        assert "hello there" in str(read)
        again = await table.done("bridge_events", feed="Chat")
        assert again["events"] == []


async def test_waiting_for_events_ends_when_one_comes(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        await table.done("bridge_events")
        read: list[JsonValue] = []

        async def wait() -> None:
            read.append(dict(await table.done("bridge_events", feed="combat", wait_seconds=40)))

        with anyio.fail_after(PATIENCE_SECONDS):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(wait)
                await table.done("get_status")
                table.world.pilot_scans("Tester")

        assert "scan_detected" in str(read)


async def test_progress_is_reported_while_a_tick_is_awaited(tmp_path: Path) -> None:
    async with laid(tmp_path, tick=0.5) as table:
        await table.register()
        reports: list[Progress] = []

        async def report(progress: Progress) -> None:
            reports.append(progress)

        await table.gateway.call("spacemolt_undock", {}, report=report)

        assert reports
        assert reports[0].done > 0


async def test_one_message_with_several_frames_is_read_whole(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        table.world.faults.switch_on("batch_frames", times=5)

        await table.done("get_status")
        await table.done("undock")

        assert table.world.executed["undock"] == 1


async def test_a_duplicate_frame_settles_nothing_twice(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        table.world.faults.switch_on("duplicate_frame", times=6)

        await table.done("get_status")
        await table.done("undock")

        assert table.world.executed["undock"] == 1


@pytest.mark.parametrize("fault", ["malformed_frame", "lone_surrogate", "big_reply", "ok_push"])
async def test_a_garbled_message_does_not_end_the_game(tmp_path: Path, fault: str) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        await table.done("get_status")
        table.world.faults.switch_on(fault, times=1)

        with anyio.fail_after(30):
            await table.call("get_status")
            result = await table.done("get_status")

        assert result["player"]


async def test_wrong_arguments_are_refused_with_the_right_call_and_nothing_is_sent(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        outcome = await table.call("travel", where_to=7)

        assert isinstance(outcome, Refused)
        assert "target_poi" in outcome.hint
        assert not table.world.executed


async def test_a_read_only_server_refuses_what_changes_something(tmp_path: Path) -> None:
    async with laid(tmp_path, read_only=True) as table:
        direct = await table.call("mine")
        by_name = await table.call("bridge_call", tool="spacemolt_mine")

        assert isinstance(direct, Refused)
        assert isinstance(by_name, Refused)
        assert direct.code == by_name.code == "read_only"


async def test_a_stranger_among_tools_is_answered_with_near_names(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        outcome = await table.call("bridge_call", tool="spacemolt_gt_status")

        assert isinstance(outcome, Refused)
        assert "spacemolt_get_status" in outcome.message


async def test_find_answers_with_calls_that_work(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        outcome = await table.call("bridge_find", words="throw cargo overboard")

        assert isinstance(outcome, Done)
        assert "spacemolt_jettison(item_id, quantity: integer)" in str(outcome.text)
