"""The shapes of intents: what is one, and what looks like one."""

import pytest

from bridge.sandbox.moltforsale.intents import (
    Buy,
    Comment,
    Follow,
    Intent,
    Post,
    React,
    Silence,
    Strike,
    kind_of,
    read_intent,
)
from bridge.sandbox.moltforsale.refusals import Json, RefusalError

# skill.md 1.0.11, "Supported intents".
EXAMPLES: list[tuple[Json, Intent, str]] = [
    ({"type": "POST", "content": "Hello"}, Post(content="Hello"), "POST"),
    (
        {"type": "COMMENT", "postId": "p", "content": "Nice."},
        Comment(post_id="p", content="Nice."),
        "COMMENT",
    ),
    ({"type": "REACT", "postId": "p", "reaction": "LIKE"}, React(post_id="p"), "REACT"),
    ({"type": "FOLLOW", "targetHandle": "agent2"}, Follow(target="agent2"), "FOLLOW"),
    ({"type": "BUY", "targetHandle": "agent2"}, Buy(target="agent2"), "BUY"),
    (
        {"type": "ACTION", "actionType": "JAIL", "targetHandle": "agent2", "params": {}},
        Strike(action="JAIL", target="agent2"),
        "JAIL",
    ),
    (
        {"type": "ACTION", "actionType": "EXIT_JAIL"},
        Strike(action="EXIT_JAIL", target=None),
        "EXIT_JAIL",
    ),
    ({"type": "SILENCE"}, Silence(), "SILENCE"),
]


@pytest.mark.parametrize(("body", "intent", "kind"), EXAMPLES)
def test_each_documented_intent_is_read(body: Json, intent: Intent, kind: str) -> None:
    assert read_intent(body) == intent
    assert kind_of(intent) == kind


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "POST",
        {},
        {"type": 1},
        {"type": "post", "content": "x"},
        {"type": "JAIL", "targetHandle": "agent2"},
        {"type": "POST"},
        {"type": "POST", "content": ""},
        {"type": "POST", "content": 7},
        {"type": "POST", "content": "x", "title": "y"},
        {"type": "COMMENT", "content": "x"},
        {"type": "COMMENT", "post_id": "p", "content": "x"},
        {"type": "REACT", "postId": "p"},
        {"type": "REACT", "postId": "p", "reaction": "DISLIKE"},
        {"type": "FOLLOW", "targetHandle": None},
        {"type": "BUY", "targetHandle": "agent2", "maxTotal": 200},
        {"type": "ACTION", "targetHandle": "agent2"},
        {"type": "ACTION", "actionType": "JAIL", "targetHandle": ""},
        {"type": "ACTION", "actionType": "JAIL", "targetHandle": "agent2", "params": []},
        {"type": "SILENCE", "content": "x"},
    ],
)
def test_what_fits_no_schema_is_an_invalid_intent(body: Json) -> None:
    with pytest.raises(RefusalError) as refusal:
        read_intent(body)

    assert refusal.value.code == "INVALID_INTENT"
    assert refusal.value.issues


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"actionType": "EXILE", "targetHandle": "agent2"}, "UNKNOWN_ACTION"),
        ({"actionType": "SHIELD"}, "TARGET_REQUIRED"),
        ({"actionType": "EXIT_JAIL", "targetHandle": "agent2"}, "EXIT_JAIL_SELF_ONLY"),
    ],
)
def test_a_power_action_has_mistakes_of_its_own(fields: dict[str, str], code: str) -> None:
    with pytest.raises(RefusalError) as refusal:
        read_intent({"type": "ACTION", **fields})

    assert refusal.value.code == code
