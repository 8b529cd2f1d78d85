import pytest

from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def test_buying_takes_the_cheapest_orders_first(ann: Pilot) -> None:
    book = ann.ask("view_market", item_id="iron_ore")["items"][0]["sell_orders"]

    result = ann.do("buy", item_id="iron_ore", quantity=5)

    assert result["fills"][0]["price_each"] == min(order["price_each"] for order in book)
    assert ann.ship.cargo["iron_ore"] == 5


def test_a_purchase_costs_what_was_estimated(ann: Pilot) -> None:
    estimate = ann.ask("estimate_purchase", item_id="Iron Ore", quantity=10)
    before = ann.player.credits

    result = ann.do("buy", item_id="Iron Ore", quantity=10)

    assert result["total_cost"] == estimate["total_cost"] == before - ann.player.credits


def test_what_does_not_fit_goes_into_storage(ann: Pilot) -> None:
    result = ann.do("buy", item_id="iron_ore", quantity=70)

    assert (result["delivered_to_cargo"], result["delivered_to_storage"]) == (60, 10)


def test_nobody_buys_what_he_cannot_pay(ann: Pilot) -> None:
    ann.player.credits = 3

    assert ann.settle("buy", item_id="power_core", quantity=1).payload["code"] == "no_credits"


def test_buying_what_nobody_offers_succeeds_with_nothing(ann: Pilot) -> None:
    result = ann.do("buy", item_id="contraband_spice", quantity=2)

    assert (result["quantity"], result["unfilled"], result["total_cost"]) == (0, 2, 0)


def test_selling_pays_and_empties_the_hold(ann: Pilot) -> None:
    ann.ship.cargo["iron_ore"] = 10
    before = ann.player.credits

    result = ann.do("sell", item_id="iron_ore", quantity=10)

    assert result["quantity_sold"] == 10
    assert ann.player.credits - before == result["total_earned"] > 0
    assert ann.ship.cargo["iron_ore"] == 0


def test_one_cannot_sell_what_one_does_not_have(ann: Pilot) -> None:
    settled = ann.settle("sell", item_id="iron_ore", quantity=1)

    assert settled.payload["code"] == "item_not_available"


def test_selling_what_nobody_wants_succeeds_with_nothing(ann: Pilot) -> None:
    ann.ship.cargo["note_document"] = 1

    assert ann.do("sell", item_id="note_document", quantity=1)["quantity_sold"] == 0


def test_the_rest_can_be_listed_at_once(ann: Pilot) -> None:
    ann.ship.cargo["note_document"] = 2

    result = ann.do("sell", item_id="note_document", quantity=2, auto_list=True)

    assert result["auto_listed"]["quantity"] == 2
    assert ann.ask("view_orders")["total"] == 1


def test_the_stations_restock(ann: Pilot, game: Game) -> None:
    ann.endowed()
    there = ann.ask("view_market", item_id="mining_drone")["items"][0]["sell_quantity"]
    ann.do("buy", item_id="mining_drone", quantity=there)

    for _ in range(60):
        game.tick()

    assert ann.ask("view_market", item_id="mining_drone")["items"][0]["sell_quantity"] == there


def test_the_market_is_only_seen_from_the_station(ann: Pilot) -> None:
    ann.do("undock")

    with pytest.raises(GameError) as caught:
        ann.ask("view_market")

    assert caught.value.code == "not_docked"


def test_a_traveller_hears_where_things_are_dear(ann: Pilot) -> None:
    ann.player.visited["haven"] = "yesterday"

    insights = ann.ask("analyze_market")["insights"]

    assert all("Grand Exchange" in insight["message"] for insight in insights)


def test_an_unknown_item_is_refused(ann: Pilot) -> None:
    with pytest.raises(GameError) as caught:
        ann.ask("estimate_purchase", item_id="unobtainium", quantity=1)

    assert caught.value.code == "invalid_item"
