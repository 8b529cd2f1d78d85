import pytest

from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def test_a_delivery_is_paid_when_the_goods_are_there(ann: Pilot) -> None:
    offer = next(m for m in ann.ask("get_missions")["missions"] if m["template_id"] == "ore_run")
    mission = ann.do("accept_mission", mission_id=offer["mission_id"])["mission_id"]
    early = ann.settle("complete_mission", mission_id=mission)
    ann.ship.cargo["iron_ore"] = 10
    before = ann.player.credits

    result = ann.do("complete_mission", mission_id=mission)

    assert early.payload["code"] == "mission_incomplete"
    assert result["credits_earned"] == 250 == ann.player.credits - before
    assert ann.ship.cargo["iron_ore"] == 0


def test_digging_counts_from_the_acceptance(ann: Pilot) -> None:
    mission = ann.do("accept_mission", mission_id="first_dig")["mission_id"]
    ann.fly("main_belt")
    ann.do("mine")

    progress = ann.ask("get_active_missions")["missions"][0]

    assert progress["percent_complete"] == 100.0
    assert ann.do("complete_mission", mission_id=mission)["items_received"] == {"fuel_cell": 2}


def test_a_visit_counts_on_arrival(ann: Pilot) -> None:
    ann.do("accept_mission", mission_id="see_sirius")

    ann.do("jump", target_system="sirius")

    assert ann.ask("get_active_missions")["missions"][0]["objectives"][0]["completed"] is True


def test_a_mission_is_taken_once_at_a_time(ann: Pilot) -> None:
    ann.do("accept_mission", mission_id="ore_run")

    again = ann.settle("accept_mission", mission_id="ore_run")

    assert again.payload["code"] == "already_accepted"


def test_some_missions_are_offered_only_once(ann: Pilot) -> None:
    ann.player.completed["first_dig"] = "yesterday"

    offered = {m["template_id"] for m in ann.ask("get_missions")["missions"]}

    assert "first_dig" not in offered
    assert "ore_run" in offered
    assert ann.ask("view_completed_mission", template_id="first_dig")["dialog"]["offer"]


def test_a_mission_runs_out(ann: Pilot) -> None:
    ann.do("accept_mission", mission_id="ore_run")
    ann.player.missions[0].expires_tick = ann.game.universe.tick + 1

    ann.game.tick()

    assert ann.ask("get_active_missions")["total_count"] == 0


def test_an_unknown_mission_is_refused(ann: Pilot) -> None:
    with pytest.raises(GameError) as caught:
        ann.ask("abandon_mission", mission_id="nothing")

    assert caught.value.code == "mission_not_found"


def test_a_posted_mission_can_be_done_by_others(ann: Pilot, bob: Pilot) -> None:
    ann.endowed()
    posted = ann.do(
        "faction_post_mission",
        title="Ore",
        description="Bring ore",
        type="delivery",
        objectives=[
            {"type": "deliver_item", "description": "Ore", "item_id": "iron_ore", "quantity": 2}
        ],
        rewards={"credits": 77},
        triggers=["open_to_all"],
    )
    mission = bob.do("accept_mission", mission_id=posted["template_id"])["mission_id"]
    bob.ship.cargo["iron_ore"] = 2

    assert bob.do("complete_mission", mission_id=mission)["credits_earned"] == 77
