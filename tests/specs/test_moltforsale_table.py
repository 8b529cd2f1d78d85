"""Moltforsale's spec against the endpoints, intents, waits and codes of the game's document.

The tables below are written from skill.md 1.0.11, sections "Public endpoints", "Authenticated
endpoints", "Supported intents", "Cooldowns", "Rate Limits" and "Error Codes".
"""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from bridge.protocol.judge import Verdict, judge_reply
from bridge.protocol.render import Way, http_call
from bridge.protocol.verdict import Done, Refused
from bridge.protocol.wire import HttpCall, HttpReply
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import Command, GameSpec, HttpUpstream, Param

Body = Mapping[str, JsonValue]

KEY = "molt_sk_dummy"
ACT = "POST /api/v1/agents/act"
HOUR = 3600

ENDPOINTS = {
    "discover": ("GET /api/v1", False),
    "health": ("GET /api/v1/health", False),
    "feed": ("GET /api/v1/feed", False),
    "can_register": ("GET /api/v1/agents/can-register", False),
    "register": ("POST /api/v1/agents/register", False),
    "claim_verify": ("POST /api/v1/claim/verify", False),
    "agent": ("GET /api/v1/moltbot/{handle}", False),
    "read_post": ("GET /api/v1/post/{post_id}", False),
    "poll": ("POST /api/v1/agents/poll", True),
    "claim_status": ("GET /api/v1/agents/status", True),
    "me": ("GET /api/v1/agents/me", True),
}

INTENTS: Mapping[str, Body] = {
    "post": {"type": "POST", "content": "text"},
    "comment": {"type": "COMMENT", "postId": "text", "content": "text"},
    "react": {"type": "REACT", "postId": "text", "reaction": "LIKE"},
    "follow": {"type": "FOLLOW", "targetHandle": "text"},
    "buy": {"type": "BUY", "targetHandle": "text"},
    "exit_jail": {"type": "ACTION", "actionType": "EXIT_JAIL"},
    "jail": {"type": "ACTION", "actionType": "JAIL", "targetHandle": "text"},
    "shield": {"type": "ACTION", "actionType": "SHIELD", "targetHandle": "text"},
    "sponsored_post": {"type": "ACTION", "actionType": "SPONSORED_POST", "targetHandle": "text"},
    "trolling": {"type": "ACTION", "actionType": "TROLLING", "targetHandle": "text"},
    "change_bio": {"type": "ACTION", "actionType": "CHANGE_BIO", "targetHandle": "text"},
    "change_name": {"type": "ACTION", "actionType": "CHANGE_NAME", "targetHandle": "text"},
    "kol": {"type": "ACTION", "actionType": "KOL", "targetHandle": "text"},
    "shill_token": {"type": "ACTION", "actionType": "SHILL_TOKEN", "targetHandle": "text"},
}

COOLDOWNS = {
    "post": ("COOLDOWN_POST", 600),
    "comment": ("COOLDOWN_COMMENT", 180),
    "react": ("COOLDOWN_REACT", 30),
    "follow": ("COOLDOWN_FOLLOW", 60),
    "jail": ("COOLDOWN_POWER_JAIL", 24 * HOUR),
    "exit_jail": ("COOLDOWN_POWER_EXIT_JAIL", 6 * HOUR),
    "shield": ("COOLDOWN_POWER_SHIELD", 6 * HOUR),
    "sponsored_post": ("COOLDOWN_POWER_SPONSORED_POST", 6 * HOUR),
    "trolling": ("COOLDOWN_POWER_TROLLING", 6 * HOUR),
    "change_bio": ("COOLDOWN_POWER_CHANGE_BIO", 6 * HOUR),
    "change_name": ("COOLDOWN_POWER_CHANGE_NAME", 12 * HOUR),
    "kol": ("COOLDOWN_POWER_KOL", 12 * HOUR),
    "shill_token": ("COOLDOWN_POWER_SHILL_TOKEN", 12 * HOUR),
}

COSTS = {
    "jail": 400,
    "exit_jail": 250,
    "shield": 200,
    "sponsored_post": 180,
    "trolling": 180,
    "change_bio": 120,
    "change_name": 150,
    "kol": 220,
    "shill_token": 180,
}

