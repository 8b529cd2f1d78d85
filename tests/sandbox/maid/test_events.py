import json
from typing import Any

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.faults import Faults
from bridge.sandbox.maid.events import ABRUPT, QUEUE_FRAMES, TYPES, Hub, Listener

STATE = {"character": {"hp": 100}, "room": {"name": "Hall"}, "active_effects": []}


class Stream:
    def __init__(self) -> None:
        self.faults = Faults()
        self.hub = Hub(
            clock=HandClock(1_767_225_600.0),
            faults=self.faults,
            channels=lambda: {
                "Char.Vitals": {"hp": 95, "mp": 40},
                "Room.Info": {"name": "Town Square"},
            },
            state=lambda: dict(STATE),
        )

    def say(self, listener: Listener, **frame: object) -> list[Any]:
        self.hub.receive(listener, json.dumps(frame))
        return drained(listener)


def drained(listener: Listener) -> list[Any]:
    frames = [json.loads(frame) for frame in listener.outbox]
    listener.outbox.clear()
    return frames


@pytest.fixture
def stream() -> Stream:
    return Stream()


def test_an_event_has_type_timestamp_and_data(stream: Stream) -> None:
    listener = stream.hub.connect("k", "player_login")

    stream.hub.emit("player_login", {"session_id": "xxx", "player_id": "yyy"})

    assert drained(listener) == [
        {
            "type": "player_login",
            "timestamp": "2026-01-01T00:00:00Z",
            "data": {"session_id": "xxx", "player_id": "yyy"},
        }
    ]


def test_there_are_seventeen_types_and_each_arrives_where_it_is_wanted(stream: Stream) -> None:
    listener = stream.hub.connect("k", ",".join(TYPES))

    for kind in TYPES:
        stream.hub.emit(kind, {})

    assert [frame["type"] for frame in drained(listener)] == list(TYPES)
    assert len(TYPES) == 17


def test_an_unknown_type_cannot_be_emitted(stream: Stream) -> None:
    with pytest.raises(ValueError, match="no event type"):
        stream.hub.emit("weather", {})


def test_without_types_a_listener_gets_everything_but_ticks(stream: Stream) -> None:
    listener = stream.hub.connect("k", None)

    stream.hub.emit("tick", {})
    stream.hub.emit("damage", {})

    assert [frame["type"] for frame in drained(listener)] == ["damage"]


def test_without_a_key_a_listener_gets_public_events_only(stream: Stream) -> None:
    listener = stream.hub.connect(None, "chat_message,world_event")

    stream.hub.emit("chat_message", {})
    stream.hub.emit("world_event", {})

    assert [frame["type"] for frame in drained(listener)] == ["world_event"]


def test_subscribe_replaces_the_types_and_is_echoed(stream: Stream) -> None:
    listener = stream.hub.connect("k", "chat_message")

    answer = stream.say(listener, type="subscribe", types=["combat"], requestId="abc-123")
    stream.hub.emit("chat_message", {})
    stream.hub.emit("combat", {})

    assert answer == [{"type": "subscribed", "types": ["combat"], "requestId": "abc-123"}]
    assert [frame["type"] for frame in drained(listener)] == ["combat"]


def test_subscribe_without_a_request_id_is_answered_without_one(stream: Stream) -> None:
    listener = stream.hub.connect("k", None)

    answer = stream.say(listener, type="subscribe", types=["combat"])

    assert answer == [{"type": "subscribed", "types": ["combat"]}]


def test_channels_are_echoed_and_their_values_come_in_a_batch(stream: Stream) -> None:
    listener = stream.hub.connect("k", "combat")

    answer = stream.say(
        listener, type="subscribe", channels=["Char.Vitals", "Room.Info"], requestId=7
    )

    assert answer == [
        {"type": "subscribed", "channels": ["Char.Vitals", "Room.Info"], "requestId": 7},
        {
            "type": "gmcp_batch",
            "updates": [
                {"package": "Char.Vitals", "data": {"hp": 95, "mp": 40}},
                {"package": "Room.Info", "data": {"name": "Town Square"}},
            ],
        },
    ]
    assert listener.types == {"combat"}


def test_one_change_comes_alone_and_several_come_in_a_batch(stream: Stream) -> None:
    listener = stream.hub.connect("k", None)
    stream.say(listener, type="subscribe", channels=["Char.Vitals", "Room.Info"])

    stream.hub.update({"Char.Vitals": {"hp": 1}})
    stream.hub.update({"Char.Vitals": {"hp": 2}, "Room.Info": {"name": "Hall"}})
    stream.hub.update({"Char.Items": {}})

    one, several = drained(listener)
    assert one == {"type": "gmcp", "package": "Char.Vitals", "data": {"hp": 1}}
    assert [update["data"] for update in several["updates"]] == [{"hp": 2}, {"name": "Hall"}]


