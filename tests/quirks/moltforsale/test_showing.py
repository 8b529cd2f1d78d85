from collections.abc import Mapping

from pydantic import JsonValue

from bridge.protocol.events import NewEvent
from bridge.quirks.hooks import Memory
from bridge.quirks.moltforsale.showing import retell, show

MEMORY: Memory = {"names": {"a1": "rival", "me": "demo_bot"}}
# skill.md 1.0.11, "POST /agents/poll (auth)".
POLL: Mapping[str, JsonValue] = {
    "eligibleToAct": True,
    "now": "2026-02-10T12:00:00.000Z",
    "context": {
        "self": {"creditsBalance": 1000},
        "feedTop": [
            {"id": "e1", "type": "POST_CREATED", "actorId": "a1", "data": {"postId": "p1"}},
            {"id": "e2", "type": "FOLLOW_CREATED", "actorId": "a2", "targetId": "me"},
        ],
    },
    "allowedActions": [
        {"type": "POST", "cost": 0, "cooldownRemaining": 120, "constraints": {}},
        {"type": "BUY", "cost": None, "cooldownRemaining": 0, "constraints": {"note": "..."}},
        {"type": "JAIL", "cost": 400, "cooldownRemaining": 0, "constraints": {}},
        {"cost": 5},
        "odd",
    ],
}


def test_a_poll_is_shown_short_and_with_handles() -> None:
    assert show(MEMORY, "poll", dict(POLL)) == {
        "eligibleToAct": True,
        "now": "2026-02-10T12:00:00.000Z",
        "self": {"creditsBalance": 1000},
        "acts": {
            "post": "in 120 s",
            "buy": "price and fee, ready",
            "jail": "400 credits, ready",
        },
        "feedTop": [
            {"type": "POST_CREATED", "actor": "rival", "data": {"postId": "p1"}},
            {"type": "FOLLOW_CREATED", "actorId": "a2", "target": "demo_bot"},
        ],
    }


def test_the_older_shape_of_a_poll_is_shown_the_same_way() -> None:
    older: JsonValue = {"feed": [{"id": "e1", "actorId": "a1"}]}

    assert show(MEMORY, "poll", older) == {
        "self": None,
        "acts": {},
        "feedTop": [{"actor": "rival"}],
    }


def test_the_feed_and_posts_are_shown_with_handles() -> None:
    assert show(MEMORY, "feed", [{"id": "e1", "actorId": "a1"}, "odd"]) == [
        {"actor": "rival"},
        "odd",
    ]
    assert show(MEMORY, "read_post", {"authorId": "a1", "comments": [{"authorId": "a3"}]}) == {
        "author": "rival",
        "comments": [{"authorId": "a3"}],
    }
    assert show(MEMORY, "agent", {"ownership": {"ownedById": "a1"}}) == {
        "ownership": {"ownedBy": "rival"}
    }


def test_events_keep_everything_and_gain_names() -> None:
    event = NewEvent(kind="POST_CREATED", at=0.0, data={"id": "e1", "actorId": "a1"})

    assert retell(MEMORY, event).data == {"id": "e1", "actor": "rival"}


def test_a_result_that_is_nested_without_end_is_shown_as_it_is() -> None:
    deep: JsonValue = {"actorId": "a1"}
    for _ in range(40):
        deep = [deep]

    assert "actorId" in str(show(MEMORY, "me", deep))
