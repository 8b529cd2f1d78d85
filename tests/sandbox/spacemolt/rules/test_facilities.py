import pytest

from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def test_building_waits_for_a_tick_and_looking_does_not(ann: Pilot) -> None:
    assert ann.ask("facility", action="types")["total"] == 15

    built = ann.do("facility", action="build", facility_type="small_refinery")

    assert ann.player.credits == 500
    listed = ann.ask("facility", action="list")["player_facilities"]
    assert listed[0]["facility_id"] == built["facility_id"]


def test_quarters_come_before_trophies(ann: Pilot) -> None:
    early = ann.settle("facility", action="personal_build", facility_type="trophy_hall")
    ann.do("facility", action="personal_build", facility_type="crew_quarters")

    assert early.payload["code"] == "no_facility"
    ann.do("facility", action="personal_build", facility_type="trophy_hall")


def test_private_quarters_are_locked(ann: Pilot, bob: Pilot) -> None:
    ann.do("facility", action="personal_build", facility_type="crew_quarters")
    with pytest.raises(GameError):
        bob.ask("facility", action="personal_visit", username="Ann")

    ann.do("facility", action="personal_decorate", description="Cosy", access="public")

    seen = bob.ask("facility", action="personal_visit", username="Ann")
    assert seen["description"] == "Cosy"


def test_a_facility_can_be_sold_to_another(ann: Pilot, bob: Pilot) -> None:
    built = ann.do("facility", action="build", facility_type="wire_works")["facility_id"]
    sale = ann.do("facility", action="list_for_sale", facility_id=built, price=100)

    bob.do("facility", action="buy_listing", listing_id=sale["listing_id"])

    assert ann.settle("facility", action="toggle", facility_id=built).payload["code"] == "not_owner"
    assert bob.do("facility", action="toggle", facility_id=built)["active"] is False


def test_facilities_are_built_where_one_is_docked(ann: Pilot) -> None:
    ann.do("undock")

    settled = ann.settle("facility", action="build", facility_type="small_refinery")

    assert settled.payload["code"] == "not_docked"
    assert ann.player.credits == 1500
