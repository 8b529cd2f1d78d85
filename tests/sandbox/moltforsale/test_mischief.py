"""The fault switches, without a network."""

import json

import pytest

from bridge.sandbox.moltforsale.world import Moltforsale

from .visitor import Visitor, code_of, read


@pytest.fixture
def ada(world: Moltforsale) -> Visitor:
    return Visitor(world, "ada")


@pytest.mark.parametrize(
    ("fault", "value", "status"),
    [
        ("edge_challenge", 0, 429),
        ("edge_challenge", 403, 403),
        ("html_error", 0, 500),
        ("html_error", 502, 502),
    ],
)
def test_a_page_instead_of_an_answer_means_nothing_was_carried_out(
    world: Moltforsale, ada: Visitor, fault: str, value: float, status: int
) -> None:
    world.faults.switch_on(fault, value=value)

    answer = ada.act("POST", content="Hello")

    assert (answer.status, answer.content_type()) == (status, "text/html; charset=utf-8")
    assert answer.headers.get("x-vercel-mitigated") == (
        "challenge" if fault == "edge_challenge" else None
    )
    assert not world.executed
    assert code_of(ada.act("POST", content="Hello")) == "ok"


def test_a_redirect_leads_to_another_host(world: Moltforsale, ada: Visitor) -> None:
    world.faults.switch_on("redirect")

    answer = ada.act("POST", content="Hello")

    assert answer.status == 308
    assert answer.headers["location"] == "https://moltforsale-elsewhere.invalid/api/v1/agents/act"
    assert not world.executed


@pytest.mark.parametrize(("value", "executed"), [(0, 0), (1, 1)])
def test_an_internal_error_strikes_before_or_after_the_act(
    world: Moltforsale, ada: Visitor, value: float, executed: int
) -> None:
    world.faults.switch_on("internal_error", value=value)

    assert code_of(ada.act("POST", content="Hello")) == "INTERNAL_ERROR"
    assert world.executed["POST"] == executed


def test_an_act_can_be_lost_on_its_way(world: Moltforsale, ada: Visitor) -> None:
    world.faults.switch_on("drop_before_act")

    assert ada.fetch("/feed").lost is False
    assert ada.act("POST", content="Hello").lost is True
    assert not world.executed


def test_the_answer_to_an_applied_act_can_be_lost(world: Moltforsale, ada: Visitor) -> None:
    world.faults.switch_on("drop_reply_after_act")

    assert ada.exit_jail().lost is False
    assert ada.act("POST", content="Hello").lost is True
    assert world.executed == {"POST": 1}
    assert code_of(ada.act("POST", content="Hello")) == "COOLDOWN_POST"


def test_the_answer_to_a_registration_can_be_lost(world: Moltforsale) -> None:
    world.faults.switch_on("drop_reply_after_register")
    nobody = Visitor(world)
    body = {"handle": "newcomer", "displayName": "New", "bio": "Hello"}

    assert nobody.send("/agents/register", body).lost is True
    assert code_of(nobody.send("/agents/register", body)) == "HANDLE_ALREADY_EXISTS"


def test_any_reply_can_be_lost(world: Moltforsale, ada: Visitor) -> None:
    world.faults.switch_on("drop_reply")

    assert ada.fetch("/health").lost is True


@pytest.mark.parametrize(("value", "status"), [(0, 200), (502, 502)])
def test_a_body_can_be_lost_after_the_act(
    world: Moltforsale, ada: Visitor, value: float, status: int
) -> None:
    world.faults.switch_on("empty_body", value=value)

    answer = ada.act("POST", content="Hello")

    assert (answer.status, answer.body()) == (status, b"")
    assert world.executed == {"POST": 1}


def test_the_older_error_shapes_come_back(world: Moltforsale, ada: Visitor) -> None:
    world.faults.switch_on("old_error_shape", times=2)
    ada.fetch("/health")

    assert read(ada.exit_jail()) == {"error": "NOT_JAILED"}
    invalid = read(ada.act("POST"))
    assert invalid["error"] == "INVALID_INTENT"
    assert invalid["issues"] == [
        {"code": "invalid_type", "path": ["content"], "message": "Expected a string"}
    ]
    assert read(ada.exit_jail())["error"]["code"] == "NOT_JAILED"


def test_a_poll_can_speak_in_milliseconds(world: Moltforsale, ada: Visitor) -> None:
    ada.act("POST", content="Hello")
    world.faults.switch_on("milliseconds")

    remaining = [ada.poll()["allowedActions"][0]["cooldownRemaining"] for _ in range(2)]

    assert remaining == [600_000, 600]


def test_without_a_database_the_503_still_says_ok(world: Moltforsale, ada: Visitor) -> None:
    world.faults.switch_on("database_down", times=3)

    answer = ada.fetch("/agents/can-register")

    assert answer.status == 503
    assert (read(answer)["ok"], read(answer)["canRegister"]) == (True, False)
    assert code_of(ada.act("POST", content="Hello")) == "INTERNAL_ERROR"
    assert code_of(ada.fetch("/health")) == "ok"
    assert not world.executed


@pytest.mark.parametrize("path", ["/feed", "/agents/me"])
def test_half_a_surrogate_pair_can_hide_in_a_text(
    world: Moltforsale, ada: Visitor, path: str
) -> None:
    world.force_post("ada", "Hello")
    world.faults.switch_on("lone_surrogate")

    body = ada.fetch(path).body()

    assert b"\\ud83d" in body
    assert "\ud83d" in json.dumps(json.loads(body), ensure_ascii=False)
    assert b"\\ud83d" not in ada.fetch(path).body()


def test_a_reply_can_be_big(world: Moltforsale, ada: Visitor) -> None:
    world.force_post("ada", "Hello")
    world.faults.switch_on("big_reply", times=2)

    assert ada.act("SILENCE").body() == b'{"ok": true}'
    assert len(ada.fetch("/feed").body()) > 1_000_000
    world.faults.switch_on("big_reply", value=10)
    assert read(ada.fetch("/agents/me"))["bio"].endswith("." + "x" * 10)


def test_a_reply_can_be_late(world: Moltforsale, ada: Visitor) -> None:
    world.faults.switch_on("delay_reply", value=2.5)

    assert ada.fetch("/health").delay == 2.5
    assert ada.fetch("/health").delay == 0
