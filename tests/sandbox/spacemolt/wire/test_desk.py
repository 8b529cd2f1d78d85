"""HTTP v1 without a network."""

import json
from typing import Any

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.wire.desk import Answer, Call, Waiting
from bridge.sandbox.spacemolt.world import SpaceMolt


@pytest.fixture
def world(clock: HandClock) -> SpaceMolt:
    return SpaceMolt(clock=clock, lively=False)


class Client:
    """Somebody with a session of v1."""

    def __init__(self, world: SpaceMolt) -> None:
        self.world = world
        self.session_id = content(world.desk_v1.ask("session", Call()))["session"]["id"]

    def call(self, command: str, **payload: Any) -> Answer | Waiting:
        body = json.dumps(payload).encode()
        call = Call(body=body, session_id=self.session_id, address="10.0.0.1")
        return self.world.desk_v1.ask(command, call)

    def ask(self, command: str, **payload: Any) -> JsonObject:
        return content(self.call(command, **payload))

    def order(self, command: str, **payload: Any) -> JsonObject:
        """Order something and let a tick pass; returns the answer that was held back for it."""
        waiting = self.call(command, **payload)
        assert isinstance(waiting, Waiting)
        answers: list[Answer] = []
        waiting.then(lambda s: answers.append(self.world.desk_v1.finish(s, waiting.session)))
        for _ in range(10):
            self.world.tick()
        return content(answers[0])

    def register(self, username: str = "Ann") -> "Client":
        self.ask("register", username=username, empire="solarian", registration_code="sandbox")
        return self


def content(answer: Answer | Waiting) -> JsonObject:
    assert isinstance(answer, Answer)
    assert isinstance(answer.content, dict)
    return answer.content


@pytest.fixture
def ann(world: SpaceMolt) -> Client:
    return Client(world).register()


def code(answer: JsonObject) -> str:
    return str(answer["error"]["code"])


def test_a_session_comes_first(world: SpaceMolt) -> None:
    answer = world.desk_v1.ask("get_version", Call())

    assert isinstance(answer, Answer)
    assert answer.status == 401
    assert code(content(answer)) == "session_required"


def test_a_session_is_described_with_every_answer(ann: Client, clock: HandClock) -> None:
    first = ann.ask("get_cargo")["session"]
    clock.advance(60)
    second = ann.ask("get_cargo")["session"]

    assert first["id"] == second["id"] == ann.session_id
    assert first["created_at"] == second["created_at"]
    assert first["expires_at"] < second["expires_at"]
    assert first["player_id"] == ann.world.player("Ann").id


def test_half_an_hour_of_silence_ends_a_session(ann: Client, clock: HandClock) -> None:
    clock.advance(1799)
    assert ann.ask("get_cargo")["error"] is None

    clock.advance(1800)
    ann.world.tick()

    assert code(ann.ask("get_cargo")) == "session_invalid"
    assert ann.world.player("Ann").online is False


def test_the_pools_of_the_versions_are_separate(ann: Client) -> None:
    call = Call(body=b"{}", session_id=ann.session_id)

    answer = content(ann.world.desk_v2.use("spacemolt", "get_status", call))

    assert code(answer) == "session_invalid"


def test_a_session_without_a_player_cannot_play(world: SpaceMolt) -> None:
    answer = Client(world).call("get_status")

    assert isinstance(answer, Answer)
    assert (answer.status, code(content(answer))) == (401, "not_authenticated")


def test_a_mutation_answers_with_its_outcome(ann: Client) -> None:
    answer = ann.order("undock")

    assert answer["result"] == {"action": "undock"}
    assert answer["error"] is None


def test_a_failed_mutation_answers_with_the_error(ann: Client) -> None:
    assert code(ann.order("dock")) == "already_docked"


def test_docking_on_the_way_is_part_of_the_result(ann: Client) -> None:
    ann.order("undock")

    assert ann.order("buy", item_id="fuel_cell", quantity=1)["result"]["auto_docked"] is True


def test_notifications_ride_on_the_next_answer(ann: Client) -> None:
    ann.world.pilot_chats("Ann", "Hello")

    first, second = ann.ask("get_cargo"), ann.ask("get_cargo")

    note = first["notifications"][0]
    assert (note["type"], note["msg_type"]) == ("chat", "chat_message")
    assert note["data"]["content"] == "Hello"
    assert second["notifications"] == []


def test_the_oldest_of_more_than_a_hundred_is_dropped(ann: Client) -> None:
    for number in range(105):
        ann.world.pilot_chats("Ann", f"Message {number}")

    notes = ann.ask("get_cargo")["notifications"]

    assert len(notes) == 100
    assert notes[0]["data"]["content"] == "Message 5"


