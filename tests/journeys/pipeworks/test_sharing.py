"""One account and several clients: rivals, siblings, other servers, and how each one leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from bridge.credentials import MemoryVault, Secrets
from bridge.keyring_vault import KeyringVault
from bridge.protocol.verdict import Done, Refused
from tests.journeys.pipeworks.playing import (
    SPEC,
    Mud,
    Table,
    environment,
    laid,
    player,
    rows,
    sat_down,
    served,
)
from tests.test_keyring_vault import Drawer
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio


def secrets_kept() -> Secrets:
    return Secrets(lambda _, slot: SPEC.credentials[slot].secret)


@asynccontextmanager
async def rivals(world: Mud, folder: Path) -> AsyncIterator[tuple[Table, Table]]:
    """Two clients that know nothing of each other, with the same login."""
    async with (
        served(world) as url,
        sat_down(world, url, folder / "a", keys=player()) as first,
        sat_down(world, url, folder / "b", keys=player()) as second,
    ):
        yield first, second


@asynccontextmanager
async def siblings(world: Mud, folder: Path) -> AsyncIterator[tuple[Table, Table]]:
    """Two clients of one user, who share a keyring."""
    async with (
        served(world) as url,
        sat_down(world, url, folder / "a", keys=player()) as first,
        sat_down(world, url, folder / "b", vault=first.vault) as second,
    ):
        yield first, second


async def test_two_clients_in_one_session_mode_do_not_log_each_other_out_for_ever(
    tmp_path: Path,
) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")

    async with rivals(world, tmp_path) as (first, second):
        outcomes = []
        for _ in range(10):
            for table in (first, second):
                outcomes.append(await table.call("say", message="mine"))
                world.clock.advance(10)
        status = [await table.done("bridge_status") for table in (first, second)]

    stopped = [each for each in outcomes if isinstance(each, Refused)]
    assert world.asked["login"] <= 4
    assert {each.code for each in stopped} == {"displaced"}
    assert "another client is using the account" in stopped[0].message
    assert len(stopped) < 10  # one of the two plays on
    assert isinstance(outcomes[-1], Done) != isinstance(outcomes[-2], Done)
    assert sum("another client" in str(each.result) for each in status) == 1


async def test_two_clients_that_never_give_up_fight_less_and_less(tmp_path: Path) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")

    async with rivals(world, tmp_path) as (first, second):
        logins = []
        for _ in range(6):
            for _ in range(40):
                outcomes = [await table.call("status") for table in (first, second)]
                assert any(isinstance(each, Done) for each in outcomes)
                world.clock.advance(60)
            logins.append(world.asked["login"])

    # 4 hours: rests of 5, 10, 20, 40, 80 and 160 minutes, each followed by one more try.
    assert logins[-1] <= 4 + 2 * 5
    assert logins[-1] - logins[2] <= 2


async def test_who_is_thrown_out_twice_plays_on_after_a_rest(tmp_path: Path) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        world.kick("Ann")
        await table.done("look")
        world.kick("Ann")
        refused = await table.refused("look")
        status = await table.done("bridge_status")
        world.clock.advance(290)
        await table.refused("look")
        assert world.asked["login"] == 2
        world.clock.advance(11)
        await table.done("look")
        again = await table.done("bridge_status")

    assert refused.code == "displaced"
    assert "signs in again" in refused.hint
    assert "left alone until" in str(status.result)
    assert "left alone" not in str(again.result)
    assert world.asked["login"] == 3


async def test_a_rest_is_for_the_account_that_was_thrown_out_and_no_other(tmp_path: Path) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")
    world.account("bo", "Bo")

    async with laid(tmp_path, world=world, keys=player()) as table:
        for _ in range(2):
            await table.done("look")
            world.kick("Ann")
        await table.refused("look")
        table.vault.hold("pipeworks", "default", "username", "bo")
        await table.done("look")
        world.kick("Bo")
        again = await table.done("look")

    assert again.notes == ("Signed in again.",)


async def test_where_no_keyring_keeps_sessions_everything_goes_on_and_rivals_are_noticed(
    tmp_path: Path,
) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")

    async with (
        served(world) as url,
        sat_down(world, url, tmp_path / "a", vault=environment(), keys=player()) as first,
        sat_down(world, url, tmp_path / "b", vault=environment(), keys=player()) as second,
    ):
        await first.done("look")
        await first.done("logout")
        outcomes = [
            await table.call("look") for table in (first, second, first, second, first, second)
        ]

    assert [type(each) for each in outcomes].count(Refused) == 1
    assert world.asked["login"] == 5


async def test_where_many_sessions_are_allowed_both_play(tmp_path: Path) -> None:
    world = Mud(one_session=False)
    world.account("ann", "Ann")

    async with rivals(world, tmp_path) as (first, second):
        for table in (first, second, first, second):
            await table.done("say", message="ours")

    assert world.asked["login"] == 2


async def test_two_processes_of_one_user_share_the_session(tmp_path: Path) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")

    async with siblings(world, tmp_path) as (first, second):
        for table in (first, second, first, second):
            await table.done("say", message="ours")
        assert world.asked["login"] == 1
        world.kick("Ann")
        for table in (first, second, first, second):
            await table.done("say", message="ours still")

    assert world.asked["login"] == 2


async def test_what_another_process_has_chosen_to_play_is_noticed_at_once(tmp_path: Path) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann", "Bo")
    bo = world.mud.character_named("Bo", "pipeworks_web")
    assert bo is not None
    keyring = Drawer()

    def drawer() -> KeyringVault:
        return KeyringVault(secrets_kept(), load=lambda: keyring)

    async with (
        served(world) as url,
        sat_down(world, url, tmp_path, vault=drawer()) as first,
        sat_down(world, url, tmp_path, vault=drawer()) as second,
    ):
        for slot, value in player(character="Ann").items():
            await first.vault.put("pipeworks", "default", slot, value)
        await first.done("look")
        await second.done("select_character", character_id=bo.id, world_id="pipeworks_web")
        # The session is one for both, so that this would stop the server.
        refused = await first.refused("whisper", target="Bo", message="psst")
        said = await first.done("say", message="it is me")
        chat = await first.done("chat")

    assert refused.code == "whisper_to_yourself"
    assert not world.hung
    assert said.notes == ()
    assert "Bo: it is me" in str(chat.result)


async def test_a_sibling_that_signs_off_is_no_rival(tmp_path: Path) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")

    async with served(world) as url, sat_down(world, url, tmp_path / "a", keys=player()) as first:
        await first.done("look")
        for number in range(3):
            async with sat_down(world, url, tmp_path / str(number), vault=first.vault) as second:
                await second.done("look")
            await first.done("look")

    assert world.asked["login"] == 4


async def test_a_session_is_kept_in_the_vault_and_good_after_a_crash(tmp_path: Path) -> None:
    world = Mud(one_session=False)
    world.account("ann", "Ann")

    async with served(world) as url:
        async with sat_down(world, url, tmp_path / "a", keys=player()) as first:
            await first.done("look")
            stored = await first.kept("session_id")
            world.faults.switch_on("drop_before@logout")
        assert stored is not None
        fresh = MemoryVault(secrets_kept())
        fresh.hold("pipeworks", "default", "session_id", stored)
        async with sat_down(
            world, url, tmp_path / "b", vault=fresh, keys={"username": "ann"}
        ) as second:
            await second.done("look")

    session = stored.partition(" ")[2]
    assert len(session) == 36
    assert fresh.secrets.redact(f"id {session}") == f"id {Secrets.MARK}"
    assert world.asked["login"] == 1


async def test_a_stored_session_that_is_over_is_replaced_without_a_word(tmp_path: Path) -> None:
    world = Mud(one_session=False)
    world.account("ann", "Ann")

    async with served(world) as url:
        async with sat_down(world, url, tmp_path / "a", keys=player()) as first:
            await first.done("look")
            world.faults.switch_on("drop_before@logout")
        world.expire_sessions()
        async with sat_down(world, url, tmp_path / "b", vault=first.vault) as second:
            look, listed = await second.done("look"), await second.done("list_worlds")

    assert look.notes == ()
    assert len(rows(listed)) == 2
    assert world.asked["login"] == 2


async def test_with_a_session_from_another_process_worlds_and_characters_are_listed_too(
    tmp_path: Path,
) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")

    async with siblings(world, tmp_path) as (first, second):
        await first.done("look")
        listed = await second.done("list_characters")
        worlds = await second.done("list_worlds")
        await second.done("look")

    assert [row["name"] for row in rows(listed)] == ["Ann"]
    assert len(rows(worlds)) == 2


@pytest.mark.parametrize("one_session", [True, False])
async def test_with_a_session_from_another_process_the_only_character_is_found_in_any_world(
    tmp_path: Path, *, one_session: bool
) -> None:
    world = Mud(one_session=one_session)
    world.account("ann")
    world.grant_world("ann", "daily_undertaking")
    world.create_character("ann", "Ann", "daily_undertaking")

    async with siblings(world, tmp_path) as (first, second):
        for table in (first, second, first, second):
            assert "Front Steps" in str((await table.done("look")).result)

    assert world.asked["login"] == 2


async def test_who_has_no_character_is_not_signed_in_over_and_over(tmp_path: Path) -> None:
    world = Mud(one_session=True)
    world.account("ann")

    async with siblings(world, tmp_path) as (first, second):
        codes = {(await table.refused("look")).code for table in (first, second) * 4}

    assert codes == {"nothing_chosen"}
    assert world.asked["login"] == 2


async def test_a_stored_session_is_shown_to_no_other_server_and_for_no_other_account(
    tmp_path: Path,
) -> None:
    world, other = Mud(), Mud()
    for each in (world, other):
        each.account("ann", "Ann")
        each.account("bo", "Bo")

    async with served(world) as url, served(other) as elsewhere:
        async with sat_down(world, url, tmp_path / "a", keys=player()) as first:
            await first.done("look")
            stored = await first.kept("session_id")
            assert stored is not None
            world.faults.switch_on("drop_before@logout")
        first.vault.hold("pipeworks", "default", "session_id", stored)
        async with sat_down(other, elsewhere, tmp_path / "b", vault=first.vault) as there:
            await there.done("look")
        first.vault.hold("pipeworks", "default", "session_id", stored)
        first.vault.hold("pipeworks", "default", "username", "bo")
        async with sat_down(world, url, tmp_path / "c", vault=first.vault) as as_bo:
            who = await as_bo.done("who")

    assert (world.asked["login"], other.asked["login"]) == (2, 1)
    assert "Bo" in str(who.result)


# -- The end ----------------------------------------------------------------------


async def test_who_leaves_is_logged_out_and_no_longer_seen(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        assert world.sessions_of("ann") == 1

    assert world.sessions_of("ann") == 0
    assert await table.kept("session_id") is None


async def test_leaving_does_not_wait_for_a_server_that_stands_still(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with served(world) as url:
        with anyio.fail_after(PATIENCE_SECONDS):
            async with sat_down(world, url, tmp_path, keys=player()) as table:
                await table.done("look")
                world.faults.switch_on("delay_reply@logout", value=30)


async def test_leaving_asks_nothing_of_a_server_that_was_never_used(tmp_path: Path) -> None:
    async with laid(tmp_path, keys=player()) as table:
        await table.done("health")

    assert dict(table.world.asked) == {"health": 1}


async def test_after_a_poll_is_cut_off_nobody_signs_in_again(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        with table.gateway.listening("pipeworks", "default", "chat"):
            await table.pace.polled()

    assert world.sessions_of("ann") == 0
    assert world.asked["login"] == 1


async def test_who_logs_out_and_goes_on_is_signed_in_anew_without_an_error(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.done("register_guest", character_name="Wanda")
        await table.done("look")
        await table.done("logout")
        assert await table.kept("session_id") is None
        again = await table.done("look")

    assert again.notes == ()
