"""Two levels of a session: the account, and the character that is played."""

from pathlib import Path

import anyio
import pytest

from bridge.protocol.verdict import Done, Refused
from tests.journeys.pipeworks.playing import Mud, environment, laid, player, sat_down, served

pytestmark = pytest.mark.anyio


async def test_the_only_character_is_played_after_one_login(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        await table.done("say", message="hello")
        await table.done("status")

    assert world.asked["login"] == 1
    assert world.executed["characters/select"] == 1


async def test_the_configured_character_is_found_by_name_or_id(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann", "Bo")
    wanted = world.mud.character_named("Bo", "pipeworks_web")
    assert wanted is not None

    for value in ("Bo", "bo", str(wanted.id)):
        async with laid(tmp_path / value, world=world, keys=player(character=value)) as table:
            who = await table.done("who")
        assert "Bo" in str(who.result), value


async def test_several_characters_and_none_chosen_is_said_with_the_way_out(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann", "Bo")

    async with laid(tmp_path, world=world, keys=player()) as table:
        refused = await table.refused("look")
        listed = await table.done("list_characters")
        assert isinstance(listed.result, list)
        row = listed.result[1]
        assert isinstance(row, dict)
        await table.done("select_character", character_id=row["id"], world_id=row["world_id"])
        who = await table.done("who")

    assert refused.code == "nothing_chosen"
    assert "pipeworks_select_character" in refused.message
    assert "Bo" in str(who.result)
    assert world.asked["login"] == 1


async def test_the_only_character_is_found_in_whatever_world_it_lives(tmp_path: Path) -> None:
    world = Mud()
    world.create_account("ann", player()["password"])
    world.grant_world("ann", "daily_undertaking")
    world.create_character("ann", "Ann", "daily_undertaking")

    async with laid(tmp_path, world=world, keys=player()) as table:
        here = await table.done("look")

    assert "Front Steps" in str(here.result)


async def test_a_new_account_creates_a_character_and_looks_without_a_second_login(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        registered = await table.done("register", username="greta")
        before = await table.refused("look")
        created = await table.done("create_character", world_id="pipeworks_web")
        here = await table.done("look")

        assert "after 24 hours" in " ".join(registered.notes)
        assert before.code == "nothing_chosen"
        assert "pipeworks_create_character" in before.message
        assert isinstance(created.result, dict)
        assert "Condensate Landing" in str(here.result)
        assert table.world.asked["login"] == 1


async def test_another_character_in_another_world_needs_no_second_login_and_comes_back_after_a_kick(
    tmp_path: Path,
) -> None:
    world = Mud()
    world.account("ann", "Ann")
    world.grant_world("ann", "daily_undertaking")
    other = world.create_character("ann", "Bo", "daily_undertaking")

    async with laid(tmp_path, world=world, keys=player(character="Ann")) as table:
        await table.done("look")
        await table.done("select_character", character_id=other.id, world_id="daily_undertaking")
        there = await table.done("look")
        assert world.asked["login"] == 1
        world.kick("Bo", world_id="daily_undertaking")
        again = await table.done("look")

    assert "Front Steps" in str(there.result)
    assert again.result == there.result
    assert again.notes == ("Signed in again.",)
    assert world.asked["login"] == 2


async def test_all_characters_of_all_worlds_are_listed_with_one_login(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")
    world.grant_world("ann", "daily_undertaking")
    world.create_character("ann", "Bo", "daily_undertaking")

    async with laid(tmp_path, world=world, keys=player(character="Ann")) as table:
        listed = await table.done("list_characters")
        one = await table.done("list_characters", world_id="daily_undertaking")
        worlds = await table.done("list_worlds")

    assert [row["name"] for row in _rows(listed)] == ["Ann", "Bo"]
    assert [row["name"] for row in _rows(one)] == ["Bo"]
    assert [row["id"] for row in _rows(worlds)] == ["pipeworks_web", "daily_undertaking"]
    assert all(row["can_access"] for row in _rows(worlds))
    assert world.asked["login"] == 1


async def test_a_lost_character_is_selected_again_without_a_second_login(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        for session in world.mud.sessions.values():
            session.character_id = None
        await table.done("say", message="still here")

    assert world.asked["login"] == 1
    assert world.executed["characters/select"] == 2
    assert world.executed["say"] == 1


# -- The texts of a 401 -----------------------------------------------------------


async def test_a_session_that_has_expired_is_renewed_once_and_the_command_done(
    tmp_path: Path,
) -> None:
    world = Mud(sliding=False)
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        for _ in range(3):
            await table.done("say", message="here")
            world.clock.advance(480 * 60 + 1)

    assert world.executed["say"] == 3
    assert world.asked["login"] == 3


async def test_a_wrong_password_is_tried_once_and_not_again(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player(password="not the right one")) as table:
        codes = {(await table.refused("look")).code for _ in range(5)}
        assert world.asked["login"] == 1
        table.vault.hold("pipeworks", "default", "password", player()["password"])
        await table.done("look")

    assert codes == {"wrong_password"}
    assert world.asked["login"] == 2


async def test_a_banned_account_is_told_so_and_not_tried_again(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")
    account = world.mud.account_named("ann")
    assert account is not None
    account.active = False

    async with laid(tmp_path, world=world, keys=player()) as table:
        first, second = await table.refused("look"), await table.refused("look")

    assert (first.code, second.code) == ("account_deactivated",) * 2
    assert "Only an admin" in first.hint
    assert world.asked["login"] == 1


async def test_a_wrong_current_password_renews_nothing(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        table.vault.hold("pipeworks", "default", "password", "not the right one")
        refused = await table.refused("change_password")
        await table.done("look")

    assert refused.code == "wrong_current_password"
    assert "game-bridge login" in refused.hint
    assert world.asked["login"] == 1


async def test_a_server_that_is_out_of_order_has_refused_nobody(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        world.faults.switch_on("html_reply@login")
        first = await table.refused("look")
        await table.done("look")

    assert first.wait == 5
    assert world.asked["login"] == 2


# -- Who else is there ------------------------------------------------------------


async def test_two_clients_in_one_session_mode_do_not_log_each_other_out_for_ever(
    tmp_path: Path,
) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")

    async with (
        served(world) as url,
        sat_down(world, url, tmp_path / "a", keys=player()) as first,
        sat_down(world, url, tmp_path / "b", keys=player()) as second,
    ):
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

    async with (
        served(world) as url,
        sat_down(world, url, tmp_path / "a", keys=player()) as first,
        sat_down(world, url, tmp_path / "b", keys=player()) as second,
    ):
        for table in (first, second, first, second):
            await table.done("say", message="ours")

    assert world.asked["login"] == 2


async def test_two_processes_of_one_user_share_the_session(tmp_path: Path) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")

    async with (
        served(world) as url,
        sat_down(world, url, tmp_path / "a", keys=player()) as first,
        sat_down(world, url, tmp_path / "b", vault=first.vault) as second,
    ):
        for table in (first, second, first, second):
            await table.done("say", message="ours")
        assert world.asked["login"] == 1
        world.kick("Ann")
        for table in (first, second, first, second):
            await table.done("say", message="ours still")

    assert world.asked["login"] == 2


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
        async with sat_down(world, url, tmp_path / "b", vault=first.vault) as second:
            await second.done("look")

    assert stored is not None
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
    assert len(_rows(listed)) == 2
    assert world.asked["login"] == 2


async def test_with_a_session_from_another_process_worlds_and_characters_are_listed_too(
    tmp_path: Path,
) -> None:
    world = Mud(one_session=True)
    world.account("ann", "Ann")

    async with (
        served(world) as url,
        sat_down(world, url, tmp_path / "a", keys=player()) as first,
        sat_down(world, url, tmp_path / "b", vault=first.vault) as second,
    ):
        await first.done("look")
        listed = await second.done("list_characters")
        worlds = await second.done("list_worlds")
        await second.done("look")

    assert [row["name"] for row in _rows(listed)] == ["Ann"]
    assert len(_rows(worlds)) == 2


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
        with anyio.fail_after(3):
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


def _rows(done: Done) -> list[dict[str, object]]:
    assert isinstance(done.result, list)
    return [dict(row) for row in done.result if isinstance(row, dict)]
