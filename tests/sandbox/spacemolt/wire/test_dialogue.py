import json
from typing import Any

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.wire.dialogue import Close, Cut, Dialogue, Kind, Output, Send
from bridge.sandbox.spacemolt.world import SpaceMolt


@pytest.fixture
def world(clock: HandClock) -> SpaceMolt:
    return SpaceMolt(clock=clock, lively=False)


class Talk:
    """A conversation whose outputs are kept."""

    def __init__(self, world: SpaceMolt) -> None:
        self.outputs: list[Output] = []
        self.dialogue = Dialogue(world, "127.0.0.1", self.outputs.append)
        self.dialogue.open()

    def say(self, kind: str, request_id: str | None = None, **payload: Any) -> list[JsonObject]:
        """Send a frame; returns the frames that came since the last call."""
        frame: JsonObject = {"type": kind, "payload": payload}
        if request_id is not None:
            frame["request_id"] = request_id
        return self.send(json.dumps(frame))

    def send(self, text: str) -> list[JsonObject]:
        self.heard()
        self.dialogue.receive(text)
        return self.heard()

    def heard(self) -> list[JsonObject]:
        frames = [output.frame for output in self.outputs if isinstance(output, Send)]
        self.outputs = [output for output in self.outputs if not isinstance(output, Send)]
        self.dialogue._emit = self.outputs.append
        return frames

    def register(self, username: str = "Ann") -> list[JsonObject]:
        return self.say(
            "register", "r0", username=username, empire="solarian", registration_code="sandbox"
        )


@pytest.fixture
def talk(world: SpaceMolt) -> Talk:
    return Talk(world)


def code(frames: list[JsonObject]) -> str:
    assert [frame["type"] for frame in frames] == ["error"]
    return str(frames[0]["payload"]["code"])


def test_everybody_is_welcomed(talk: Talk) -> None:
    welcome = talk.heard()[0]

    assert welcome["type"] == "welcome"
    assert "request_id" not in welcome
    assert welcome["payload"]["version"] == "0.327.2"
    assert {"tick_rate", "current_tick", "server_time", "terms"} <= set(welcome["payload"])


def test_registering_answers_with_the_id_and_then_tells_the_state_without(talk: Talk) -> None:
    registered, logged_in = talk.register()

    assert (registered["type"], registered["request_id"]) == ("registered", "r0")
    assert len(registered["payload"]["password"]) == 64
    assert logged_in["type"] == "logged_in"
    assert "request_id" not in logged_in
    assert {"player", "ship", "system", "poi", "pending_trades"} <= set(logged_in["payload"])


def test_login_answers_with_the_id(world: SpaceMolt, talk: Talk) -> None:
    password = talk.register()[0]["payload"]["password"]
    other = Talk(world)

    frames = other.say("login", "l1", username="Ann", password=password)

    assert [(frame["type"], frame.get("request_id")) for frame in frames] == [("logged_in", "l1")]


def test_the_older_connection_is_closed(world: SpaceMolt, talk: Talk) -> None:
    password = talk.register()[0]["payload"]["password"]

    Talk(world).say("login", username="Ann", password=password)

    assert talk.outputs == [Close(code=1000, reason="connected elsewhere")]
    assert code(talk.say("get_status")) == "not_authenticated"


def test_a_query_echoes_its_id_and_without_one_there_is_none(talk: Talk) -> None:
    talk.register()

    with_id, without = talk.say("get_cargo", "q1"), talk.say("get_cargo")

    assert with_id[0]["request_id"] == "q1"
    assert "request_id" not in without[0]


def test_a_mutation_comes_in_two_phases_with_the_same_id(world: SpaceMolt, talk: Talk) -> None:
    talk.register()

    pending = talk.say("undock", "m1")
    world.tick()
    settled = talk.heard()

    assert pending[0]["payload"] == {
        "pending": True,
        "command": "undock",
        "message": "undock is queued for the next tick.",
    }
    assert (settled[0]["type"], settled[0]["request_id"]) == ("action_result", "m1")
    assert settled[0]["payload"]["result"] == {"action": "undock"}


