import pytest

from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


@pytest.fixture
def fight(ann: Pilot, bob: Pilot) -> tuple[Pilot, Pilot]:
    bob.do("undock")
    ann.do("attack", target_id="Bob")
    for pilot in (ann, bob):
        pilot.ship.hull = 1000
    return ann, bob


def test_both_see_the_battle(fight: tuple[Pilot, Pilot]) -> None:
    _, bob = fight

    status = bob.ask("get_battle_status")

    assert status["is_participant"] is True
    assert {p["username"] for p in status["participants"]} == {"Ann", "Bob"}
    assert [side["player_count"] for side in status["sides"]] == [1, 1]


def test_a_steering_order_is_answered_at_once(fight: tuple[Pilot, Pilot]) -> None:
    ann, _ = fight

    assert "mid" in ann.ask("battle", action="advance")["message"]
    assert ann.ask("battle", action="stance", stance="brace")["stance"] == "brace"


def test_who_braces_takes_a_quarter_and_deals_nothing(fight: tuple[Pilot, Pilot]) -> None:
    ann, bob = fight
    bob.ask("battle", action="stance", stance="brace")
    bob.told()

    ann.game.tick()

    shots = bob.told("combat_update")
    assert [shot["attacker"] for shot in shots] == ["Ann"]
    assert shots[0]["damage"] == round(14 / 4)


def test_who_flees_escapes_after_three_ticks_outside(fight: tuple[Pilot, Pilot]) -> None:
    ann, bob = fight
    bob.ask("battle", action="stance", stance="flee")

    for _ in range(3):
        ann.game.tick()

    assert bob.player.battle_id == ""
    assert ann.player.battle_id == ""
    assert ann.game.universe.encounters.battles == {}


def test_nobody_travels_out_of_a_battle(fight: tuple[Pilot, Pilot]) -> None:
    ann, _ = fight

    settled = ann.settle("travel", target_poi="luna")

    assert settled.payload["code"] == "combat_interrupt"


def test_others_can_join(fight: tuple[Pilot, Pilot], game: Game) -> None:
    ann, _ = fight
    cid = Pilot(game, "Cid")
    cid.do("undock")

    cid.ask("battle", action="engage", side_id=1)

    assert len(ann.ask("get_battle_status")["participants"]) == 3


def test_only_enemies_are_targets(fight: tuple[Pilot, Pilot]) -> None:
    ann, _ = fight

    assert ann.ask("battle", action="target", target_id="Bob")["target_id"]
    with pytest.raises(GameError) as caught:
        ann.ask("battle", action="target", target_id="Ann")
    assert caught.value.code == "invalid_target"


def test_help_needs_no_battle(ann: Pilot) -> None:
    assert ann.ask("battle", action="help")["command"] == "battle"
