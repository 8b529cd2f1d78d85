import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.protocol.events import (
    NewEvent,
    from_frame,
    from_poll,
    from_reply,
    is_untrusted,
    kinds_match,
)
from bridge.spec.loader import load_games, spec_folder
from bridge.spec.model import EventSource
from tests.spec.toy import toy
from tests.spec.values_of import json_values

GAMES = load_games(spec_folder())
SPACEMOLT, MOLTFORSALE, MAID = GAMES["spacemolt"], GAMES["moltforsale"], GAMES["maid"]
NOW = 1_770_000_000.0


def test_a_kind_is_among_patterns() -> None:
    assert kinds_match("drone_destroyed", ["chat", "drone_*"])
    assert kinds_match("anything\nat all", ["*"])
    assert not kinds_match("Drone_destroyed", ["drone_*"])
    assert not kinds_match("chat", [])


# -- Pushed frames ------------------------------------------------------------


# api.md, "Server Messages": {"type": ..., "payload": {...}}.
def test_a_push_is_an_event_of_its_type() -> None:
    frame: dict[str, JsonValue] = {
        "type": "chat_message",
        "payload": {"channel": "local", "sender": "bob", "content": "hi"},
    }

    assert from_frame(SPACEMOLT, frame, NOW) == [
        NewEvent(
            kind="chat_message",
            at=NOW,
            data={"channel": "local", "sender": "bob", "content": "hi"},
            untrusted=True,
        )
    ]


def test_a_kind_that_nobody_has_heard_of_is_kept() -> None:
    (event,) = from_frame(SPACEMOLT, {"type": "wormhole_opened", "payload": {"to": "sol"}}, NOW)

    assert (event.kind, event.data) == ("wormhole_opened", {"to": "sol"})


@pytest.mark.parametrize(
    ("frame", "kind", "data"),
    [
        ({}, "unknown", {"value": None}),
        ({"type": None, "payload": {}}, "unknown", {}),
        ({"type": "", "payload": {"a": 1}}, "unknown", {"a": 1}),
        ({"type": ["odd"], "payload": "text"}, "unknown", {"value": "text"}),
        ({"type": "tip", "payload": [1, 2]}, "tip", {"value": [1, 2]}),
        ({"type": "tip"}, "tip", {"value": None}),
    ],
)
def test_a_push_of_any_shape_is_an_event(
    frame: dict[str, JsonValue], kind: str, data: dict[str, JsonValue]
) -> None:
    (event,) = from_frame(SPACEMOLT, frame, NOW)

    assert (event.kind, event.data) == (kind, data)


# "registered" repeats the password that the reply to register has already brought.
@pytest.mark.parametrize("kind", ["welcome", "registered", "logged_in"])
def test_kinds_that_a_spec_drops_are_not_kept(kind: str) -> None:
    assert from_frame(SPACEMOLT, {"type": kind, "payload": {"password": "secret"}}, NOW) == []


def test_a_game_that_says_nothing_of_its_pushes_has_them_kept_whole() -> None:
    assert from_frame(toy(), {"type": "tick", "n": 5}, NOW) == [
        NewEvent(kind="tick", at=NOW, data={"type": "tick", "n": 5}, untrusted=True)
    ]


# MAID, "Event Streaming": an update has a package where an event has a type.
def test_the_first_kind_that_is_there_counts() -> None:
    (event,) = from_frame(MAID, {"package": "Char.Vitals", "data": {"hp": 5}}, NOW)

    assert (event.kind, event.data) == ("Char.Vitals", {"hp": 5})


def test_what_a_game_redacts_is_in_no_event() -> None:
    spec = toy()
    game = spec.game.model_copy(update={"redact": ["key"]})
    spec = spec.model_copy(update={"game": game})
    frame: dict[str, JsonValue] = {"type": "x", "key": "secret", "a": [{"key": "secret", "b": 1}]}

    (event,) = from_frame(spec, frame, NOW)

    assert event.data == {"type": "x", "a": [{"b": 1}]}


# -- Events on replies and in polls -------------------------------------------


