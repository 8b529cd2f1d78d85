from collections import Counter

import pytest

from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.life import others
from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


@pytest.fixture
def lively(game: Game) -> Game:
    return Game(
        clock=game.universe.clock, seed=1, tick_seconds=10.0, executed=Counter(), lively=True
    )


def test_the_others_chat_scan_and_offer_trades_by_themselves(lively: Game) -> None:
    ann = Pilot(lively, "Ann")
    ann.player.docked_at = ""

    for _ in range(600):
        lively.tick()

    kinds = {push.kind for push in lively.take_pushes() if push.player_id == ann.id}
    assert {"chat_message", "scan_detected", "trade_offer_received"} <= kinds


def test_the_drift_is_dangerous(lively: Game) -> None:
    ann = Pilot(lively, "Ann")
    ann.player.docked_at = ""
    ann.player.system_id, ann.player.place_id = "the_drift", "drift_rocks"

    for _ in range(200):
        lively.tick()

    kinds = {push.kind for push in lively.take_pushes() if push.player_id == ann.id}
    assert {"pirate_warning", "combat_update", "player_died"} <= kinds


def test_each_deed_can_be_asked_for(game: Game, ann: Pilot) -> None:
    others.speak(game.universe, ann.player, "Hello Ann", "private")
    others.look_at(game.universe, ann.player)
    others.propose(game.universe, ann.player)
    others.assault(game.universe, ann.player)
    game.tick()

    kinds = [push.kind for push in game.take_pushes() if push.player_id == ann.id]
    assert kinds[:3] == ["chat_message", "scan_detected", "trade_offer_received"]
    assert "combat_update" in kinds


def test_nobody_reaches_a_ship_in_flight(game: Game, ann: Pilot) -> None:
    ann.do("undock")
    ann.order("travel", target_poi="kuiper_ice")
    game.tick()

    with pytest.raises(GameError):
        others.look_at(game.universe, ann.player)
