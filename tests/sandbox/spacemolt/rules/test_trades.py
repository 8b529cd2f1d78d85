import pytest

from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def offer(ann: Pilot) -> str:
    ann.ship.cargo["iron_ore"] = 5
    result = ann.do(
        "trade_offer",
        target_id="Bob",
        offer_items=[{"item_id": "iron_ore", "quantity": 5}],
        request_credits=100,
    )
    return str(result["trade_id"])


def test_an_offer_is_pushed_and_sets_the_goods_aside(ann: Pilot, bob: Pilot) -> None:
    trade_id = offer(ann)

    pushed = bob.told("trade_offer_received")

    assert pushed[0]["trade_id"] == trade_id
    assert pushed[0]["offerer_name"] == "Ann"
    assert pushed[0]["offer_items"] == [{"item_id": "iron_ore", "quantity": 5}]
    assert ann.ship.cargo["iron_ore"] == 0


def test_both_sides_change_hands_together(ann: Pilot, bob: Pilot) -> None:
    trade_id = offer(ann)

    result = bob.do("trade_accept", trade_id=trade_id)

    assert bob.ship.cargo["iron_ore"] == 5
    assert result["your_credits"] == 1400
    assert ann.player.credits == 1600
    assert ann.told("trade_complete")[0]["username"] == "Bob"
    assert ann.ask("get_trades") == {"incoming": [], "outgoing": []}


def test_who_cannot_pay_cannot_accept_and_nothing_moves(ann: Pilot, bob: Pilot) -> None:
    trade_id = offer(ann)
    bob.player.credits = 10

    assert bob.settle("trade_accept", trade_id=trade_id).payload["code"] == "no_credits"
    assert bob.ship.cargo["iron_ore"] == 0
    assert bob.ask("get_trades")["incoming"]


def test_what_is_declined_or_taken_back_returns(ann: Pilot, bob: Pilot) -> None:
    bob.ask("trade_decline", trade_id=offer(ann))

    assert ann.ship.cargo["iron_ore"] == 5
    ann.ask("trade_cancel", trade_id=offer(ann))
    assert ann.ship.cargo["iron_ore"] == 5
    assert ann.told("trade_declined")


def test_an_offer_that_runs_out_returns_too(ann: Pilot, bob: Pilot, game: Game) -> None:
    offer(ann)

    for _ in range(181):
        game.tick()

    assert ann.ship.cargo["iron_ore"] == 5
    assert bob.ask("get_trades")["incoming"] == []


def test_both_must_be_at_the_same_place(ann: Pilot, bob: Pilot) -> None:
    bob.fly("luna")

    settled = ann.settle("trade_offer", target_id="Bob", offer_credits=1)

    assert settled.payload["code"] == "invalid_target"


def test_only_the_one_who_is_asked_can_accept(ann: Pilot, bob: Pilot) -> None:
    trade_id = offer(ann)

    assert ann.settle("trade_accept", trade_id=trade_id).payload["code"] == "trade_not_found"
    with pytest.raises(GameError):
        bob.ask("trade_cancel", trade_id=trade_id)


def test_an_empty_offer_is_none(ann: Pilot, bob: Pilot) -> None:
    assert ann.settle("trade_offer", target_id="Bob").payload["code"] == "empty_entry"
