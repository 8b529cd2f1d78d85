"""The shapes of poll, profile, post and feed."""

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.rules import HOUR, POWERS
from bridge.sandbox.moltforsale.views import iso
from bridge.sandbox.moltforsale.world import Moltforsale

from .visitor import Visitor, code_of, read


@pytest.fixture
def ada(world: Moltforsale) -> Visitor:
    return Visitor(world, "ada")


@pytest.fixture
def bob(world: Moltforsale) -> Visitor:
    return Visitor(world, "bob")


def test_a_poll_has_the_documented_shape(ada: Visitor, clock: HandClock) -> None:
    poll = ada.poll()

    assert set(poll) == {
        "eligibleToAct",
        "claim_url",
        "agent",
        "now",
        "context",
        "allowedActions",
    }
    assert poll["agent"] == {
        "handle": "ada",
        "claimed": False,
        "badges": [],
        "repScore": 0,
        "repTier": "UNKNOWN",
    }
    assert poll["now"] == iso(clock.now()) == "2026-09-21T14:13:20.000Z"
    assert poll["context"]["self"] == {
        "creditsBalance": 1000,
        "isJailed": False,
        "isShielded": False,
        "lastPostAt": None,
        "lastCommentAt": None,
        "lastReactAt": None,
        "lastFollowAt": None,
    }


def test_a_poll_lists_every_capability_with_its_cost(ada: Visitor) -> None:
    allowed = ada.poll()["allowedActions"]

    assert {entry["type"]: entry["cost"] for entry in allowed} == {
        "POST": 0,
        "COMMENT": 0,
        "REACT": 0,
        "FOLLOW": 0,
        "BUY": None,
    } | {action: power.cost for action, power in POWERS.items()}
    constraints = {entry["type"]: entry["constraints"] for entry in allowed}
    assert constraints["REACT"] == {"reaction": ["LIKE"]}
    assert constraints["JAIL"] == {}
    assert set(constraints["BUY"]) == {"note"}


def test_a_poll_counts_cooldowns_down_in_seconds(
    ada: Visitor, bob: Visitor, clock: HandClock
) -> None:
    ada.act("POST", content="Hello")
    ada.strike("JAIL", "bob")
    clock.advance(0.4)

    poll = ada.poll()

    remaining = {entry["type"]: entry["cooldownRemaining"] for entry in poll["allowedActions"]}
    assert (remaining["POST"], remaining["JAIL"], remaining["COMMENT"]) == (600, 86400, 0)
    assert poll["context"]["self"]["lastPostAt"] == iso(clock.now() - 0.4)


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_poll_takes_no_body_or_an_empty_object(ada: Visitor, body: bytes) -> None:
    assert code_of(ada.send_bytes("/agents/poll", body)) == "ok"


def test_polling_changes_nothing(world: Moltforsale, ada: Visitor) -> None:
    assert ada.poll() == ada.poll()
    assert not world.executed


def test_a_profile_shows_state_ownership_market_and_posts(
    world: Moltforsale, ada: Visitor, bob: Visitor
) -> None:
    bob.strike("SHIELD", "ada")
    bob.act("BUY", targetHandle="ada")
    ada.act("POST", content="first")
    post_id = world.force_post("ada", "second")
    world.force_comment("bob", post_id, "third")

    profile = read(Visitor(world).fetch("/moltbot/ada"))

    assert profile == read(ada.fetch("/agents/me"))
    assert profile["state"] == {"creditsBalance": 1100, "isJailed": False, "isShielded": True}
    assert profile["ownership"] == {"ownedById": world.agent("bob").id}
    assert [post["content"] for post in profile["posts"]] == ["second", "first"]
    assert profile["posts"][0]["_count"] == {"comments": 1, "reactions": 0}
    assert profile["isClaimed"] is False


def test_a_post_is_shown_with_its_comments_and_reactions(
    world: Moltforsale, ada: Visitor, bob: Visitor, clock: HandClock
) -> None:
    post_id = world.force_post("ada", "Hello")
    bob.act("COMMENT", postId=post_id, content="Nice.")
    bob.act("REACT", postId=post_id, reaction="LIKE")

    post = read(ada.fetch(f"/post/{post_id}"))

    at, bob_id = iso(clock.now()), world.agent("bob").id
    assert post["authorId"] == world.agent("ada").id
    assert (post["id"], post["content"], post["createdAt"]) == (post_id, "Hello", at)
    comment, reaction = post["comments"][0], post["reactions"][0]
    assert set(comment) == {"id", "postId", "authorId", "content", "createdAt"}
    assert (comment["postId"], comment["authorId"]) == (post_id, bob_id)
    assert set(reaction) == {"id", "postId", "authorId", "type", "createdAt"}
    assert (reaction["type"], reaction["authorId"]) == ("LIKE", bob_id)


def test_events_tell_who_did_what_to_whom_by_id(
    world: Moltforsale, ada: Visitor, bob: Visitor
) -> None:
    ada.strike("JAIL", "bob")

    events = read(ada.fetch("/feed"))["events"]

    jailing = next(event for event in events if event["type"] == "POWER_ACTION")
    assert set(jailing) == {"id", "type", "actorId", "targetId", "data", "createdAt"}
    assert jailing["actorId"] == world.agent("ada").id
    assert jailing["targetId"] == world.agent("bob").id
    assert jailing["data"] == {"actionType": "JAIL"}
    assert ada.poll()["context"]["feedTop"] == events


def test_the_feed_holds_thirty_events_ordered_by_weight_not_time(
    world: Moltforsale, ada: Visitor, bob: Visitor, clock: HandClock
) -> None:
    ada.strike("JAIL", "bob")
    clock.advance(60)
    for number in range(40):
        world.force_post("ada", f"post {number}")

    events = read(ada.fetch("/feed"))["events"]

    assert len(events) == 30
    assert events[0]["type"] == "POWER_ACTION"
    assert events[1]["data"]["content"] == "post 39"


def test_the_feed_forgets_after_a_day(world: Moltforsale, ada: Visitor, clock: HandClock) -> None:
    world.force_post("ada", "old news")
    clock.advance(24 * HOUR)
    assert "old news" in ada.fetch("/feed").body().decode()
    clock.advance(1)

    assert read(ada.fetch("/feed")) == {"events": []}


def test_a_key_opinion_leader_weighs_double_in_the_feed(
    world: Moltforsale, ada: Visitor, bob: Visitor, clock: HandClock
) -> None:
    world.force_power("bob", "KOL", "ada")
    world.force_post("ada", "from the leader")
    clock.advance(60)
    world.force_post("bob", "from somebody")

    events = read(ada.fetch("/feed"))["events"]

    said = [event["data"]["content"] for event in events if event["type"] == "POST_CREATED"]
    assert said == ["from the leader", "from somebody"]
