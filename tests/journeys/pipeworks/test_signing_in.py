"""Two levels of a session: the account, and the character that is played."""

from pathlib import Path

import pytest

from tests.journeys.pipeworks.playing import Mud, laid, player, rows

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


async def test_a_status_says_whose_it_is(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann", "Bo")
    other = world.mud.character_named("Bo", "pipeworks_web")
    assert other is not None

    async with laid(tmp_path, world=world, keys=player(character="Ann")) as table:
        before = await table.done("status")
        await table.done("select_character", character_id=other.id, world_id="pipeworks_web")
        after = await table.done("status")

    assert isinstance(before.result, dict)
    assert isinstance(after.result, dict)
    assert (before.result["character"], after.result["character"]) == ("Ann", "Bo")


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
    assert "pipeworks_select_character" in refused.hint
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
        assert "pipeworks_create_character" in before.hint
        assert "pipeworks_look" not in before.hint
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

    assert [row["name"] for row in rows(listed)] == ["Ann", "Bo"]
    assert [row["name"] for row in rows(one)] == ["Bo"]
    assert [row["id"] for row in rows(worlds)] == ["pipeworks_web", "daily_undertaking"]
    assert all(row["can_access"] for row in rows(worlds))
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
