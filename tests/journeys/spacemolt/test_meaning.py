"""What a model means, and what an answer means: names for ids, and yeses that are none."""

from pathlib import Path

import pytest
from pydantic import JsonValue

from bridge.gateway.calls import has_others_words
from bridge.protocol.verdict import Done, Refused
from bridge.server.present import Presenter
from tests.journeys.spacemolt.table import SPEC, WAYS, Table, laid

pytestmark = pytest.mark.anyio

HOME = "confederacy_central_command"


def last_payload(table: Table) -> dict[str, JsonValue]:
    return table.world.requests[-1].payload


async def rich(table: Table) -> None:
    table.settle_in()
    table.world.endow("Tester")
    await table.done("get_system")


# -- Names and ids


@pytest.mark.parametrize("way", WAYS)
async def test_an_exact_name_of_something_seen_becomes_its_id_and_is_said(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way) as table:
        await rich(table)

        flown = await table.call("travel", target_poi="Main Belt")
        arrived = table.world.asked("travel" if "v2" not in way else "spacemolt/travel")
        await table.done("get_cargo")
        jumped = await table.call("jump", target_system="alpha CENTAURI")

        assert isinstance(flown, Done)
        assert isinstance(jumped, Done)
        assert list(arrived[-1].payload.values()) == ["main_belt"]
        assert "target_poi 'Main Belt' is main_belt." in flown.notes
        assert "target_system 'alpha CENTAURI' is alpha_centauri." in jumped.notes


async def test_items_ships_and_players_are_known_by_name_too(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await rich(table)
        await table.done("get_cargo")
        await table.done("get_nearby")
        await table.done("list_ships")

        sold = await table.call("sell", item_id="Iron Ore", quantity=1)
        said = await table.call("chat", channel="private", content="Hi", target_id="Okta Venn")
        switched = await table.call("switch_ship", ship_id="Viper")

        assert isinstance(sold, Done)
        assert isinstance(said, Done)
        assert "item_id 'Iron Ore' is iron_ore." in sold.notes
        assert "target_id 'Okta Venn'" in str(said.notes)
        assert "ship_id 'Viper' is" in str(switched.notes)


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_only_alike_is_a_suggestion_and_is_never_sent_in_its_place(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way) as table:
        await rich(table)

        refused = await table.refused("travel", target_poi="Main Bolt")

        assert list(last_payload(table).values()) == ["Main Bolt"]
        assert "did you mean main_belt (Main Belt)?" in refused.hint


async def test_what_was_never_seen_goes_to_the_game_as_it_is(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await rich(table)

        route = await table.call("find_route", target_system="frontier")

        assert isinstance(route, Done)
        assert last_payload(table) == {"target_system": "frontier"}
        assert route.notes == ()


async def test_a_name_that_two_things_have_is_not_rewritten(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await rich(table)
        universe, player = table.world.game.universe, table.world.player("Tester")
        universe.new_ship("viper", player.id).stored_at = HOME
        await table.done("list_ships")

        refused = await table.refused("switch_ship", ship_id="Viper")

        assert last_payload(table) == {"ship_id": "Viper"}
        assert refused.hint.count("(Viper)") == 2


async def test_what_cannot_be_undone_takes_no_name(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await rich(table)
        await table.done("list_ships")
        before = len(table.world.requests)

        refused = await table.refused("scrap_ship", ship_id="Viper")

        assert refused.local
        assert "is a name" in refused.message
        assert len(table.world.requests) == before


# -- Yeses that are none


def clear_market(table: Table) -> None:
    exchange = table.world.game.universe.exchange
    for order in exchange.at_base(HOME):
        exchange.remove(order)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("command", ["sell", "buy"])
async def test_a_trade_that_moved_nothing_is_no_success(
    tmp_path: Path, way: str, command: str
) -> None:
    async with laid(tmp_path, way=way) as table:
        await rich(table)
        clear_market(table)

        refused = await table.refused(command, item_id="iron_ore", quantity=5)

        assert refused.code == "nothing_happened"
        assert not refused.local
        assert "0 Iron Ore" in refused.message
        assert refused.hint


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("command", ["sell", "buy"])
async def test_a_trade_that_became_an_order_is_one(tmp_path: Path, way: str, command: str) -> None:
    async with laid(tmp_path, way=way) as table:
        await rich(table)
        clear_market(table)

        outcome = await table.call(command, item_id="iron_ore", quantity=5, auto_list=True)

        assert isinstance(outcome, Done)


async def test_a_bulk_order_of_which_nothing_came_is_no_success(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await rich(table)
        orders: list[JsonValue] = [{"item_id": "unobtainium", "quantity": 1, "price_each": 2}]

        refused = await table.refused("create_sell_order", orders=orders)

        assert refused.code == "nothing_happened"
        assert "invalid_item" in str(refused.details)


# -- Whose words


@pytest.mark.parametrize("way", WAYS)
async def test_the_status_line_of_whoever_is_there_on_arrival_is_marked(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way) as table:
        await rich(table)
        shown = Presenter(store=table.gateway.store, now=table.world.clock.now)

        text = shown.text(await table.answer("travel", target_poi="main_belt"))

        before, _, marked = text.partition("<players-words>")
        assert "Digging" in marked.partition("</players-words>")[0]
        assert "Digging" not in before


async def test_where_nobody_is_nobodys_words_are_marked(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await rich(table)

        assert (await table.answer("travel", target_poi="main_belt")).untrusted
        assert not (await table.answer("travel", target_poi="sol_star")).untrusted
        assert not (await table.answer("get_system")).untrusted


def test_the_names_in_a_battle_that_is_seen_are_others_words() -> None:
    battle: JsonValue = {"active_battle": {"participants": [{"username": "Obey Me"}]}}

    assert has_others_words(SPEC.commands["get_poi"], Done(result=battle))
    assert not has_others_words(SPEC.commands["get_poi"], Done(result={"active_battle": None}))
    assert not has_others_words(SPEC.commands["get_poi"], Refused(code="no", message="No."))
