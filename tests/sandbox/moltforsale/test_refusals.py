"""Every error code of the document's table, each reached by a request."""

from collections.abc import Callable
from functools import partial

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.rules import HOUR, POWERS
from bridge.sandbox.moltforsale.wire import Answer
from bridge.sandbox.moltforsale.world import Moltforsale

from .visitor import Visitor, code_of, read

TEXT = {"handle": "newcomer", "displayName": "New", "bio": "Hello"}


def register(visitor: Visitor, **changes: object) -> Answer:
    return visitor.send("/agents/register", TEXT | changes)


def again(act: Callable[[], Answer]) -> Answer:
    assert code_of(act()) == "ok"
    return act()


def jailed(ada: Visitor) -> Visitor:
    ada.world.force_power("bob", "JAIL", "ada")
    return ada


def after_a_minute(ada: Visitor) -> Visitor:
    ada.world.clock.advance(60)
    return ada


def bob_post(ada: Visitor) -> str:
    return ada.world.force_post("bob", "I am for sale")


def liked_twice(ada: Visitor) -> Answer:
    post_id = bob_post(ada)
    ada.act("REACT", postId=post_id, reaction="LIKE")
    return after_a_minute(ada).act("REACT", postId=post_id, reaction="LIKE")


def two_likes(ada: Visitor) -> Answer:
    ada.act("REACT", postId=bob_post(ada), reaction="LIKE")
    return ada.act("REACT", postId=bob_post(ada), reaction="LIKE")


def two_follows(ada: Visitor) -> Answer:
    ada.act("FOLLOW", targetHandle="bob")
    return ada.act("FOLLOW", targetHandle="cyd")


def with_bob_shielded(ada: Visitor) -> Visitor:
    ada.world.force_power("bob", "SHIELD", "bob")
    return ada


def with_credits(ada: Visitor, amount: int) -> Visitor:
    ada.world.set_credits("ada", amount)
    return ada


def without_bobs_record(ada: Visitor) -> Visitor:
    ada.world.forget_ownership("bob")
    return ada


def without_claiming(ada: Visitor) -> Visitor:
    return Visitor(Moltforsale(clock=ada.world.clock, claim="off", schemers=0))


def claim(ada: Visitor, tweet: str) -> Answer:
    token = ada.world.agent("ada").claim_token
    return ada.send("/claim/verify", {"claimToken": token, "tweetRef": tweet})


def silences(ada: Visitor, count: int) -> Answer:
    for _ in range(count - 1):
        ada.act("SILENCE")
    return ada.act("SILENCE")


def registrations(ada: Visitor, count: int) -> Answer:
    for number in range(count - 1):
        register(ada, handle=f"newcomer{number}")
    return register(ada)


def on_fault(ada: Visitor, name: str) -> Visitor:
    ada.world.faults.switch_on(name)
    return ada


def power_twice(ada: Visitor, action: str) -> Answer:
    if action == "EXIT_JAIL":
        jailed(ada).exit_jail()
        return jailed(ada).exit_jail()
    ada.strike(action, "bob")
    return ada.strike(action, "cyd")


def jailed_bob(ada: Visitor) -> Visitor:
    ada.world.force_power("cyd", "JAIL", "bob")
    return ada


def with_claim_required(ada: Visitor) -> Visitor:
    ada.world.require_claim()
    return ada


# skill.md 1.0.11, "Error Codes", in its order; NOT_CLAIMED is from version 0.2.0.
TABLE: dict[str, tuple[int, Callable[[Visitor], Answer]]] = {
    "MISSING_AUTH": (401, lambda ada: Visitor(ada.world).fetch("/agents/me")),
    "UNAUTHORIZED": (401, lambda ada: ada.fetch("/agents/me", authorization="Bearer molt_sk_no")),
    "INVALID_JSON": (400, lambda ada: ada.send_bytes("/agents/act", b"{")),
    "INVALID_INPUT": (400, lambda ada: register(ada, handle="abab")),
    "INVALID_INTENT": (400, lambda ada: ada.act("SHIELD", targetHandle="ada")),
    "INVALID_REQUEST": (400, lambda ada: ada.send("/agents/poll", [])),
    "CONFLICT": (409, lambda ada: again(lambda: claim(ada, "1234567890"))),
    "HANDLE_ALREADY_EXISTS": (409, lambda ada: again(lambda: register(ada))),
    "NOT_FOUND": (404, lambda ada: ada.fetch("/moltbot/nobody")),
    "CLAIM_DISABLED": (410, lambda ada: without_claiming(ada).send("/claim/verify", {})),
    "INVALID_TWEET_REF": (400, lambda ada: claim(ada, "https://example.com/status/1")),
    "JAILED": (403, lambda ada: jailed(ada).act("POST", content="Let me out")),
    "TARGET_SHIELDED": (403, lambda ada: with_bob_shielded(ada).strike("TROLLING", "bob")),
    "TARGET_REQUIRED": (400, lambda ada: ada.act("ACTION", actionType="JAIL")),
    "EXIT_JAIL_SELF_ONLY": (400, lambda ada: ada.strike("EXIT_JAIL", "ada")),
    "NOT_JAILED": (400, lambda ada: ada.exit_jail()),
    "SELF_BUY": (400, lambda ada: ada.act("BUY", targetHandle="ada")),
    "OWNERSHIP_NOT_FOUND": (
        409,
        lambda ada: without_bobs_record(ada).act("BUY", targetHandle="bob"),
    ),
    "INSUFFICIENT_CREDITS": (402, lambda ada: with_credits(ada, 399).strike("JAIL", "bob")),
    "NEGATIVE_BALANCE": (402, lambda ada: with_credits(ada, 104).act("BUY", targetHandle="bob")),
    "ALREADY_REACTED": (409, liked_twice),
    "STATUS_EXISTS": (409, lambda ada: jailed_bob(ada).strike("JAIL", "bob")),
    "UNKNOWN_ACTION": (400, lambda ada: ada.strike("EXILE", "bob")),
    "COOLDOWN_POST": (429, lambda ada: again(lambda: ada.act("POST", content="Hello"))),
    "COOLDOWN_COMMENT": (
        429,
        lambda ada: again(lambda: ada.act("COMMENT", postId=bob_post(ada), content="Nice.")),
    ),
    "COOLDOWN_REACT": (429, two_likes),
    "COOLDOWN_FOLLOW": (429, two_follows),
    **{f"COOLDOWN_POWER_{action}": (429, partial(power_twice, action=action)) for action in POWERS},
    "PAIR_COOLDOWN": (
        429,
        lambda ada: [ada.strike(action, "bob") for action in ("TROLLING", "JAIL")][-1],
    ),
    "RATE_LIMIT_REGISTER": (429, lambda ada: registrations(ada, 6)),
    "RATE_LIMIT_ACT": (429, lambda ada: silences(ada, 61)),
    "INTERNAL_ERROR": (500, lambda ada: on_fault(ada, "internal_error").fetch("/feed")),
    "NOT_CLAIMED": (403, lambda ada: with_claim_required(ada).act("SILENCE")),
}


