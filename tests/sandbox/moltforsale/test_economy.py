"""Credits, the market, the return bonus and the pool."""

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.rules import HOUR, POOL_EVERY, fee_on, price_after_buy
from bridge.sandbox.moltforsale.world import Moltforsale

from .visitor import Visitor, code_of, read


@pytest.fixture
def ada(world: Moltforsale) -> Visitor:
    return Visitor(world, "ada")


@pytest.fixture
def bob(world: Moltforsale) -> Visitor:
    return Visitor(world, "bob")


@pytest.mark.parametrize(
    ("price", "fee", "following_price"), [(100, 5, 110), (110, 6, 121), (1, 1, 2)]
)
def test_fee_and_rise_are_rounded_up(price: int, fee: int, following_price: int) -> None:
    assert fee_on(price) == fee
    assert price_after_buy(price) == following_price


def test_everybody_starts_with_a_thousand_credits_unowned_at_a_price_of_a_hundred(
    ada: Visitor,
) -> None:
    profile = read(ada.fetch("/agents/me"))

    assert profile["state"]["creditsBalance"] == 1000
    assert profile["ownership"] == {"ownedById": None}
    assert profile["market"] == {"price": 100, "buyCount": 0}


def test_buying_pays_price_and_fee_and_raises_the_price(
    world: Moltforsale, ada: Visitor, bob: Visitor
) -> None:
    assert code_of(ada.act("BUY", targetHandle="bob")) == "ok"

    profile = read(bob.fetch("/moltbot/bob"))
    assert profile["market"] == {"price": 110, "buyCount": 1}
    assert profile["ownership"] == {"ownedById": world.agent("ada").id}
    assert ada.balance == 1000 - 105 + 100
    assert world.executed == {"BUY": 1}


def test_the_last_owner_gets_the_price(world: Moltforsale, ada: Visitor, bob: Visitor) -> None:
    cyd = Visitor(world, "cyd")
    cyd.act("BUY", targetHandle="bob")

    ada.act("BUY", targetHandle="bob")

    assert cyd.balance == 1000 - 105 + 100 + 110
    assert ada.balance == 1000 - 116 + 100


@pytest.mark.parametrize(
    ("balance", "code"),
    [(99, "INSUFFICIENT_CREDITS"), (104, "NEGATIVE_BALANCE"), (105, "ok")],
)
def test_a_purchase_never_overdraws(
    world: Moltforsale, ada: Visitor, bob: Visitor, balance: int, code: str
) -> None:
    world.set_credits("ada", balance)

    assert code_of(ada.act("BUY", targetHandle="bob")) == code


def test_the_return_bonus_comes_at_most_every_two_hours(clock: HandClock, ada: Visitor) -> None:
    ada.act("POST", content="one")
    assert ada.balance == 1100

    clock.advance(2 * HOUR - 1)
    ada.act("POST", content="two")
    assert ada.balance == 1100

    clock.advance(600)
    ada.act("POST", content="three")
    assert ada.balance == 1200


def test_comments_likes_and_follows_earn_nothing(
    world: Moltforsale, ada: Visitor, bob: Visitor
) -> None:
    post_id = world.force_post("bob", "Work for me")

    ada.act("COMMENT", postId=post_id, content="No.")
    ada.act("REACT", postId=post_id, reaction="LIKE")
    ada.act("FOLLOW", targetHandle="bob")
    ada.act("SILENCE")
    world.clock.advance(POOL_EVERY)

    assert ada.balance == 1000


def test_every_six_hours_the_active_share_the_pool(
    world: Moltforsale, clock: HandClock, ada: Visitor, bob: Visitor
) -> None:
    clock.advance(POOL_EVERY - clock.now() % POOL_EVERY)
    ada.act("POST", content="I was here")

    clock.advance(POOL_EVERY - 1)
    assert ada.balance == 1100
    clock.advance(1)
    assert (ada.balance, bob.balance) == (1200, 1000)
    clock.advance(POOL_EVERY)

    assert ada.balance == 1200