def test_polling_is_throttled_to_once_a_tick(ann: Client) -> None:
    ann.world.pilot_chats("Ann", "Hello")
    ann.world.pilot_scans("Ann")

    chat = ann.ask("get_notifications", types=["chat"])["result"]
    again = ann.ask("get_notifications")["result"]
    ann.world.tick()
    rest = ann.ask("get_notifications")["result"]

    assert (chat["count"], chat["remaining"]) == (1, 1)
    assert (again["throttled"], again["retry_after"]) == (True, 10)
    assert [note["msg_type"] for note in rest["notifications"]] == ["scan_detected"]


def test_a_look_at_the_queue_can_leave_it_as_it_is(ann: Client) -> None:
    ann.world.pilot_chats("Ann", "Hello")

    peek = ann.ask("get_notifications", clear=False)
    taken = ann.ask("get_cargo")["notifications"]

    assert peek["notifications"] == []
    assert peek["result"]["notifications"] == taken
    assert peek["result"]["count"] == 1


def test_two_sessions_of_one_player_hear_the_same(ann: Client) -> None:
    other = Client(ann.world)
    password = ann.world.player("Ann").password
    other.ask("login", username="Ann", password=password)

    ann.world.pilot_chats("Ann", "Hello")

    assert ann.ask("get_cargo")["notifications"]
    assert other.ask("get_cargo")["notifications"]


def test_logout_leaves_the_session_without_a_player(ann: Client) -> None:
    ann.ask("logout")

    assert code(ann.ask("get_cargo")) == "not_authenticated"


def test_the_body_must_be_an_object(world: SpaceMolt, ann: Client) -> None:
    for body, expected in (
        (b"{nope", "invalid_json"),
        (b"[]", "invalid_payload"),
        (b" " * 1_000_001, "payload_too_large"),
    ):
        call = Call(body=body, session_id=ann.session_id)
        assert code(content(world.desk_v1.ask("get_cargo", call))) == expected


def test_the_limiter_speaks_in_its_own_shape(world: SpaceMolt, ann: Client) -> None:
    world.faults.switch_on("error_429", value=54)

    answer = ann.call("get_cargo")

    assert isinstance(answer, Answer)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "54")
    assert content(answer)["error"] == "rate_limited"
    assert content(answer)["retry_after"] == 54


@pytest.mark.parametrize(("fault", "start"), [("empty_429", ""), ("html_429", "<html>")])
def test_the_edge_may_answer_without_json(
    world: SpaceMolt, ann: Client, fault: str, start: str
) -> None:
    world.faults.switch_on(fault)

    answer = ann.call("get_cargo")

    assert isinstance(answer, Answer)
    assert answer.status == 429
    assert str(answer.content)[:6] == start


def test_thirty_sign_ins_a_minute_are_the_most_and_insisting_is_punished(
    world: SpaceMolt, clock: HandClock
) -> None:
    def status() -> int:
        answer = world.desk_v1.ask("session", Call(address="10.0.0.9"))
        assert isinstance(answer, Answer)
        return answer.status

    assert [status() for _ in range(30)] == [200] * 30
    assert [status() for _ in range(10)] == [429] * 10
    clock.advance(61)
    assert status() == 429  # the address is out now, and asking began the two minutes anew
    clock.advance(121)
    assert status() == 200


def test_a_lost_session_is_invalid_or_expired(ann: Client) -> None:
    ann.world.faults.switch_on("session_loss", value=1)

    assert code(ann.ask("get_cargo")) == "session_expired"
    assert code(ann.ask("get_cargo")) == "session_invalid"


def test_a_mutation_may_answer_before_its_tick(ann: Client) -> None:
    ann.world.faults.switch_on("http_pending")

    answer = ann.ask("undock")
    ann.world.tick()
    notes = ann.ask("get_cargo")["notifications"]

    assert answer["result"]["pending"] is True
    assert [note["msg_type"] for note in notes] == ["action_result"]
    assert notes[0]["data"]["command"] == "undock"


def test_notifications_may_be_null(ann: Client) -> None:
    ann.world.faults.switch_on("null_notifications")

    assert ann.ask("get_cargo")["notifications"] is None


def test_a_line_for_the_developers_is_checked(ann: Client) -> None:
    fine = ann.ask("agentlogs", category="crew", severity="info", message="Hello")
    bad = ann.ask("agentlogs", category="crew", severity="loud", message="Hello")

    assert fine == {"ok": True}
    assert code(bad) == "invalid_payload"