def test_a_failure_at_the_tick_is_an_action_error(world: SpaceMolt, talk: Talk) -> None:
    talk.register()
    talk.say("dock", "m1")

    world.tick()

    failed = talk.heard()[0]
    assert (failed["type"], failed["request_id"]) == ("action_error", "m1")
    assert failed["payload"]["code"] == "already_docked"


def test_an_id_of_128_characters_is_the_longest(talk: Talk) -> None:
    talk.register()

    fine, too_long = talk.say("get_cargo", "x" * 128), talk.say("get_cargo", "x" * 129)

    assert fine[0]["request_id"] == "x" * 128
    assert code(too_long) == "invalid_request_id"
    assert "request_id" not in too_long[0]


def test_what_is_no_message_is_refused(talk: Talk) -> None:
    talk.register()

    assert code(talk.send("{nope")) == "invalid_json"
    assert code(talk.send("[1]")) == "invalid_payload"
    assert code(talk.send("{}")) == "invalid_payload"
    assert code(talk.send('{"type": "mine", "payload": 3}')) == "invalid_payload"
    assert code(talk.say("dance")) == "unknown_command"
    assert code(talk.send("[" * 100_000)) == "invalid_json"


def test_what_is_for_http_is_unknown_here(talk: Talk) -> None:
    talk.register()

    assert code(talk.say("get_notifications")) == "unknown_command"


def test_signing_in_twice_is_refused(talk: Talk) -> None:
    talk.register()

    assert code(talk.register("Bob")) == "already_authenticated"


def test_logout_answers_and_closes(world: SpaceMolt, talk: Talk) -> None:
    talk.register()

    frames = talk.say("logout", "bye")

    assert frames[0]["request_id"] == "bye"
    assert talk.outputs == [Close(code=1000, reason="logout")]
    assert world.player("Ann").online is False


def test_pushes_never_carry_an_id(world: SpaceMolt, talk: Talk) -> None:
    talk.register()
    talk.heard()

    world.pilot_chats("Ann", "Hello")

    pushed = talk.heard()
    assert pushed[0]["type"] == "chat_message"
    assert "request_id" not in pushed[0]


def test_who_returns_to_a_battle_is_called_back_first(world: SpaceMolt, talk: Talk) -> None:
    password = talk.register()[0]["payload"]["password"]
    world.pilot_attacks("Ann")
    talk.dialogue.leave()

    frames = Talk(world).say("login", "l1", username="Ann", password=password)

    assert [frame["type"] for frame in frames] == ["reconnected", "logged_in"]
    assert "request_id" not in frames[0]


def test_chat_has_a_limit(talk: Talk) -> None:
    talk.register()
    for _ in range(20):
        talk.say("chat", channel="local", content="x")

    refused = talk.say("chat", channel="local", content="x")

    assert code(refused) == "rate_limited"
    assert refused[0]["payload"]["wait_seconds"] > 0


def test_too_many_logins_are_limited(talk: Talk, clock: HandClock) -> None:
    for _ in range(30):
        assert code(talk.say("login", username="Ann", password="x")) == "auth_failed"

    assert code(talk.say("login", username="Ann", password="x")) == "rate_limited"
    clock.advance(61)
    assert code(talk.say("login", username="Ann", password="x")) == "auth_failed"


def test_a_silent_client_is_closed_when_that_is_asked_for(clock: HandClock) -> None:
    world = SpaceMolt(clock=clock, lively=False, idle_seconds=60)
    talk = Talk(world)
    talk.register()
    clock.advance(61)

    world.tick()

    assert talk.outputs == [Close(code=1000, reason="idle")]


@pytest.mark.parametrize(
    ("fault", "value", "output"),
    [
        ("drop_connection", 0, Cut()),
        ("drop_connection", 1, Cut()),
        ("close_1000", 0, Close(code=1000, reason="server going away")),
        ("close_4003", 0, Close(code=4003, reason="rate_limited retry_after=0")),
        ("displaced", 0, Close(code=4001, reason="session_replaced")),
    ],
)
def test_faults_end_the_connection(
    world: SpaceMolt, talk: Talk, fault: str, value: int, output: Output
) -> None:
    talk.register()
    world.faults.switch_on(fault, value=value)

    frames = talk.say("get_cargo", "q1")

    assert frames == []
    assert talk.outputs == [output]
    assert world.executed["get_cargo"] == value


