"""Accounts that are made, kept, changed and lost again."""

from pathlib import Path

import pytest

from bridge.protocol.verdict import Unknown
from bridge.sandbox.pipeworks import passwords
from tests.journeys.pipeworks.playing import (
    PASSWORD,
    SPEC,
    Mud,
    laid,
    player,
    rows,
    sat_down,
    served,
    steward,
)

pytestmark = pytest.mark.anyio
DAY = 24 * 3600


async def test_a_guest_s_name_password_and_session_go_into_the_vault(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        registered = await table.done("register_guest", character_name="Wanda")
        here = await table.done("look")

        assert isinstance(registered.result, dict)
        username, password = await table.kept("username"), await table.kept("password")
        assert username == registered.result["username"]
        assert password is not None
        assert passwords.faults_of(password) == []
        assert password not in str(registered)
        assert await table.kept("session_id") is not None
        assert await table.kept("world") == "pipeworks_web"
        assert registered.notes == (
            "Kept for you, and never shown: Password.",
            "PipeWorks MUD deletes this account after 24 hours, at 2026-09-22 14:13 UTC.",
        )
        assert "Condensate Landing" in str(here.result)


async def test_an_account_is_never_replaced_before_its_day_is_over(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.done("register_guest", character_name="Wanda")
        name = await table.kept("username")
        for command, arguments in (("register", "username"), ("register_guest", "character_name")):
            refused = await table.refused(command, **{arguments: "Second"})
            assert refused.code == "already_registered"

        assert await table.kept("username") == name
        assert table.world.executed["register-guest"] == 1


async def test_a_guest_whose_day_is_over_comes_back_as_another(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.done("register_guest", character_name="Wanda")
        await table.done("look")
        first = await table.kept("username")
        table.world.clock.advance(DAY + 60)

        gone = await table.refused("look")
        await table.done("register", username="greta")

        assert gone.code == "wrong_password"
        assert "24 hours" in gone.hint
        assert "pipeworks_register_guest" in gone.hint
        assert await table.kept("username") == "greta" != first
        assert await table.kept("character") is None


async def test_a_lasting_account_that_the_player_stored_meanwhile_is_not_replaced(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        await table.done("register_guest", character_name="Wanda")
        table.vault.hold("pipeworks", "default", "username", "ann")
        table.vault.hold("pipeworks", "default", "password", PASSWORD)
        table.world.clock.advance(DAY + 60)

        refused = await table.refused("register_guest", character_name="Second")

        assert refused.code == "already_registered"


async def test_a_server_without_its_services_says_that_no_character_can_be_made(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        table.world.integrations.entity = False
        table.world.integrations.names = False
        guest = await table.refused("register_guest", character_name="Wanda")
        await table.done("register", username="greta")
        character = await table.refused("create_character", world_id="pipeworks_web")

        assert {guest.code, character.code} == {"integration_missing"}
        assert "Existing characters can play" in guest.hint
        assert table.world.asked["register-guest"] == 1
        assert table.world.asked["characters"] == 1


# -- Answers that are lost ------------------------------------------------------------


async def test_an_account_whose_registration_got_no_answer_is_played_all_the_same(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        table.world.faults.switch_on("drop_reply_after@register")
        lost = await table.call("register", username="greta")
        worlds = await table.done("list_worlds")
        refused = await table.refused("register", username="other")

        assert isinstance(lost, Unknown)
        assert lost.check == "pipeworks_list_worlds"
        assert lost.notes == ("Kept, in case it happened: User name, Password.",)
        assert len(rows(worlds)) == 2
        assert refused.code == "already_registered"
        assert await table.kept("username") == "greta"
        assert table.world.asked["register"] == 1
        table.world.clock.advance(DAY + 60)
        await table.done("register", username="other")


async def test_an_account_that_was_not_made_after_all_is_registered_again(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        table.world.faults.switch_on("drop_before@register")
        lost = await table.call("register", username="greta")
        nobody = await table.refused("list_worlds")
        done = await table.done("register", username="greta")
        await table.done("list_worlds")

        assert isinstance(lost, Unknown)
        assert nobody.code == "wrong_password"
        assert done.notes[0] == "Kept for you, and never shown: Password."
        assert (await table.refused("register", username="more")).code == "already_registered"


async def test_of_a_registration_that_was_refused_nothing_is_kept(tmp_path: Path) -> None:
    world = Mud()
    world.account("greta")

    async with laid(tmp_path, world=world, keys={"world": "pipeworks_web"}) as table:
        refused = await table.refused("register", username="greta")
        kept = {slot: await table.kept(slot) for slot in SPEC.credentials}

    assert refused.code == "not_valid"
    assert {slot: value for slot, value in kept.items() if value} == {"world": "pipeworks_web"}


async def test_a_refused_successor_leaves_what_there_was(tmp_path: Path) -> None:
    world = Mud()
    world.account("greta")

    async with laid(tmp_path, world=world) as table:
        await table.done("register_guest", character_name="Wanda")
        before = {slot: await table.kept(slot) for slot in SPEC.credentials}
        table.world.clock.advance(DAY + 60)
        await table.refused("register", username="greta")

        assert {slot: await table.kept(slot) for slot in SPEC.credentials} == before


async def test_a_guest_whose_name_was_lost_with_the_answer_is_replaced_by_another(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        table.world.faults.switch_on("drop_reply_after@register-guest")
        lost = await table.call("register_guest", character_name="Wanda")
        await table.done("register_guest", character_name="Wanda2")
        await table.done("look")

        assert isinstance(lost, Unknown)
        assert lost.check is None
        assert "another character name" in lost.notes[0]


@pytest.mark.parametrize(("fault", "is_kept"), [("drop_reply_after@admin", True), ("", False)])
async def test_what_an_admin_handed_out_is_kept_although_the_answer_was_lost(
    tmp_path: Path, *, fault: str, is_kept: bool
) -> None:
    world = Mud()
    world.account("taken")

    async with laid(tmp_path, world=world, keys=steward(), allow=("pipeworks:admin",)) as table:
        await table.done("create_user", username="first", role="player")
        if fault:
            world.faults.switch_on(fault)
        name = "second" if is_kept else "taken"
        await table.call("create_user", username=name, role="player")

        names, words = await table.kept("managed_username"), await table.kept("managed_password")
        assert names == ("first\nsecond" if is_kept else "first")
        account = world.mud.account_named((names or "").splitlines()[-1])
        assert account is not None
        assert passwords.matches((words or "").splitlines()[-1], account.password_hash)


# -- Changing the password --------------------------------------------------------


async def test_a_new_password_is_invented_kept_and_used(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        changed = await table.done("change_password")
        word = await table.kept("password")
        world.expire_sessions()
        await table.done("look")

        assert word not in (None, PASSWORD)
        assert str(word) not in str(changed)
        assert await table.kept("next_password") is None
        assert world.asked["login"] == 2  # the change itself took none


@pytest.mark.parametrize(
    ("fault", "is_changed"), [("drop_reply_after", True), ("drop_before", False)]
)
async def test_after_a_lost_answer_both_passwords_are_kept_and_the_right_one_is_found(
    tmp_path: Path, *, fault: str, is_changed: bool
) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with served(world) as url:
        async with sat_down(world, url, tmp_path / "a", keys=player()) as table:
            await table.done("look")
            world.faults.switch_on(f"{fault}@change-password")
            lost = await table.call("change_password")
            assert isinstance(lost, Unknown)
            assert world.asked["change-password"] == 1
            assert "the old and the new one are kept" in lost.notes[0]
            assert await table.kept("password") == PASSWORD
            new = await table.kept("next_password")
            assert new is not None
            assert new not in str(lost)
        async with sat_down(world, url, tmp_path / "b", vault=table.vault) as later:
            await later.done("look")
            assert await later.kept("password") == (new if is_changed else PASSWORD)

        account = world.mud.account_named("ann")
        assert account is not None
        assert passwords.matches(new, account.password_hash) == is_changed


async def test_a_second_change_after_a_lost_answer_loses_no_password_either(
    tmp_path: Path,
) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        world.faults.switch_on("drop_reply_after@change-password")
        await table.call("change_password")
        refused = await table.refused("change_password")
        await table.done("logout")
        await table.done("change_password")
        await table.done("logout")
        await table.done("look")

        assert refused.code == "wrong_current_password"
        assert "pipeworks_logout" in refused.hint
        assert await table.kept("next_password") is None


async def test_a_password_that_was_refused_is_forgotten(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        table.vault.hold("pipeworks", "default", "password", "not the right one")
        await table.refused("change_password")

        assert await table.kept("next_password") is None


async def test_what_an_admin_hands_out_is_kept_and_never_shown(tmp_path: Path) -> None:
    async with laid(tmp_path, keys=steward(), allow=("pipeworks:admin",)) as table:
        await table.done("list_users")
        made = await table.done("create_user", username="fresh", role="player")
        word = await table.kept("managed_password")

        assert word is not None
        assert passwords.faults_of(word) == []
        assert word not in str(made)
        assert await table.kept("managed_username") == "fresh"
        assert await table.kept("username") == "steward"
        assert table.world.asked["login"] == 1


# facts: "422 echoes the request in `input` - including passwords"
async def test_what_a_422_echoes_is_never_passed_on(tmp_path: Path) -> None:
    async with laid(tmp_path, keys=steward(), allow=("pipeworks:admin",)) as table:
        refused = await table.refused(
            "save_policy_variant",
            policy_id="prompt:a:b",
            variant="v1",
            schema_version="1",
            policy_version=1,
            status="draft",
            content={"hidden": "echo-canary"},
        )

        assert "echo-canary" not in str(refused)