@pytest.fixture
def ada(world: Moltforsale) -> Visitor:
    world.add_agent("bob")
    world.add_agent("cyd")
    return Visitor(world, "ada", balance=5000)


@pytest.mark.parametrize("code", TABLE)
def test_every_error_code_of_the_table_can_be_reached(ada: Visitor, code: str) -> None:
    status, scenario = TABLE[code]

    answer = scenario(ada)

    assert (answer.status, code_of(answer)) == (status, code)
    assert read(answer)["ok"] is False
    assert read(answer)["error"]["message"]


@pytest.mark.parametrize("code", ["COOLDOWN_POST", "JAILED", "NOT_FOUND", "PAIR_COOLDOWN"])
def test_only_validation_errors_carry_details(ada: Visitor, code: str) -> None:
    assert "details" not in read(TABLE[code][1](ada))["error"]


def test_a_validation_error_names_each_field_that_is_wrong(ada: Visitor) -> None:
    answer = ada.send("/agents/register", {"handle": "ab", "bio": "", "extra": 1})

    issues = read(answer)["error"]["details"]["issues"]

    assert [(issue["code"], issue["path"]) for issue in issues] == [
        ("unrecognized_keys", ["extra"]),
        ("too_small", ["handle"]),
        ("invalid_type", ["displayName"]),
        ("too_small", ["bio"]),
        ("custom", ["handle"]),
    ]


def test_refusals_are_counted_by_code(world: Moltforsale, ada: Visitor) -> None:
    ada.exit_jail()
    ada.exit_jail()

    assert world.refused == {"NOT_JAILED": 2}
    assert not world.executed


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"{} {}", b'{"type": NaN}', b"\xff", b"[" * 200_000]
)
def test_a_body_that_is_not_json_is_refused(ada: Visitor, body: bytes) -> None:
    assert code_of(ada.send_bytes("/agents/act", body)) == "INVALID_JSON"
    assert code_of(ada.send_bytes("/agents/register", body)) == "INVALID_JSON"


def test_a_post_without_the_json_content_type_is_refused(ada: Visitor) -> None:
    body = b'{"type": "SILENCE"}'

    assert code_of(ada.send_bytes("/agents/act", body, {})) == "INVALID_JSON"
    assert code_of(ada.send_bytes("/agents/register", body, {})) == "INVALID_REQUEST"
    assert code_of(ada.send_bytes("/claim/verify", body, {})) == "INVALID_REQUEST"
    charset = {"content-type": "application/json; charset=utf-8"}
    assert code_of(ada.send_bytes("/agents/act", body, charset)) == "ok"


def test_the_key_is_accepted_in_the_authorization_header_only(
    world: Moltforsale, clock: HandClock
) -> None:
    key = world.add_agent("ada")
    nobody = Visitor(world)

    assert code_of(nobody.fetch("/agents/me", **{"x-agent-key": key})) == "MISSING_AUTH"
    assert code_of(nobody.fetch("/agents/me", authorization=f"Basic {key}")) == "MISSING_AUTH"
    assert code_of(nobody.fetch("/agents/me", authorization="Bearer")) == "UNAUTHORIZED"
    assert code_of(nobody.fetch("/agents/me", authorization=f"Bearer {key}")) == "ok"


def test_an_hour_after_the_fifth_registration_there_is_room_again(
    ada: Visitor, clock: HandClock
) -> None:
    registrations(ada, 6)
    assert ada.world.registration_ready_in() == HOUR

    clock.advance(HOUR - 1)
    assert code_of(register(ada)) == "RATE_LIMIT_REGISTER"
    clock.advance(1)

    assert code_of(register(ada, handle="patient")) == "ok"
