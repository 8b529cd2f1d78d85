"""Drones, insurance, citizenship, notes, the log, the forum, wrecks: what belongs to a player."""

import pytest

from bridge.sandbox.spacemolt.life.endowment import leave_wreck
from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def test_a_mining_drone_digs_while_it_is_out(ann: Pilot) -> None:
    ann.endowed()
    drone = ann.do("load_drone", item_id="mining_drone")["drone_id"]
    ann.do("upload_drone_script", drone_id=drone, script="MINE")
    ann.fly("main_belt")
    ann.do("deploy_drone", drone_id=drone)
    before = ann.ship.cargo["iron_ore"]
    for _ in range(5):
        ann.game.tick()

    assert ann.ask("get_drone", drone_id=drone)["cargo_used"] >= 5
    ann.do("recall_drone", drone_id=drone)
    assert ann.ship.cargo["iron_ore"] > before


def test_a_bay_holds_two_drones(ann: Pilot) -> None:
    ann.endowed()
    ann.do("load_drone", item_id="mining_drone")
    ann.do("load_drone", item_id="mining_drone")

    assert ann.settle("load_drone", item_id="mining_drone").payload["code"] == "no_bay"


def test_insurance_pays_for_a_loss_but_not_for_self_destruction(ann: Pilot) -> None:
    ann.do("buy_insurance", ticks=1000)
    ann.told()

    ann.game.kill(ann.player)

    assert ann.told("player_died")[0]["insurance_payout"] == 350
    ann.do("buy_insurance", ticks=1000)
    ann.do("self_destruct")
    assert ann.told("player_died")[0]["insurance_payout"] == 0


def test_home_is_where_one_chose_it(ann: Pilot) -> None:
    settled = ann.settle("set_home_base", base_id="proxima_exchange")

    assert settled.payload["code"] == "wrong_station"


def test_citizenship_is_granted_or_waits(ann: Pilot) -> None:
    ann.player.credits = 10_000

    granted = ann.do("citizenship", action="apply", empire_id="nebula")
    waiting = ann.do("citizenship", action="apply", empire_id="crimson")
    closed = ann.settle("citizenship", action="apply", empire_id="outerrim")

    assert (granted["status"], waiting["status"]) == ("granted", "pending")
    assert closed.payload["code"] == "citizenship_closed"
    listed = ann.ask("citizenship", action="list")
    assert {c["empire_id"] for c in listed["citizenships"]} == {"solarian", "nebula"}
    assert ann.do("citizenship", action="withdraw", empire_id="crimson")["fee_refunded"] == 600


def test_a_note_takes_room_and_is_written_at_a_station(ann: Pilot) -> None:
    note = ann.ask("create_note", title="Secrets", content="42")["note_id"]

    assert ann.ship.load == 1
    assert ann.ask("read_note", note_id=note)["content"] == "42"
    ann.do("undock")
    with pytest.raises(GameError) as caught:
        ann.ask("write_note", note_id=note, content="43")
    assert caught.value.code == "not_docked"


def test_notes_are_private(ann: Pilot, bob: Pilot) -> None:
    note = ann.ask("create_note", title="Secrets", content="42")["note_id"]

    with pytest.raises(GameError):
        bob.ask("read_note", note_id=note)


def test_the_log_keeps_twenty_entries_newest_first(ann: Pilot) -> None:
    for day in range(25):
        ann.ask("captains_log_add", entry=f"Day {day}")

    newest, oldest = ann.ask("captains_log_list"), ann.ask("captains_log_get", index=19)

    assert newest["entry"]["entry"] == "Day 24"
    assert (newest["total_count"], newest["has_next"]) == (20, True)
    assert oldest["entry"] == "Day 5"
    ann.ask("captains_log_delete", index=0)
    assert ann.ask("captains_log_get", index=0)["entry"] == "Day 23"


def test_an_empty_log_can_be_listed_but_not_read(ann: Pilot) -> None:
    assert ann.ask("captains_log_list")["total_count"] == 0
    with pytest.raises(GameError) as caught:
        ann.ask("captains_log_get", index=0)
    assert caught.value.code == "invalid_index"


def test_a_vote_counts_once_and_only_authors_remove(ann: Pilot, bob: Pilot) -> None:
    thread = ann.do("forum_create_thread", title="Hi", content="All")["thread_id"]
    bob.do("forum_upvote", thread_id=thread)

    assert bob.settle("forum_upvote", thread_id=thread).payload["code"] == "already_voted"
    assert bob.settle("forum_delete_thread", thread_id=thread).payload["code"] == "not_owner"
    assert ann.ask("forum_list", sort_by="most_upvotes")["threads"][0]["id"] == thread


def test_the_forum_can_be_searched(ann: Pilot) -> None:
    assert ann.ask("forum_list", search="copper")["total"] == 1
    assert ann.ask("forum_list", dev_only=True)["total"] == 1
    assert ann.ask("forum_list", date_from="2999-01-01")["total"] == 0


def test_a_wreck_is_towed_along_and_sold_at_a_yard(ann: Pilot) -> None:
    ann.endowed()
    ann.fly("luna")
    wreck = leave_wreck(ann.game.universe, ann.player)
    ann.do("tow_wreck", wreck_id=wreck.id)

    ann.fly("earth")

    assert wreck.place_id == "earth"
    assert ann.do("sell_wreck")["total_payout"] == 400 + 5 * 5 + 3 * 24


def test_a_wreck_can_be_broken_up_on_the_spot(ann: Pilot) -> None:
    wreck = leave_wreck(ann.game.universe, ann.player)

    result = ann.do("salvage_wreck", wreck_id=wreck.id)

    assert ann.ship.cargo["metal_scrap"] == result["metal_scrap"]
    assert ann.ask("get_wrecks")["count"] == 0


def test_towing_takes_a_rig(ann: Pilot) -> None:
    wreck = leave_wreck(ann.game.universe, ann.player)

    assert ann.settle("tow_wreck", wreck_id=wreck.id).payload["code"] == "no_equipment"


def test_help_is_called_once_an_hour_and_not_from_a_dock(ann: Pilot) -> None:
    assert ann.settle("distress_signal").payload["code"] == "docked"
    ann.do("undock")
    ann.do("distress_signal")

    assert ann.settle("distress_signal").payload["code"] == "rate_limited"
    history = ann.ask("get_chat_history", channel="emergency")
    assert history["total_count"] == 1


def test_what_one_did_is_written_down(ann: Pilot) -> None:
    ann.do("buy", item_id="fuel_cell", quantity=1)

    log = ann.ask("get_action_log", category="trading")

    assert log["entries"][0]["summary"] == "buy 1 Fuel Cell"
    assert ann.ask("get_action_log", category="combat")["total"] == 0


def test_taxes_follow_income(ann: Pilot) -> None:
    ann.ship.cargo["iron_ore"] = 60
    earned = ann.do("sell", item_id="iron_ore", quantity=60)["total_earned"]

    estimate = ann.ask("get_tax_estimate")

    assert estimate["taxable_income_to_date"] == earned
    assert estimate["income_tax_total"] == earned * 500 // 10_000