def test_the_outcome_can_be_lost(world: SpaceMolt, talk: Talk) -> None:
    talk.register()
    world.faults.switch_on("drop_connection", value=2)
    talk.say("undock", "m1")

    world.tick()

    assert talk.outputs == [Cut()]
    assert world.executed["undock"] == 1


def test_a_restart_closes_everybody_at_the_tick(world: SpaceMolt, talk: Talk) -> None:
    talk.register()
    world.faults.switch_on("close_1000", value=1)

    world.tick()

    assert talk.outputs == [Close(code=1000, reason="server going away")]


def test_a_lost_session_must_sign_in_again(world: SpaceMolt, talk: Talk) -> None:
    talk.register()
    world.faults.switch_on("session_loss")

    assert code(talk.say("get_status")) == "not_authenticated"


def test_refusals_can_be_spelt_as_later_versions_do(world: SpaceMolt, talk: Talk) -> None:
    talk.register()
    world.faults.switch_on("newer_codes", times=2)
    talk.say("jump", target_system="sirius")

    assert code(talk.say("mine")) == "action_pending"
    world.tick()
    world.tick()
    talk.heard()
    assert code(talk.say("mine")) == "in_transit"


def test_limits_can_be_played(world: SpaceMolt, talk: Talk) -> None:
    talk.register()
    world.faults.switch_on("rate_limited", value=8.5)

    refused = talk.say("get_status", "q1")

    assert refused[0]["payload"]["wait_seconds"] == 8.5
    assert refused[0]["request_id"] == "q1"


def test_an_address_that_is_out_hears_so_and_waits_anew_when_it_asks(
    world: SpaceMolt, talk: Talk, clock: HandClock
) -> None:
    talk.register()
    world.faults.switch_on("ip_timeout", value=120)
    assert code(talk.say("get_status")) == "ip_timed_out"
    clock.advance(100)
    assert code(talk.say("get_status")) == "ip_timed_out"

    late = Talk(world)

    assert late.heard()[0]["payload"]["code"] == "ip_timed_out"
    assert late.outputs == [Close(code=1000, reason="ip_timed_out")]
    clock.advance(121)
    assert talk.say("get_status")[0]["type"] == "ok"


def test_replies_can_be_spoilt(world: SpaceMolt, talk: Talk) -> None:
    talk.register()
    world.faults.switch_on("lone_surrogate")
    world.faults.switch_on("big_reply", value=100)

    reply = talk.say("get_cargo")[0]["payload"]

    assert reply["message"].endswith("\ud83d")
    assert len(reply["padding"]) == 100


def test_deeds_of_pilots_can_be_switched_like_faults(world: SpaceMolt, talk: Talk) -> None:
    talk.register()
    talk.heard()
    for name in ("pilot_chat", "pilot_scan", "pilot_trade", "kill"):
        world.faults.switch_on(name)

    world.tick()

    kinds = {frame["type"] for frame in talk.heard()}
    assert {
        "chat_message",
        "scan_detected",
        "trade_offer_received",
        "player_died",
    } <= kinds


def test_what_is_a_reply_and_what_an_outcome_is_marked(world: SpaceMolt) -> None:
    outputs: list[Output] = []
    dialogue = Dialogue(world, "127.0.0.1", outputs.append)
    dialogue.receive(
        json.dumps(
            {
                "type": "register",
                "payload": {
                    "username": "Ann",
                    "empire": "solarian",
                    "registration_code": "sandbox",
                },
            }
        )
    )
    dialogue.receive('{"type": "undock"}')
    world.tick()

    kinds = [output.kind for output in outputs if isinstance(output, Send)]
    assert kinds == [Kind.REPLY, Kind.PUSH, Kind.REPLY, Kind.OUTCOME]