CODES = {
    "MISSING_AUTH": (401, "stop"),
    "UNAUTHORIZED": (401, "stop"),
    "INVALID_JSON": (400, "tell"),
    "INVALID_INPUT": (400, "tell"),
    "INVALID_INTENT": (400, "tell"),
    "INVALID_REQUEST": (400, "tell"),
    "CONFLICT": (409, "tell"),
    "HANDLE_ALREADY_EXISTS": (409, "tell"),
    "NOT_FOUND": (404, "tell"),
    "CLAIM_DISABLED": (410, "tell"),
    "INVALID_TWEET_REF": (400, "tell"),
    "JAILED": (403, "tell"),
    "TARGET_SHIELDED": (403, "tell"),
    "TARGET_REQUIRED": (400, "tell"),
    "EXIT_JAIL_SELF_ONLY": (400, "tell"),
    "NOT_JAILED": (400, "done"),
    "SELF_BUY": (400, "tell"),
    "OWNERSHIP_NOT_FOUND": (409, "tell"),
    "INSUFFICIENT_CREDITS": (402, "tell"),
    "NEGATIVE_BALANCE": (402, "tell"),
    "ALREADY_REACTED": (409, "done"),
    "STATUS_EXISTS": (409, "tell"),
    "UNKNOWN_ACTION": (400, "tell"),
    "COOLDOWN_POST": (429, "tell"),
    "COOLDOWN_COMMENT": (429, "tell"),
    "COOLDOWN_REACT": (429, "tell"),
    "COOLDOWN_FOLLOW": (429, "tell"),
    "COOLDOWN_POWER_KOL": (429, "tell"),
    "PAIR_COOLDOWN": (429, "tell"),
    "RATE_LIMIT_REGISTER": (429, "tell"),
    "RATE_LIMIT_ACT": (429, "tell"),
    "INTERNAL_ERROR": (500, "retry"),
}


@pytest.fixture(scope="module")
def spec() -> GameSpec:
    return load_game(spec_folder(), "moltforsale")


def test_every_endpoint_and_every_intent_is_a_command_and_nothing_else_is(spec: GameSpec) -> None:
    calls = {name: _rendered(spec, name) for name in spec.commands}

    told = {
        name: (f"{call.method} {call.path}", call.headers.get("Authorization") == f"Bearer {KEY}")
        for name, call in calls.items()
    }
    assert told == ENDPOINTS | dict.fromkeys(INTENTS, (ACT, True))


def test_every_intent_has_a_fixed_body(spec: GameSpec) -> None:
    bodies = {name: _rendered(spec, name).body for name in INTENTS}

    assert bodies == INTENTS


def test_registering_and_claiming_use_the_names_of_the_document(spec: GameSpec) -> None:
    register = _rendered(spec, "register").body
    claim = _rendered(spec, "claim_verify").body

    assert register == {
        "handle": "text",
        "displayName": "text",
        "bio": "text",
        "metadata": {"key": "value"},
    }
    assert claim == {"claimToken": "text", "tweetRef": "text"}


def test_discovery_has_no_trailing_slash_and_a_poll_sends_an_empty_object(spec: GameSpec) -> None:
    assert _rendered(spec, "discover").url == "https://molt.example/api/v1"
    assert _rendered(spec, "poll").body == {}


def test_the_operators_tick_the_idle_intent_and_the_claim_are_not_offered(spec: GameSpec) -> None:
    calls = [_rendered(spec, name) for name in spec.commands]
    hidden = [name for name, command in spec.commands.items() if not command.offered]

    assert not [call.path for call in calls if "tick" in call.path or "sim" in call.path]
    assert "SILENCE" not in str([call.body for call in calls])
    assert hidden == ["claim_verify"]


def test_every_act_has_its_own_cooldown_and_counts_among_sixty_an_hour(spec: GameSpec) -> None:
    own = {
        name: [(spec.cooldowns[c].code, spec.cooldowns[c].seconds) for c in command.cooldowns]
        for name, command in spec.commands.items()
    }

    for name, cooldown in COOLDOWNS.items():
        assert own[name][0] == cooldown
    for name in INTENTS:
        assert own[name][-1] == ("RATE_LIMIT_ACT", HOUR)
    assert own["buy"] == [("RATE_LIMIT_ACT", HOUR)]
    assert spec.cooldowns["acts_per_hour"].limit == 60
    assert spec.cooldowns["acts_per_hour"].on == "attempt"


def test_power_moves_against_somebody_have_a_cooldown_per_pair(spec: GameSpec) -> None:
    pair = spec.cooldowns["power_pair"]
    paired = {name for name, c in spec.commands.items() if "power_pair" in c.cooldowns}

    assert paired == COSTS.keys() - {"exit_jail"}
    assert (pair.code, pair.seconds, pair.per) == ("PAIR_COOLDOWN", 6 * HOUR, ["target_handle"])


def test_registrations_are_five_an_hour_for_the_whole_address(spec: GameSpec) -> None:
    cooldown = spec.cooldowns["registrations"]

    assert spec.commands["register"].cooldowns == ["registrations"]
    assert (cooldown.code, cooldown.limit, cooldown.seconds, cooldown.scope) == (
        "RATE_LIMIT_REGISTER",
        5,
        HOUR,
        "ip",
    )


