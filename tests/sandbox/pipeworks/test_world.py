import json

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.pipeworks.exchange import (
    Answer,
    Blocked,
    Call,
    Crash,
    Dropped,
    Late,
    Reply,
)
from bridge.sandbox.pipeworks.world import PipeWorks
from bridge.sandbox.world import World
from tests.sandbox.pipeworks.visitor import PASSWORD, Visitor, lines_of

HEALTH = Call(method="GET", path="/health")


def command(visitor: Visitor, text: str = "say hello") -> Call:
    sent = {"session_id": visitor.session_id, "command": text}
    return Call(method="POST", path="/command", body=json.dumps(sent).encode())


def content(answer: Answer) -> dict[str, object]:
    assert isinstance(answer, Reply)
    assert isinstance(answer.content, dict)
    return dict(answer.content)


def test_it_is_a_world(world: PipeWorks) -> None:
    def name(one: World) -> str:
        return one.name

    assert name(world) == "pipeworks"


def test_a_dropped_request_was_not_executed(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("drop_before")

    assert world.answer(command(wanda)) == Dropped()
    assert world.executed["say"] == 0
    assert wanda.does("say hello")[0]


def test_a_lost_reply_was_executed(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("drop_reply_after")

    assert world.answer(command(wanda)) == Dropped()
    assert world.executed["say"] == 1
    assert lines_of(wanda.chat()) == ["Wanda: hello"]


def test_a_fault_may_wait_for_one_path(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("drop_reply_after@command", times=2)

    assert wanda.status()["current_room"] == "spawn"
    assert [world.answer(command(wanda)) for _ in range(2)] == [Dropped()] * 2
    assert wanda.does("look")[0]


def test_a_crash_executes_nothing(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("error_500_text")

    assert world.answer(command(wanda)) == Crash()
    assert world.executed["say"] == 0


@pytest.mark.parametrize(("value", "status"), [(0, 302), (307, 307)])
def test_a_redirect_leads_to_another_host(world: PipeWorks, value: float, status: int) -> None:
    world.faults.switch_on("redirect", value=value)

    answer = world.answer(HEALTH)

    assert isinstance(answer, Reply)
    assert answer.status == status
    assert answer.headers["location"] == "https://elsewhere.invalid/health"


def test_a_front_door_answers_with_a_page(world: PipeWorks) -> None:
    world.faults.switch_on("html_reply")

    answer = world.answer(HEALTH)

    assert isinstance(answer, Reply)
    assert (answer.status, answer.media) == (200, "text/html; charset=utf-8")


def test_half_a_character_reaches_the_wire_as_an_escape(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("lone_surrogate")

    answer = world.answer(command(wanda))

    assert isinstance(answer, Reply)
    assert rb"hello\ud83d" in answer.encoded()
    assert world.executed["say"] == 1


def test_a_big_reply_is_as_big_as_wanted(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("big_reply@chat", value=100_000)

    got = wanda.chat()

    assert 100_000 <= len(got) <= 100_100


def test_a_late_reply_was_executed_in_time(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("delay_reply", value=2)

    answer = world.answer(command(wanda))

    assert isinstance(answer, Late)
    assert answer.seconds == 2
    assert world.executed["say"] == 1


def test_a_blocked_line_can_lose_its_reply_too(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("llm_delay", value=1)
    world.faults.switch_on("drop_reply_after")

    answer = world.answer(command(wanda))

    assert isinstance(answer, Blocked)
    assert answer.then() == Dropped()
    assert world.executed["say"] == 1


def test_all_sessions_expire_at_once(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("expire_sessions@command")
    assert wanda.post(f"/ping/{wanda.session_id}").status == 200

    got = wanda.post("/command", command="say hello")

    assert (got.status, got.content) == (401, {"detail": "Invalid or expired session"})
    assert world.executed["say"] == 0


def test_a_restart_can_be_switched_on_from_outside(world: PipeWorks, wanda: Visitor) -> None:
    world.answer(command(wanda, "whisper Wanda hi"))
    assert world.hung

    world.faults.switch_on("restart")

    assert content(world.answer(HEALTH))["status"] == "ok"
    assert not world.hung


def test_a_restart_lets_go_of_whoever_waits(world: PipeWorks) -> None:
    freed: list[str] = []
    world.at_restart.append(lambda: freed.append("first"))

    world.restart()
    world.restart()

    assert freed == ["first"]


def test_a_number_that_json_cannot_say_crashes_its_echo(world: PipeWorks) -> None:
    answer = world.answer(Call(method="POST", path="/logout", body=b'{"session_id": NaN}'))

    assert answer == Crash()


def test_reads_are_counted_apart_from_writes(world: PipeWorks, wanda: Visitor) -> None:
    wanda.chat()
    wanda.post(f"/ping/{wanda.session_id}")
    wanda.get("/characters", world_id="atlantis")

    assert world.executed == {
        "register-guest": 1,
        "login": 1,
        "characters/select": 1,
        "GET /chat/{session_id}": 1,
        "ping": 1,
    }


def test_two_clients_of_one_account_end_each_others_sessions(
    world: PipeWorks, wanda: Visitor
) -> None:
    other = Visitor.logged_in(world, wanda.username, PASSWORD)
    assert wanda.post(f"/ping/{wanda.session_id}").status == 401

    back = Visitor.logged_in(world, wanda.username, PASSWORD)

    assert other.post(f"/ping/{other.session_id}").status == 401
    assert back.post(f"/ping/{back.session_id}").status == 200


def test_a_stranger_can_be_moved_kicked_and_brought_back(world: PipeWorks, walker: Visitor) -> None:
    world.arrive("Grig", world_id="daily_undertaking", room="drain")
    world.move_character("Grig", "spawn", world_id="daily_undertaking")
    assert "  - Grig\n" in walker.does("look")[1]

    assert world.kick("Grig", world_id="daily_undertaking") == 1
    assert world.kick("Grig", world_id="daily_undertaking") == 0
    assert walker.status()["active_players"] == ["Long Walker"]

    first = world.arrive("Grig", world_id="daily_undertaking")
    assert first is world.arrive("Grig", world_id="daily_undertaking")
    assert "Grig" in walker.status()["active_players"]


def test_hooks_say_who_is_missing(world: PipeWorks) -> None:
    with pytest.raises(LookupError, match="Nobody"):
        world.say_as("Nobody", "hello")
    with pytest.raises(LookupError, match="nobody"):
        world.grant_world("nobody", "daily_undertaking")


def test_the_same_seed_and_calls_give_the_same_server() -> None:
    def session() -> str:
        return Visitor.guest(PipeWorks(clock=HandClock(), seed=7), "Wanda").session_id

    assert session() == session()
