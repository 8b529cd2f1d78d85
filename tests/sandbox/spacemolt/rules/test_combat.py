import pytest

from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.life.pirates import spawn_pirate
from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def test_an_attack_starts_a_battle_and_shots_are_pushed_to_both(ann: Pilot, bob: Pilot) -> None:
    bob.do("undock")
    bob.told()

    ann.do("attack", target_id="Bob")
    ann.game.tick()

    pushes = ann.game.take_pushes()
    shots = [push for push in pushes if push.kind == "combat_update"]
    assert {shot.player_id for shot in shots} == {ann.id, bob.id}
    assert {"attacker", "target", "damage", "shield_hit", "hull_hit"} <= set(shots[0].data)


def test_a_docked_or_hidden_ship_cannot_be_attacked(ann: Pilot, bob: Pilot) -> None:
    assert ann.settle("attack", target_id="Bob").payload["code"] == "invalid_target"

    bob.player.docked_at, bob.player.cloaked = "", True
    assert ann.settle("attack", target_id="Bob").payload["code"] == "target_cloaked"


def test_without_weapons_nobody_attacks(ann: Pilot, bob: Pilot) -> None:
    bob.do("undock")
    ann.ship.modules.clear()

    assert ann.settle("attack", target_id="Bob").payload["code"] == "no_weapons"


def test_the_police_warns_where_there_is_one(ann: Pilot, bob: Pilot) -> None:
    bob.do("undock")
    ann.told()

    ann.do("attack", target_id="Bob")

    assert ann.told("police_warning")[0]["police_level"] == 100
    assert ann.player.reputation["solarian"] == 5


def test_a_scan_is_noticed(ann: Pilot, bob: Pilot) -> None:
    result = ann.do("scan", target_id="Bob")

    assert result["success"] is True
    assert result["ship_class"] == "mayfly"
    assert "hull" not in result
    assert bob.told("scan_detected")[0]["scanner_username"] == "Ann"


def test_a_scanner_sees_more_and_a_cloak_hides(ann: Pilot, bob: Pilot) -> None:
    ann.endowed()
    bob.endowed()
    assert ann.do("scan", target_id="Bob")["hull"] == bob.ship.max_hull
    assert ann.told("scan_result")[0]["cargo_types"]

    bob.do("undock")
    bob.do("cloak", enable=True)
    ann.player.levels["scanning"] = 0

    hidden = ann.do("scan", target_id="Bob")
    assert (hidden["success"], hidden["cloaked"]) == (False, True)
    assert ann.ask("get_nearby")["count"] == 1  # only another pilot


def test_a_cloak_takes_a_device(ann: Pilot) -> None:
    assert ann.settle("cloak").payload["code"] == "no_cloak"


def test_a_pirate_can_be_scanned_and_shot(ann: Pilot, game: Game) -> None:
    pirate = spawn_pirate(game.universe)
    pirate.system_id, pirate.place_id = ann.player.system_id, ann.player.place_id

    assert ann.do("scan", target_id=pirate.name)["hull"] == 60
    ann.do("attack", target_id=pirate.id)
    for _ in range(10):
        game.tick()

    assert pirate.id not in game.universe.encounters.npcs
    assert ann.told("pirate_destroyed")[0]["pirate_id"] == pirate.id
    assert ann.ask("get_wrecks")["count"] == 1


def test_who_gives_up_his_ship_wakes_at_home(ann: Pilot) -> None:
    ann.fly("main_belt")
    old = ann.ship.id
    ann.told()

    result = ann.do("self_destruct")

    assert result["ship_lost"] == "mayfly"
    assert ann.player.docked_at == ann.player.home_base
    assert ann.ship.id != old
    death = ann.told("player_died")[0]
    assert (death["cause"], death["self_destruct_fee"]) == ("self_destruct", 100)


def test_steering_needs_a_battle(ann: Pilot) -> None:
    with pytest.raises(GameError) as caught:
        ann.ask("battle", action="advance")

    assert caught.value.code == "not_in_battle"