def test_whatever_costs_credits_says_how_many_and_cannot_be_undone(spec: GameSpec) -> None:
    for name, cost in COSTS.items():
        assert f"Costs {cost} credits" in spec.commands[name].description
        assert spec.commands[name].effect == "irreversible"
    assert spec.commands["buy"].effect == "irreversible"
    assert [n for n, c in spec.commands.items() if c.repeatable] == ["follow", "react"]


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_the_document_has_a_rule_and_a_next_step(spec: GameSpec, code: str) -> None:
    status, then = CODES[code]
    body: JsonValue = {"ok": False, "error": {"code": code, "message": "Words of the game."}}

    verdict = _judged(spec, "jail", HttpReply(status=status, body=body))

    assert verdict.then == then
    assert isinstance(verdict.outcome, Done) == (then == "done")
    if isinstance(verdict.outcome, Refused):
        assert (verdict.outcome.code, bool(verdict.outcome.hint)) == (code, True)


@pytest.mark.parametrize(
    "body",
    [
        {"error": "INVALID_INTENT", "issues": [{"code": "x", "path": ["type"], "message": "No."}]},
        {"error": "INVALID_INTENT"},
    ],
)
def test_older_shapes_of_an_error_are_understood(spec: GameSpec, body: JsonValue) -> None:
    verdict = _judged(spec, "post", HttpReply(status=400, body=body))

    assert isinstance(verdict.outcome, Refused)
    assert verdict.outcome.code == "INVALID_INTENT"
    assert verdict.outcome.hint


def test_following_somebody_twice_is_done_and_not_refused(spec: GameSpec) -> None:
    verdict = _judged(spec, "follow", HttpReply(status=200, body={"ok": True, "noop": True}))

    assert isinstance(verdict.outcome, Done)


def test_a_closed_registration_is_refused_although_its_body_says_ok(spec: GameSpec) -> None:
    body: JsonValue = {"ok": True, "canRegister": False, "claimRequired": False, "notes": "No."}

    verdict = _judged(spec, "can_register", HttpReply(status=503, body=body))

    assert isinstance(verdict.outcome, Refused)
    assert verdict.outcome.code == "registration_closed"


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"x-vercel-mitigated": "challenge", "content-type": "text/html; charset=utf-8"}),
        (403, {"content-type": "text/html"}),
    ],
)
def test_the_challenge_of_the_host_is_no_limit_of_the_game(
    spec: GameSpec, status: int, headers: dict[str, str]
) -> None:
    page = HttpReply(status=status, headers=headers, text="<html>Security Checkpoint</html>")

    verdict = _judged(spec, "poll", page)

    assert isinstance(verdict.outcome, Refused)
    assert (verdict.outcome.code, verdict.outcome.wait) == ("edge_challenge", 900)
    assert verdict.ip_wide


@pytest.mark.parametrize(
    "reply",
    [
        HttpReply(status=404, headers={"content-type": "text/html"}, text="<html>404</html>"),
        HttpReply(status=405),
    ],
)
def test_an_address_that_is_gone_is_told_apart_from_a_missing_agent(
    spec: GameSpec, reply: HttpReply
) -> None:
    verdict = _judged(spec, "agent", reply)

    assert isinstance(verdict.outcome, Refused)
    assert verdict.outcome.code == "no_such_address"


def test_the_claim_link_is_in_no_result(spec: GameSpec) -> None:
    link = "https://molt.example/claim/dummy"
    body: JsonValue = {"claim_url": link, "agent": {"handle": "me", "claim_url": link}}

    for name in ("poll", "me", "claim_status"):
        verdict = _judged(spec, name, HttpReply(status=200, body=body))

        assert isinstance(verdict.outcome, Done)
        assert verdict.outcome.result == {"agent": {"handle": "me"}}


def test_registering_keeps_every_secret_of_its_reply(spec: GameSpec) -> None:
    stores = spec.commands["register"].stores

    assert stores == {
        "api_key": "agent.api_key",
        "handle": "{handle}",
        "claim_url": "agent.claim_url",
        "claim_code": "agent.verification_code",
    }
    assert all(spec.credentials[slot].secret for slot in stores if slot != "handle")


def _rendered(spec: GameSpec, name: str) -> HttpCall:
    arguments = {name: _sample(param) for name, param in spec.commands[name].params.items()}
    return http_call(Way(spec, "http", "https://molt.example"), name, arguments, {"api_key": KEY})


def _sample(param: Param) -> JsonValue:
    samples: Mapping[str, JsonValue] = {
        "string": "text",
        "integer": 1,
        "number": 500,
        "object": {"key": "value"},
    }
    return samples[param.type]


def _judged(spec: GameSpec, name: str, reply: HttpReply) -> Verdict:
    upstream = spec.upstream["http"]
    assert isinstance(upstream, HttpUpstream)
    command: Command = spec.commands[name]
    return judge_reply(spec, upstream, command, reply, "handle")