def test_the_batch_fault_puts_many_updates_into_one_frame(stream: Stream) -> None:
    listener = stream.hub.connect("k", None)
    stream.say(listener, type="subscribe", channels=["Char.Vitals"])
    stream.faults.switch_on("batch_frames", value=3)

    stream.hub.update({"Char.Vitals": {"hp": 1}})

    (frame,) = drained(listener)
    assert frame["type"] == "gmcp_batch"
    assert len(frame["updates"]) == 3


def test_channels_need_a_key(stream: Stream) -> None:
    listener = stream.hub.connect(None, None)

    answer = stream.say(listener, type="subscribe", channels=["Char.Vitals"], requestId="1")

    assert answer == [{"type": "error", "detail": "API key required", "requestId": "1"}]


def test_ping_is_answered_with_pong(stream: Stream) -> None:
    listener = stream.hub.connect(None, None)

    assert stream.say(listener, type="ping") == [{"type": "pong"}]
    assert stream.say(listener, type="ping", requestId="p") == [{"type": "pong", "requestId": "p"}]


@pytest.mark.parametrize("text", ["", "nonsense", "[1]", "[" * 100_000])
def test_a_frame_that_is_no_object_is_an_error(stream: Stream, text: str) -> None:
    listener = stream.hub.connect("k", None)

    stream.hub.receive(listener, text)

    assert drained(listener) == [{"type": "error", "detail": "Frames must be JSON objects"}]


@pytest.mark.parametrize(
    "frame", [{}, {"types": "combat"}, {"types": [1]}, {"channels": None}, {"types": ["weather"]}]
)
def test_a_bad_subscribe_is_an_error_and_changes_nothing(
    stream: Stream, frame: dict[str, object]
) -> None:
    listener = stream.hub.connect("k", "combat")

    (answer,) = stream.say(listener, type="subscribe", requestId="x", **frame)

    assert (answer["type"], answer["requestId"]) == ("error", "x")
    assert listener.types == {"combat"}


def test_an_unknown_frame_is_an_error(stream: Stream) -> None:
    listener = stream.hub.connect("k", None)

    (answer,) = stream.say(listener, type="look")

    assert answer == {"type": "error", "detail": "Unknown message type"}


def test_an_unknown_type_in_the_address_is_an_error_frame(stream: Stream) -> None:
    listener = stream.hub.connect("k", "combat,weather")

    assert drained(listener) == [{"type": "error", "detail": "Unknown event types: weather"}]


def test_a_key_that_comes_back_is_sent_the_state_first(stream: Stream) -> None:
    first = stream.hub.connect("k", "combat")
    stream.hub.leave(first)
    stream.hub.emit("combat", {"lost": True})

    again, other = stream.hub.connect("k", "combat"), stream.hub.connect("other", "combat")

    assert drained(first) == []
    assert drained(again) == [{"type": "sync_complete", "data": STATE}]
    assert drained(other) == []


def test_a_slow_consumer_is_cut_off(stream: Stream) -> None:
    slow, quick = (stream.hub.connect(name, "chat_message") for name in ("slow", "quick"))

    for _ in range(QUEUE_FRAMES + 1):
        stream.hub.emit("chat_message", {})
        quick.outbox.clear()

    stream.hub.emit("chat_message", {"too": "late"})
    assert slow.close_code == ABRUPT
    assert not slow.outbox
    assert quick.close_code is None


def test_a_dropped_event_reaches_nobody(stream: Stream) -> None:
    listener = stream.hub.connect("k", "combat")
    stream.faults.switch_on("drop_events")

    stream.hub.emit("damage", {"nobody wants": "this"})
    stream.hub.emit("combat", {"n": 1})
    stream.hub.emit("combat", {"n": 2})

    assert [frame["data"] for frame in drained(listener)] == [{"n": 2}]


def test_half_a_surrogate_pair_travels_escaped(stream: Stream) -> None:
    listener = stream.hub.connect("k", "combat")
    stream.faults.switch_on("lone_surrogate@events")

    stream.hub.emit("combat", {"name": "Ä"})

    (text,) = listener.outbox
    assert "\\ud800" in text
    assert json.loads(text)["data"]["name"] == "Ä"


def test_an_interruption_closes_everybody_or_one_key(stream: Stream) -> None:
    first, second = stream.hub.connect("a", None), stream.hub.connect("b", None)

    assert stream.hub.interrupt(1008, key_id="b") == 1
    assert (first.close_code, second.close_code) == (None, 1008)
    assert stream.hub.interrupt(1012) == 2
    assert (first.close_code, second.close_code) == (1012, 1008)


def test_the_close_faults_wait_for_somebody_to_suffer(stream: Stream) -> None:
    stream.faults.switch_on("close_events", value=1012)
    stream.hub.strike()

    listener = stream.hub.connect("k", None)
    stream.hub.strike()

    assert listener.close_code == 1012
    assert stream.faults.active() == {}


def test_a_new_connection_can_be_closed_after_it_was_accepted(stream: Stream) -> None:
    stream.faults.switch_on("close_events_1008")

    assert stream.hub.connect("k", None).close_code == 1008
    assert stream.hub.connect("k", None).close_code is None
