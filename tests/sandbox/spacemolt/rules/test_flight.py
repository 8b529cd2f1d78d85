import pytest

from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def test_travel_is_told_on_arrival(ann: Pilot) -> None:
    result = ann.do("travel", target_poi="main_belt")

    assert result["action"] == "arrived"
    assert result["poi_id"] == "main_belt"
    assert ann.player.place_id == "main_belt"


def test_a_longer_way_takes_more_ticks_and_fuel(ann: Pilot, game: Game) -> None:
    ann.do("undock")
    fuel, start = ann.ship.fuel, game.universe.tick

    ann.fly("kuiper_ice")

    # 4.3 units of way at speed 2: three ticks and five fuel, after the tick of departure.
    assert game.universe.tick - start == 4
    assert fuel - ann.ship.fuel == 5


def test_a_jump_takes_seven_ticks_less_the_speed(ann: Pilot, game: Game) -> None:
    ann.do("undock")
    start = game.universe.tick

    result = ann.do("jump", target_system="sirius")

    assert result["system_id"] == "sirius"
    assert game.universe.tick - start == 1 + 7 - ann.ship.speed


def test_a_name_will_do_for_a_place(ann: Pilot) -> None:
    ann.do("travel", target_poi="Main Belt")

    assert ann.player.place_id == "main_belt"


@pytest.mark.parametrize(
    ("command", "payload", "code"),
    [
        ("travel", {"target_poi": "atlantis"}, "invalid_poi"),
        ("travel", {"target_poi": "earth"}, "already_here"),
        ("travel", {"target_poi": "war_citadel"}, "invalid_poi"),
        ("jump", {"target_system": "atlantis"}, "invalid_system"),
        ("jump", {"target_system": "krynn"}, "not_connected"),
        ("jump", {"target_system": "45"}, "no_pathfinder"),
    ],
)
def test_flights_to_nowhere_are_refused(
    ann: Pilot, command: str, payload: dict[str, str], code: str
) -> None:
    assert ann.settle(command, **payload).payload["code"] == code


def test_without_fuel_nothing_moves(ann: Pilot) -> None:
    ann.ship.fuel = 0

    assert ann.settle("travel", target_poi="main_belt").payload["code"] == "no_fuel"


def test_in_flight_only_some_things_can_be_done(ann: Pilot, game: Game) -> None:
    ann.do("undock")
    ann.ship.cargo["fuel_cell"] = 1
    ann.order("travel", target_poi="kuiper_ice")
    game.tick()

    with pytest.raises(GameError) as caught:
        ann.order("mine")
    assert caught.value.code == "already_traveling"
    with pytest.raises(GameError) as caught:
        ann.order("jettison", item_id="fuel_cell", quantity=1)
    assert caught.value.code == "in_transit"
    assert ann.do("refuel")["source"] == "fuel_cells"


def test_in_flight_the_place_is_the_flight(ann: Pilot, game: Game) -> None:
    ann.do("undock")
    ann.order("travel", target_poi="kuiper_ice")
    game.tick()

    place, system = ann.ask("get_poi"), ann.ask("get_system")

    assert place["in_transit"] is True
    assert place["to_poi"] == "kuiper_ice"
    assert system["transit_type"] == "travel"
    assert system["ticks_remaining"] == 3


def test_those_who_are_there_see_one_come_and_go(ann: Pilot, bob: Pilot) -> None:
    bob.fly("main_belt")
    bob.told()

    ann.fly("main_belt")
    ann.fly("earth")

    assert ann.player.place_id == "earth"
    arrival = bob.told()
    assert [event["username"] for event in arrival] == ["Ann", "Ann"]


def test_a_leader_takes_the_fleet_along(ann: Pilot, bob: Pilot) -> None:
    ann.do("fleet", action="create")
    ann.do("fleet", action="invite", player_id="Bob")
    bob.do("fleet", action="accept")
    bob.do("undock")

    ann.fly("main_belt")

    assert bob.player.place_id == "main_belt"
