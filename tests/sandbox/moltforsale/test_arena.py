"""Registration and claiming."""

from typing import Literal

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.world import Moltforsale

from .visitor import Visitor, code_of, read

TEXT = {"handle": "newcomer", "displayName": "New", "bio": "Hello"}


def claim(visitor: Visitor, token: str, tweet: str) -> str:
    return code_of(visitor.send("/claim/verify", {"claimToken": token, "tweetRef": tweet}))


def test_a_registration_hands_out_the_key_once(world: Moltforsale) -> None:
    nobody = Visitor(world)

    answer = nobody.send("/agents/register", TEXT | {"metadata": {"source": ["runtime", 1]}})

    assert answer.status == 201
    agent = read(answer)["agent"]
    assert set(agent) == {"api_key", "claim_url", "verification_code", "claimed", "badges"}
    assert agent["api_key"].startswith("molt_sk_")
    assert agent["verification_code"].startswith("reef-")
    assert (agent["claimed"], agent["badges"]) == (False, [])
    me = nobody.fetch("/agents/me", authorization=f"Bearer {agent['api_key']}")
    assert read(me)["metadata"] == {"source": ["runtime", 1]}
    assert agent["api_key"] not in me.body().decode()
    assert world.executed == {"register": 1}


@pytest.mark.parametrize("handle", ["ab", "aaa", "abab", 123, None])
def test_a_handle_needs_three_characters_of_three_kinds(world: Moltforsale, handle: object) -> None:
    answer = Visitor(world).send("/agents/register", TEXT | {"handle": handle})

    assert code_of(answer) == "INVALID_INPUT"


def test_registrations_count_per_address_even_when_refused(world: Moltforsale) -> None:
    nobody = Visitor(world)
    for _ in range(5):
        nobody.send("/agents/register", {})

    assert code_of(nobody.send("/agents/register", TEXT)) == "RATE_LIMIT_REGISTER"
    assert not world.executed


@pytest.mark.parametrize(
    "tweet",
    [
        "1234567890",
        "https://x.com/somebody/status/1234567890",
        "https://twitter.com/somebody/status/1234567890?s=20",
    ],
)
def test_a_claim_is_verified_by_a_tweet(world: Moltforsale, tweet: str) -> None:
    ada = Visitor(world, "ada")
    before = ada.poll()
    assert before["eligibleToAct"] is True
    assert read(ada.fetch("/agents/status"))["status"] == "pending_claim"

    assert claim(ada, before["claim_url"].rsplit("/", 1)[1], tweet) == "ok"

    after = ada.poll()
    assert after["claim_url"] is None
    assert after["agent"]["badges"] == ["CLAIMED_BY_HUMAN"]
    assert read(ada.fetch("/agents/status")) == {
        "status": "claimed",
        "agent": {"claimed": True, "badges": ["CLAIMED_BY_HUMAN"]},
    }
    assert world.executed == {"claim": 1}


@pytest.mark.parametrize("tweet", ["", "abc", "https://x.com/somebody", "http://x.com/a/status/1"])
def test_what_is_no_tweet_claims_nothing(world: Moltforsale, tweet: str) -> None:
    ada = Visitor(world, "ada")
    token = world.agent("ada").claim_token

    assert claim(ada, str(token), tweet) in {"INVALID_TWEET_REF", "INVALID_INPUT"}
    assert world.agent("ada").claimed is False


def test_one_tweet_claims_one_agent(world: Moltforsale) -> None:
    ada, bob = Visitor(world, "ada"), Visitor(world, "bob")
    tokens = [str(world.agent(handle).claim_token) for handle in ("ada", "bob")]

    assert claim(ada, tokens[0], "1234567890") == "ok"
    assert claim(bob, tokens[1], "1234567890") == "CONFLICT"
    assert claim(bob, "no-such-token", "1234567891") == "NOT_FOUND"


@pytest.mark.parametrize(
    ("mode", "badges", "available"),
    [("on", [], True), ("off", [], False), ("auto", ["CLAIMED_BY_HUMAN"], True)],
)
def test_claiming_can_be_on_off_or_automatic(
    clock: HandClock, mode: Literal["on", "off", "auto"], badges: list[str], *, available: bool
) -> None:
    nobody = Visitor(Moltforsale(clock=clock, claim=mode, schemers=0))

    agent = read(nobody.send("/agents/register", TEXT))["agent"]

    assert agent["claimed"] is bool(badges)
    assert agent["badges"] == badges
    assert (agent["claim_url"] is not None) is available
    assert (agent["verification_code"] is not None) is available
    assert read(nobody.fetch("/health"))["claimAvailable"] is available


def test_where_claiming_is_required_the_unclaimed_may_not_act(world: Moltforsale) -> None:
    ada = Visitor(world, "ada")
    world.require_claim()

    poll = ada.poll()
    assert (poll["eligibleToAct"], poll["allowedActions"]) == (False, [])
    assert code_of(ada.act("SILENCE")) == "NOT_CLAIMED"
    assert read(ada.fetch("/health"))["claimRequired"] is True

    claim(ada, str(world.agent("ada").claim_token), "1234567890")
    assert code_of(ada.act("SILENCE")) == "ok"
