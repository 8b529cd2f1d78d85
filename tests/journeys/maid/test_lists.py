"""Lists by page or up to a bound, and the private fields that are left out of them."""

from pathlib import Path

import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Done
from bridge.sandbox.clock import HandClock
from bridge.sandbox.maid import demo
from tests.journeys.maid.playing import EVERYTHING, laid, quiet_world

pytestmark = pytest.mark.anyio

LISTS = {
    "list_players": "players",
    "list_rooms": "rooms",
    "list_npcs": "npcs",
    "list_items": "items",
}


def ids(entries: JsonValue) -> list[str]:
    assert isinstance(entries, list)
    return [str(entry["id"]) for entry in entries if isinstance(entry, dict)]


@pytest.mark.parametrize(("command", "key"), LISTS.items())
async def test_every_list_is_read_page_by_page_in_the_same_way(
    tmp_path: Path, command: str, key: str
) -> None:
    async with laid(tmp_path) as table:
        seen: list[str] = []
        page: JsonValue = 1
        while page is not None:
            result = await table.done(command, page=page, page_size=7)
            assert result.keys() - {"next_page"} == {key, "total", "page"}
            assert result["page"] == page
            seen += ids(result[key])
            page = result.get("next_page")

    assert len(seen) == len(set(seen)) == result["total"]


@pytest.mark.parametrize(("command", "key"), LISTS.items())
async def test_all_entries_up_to_a_bound_come_at_once(
    tmp_path: Path, command: str, key: str
) -> None:
    async with laid(tmp_path) as table:
        whole = await table.done(command, up_to=1000)
        part = await table.done(command, up_to=12)

    assert len(ids(whole[key])) == whole["total"]
    assert ids(part[key]) == ids(whole[key])[:12]


async def test_a_page_is_of_fifty_where_nothing_is_said(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        assert len(ids((await table.done("list_rooms"))["rooms"])) == 50


async def test_a_room_that_was_listed_may_be_named_in_place_of_its_id(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.done("list_rooms", up_to=100)

        outcome = await table.call("get_room", room_id="town square")

    assert isinstance(outcome, Done)
    assert "room_id 'town square' is" in outcome.notes[0]


async def test_a_character_may_be_named_in_place_of_its_id(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.done("list_characters")

        frodo = await table.done("get_character", character_id="Frodo")

    assert frodo["class"] == "Rogue"


async def test_filters_hold_on_every_page(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        guards = await table.done("list_npcs", npc_type="guard", up_to=100)
        online = await table.done("list_players", online_only=True, up_to=500)

        assert isinstance(guards["npcs"], list)
        assert {npc["npc_type"] for npc in guards["npcs"] if isinstance(npc, dict)} == {"guard"}
        assert online["total"] == len(table.world.game.online())


async def test_a_list_that_the_limit_cuts_short_says_where_to_read_on(tmp_path: Path) -> None:
    world = quiet_world(HandClock())
    keys = {**EVERYTHING, "api_key": demo.FULL}
    async with laid(tmp_path, world=world, keys=keys) as table:
        for _ in range(59):
            await table.done("get_server_stats")
        outcome = await table.call("list_players", up_to=1000)

        assert isinstance(outcome, Done)
        assert "Only the first 100 entries." in outcome.notes[-1]
        assert "page 2 and page_size 100" in outcome.notes[-1]
        assert world.executed["rate_limited"] == 0
        assert (await table.refused("list_players", up_to=1000)).code == "rate_limited"


async def test_a_page_that_cannot_be_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        refused = await table.refused("list_rooms", page_size=500)

        assert refused.code == "wrong_arguments"
        assert table.world.executed["list_rooms"] == 0


async def test_e_mail_and_lock_out_are_told_only_to_those_who_ask(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        player = table.world.game.account_named(demo.PLAYER1)
        assert player is not None
        public = await table.done("get_player", player_id=player.id)
        private = await table.done("get_player", player_id=player.id, private=True)
        me, me_privately = await table.done("whoami"), await table.done("whoami", private=True)
        listed = await table.done("list_players", search="player1")

    hidden = {"email", "login_attempts", "locked_until", "metadata"}
    assert hidden.isdisjoint(public)
    assert hidden <= private.keys()
    assert "email" not in me
    assert me_privately["email"] == player.email
    assert player.email not in str(listed)


async def test_a_thing_that_was_deleted_leaves_no_answer_and_that_is_said(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        keys = await table.done("list_api_keys")
        assert isinstance(keys["keys"], list)
        outcome = await table.call("revoke_api_key", key_id=demo.key_id(demo.WORLD))

        assert isinstance(outcome, Done)
        assert outcome.result is None
        assert table.world.executed["revoke_api_key"] == 1


async def test_every_key_that_was_created_is_kept(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        told = [
            await table.call("create_api_key", name=name, permissions=["READ_PUBLIC"])
            for name in ("Board", "Bot")
        ]

        kept = await table.vault.get("maid", "default", "created_api_key")
        made = [key.raw for key in table.world.game.keys if key.name in ("Board", "Bot")]
        assert kept is not None
        assert kept.splitlines() == made
        assert not any(raw in str(told) for raw in made)


async def test_an_area_that_was_listed_can_be_called_by_its_name(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        listed = await table.done("list_areas")
        rooms = await table.done("list_rooms", area="Harbour")

    assert listed.keys() == {"areas", "total"}
    assert rooms["total"] == 13
