"""The examples are those of api.md, "Request Correlation (request_id)" and "Action Execution"."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.protocol.correlation import (
    Decoded,
    Orphan,
    PendingCalls,
    Pushed,
    Queued,
    Settled,
    Signal,
    decode,
)
from bridge.protocol.wire import DEEPEST, Frame
from tests.spec.toy import SOCKET, socket, toy
from tests.spec.values_of import plain_json

UPSTREAM = socket(toy(upstream=SOCKET))

PENDING: dict[str, JsonValue] = {
    "type": "ok",
    "payload": {"pending": True, "command": "travel"},
    "request_id": "r-123",
}
RESULT: dict[str, JsonValue] = {
    "type": "action_result",
    "payload": {"command": "travel", "tick": 1523},
    "request_id": "r-123",
}


def waiting_for(*request_ids: str) -> PendingCalls:
    calls = PendingCalls(UPSTREAM)
    for request_id in request_ids:
        calls.send(request_id)
    return calls


# -- One call -----------------------------------------------------------------


def test_a_query_is_settled_by_its_reply() -> None:
    calls = waiting_for("r-1")
    reply = Frame(data={"type": "ok", "payload": {"hull": 100}, "request_id": "r-1"})

    assert calls.receive(reply) == Settled(request_id="r-1", frame=reply)
    assert calls.waiting() == []


def test_a_mutation_is_queued_and_then_settled() -> None:
    calls = waiting_for("r-123")

    first = calls.receive(Frame(data=PENDING))
    assert first == Queued(request_id="r-123", payload={"pending": True, "command": "travel"})
    assert calls.waiting() == ["r-123"]

    assert calls.receive(Frame(data=RESULT)) == Settled(
        request_id="r-123", frame=Frame(data=RESULT)
    )
    assert calls.waiting() == []


def test_pending_said_twice_queues_once() -> None:
    calls = waiting_for("r-123")
    calls.receive(Frame(data=PENDING))

    assert calls.receive(Frame(data=PENDING)) == Orphan(frame=Frame(data=PENDING))
    assert calls.waiting() == ["r-123"]


def test_the_second_phase_may_overtake_the_first() -> None:
    calls = waiting_for("r-123")

    assert isinstance(calls.receive(Frame(data=RESULT)), Settled)
    assert isinstance(calls.receive(Frame(data=PENDING)), Orphan)
    assert calls.waiting() == []


def test_a_refusal_settles_even_if_it_says_pending() -> None:
    calls = waiting_for("r-123")

    signal = calls.receive(Frame(data={**PENDING, "type": "error"}))

    assert isinstance(signal, Settled)


@pytest.mark.parametrize("kind", ["ok", "commands", "version_info", "scan_result", None, 5])
def test_the_type_of_a_reply_says_nothing(kind: JsonValue) -> None:
    calls = waiting_for("r-1")

    assert isinstance(calls.receive(Frame(data={"type": kind, "request_id": "r-1"})), Settled)


# -- Whose frame it is --------------------------------------------------------


@pytest.mark.parametrize("kind", ["ok", "error", "action_result", "chat_message", "never_heard_of"])
def test_a_frame_without_an_id_is_a_push_whatever_its_type(kind: str) -> None:
    calls = waiting_for("r-1")
    push = Frame(data={"type": kind, "payload": {"pending": True}})

    assert calls.receive(push) == Pushed(frame=push)
    assert calls.receive(Frame(data={**push.data, "request_id": None})) == Pushed(
        frame=Frame(data={**push.data, "request_id": None})
    )
    assert calls.waiting() == ["r-1"]


@pytest.mark.parametrize("request_id", ["r-2", "", " r-1", "R-1", 1, True, ["r-1"], {"r-1": 1}])
def test_a_frame_with_an_id_that_nobody_waits_for_is_an_orphan(request_id: JsonValue) -> None:
    calls = waiting_for("r-1")
    stray = Frame(data={"type": "ok", "payload": {}, "request_id": request_id})

    assert calls.receive(stray) == Orphan(frame=stray)
    assert calls.waiting() == ["r-1"]


def test_a_duplicate_of_a_reply_is_an_orphan() -> None:
    calls = waiting_for("r-123")
    calls.receive(Frame(data=RESULT))

    assert isinstance(calls.receive(Frame(data=RESULT)), Orphan)


def test_the_answer_to_a_call_that_was_given_up_is_an_orphan() -> None:
    calls = waiting_for("r-123")
    calls.forget("r-123")
    calls.forget("never sent")

    assert isinstance(calls.receive(Frame(data=RESULT)), Orphan)


def test_an_id_is_used_for_one_call_at_a_time() -> None:
    calls = waiting_for("r-123")

    with pytest.raises(ValueError, match="r-123 is waiting already"):
        calls.send("r-123")

    calls.receive(Frame(data=RESULT))
    calls.send("r-123")
    assert calls.waiting() == ["r-123"]


def test_calls_that_are_not_settled_are_lost_with_the_connection() -> None:
    calls = waiting_for("r-1", "r-123", "r-3")
    calls.receive(Frame(data=PENDING))
    calls.receive(Frame(data={"type": "ok", "request_id": "r-3"}))

    assert calls.lose_connection() == ["r-1", "r-123"]
    assert calls.waiting() == []
    assert isinstance(calls.receive(Frame(data=RESULT)), Orphan)


# -- Any order ----------------------------------------------------------------


@dataclass(frozen=True)
class Script:
    """What a game sends, in which order and in which messages, after so many calls."""

    calls: Sequence[str]
    frames: Sequence[dict[str, JsonValue]]
    messages: Sequence[str]


def frames_for(request_id: str, chance: random.Random) -> list[dict[str, JsonValue]]:
    """Return the frames of one call in their order: one phase or two, perhaps said twice."""
    last: dict[str, JsonValue] = {
        "type": chance.choice(["ok", "error", "action_result", "action_error", "version_info"]),
        "payload": {"answer_to": request_id},
        "request_id": request_id,
    }
    frames = [{**PENDING, "request_id": request_id}, last] if chance.random() < 0.5 else [last]
    if chance.random() < 0.3:
        frames.append(chance.choice(frames))
    if chance.random() < 0.2:
        chance.shuffle(frames)
    return frames


def script(chance: random.Random) -> Script:
    calls = [f"r-{number}" for number in range(chance.randint(0, 12))]
    queues = [frames_for(request_id, chance) for request_id in calls]
    queues += [[{"type": "ok", "payload": {"push": n}}] for n in range(chance.randint(0, 6))]
    queues += [[{"type": "ok", "request_id": "of another connection"}]] * chance.randint(0, 2)
    frames = []
    while queues := [queue for queue in queues if queue]:
        frames.append(chance.choice(queues).pop(0))
    messages, at = [], 0
    while at < len(frames):
        batch = frames[at : at + chance.choice([1, 1, 1, 2, 3, 7])]
        messages.append(chance.choice(["", "\n", " \r\n"]).join(map(json.dumps, batch)))
        at += len(batch)
    return Script(calls, frames, messages)


def tell(told: Script) -> tuple[PendingCalls, list[Signal]]:
    calls = waiting_for(*told.calls)
    return calls, [
        calls.receive(frame) for message in told.messages for frame in decode(message).frames
    ]


def frame_of(signal: Signal) -> dict[str, JsonValue]:
    match signal:
        case Queued(request_id=request_id, payload=payload):
            return {"type": "ok", "payload": payload, "request_id": request_id}
        case Settled(frame=frame) | Pushed(frame=frame) | Orphan(frame=frame):
            return dict(frame.data)


def check(told: Script) -> None:
    calls, signals = tell(told)

    settled = [signal for signal in signals if isinstance(signal, Settled)]
    queued = [signal for signal in signals if isinstance(signal, Queued)]
    assert max(Counter(each.request_id for each in settled).values(), default=0) <= 1
    assert max(Counter(each.request_id for each in queued).values(), default=0) <= 1
    assert all(each.frame.data["payload"] == {"answer_to": each.request_id} for each in settled)
    assert {each.request_id for each in settled} == set(told.calls)
    assert calls.waiting() == []
    assert [frame_of(signal) for signal in signals] == told.frames
    pushed = [signal.frame.data for signal in signals if isinstance(signal, Pushed)]
    assert pushed == [frame for frame in told.frames if "request_id" not in frame]


def test_a_thousand_interleavings_settle_each_call_once_with_its_own_reply() -> None:
    for seed in range(1_000):
        check(script(random.Random(seed)))  # noqa: S311 - any order will do


@pytest.mark.long
def test_fifty_thousand_interleavings_settle_each_call_once_with_its_own_reply() -> None:
    for seed in range(1_000, 51_000):
        check(script(random.Random(seed)))  # noqa: S311 - any order will do


@settings(max_examples=200)
@given(st.randoms(use_true_random=False))
def test_an_interleaving_that_hypothesis_finds_settles_each_call_once(
    chance: random.Random,
) -> None:
    check(script(chance))


@given(st.lists(st.dictionaries(st.sampled_from(["type", "payload", "request_id"]), plain_json())))
def test_no_frame_however_strange_is_lost(frames: list[dict[str, JsonValue]]) -> None:
    calls = waiting_for("r-1", "")

    signals = [calls.receive(Frame(data=frame)) for frame in frames]

    told = [{"payload": None, **frame_of(signal)} for signal in signals]
    sent = [{"payload": None, **frame} for frame in frames]
    assert [each.get("payload") for each in told] == [each.get("payload") for each in sent]
    assert len([signal for signal in signals if isinstance(signal, Settled)]) <= 2


# -- One message --------------------------------------------------------------


def objects_of(message: str) -> list[dict[str, JsonValue]]:
    decoded = decode(message)
    assert decoded.rest == ""
    return [dict(frame.data) for frame in decoded.frames]


@given(
    st.lists(st.dictionaries(st.text(max_size=8), plain_json(), max_size=4), max_size=5),
    st.lists(st.text(" \t\r\n", max_size=3), min_size=6, max_size=6),
    st.booleans(),
)
def test_objects_are_found_whatever_space_is_between_them(
    objects: list[dict[str, JsonValue]],
    spaces: list[str],
    as_ascii: bool,  # noqa: FBT001 - drawn
) -> None:
    parts = [json.dumps(each, ensure_ascii=as_ascii) for each in objects]
    message = spaces[5] + "".join(f"{part}{spaces[n % 5]}" for n, part in enumerate(parts))

    assert objects_of(message) == objects


@pytest.mark.parametrize("message", ["", " ", "\n\t\r\n"])
def test_nothing_is_no_frame_and_nothing_to_keep(message: str) -> None:
    assert decode(message) == Decoded(frames=())


@pytest.mark.parametrize(
    "rest",
    [
        "garbage",
        '{"type": "ok"',
        "[1, 2]",
        '[{"type": "ok"}] {"type": "ok"}',
        '"text"',
        "5",
        "null",
        ', {"type": "ok"}',
        '\ufeff{"type": "ok"}',
        "\x1b[2J",
        "{'type': 'ok'}",
        pytest.param('{"n": ' + "9" * 5_000 + "}", id="a number of 5000 digits"),
        pytest.param('{"a":' * 100_000, id="100000 levels, unfinished"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="100000 levels"),
        pytest.param('{"a":' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1), id="one level too deep"),
    ],
)
def test_from_the_first_thing_that_is_no_object_the_message_is_kept_as_it_came(rest: str) -> None:
    decoded = decode('{"type": "welcome"}\n' + rest)

    assert [dict(frame.data) for frame in decoded.frames] == [{"type": "welcome"}]
    assert decoded.rest == rest


def test_an_object_may_be_as_deep_as_a_value_may_be() -> None:
    message = '{"a":' * DEEPEST + "1" + "}" * DEEPEST

    assert len(decode(message).frames) == 1


def test_lone_surrogates_and_numbers_that_json_does_not_know_do_not_stop_a_message() -> None:
    assert objects_of('{"a": "\\ud800", "b": Infinity, "c": 1e999}')[0]["a"] == "\ud800"


@given(st.text())
def test_no_garbage_makes_decoding_fail(message: str) -> None:
    decoded = decode(message)

    assert message.endswith(decoded.rest)


@given(st.text('{}[]":,\\u0dtruefals 1e\n', max_size=40))
def test_nothing_that_is_nearly_json_makes_decoding_fail(message: str) -> None:
    decoded = decode(message)

    assert message.endswith(decoded.rest)


def test_what_a_message_held_shows_no_secret() -> None:
    assert "secret" not in repr(decode('{"password": "secret"} {"password": "secret'))