# api.md, "Response Format", and the schema of a notification; player_died comes as "system".
def test_notifications_ride_on_every_reply() -> None:
    body: JsonValue = {
        "result": {},
        "notifications": [
            {"id": "n-1", "type": "chat", "msg_type": "chat_message", "data": {"content": "hi"}},
            {"id": "n-2", "type": "system", "msg_type": "player_died", "data": {"cause": "x"}},
        ],
    }

    told = from_reply(SPACEMOLT, body, NOW)

    assert [(event.kind, event.identity) for event in told] == [
        ("chat_message", "chat_message:n-1"),
        ("player_died", "player_died:n-2"),
    ]


@pytest.mark.parametrize(
    "body", [None, "text", [], {}, {"notifications": None}, {"notifications": ["odd", 5, None]}]
)
def test_a_reply_without_notifications_tells_nothing(body: JsonValue) -> None:
    assert from_reply(SPACEMOLT, body, NOW) == []


# skill.md, "POST /agents/poll (auth)" and "GET /feed".
def test_the_same_event_has_the_same_identity_wherever_it_is_seen() -> None:
    event: JsonValue = {"id": "e1", "type": "POST_CREATED", "data": {"content": "hi"}}

    polled = from_reply(MOLTFORSALE, {"context": {"feedTop": [event]}}, NOW)
    read = from_reply(MOLTFORSALE, {"events": [event]}, NOW)

    assert [each.identity for each in (*polled, *read)] == ["POST_CREATED:e1"] * 2


def test_a_poll_is_read_as_its_source_says() -> None:
    source = EventSource(source="poll", command="look", items="seen", kind=["what"], drop=["dust"])
    result: JsonValue = {"seen": [{"what": "lamp"}, {"what": "dust"}, {"what": "door"}]}

    told = from_poll(toy(), source, result, NOW)

    assert [event.kind for event in told] == ["lamp", "door"]
    assert all(event.identity is None for event in told)


def test_what_is_no_list_is_one_event() -> None:
    source = EventSource(source="poll", command="look", items="seen", kind=["what"])

    assert [event.kind for event in from_poll(toy(), source, {"seen": {"what": "lamp"}}, NOW)] == [
        "lamp"
    ]


# -- Whose words --------------------------------------------------------------

FEEDS = """
[feeds.chat]
title = "Chat"
kinds = ["chat_*"]
untrusted = true

[feeds.fights]
title = "Fights"
kinds = ["fight"]

[feeds.all]
title = "All"
untrusted = true
"""


def test_the_feeds_that_name_a_kind_say_whose_words_it_carries() -> None:
    spec = toy(FEEDS)

    assert is_untrusted(spec, "chat_local")
    assert not is_untrusted(spec, "fight")


def test_a_feed_of_everything_decides_where_no_other_does() -> None:
    assert is_untrusted(toy(FEEDS), "never_heard_of")


def test_a_kind_that_no_feed_has_is_not_trusted() -> None:
    assert is_untrusted(toy(), "never_heard_of")


# Who is at the place where a journey ends has a name, a ship and a status line of their own.
def test_an_outcome_is_trusted_no_more_than_the_result_of_its_command() -> None:
    ended: dict[str, JsonValue] = {"type": "action_result", "payload": {"command": "travel"}}
    mined: dict[str, JsonValue] = {"type": "action_result", "payload": {"command": "mine"}}

    told = [event for frame in (ended, mined) for event in from_frame(SPACEMOLT, frame, NOW)]

    assert [event.untrusted for event in told] == [True, False]


# -- Whatever is told ---------------------------------------------------------


@given(
    st.sampled_from(list(GAMES)),
    st.dictionaries(
        st.sampled_from(["type", "payload", "package", "data", "notifications", "events", "id"]),
        json_values(),
    ),
)
def test_nothing_however_strange_makes_reading_events_fail(
    game: str, told: dict[str, JsonValue]
) -> None:
    spec = GAMES[game]

    from_reply(spec, told, NOW)
    for event in from_frame(spec, told, NOW):
        assert event.kind
