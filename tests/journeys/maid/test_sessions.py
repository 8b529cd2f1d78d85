"""Staying signed in to MAID as a player and as an admin, without ever troubling an account."""

import logging
from pathlib import Path

import anyio
import pytest

from bridge.gateway.identity.refusals import REMEMBERED_SECONDS
from bridge.protocol.verdict import Done, Outcome
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.tokens import ACCESS_SECONDS
from tests.journeys.maid.playing import EVERYTHING, Table, laid

pytestmark = pytest.mark.anyio


async def together(table: Table, times: int, *commands: str) -> list[Outcome]:
    outcomes: list[Outcome] = []

    async def one(command: str) -> None:
        outcomes.append(await table.call(command))

    async with anyio.create_task_group() as calls:
        for number in range(times):
            calls.start_soon(one, commands[number % len(commands)])
    return outcomes


async def test_tokens_that_expire_under_32_calls_are_renewed_once_and_no_call_is_lost(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        await table.done("whoami")
        table.world.faults.switch_on("expire_tokens")

        outcomes = await together(table, 32, "whoami", "list_characters")

        assert [type(outcome) for outcome in outcomes] == [Done] * 32
        executed = table.world.executed
        assert (executed["login"], executed["refresh"]) == (1, 1)
        assert executed["me"] + executed["list_characters"] == 33


async def test_32_first_calls_sign_in_once(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        outcomes = await together(table, 32, "whoami")

        assert [type(outcome) for outcome in outcomes] == [Done] * 32
        assert table.world.executed["login"] == 1


async def test_32_calls_with_a_refresh_that_is_refused_sign_in_once(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.done("whoami")
        table.world.faults.switch_on("expire_tokens")
        table.world.faults.switch_on("refuse_refresh")

        outcomes = await together(table, 32, "whoami")

        assert [type(outcome) for outcome in outcomes] == [Done] * 32
        assert (table.world.executed["login"], table.world.executed["refresh"]) == (2, 0)


async def test_a_token_is_renewed_before_it_expires(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.done("whoami")
        table.world.clock.advance(ACCESS_SECONDS * 0.84)
        await table.done("whoami")
        renewed_early = table.world.executed["refresh"]
        table.world.clock.advance(ACCESS_SECONDS * 0.02)
        answer = await table.call("whoami")

        assert renewed_early == 0
        assert table.world.executed["refresh"] == 1
        assert answer.notes == ()


async def test_the_old_refresh_token_stays_where_no_new_one_comes(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        for _ in range(4):
            await table.done("whoami")
            table.world.clock.advance(ACCESS_SECONDS)

        assert (table.world.executed["login"], table.world.executed["refresh"]) == (1, 3)


async def test_a_new_refresh_token_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        for _ in range(4):
            table.world.faults.switch_on("rotate_refresh")
            await table.done("whoami")
            table.world.clock.advance(ACCESS_SECONDS)

        assert (table.world.executed["login"], table.world.executed["refresh"]) == (1, 3)


async def test_two_processes_do_not_take_each_others_refresh_tokens(tmp_path: Path) -> None:
    async with laid(tmp_path) as one, laid(tmp_path, beside=one) as other:
        for _ in range(4):
            one.world.faults.switch_on("rotate_refresh", times=2)
            await one.done("whoami")
            await other.done("whoami")
            one.world.clock.advance(ACCESS_SECONDS)

        assert (one.world.executed["login"], one.world.executed["refresh"]) == (2, 6)


async def test_a_player_is_renewed_although_an_admin_signed_in_meanwhile(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.done("whoami")
        await table.done("list_admin_users")
        table.world.faults.switch_on("expire_tokens")

        await table.done("whoami")
        await table.done("list_admin_users")

        executed = table.world.executed
        assert (executed["refresh"], executed["admin_refresh"]) == (1, 1)
        assert (executed["login"], executed["admin_login"]) == (1, 1)


async def test_a_login_that_was_refused_is_not_repeated(tmp_path: Path) -> None:
    keys = {**EVERYTHING, "password": "wrong-password"}
    async with laid(tmp_path, keys=keys) as table:
        refusals = [await table.refused("whoami") for _ in range(5)]
        await together(table, 10, "list_characters")

        assert {refused.code for refused in refusals} == {"wrong_password"}
        assert "game-bridge login maid" in refusals[0].hint
        assert table.world.executed["bad_login"] == 1

        table.hold(password=demo.PLAYER1_PASSWORD)
        await table.done("whoami")


async def test_a_login_that_was_refused_is_not_repeated_by_another_process(tmp_path: Path) -> None:
    wrong = {**EVERYTHING, "password": "wrong-password"}
    async with laid(tmp_path, keys=wrong) as one:
        first = await one.refused("whoami")
        for _ in range(5):
            async with laid(tmp_path, beside=one, keys=wrong) as other:
                again = await other.refused("whoami")
                assert (again.code, again.message) == (first.code, first.message)
                assert again.local
                await other.done("list_admin_users")
        assert one.world.executed["bad_login"] == 1

        async with laid(tmp_path, beside=one) as other:
            await other.done("whoami")
        async with laid(tmp_path, beside=one, keys=wrong) as other:
            assert (await other.refused("whoami")).code == first.code

        assert one.world.executed["bad_login"] == 2
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        assert not [file for file in files if b"wrong-password" in file.read_bytes()]


async def test_another_process_tries_a_refused_login_again_after_an_hour_or_on_purpose(
    tmp_path: Path,
) -> None:
    wrong = {**EVERYTHING, "password": "wrong-password"}
    async with laid(tmp_path, keys=wrong) as one:
        await one.refused("whoami")
        async with laid(tmp_path, beside=one, keys=wrong) as other:
            await other.gateway.player("maid", "default").carrier.pardon()
            await other.refused("whoami")
        assert one.world.executed["bad_login"] == 2

        one.world.clock.advance(REMEMBERED_SECONDS + 1)
        async with laid(tmp_path, beside=one, keys=wrong) as other:
            await other.refused("whoami")
        assert one.world.executed["bad_login"] == 3


async def test_an_account_that_is_locked_is_tried_again_when_the_lock_should_be_over(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        account = table.world.game.account_named(demo.PLAYER1)
        assert account is not None
        account.lock.until = table.world.clock.now() + 600

        locked = await table.refused("whoami")
        table.world.clock.advance(700)
        waiting = await table.refused("whoami")
        async with laid(tmp_path, beside=table) as other:
            elsewhere = await other.refused("whoami")
        table.world.clock.advance(201)

        assert (locked.code, locked.wait) == ("account_locked", 900)
        assert [each.wait for each in (waiting, elsewhere)] == pytest.approx([200, 200], abs=2)
        await table.done("whoami")


async def test_an_account_that_is_locked_is_left_alone(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        account = table.world.game.account_named(demo.PLAYER1)
        assert account is not None
        account.lock.until = table.world.clock.now() + 900

        first, second = await table.refused("whoami"), await table.refused("whoami")

        assert first.code == second.code == "account_locked"
        assert table.world.executed["login"] == 0


async def test_an_account_that_is_banned_is_told_so(tmp_path: Path) -> None:
    keys = {**EVERYTHING, "username": demo.BANNED1, "password": demo.BANNED1_PASSWORD}
    async with laid(tmp_path, keys=keys) as table:
        refused = await table.refused("whoami")

    assert refused.code == "account_closed"
    assert "banned" in refused.message


async def test_a_login_that_failed_for_the_servers_reasons_is_tried_again_later(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        table.world.faults.switch_on("not_ready@login")
        refused = await table.refused("whoami")

        await table.done("whoami")

    assert refused.code == "engine_not_ready"


async def test_an_act_whose_login_broke_off_was_not_sent(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        table.world.faults.switch_on("drop_reply_after@login")
        fields = {"name": "Aragorn", "class": "Ranger"}
        refused = await table.refused("create_character", **fields)
        created = await table.done("create_character", **fields)

        assert table.world.executed["create_character"] == 1
    assert refused.code == "unreachable"
    assert created["name"] == "Aragorn"


async def test_after_logging_out_the_next_call_signs_in_again(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.done("whoami")
        await table.done("logout")

        answer = await table.call("whoami")

        assert isinstance(answer, Done)
        assert table.world.executed["login"] == 2


async def test_each_command_shows_the_credential_of_its_world(tmp_path: Path) -> None:
    async with laid(tmp_path, keys={"api_key": demo.ROOMY}) as table:
        assert (await table.done("list_rooms"))["rooms"]
        player, admin = await table.refused("whoami"), await table.refused("list_admin_users")
        assert await table.done("health")

    assert player.message == "There is no Player name for MAID MUD."
    assert admin.message == "There is no Admin user name for MAID MUD."


async def test_without_a_key_the_game_is_not_asked(tmp_path: Path) -> None:
    async with laid(tmp_path, keys={}) as table:
        refused = await table.refused("list_rooms")

        assert (refused.code, refused.local) == ("no_credentials", True)
        assert "game-bridge login maid" in refused.hint
        assert table.world.executed["list_rooms"] == 0


async def test_no_token_and_no_password_is_told_or_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with laid(tmp_path) as table:
        told = [await table.call(name) for name in ("whoami", "list_admin_users", "logout")]
        kept = table.gateway.player("maid", "default").carrier._sessions["http"].kept()

    secrets = [str(value) for name, value in kept.items() if "token" in name]
    everything = f"{told} {caplog.text}"
    assert secrets
    for secret in (*secrets, demo.staff_password("superadmin")):
        assert secret not in everything
