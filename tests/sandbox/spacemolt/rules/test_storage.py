import pytest

from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def test_goods_move_into_storage_and_back(ann: Pilot) -> None:
    ann.ship.cargo["iron_ore"] = 10

    put = ann.do("deposit_items", item_id="iron_ore", quantity=6)
    taken = ann.do("withdraw_items", item_id="iron_ore", quantity=2)

    assert (put["cargo_remaining"], put["storage_total"]) == (4, 6)
    assert (taken["cargo_total"], taken["storage_remaining"]) == (6, 4)


def test_storage_can_be_seen_from_afar(ann: Pilot) -> None:
    ann.game.universe.lockers.at("proxima_exchange", ann.id).put("gold_ore", 3)

    seen = ann.ask("view_storage", station_id="proxima_exchange")

    assert seen["items"][0]["item_id"] == "gold_ore"
    with pytest.raises(GameError):
        ann.ask("view_storage", station_id="atlantis")


def test_goods_can_go_straight_to_the_faction(ann: Pilot) -> None:
    ann.endowed()

    result = ann.do(
        "deposit_items", item_id="iron_ore", quantity=3, source="storage", target="faction"
    )

    assert (result["source"], result["destination"]) == ("storage", "faction")
    assert result["dest_total"] == 103


def test_only_who_manages_the_treasury_takes_from_it(ann: Pilot, bob: Pilot) -> None:
    ann.endowed()
    ann.do("faction_invite", player_id="Bob")
    bob.do("join_faction", faction_id=ann.player.faction_id)

    refused = bob.settle("faction_withdraw_items", item_id="iron_ore", quantity=1)

    assert refused.payload["code"] == "no_permission"
    assert ann.do("faction_withdraw_items", item_id="iron_ore", quantity=1)["quantity"] == 1


def test_a_deposit_for_a_friend_waits_for_him(ann: Pilot, bob: Pilot) -> None:
    ann.ship.cargo["iron_ore"] = 2

    ann.do("deposit_items", item_id="iron_ore", quantity=2, target="Bob")

    assert bob.ask("view_storage")["items"][0]["quantity"] == 2


def test_what_is_not_there_cannot_be_moved(ann: Pilot) -> None:
    for command in ("deposit_items", "withdraw_items"):
        settled = ann.settle(command, item_id="iron_ore", quantity=1)
        assert settled.payload["code"] == "item_not_available"


def test_what_does_not_fit_stays_in_storage(ann: Pilot) -> None:
    ann.game.universe.locker(ann.player).put("iron_ore", 100)

    settled = ann.settle("withdraw_items", item_id="iron_ore", quantity=100)

    assert settled.payload["code"] == "no_cargo_space"
    assert ann.ask("view_storage")["items"][0]["quantity"] == 100


def test_the_books_of_the_faction_name_who_moved_what(ann: Pilot) -> None:
    ann.endowed()
    ann.do("faction_deposit_items", item_id="iron_ore", quantity=5)

    activity = ann.ask("view_faction_storage")["recent_activity"]

    assert (activity[0]["player"], activity[0]["quantity"]) == ("Ann", 5)
