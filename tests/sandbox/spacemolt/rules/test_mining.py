from bridge.sandbox.spacemolt.game import Game
from tests.sandbox.spacemolt.pilot import Pilot


def test_a_load_goes_into_the_hold_and_is_pushed(ann: Pilot) -> None:
    ann.fly("main_belt")
    ann.told()

    result = ann.do("mine")

    assert result["resource_id"] == "iron_ore"
    assert ann.ship.cargo["iron_ore"] == result["quantity"] == 8
    pushed = ann.told("mining_yield")
    assert pushed[0]["quantity"] == 8
    assert pushed[0]["xp_gained"] == {"mining": 8}


def test_mining_ends_with_the_hold(ann: Pilot) -> None:
    ann.fly("main_belt")

    loads = [ann.settle("mine") for _ in range(12)]

    assert ann.ship.room == 0
    assert loads[-1].payload["code"] == "no_cargo_space"


def test_digging_makes_a_miner(ann: Pilot) -> None:
    ann.fly("main_belt")
    ann.told()

    for _ in range(4):
        ann.do("mine")

    pushed = ann.told("skill_level_up")
    assert pushed == [{"skill_id": "mining", "new_level": 1, "xp_gained": 8}]


def test_ice_takes_another_tool(ann: Pilot) -> None:
    ann.fly("kuiper_ice")

    assert ann.settle("mine").payload["code"] == "no_equipment"


def test_there_is_nothing_to_dig_at_a_planet(ann: Pilot) -> None:
    assert ann.settle("mine").payload["code"] == "no_resources"


def test_deposits_shrink_and_grow_again(ann: Pilot, game: Game) -> None:
    ann.fly("main_belt")
    deposit = game.universe.galaxy.places["main_belt"].deposits["iron_ore"]

    ann.do("mine")

    left = deposit.remaining
    assert left < deposit.full
    game.tick()
    assert deposit.remaining == left + 1


def test_a_stimulant_helps_for_a_while(ann: Pilot) -> None:
    ann.ship.cargo["focus_stim"] = 1
    ann.fly("main_belt")
    plain = ann.do("mine")["quantity"]

    ann.do("use_item", item_id="focus_stim")

    assert ann.do("mine")["quantity"] > plain
