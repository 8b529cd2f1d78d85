from bridge.sandbox.spacemolt.game import Game
from tests.sandbox.spacemolt.pilot import Pilot


def test_the_dead_wake_at_home_with_less(ann: Pilot, bob: Pilot, game: Game) -> None:
    ann.endowed()
    bob.do("undock")
    bob.ship.cargo["iron_ore"] = 9
    bob.told()
    gun = next(module for module in ann.ship.modules if module.type_id == "autocannon_i")
    gun.rounds, gun.ammo_id = 100, "standard_rounds_box"

    ann.do("attack", target_id="Bob")
    ann.ask("battle", action="advance")
    for _ in range(12):
        game.tick()

    death = bob.told("player_died")[0]
    assert death["killer_name"] == "Ann"
    assert death["respawn_base"] == bob.player.docked_at == "confederacy_central_command"
    assert bob.ship.load == 0
    wrecks = [w for w in ann.ask("get_wrecks")["wrecks"] if w["victim_name"] == "Bob"]
    assert wrecks[0]["id"] == death["wreck_id"]
    assert wrecks[0]["cargo"][0]["quantity"] == 5


def test_an_order_that_death_crosses_fails(ann: Pilot, game: Game) -> None:
    ann.do("undock")
    ticket = ann.order("travel", target_poi="kuiper_ice")
    game.tick()

    game.kill(ann.player)
    settled = game.tick()

    assert settled[0].ticket is ticket
    assert settled[0].payload["code"] == "combat_interrupt"
    assert ann.player.transit is None


def test_death_ends_the_battle_for_both(ann: Pilot, bob: Pilot, game: Game) -> None:
    bob.do("undock")
    ann.do("attack", target_id="Bob")

    game.kill(bob.player)

    assert ann.player.battle_id == bob.player.battle_id == ""
