import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.protocol.judge import LONGEST_WAIT_SECONDS, Verdict, judge_frame, judge_reply
from bridge.protocol.verdict import Done, Pending, Refused
from bridge.protocol.wire import Frame, HttpReply
from bridge.spec.loader import load_games, spec_folder
from bridge.spec.model import GameSpec
from tests.spec.toy import HTTP, SOCKET, command, http, socket, toy
from tests.spec.values_of import json_values, texts

GAMES = load_games(spec_folder())
SPACEMOLT, MOLTFORSALE = GAMES["spacemolt"], GAMES["moltforsale"]
PIPEWORKS, MAID = GAMES["pipeworks"], GAMES["maid"]

JSON_TYPE = {"content-type": "application/json"}
HTML_TYPE = {"content-type": "text/html; charset=utf-8"}


def judge(
    spec: GameSpec,
    name: str,
    status: int,
    body: JsonValue = None,
    *,
    upstream: str = "http",
    headers: dict[str, str] = JSON_TYPE,
    text: str | None = None,
) -> Verdict:
    reply = HttpReply(status=status, headers=headers, body=body, text=text)
    return judge_reply(spec, http(spec, upstream), spec.commands[name], reply, "h-1")


def judge_push(spec: GameSpec, name: str, data: dict[str, JsonValue]) -> Verdict:
    upstream = next(each for each in spec.upstream if each in ("websocket", "socket"))
    return judge_frame(spec, socket(spec, upstream), spec.commands[name], Frame(data=data))


def done(verdict: Verdict) -> Done:
    assert isinstance(verdict.outcome, Done), verdict
    return verdict.outcome


def refused(verdict: Verdict) -> Refused:
    assert isinstance(verdict.outcome, Refused), verdict
    return verdict.outcome


# -- SpaceMolt: api.md, "Response Format", "Error Response", "Error Handling" ----------------------


def test_spacemolts_http_v1_hands_over_the_result() -> None:
    body: JsonValue = {
        "result": {"player": {"credits": 100}},
        "notifications": [],
        "session": {"id": "session-id"},
        "error": None,
    }

    verdict = judge(SPACEMOLT, "get_status", 200, body, upstream="http_v1")

    assert done(verdict) == Done(result={"player": {"credits": 100}})
    assert verdict.then == "tell"


def test_spacemolts_http_v2_has_a_rendering_of_its_own() -> None:
    body: JsonValue = {
        "result": "Credits\t100",
        "structuredContent": {"player": {"credits": 100}},
        "notifications": None,
        "error": None,
    }

    outcome = done(judge(SPACEMOLT, "get_status", 200, body, upstream="http_v2"))

    assert outcome == Done(result={"player": {"credits": 100}}, text="Credits\t100")


def test_spacemolt_asks_for_a_login() -> None:
    body: JsonValue = {"error": {"code": "not_authenticated", "message": "You must login first."}}

    verdict = judge(SPACEMOLT, "get_status", 401, body, upstream="http_v1")

    assert verdict.then == "sign_in_again"
    assert refused(verdict).code == "not_authenticated"
    assert refused(verdict).message == "You must login first."


def test_an_error_in_a_reply_that_says_200_is_an_error() -> None:
    body: JsonValue = {"result": None, "error": {"code": "docked", "message": "You are docked."}}

    outcome = refused(judge(SPACEMOLT, "travel", 200, body, upstream="http_v1"))

    assert outcome.code == "docked"
    assert "spacemolt_undock" in outcome.hint


# The limiter's own body is flat, and its header may be all that is left of it.
@pytest.mark.parametrize(
    ("body", "text", "headers"),
    [
        (
            {"error": "rate_limited", "message": "Slow down.", "retry_after": 7},
            None,
            {"retry-after": "7"},
        ),
        (None, None, {"retry-after": "7"}),
        (None, "<html>429</html>", {**HTML_TYPE, "retry-after": "7"}),
        ({"error": {"code": "rate_limited", "message": "x", "retry_after": 7}}, None, {}),
        ({"error": {"code": "rate_limited", "message": "x", "wait_seconds": 7.0}}, None, {}),
    ],
)
def test_every_shape_of_spacemolts_429_tells_the_wait(
    body: JsonValue, text: str | None, headers: dict[str, str]
) -> None:
    verdict = judge(SPACEMOLT, "mine", 429, body, upstream="http_v1", headers=headers, text=text)

    assert verdict.then == "wait"
    assert refused(verdict).wait == 7
    assert refused(verdict).code == "rate_limited"


def test_a_429_that_no_rule_knows_tells_its_wait_all_the_same() -> None:
    spec = toy(command("look"))

    outcome = refused(judge(spec, "look", 429, {"detail": "x"}, headers={"retry-after": "3"}))

    assert (outcome.code, outcome.wait) == ("http_429", 3)


def test_what_http_has_only_accepted_is_pending() -> None:
    body: JsonValue = {
        "result": {"pending": True, "command": "mine", "message": "Action pending."},
        "error": None,
    }

    outcome = judge(SPACEMOLT, "mine", 200, body, upstream="http_v1").outcome

    assert outcome == Pending(
        handle="h-1",
        message="Action pending.",
        details={"pending": True, "command": "mine", "message": "Action pending."},
    )


@pytest.mark.parametrize("content", [{"pending": True}, {"details": {"pending": True}}])
def test_what_http_v2_has_only_accepted_is_pending_wherever_it_says_so(content: JsonValue) -> None:
    body: JsonValue = {"result": "Action pending.", "structuredContent": content, "error": None}

    outcome = judge(SPACEMOLT, "jump", 200, body, upstream="http_v2").outcome

    assert isinstance(outcome, Pending)


# A jump is held until arrival, for minutes; what stands before a game gives up after 100 seconds.
@pytest.mark.parametrize("status", [500, 502, 504, 520, 524])
def test_whoever_gave_up_waiting_for_spacemolt_has_not_said_no(status: int) -> None:
    verdict = judge(SPACEMOLT, "jump", status, text="<html>", headers=HTML_TYPE, upstream="http_v1")

    assert verdict.broke
    assert verdict.then == "retry"


def test_pending_without_words_says_what_it_means() -> None:
    spec = toy(command("mine"), upstream=f"{HTTP}pending = {{ queued = true }}")

    outcome = judge(spec, "mine", 200, {"queued": True, "message": ""}).outcome

    assert isinstance(outcome, Pending)
    assert outcome.message == "The game has taken it and does it on a later tick."


def test_what_the_game_says_is_done_already_is_done() -> None:
    verdict = judge_push(
        SPACEMOLT,
        "dock",
        {"type": "error", "payload": {"code": "already_docked", "message": "Docked already."}},
    )

    assert done(verdict).result == {"ok": True, "already": "already_docked"}
    assert verdict.then == "done"


def test_what_is_done_already_is_told_in_the_words_of_the_spec_else_of_the_game() -> None:
    spec = toy(
        command("dock"),
        '[[errors]]\ncode = ["docked"]\nthen = "done"',
        '[[errors]]\ncode = ["full"]\nthen = "done"\nhint = "Go on."\nname = "tank_full"',
    )

    docked = judge(spec, "dock", 400, {"code": "docked", "message": "Docked already."})
    full = judge(spec, "dock", 400, {"code": "full", "message": "Tank is full."})

    assert done(docked).notes == ("Docked already.",)
    assert done(full) == Done(result={"ok": True, "already": "tank_full"}, notes=("Go on.",))


# A session that signs in to what it is signed in to already brings no password with it.
def test_what_hands_out_a_secret_is_never_done_already() -> None:
    spec = toy(
        '[credentials.password]\nlabel = "Password"\nsecret = true',
        command("register", 'stores = { password = "{password}" }'),
        '[[errors]]\ncode = ["known"]\nthen = "done"\nhint = "Go on."',
    )

    verdict = judge(spec, "register", 400, {"code": "known", "message": "Signed in already."})

    assert (refused(verdict).message, refused(verdict).hint) == ("Signed in already.", "")
    assert verdict.then == "sign_in_again"


def test_a_success_in_which_nothing_happened_is_a_refusal() -> None:
    outcome = refused(
        judge_push(
            SPACEMOLT,
            "sell",
            {"type": "ok", "payload": {"quantity_sold": 0, "message": "Sold 0"}},
        )
    )

    assert (outcome.code, outcome.message) == ("nothing_happened", "Sold 0")


def test_an_empty_success_that_did_something_else_is_a_success() -> None:
    spec = toy(
        command("buy", "empty_when = { bought = 0 }", 'empty_unless = ["order.id"]'),
        upstream=SOCKET,
    )
    empty: dict[str, JsonValue] = {"type": "ok", "payload": {"bought": 0}}
    ordered: dict[str, JsonValue] = {"type": "ok", "payload": {"bought": 0, "order": {"id": "o"}}}

    assert refused(judge_push(spec, "buy", empty)).message == (
        "The game said yes, but nothing was moved."
    )
    assert done(judge_push(spec, "buy", ordered)).result == {"bought": 0, "order": {"id": "o"}}


# -- SpaceMolt: frames; api.md, "Request Correlation", "Action Execution" --------------------------


def test_the_second_phase_tells_the_result_and_what_happened_on_the_way() -> None:
    frame: dict[str, JsonValue] = {
        "type": "action_result",
        "payload": {
            "command": "travel",
            "tick": 109050,
            "result": {"action": "arrived", "poi_id": "frontier_launch"},
            "auto_undocked": True,
            "auto_docked": False,
        },
        "request_id": "r1",
    }

    assert done(judge_push(SPACEMOLT, "travel", frame)).result == {
        "action": "arrived",
        "poi_id": "frontier_launch",
        "auto_undocked": True,
    }


@pytest.mark.parametrize(
    ("payload", "result"),
    [
        ({"tick": 1}, {"tick": 1}),
        ({"result": "ok", "auto_docked": True}, "ok"),
        ({"result": {"a": 1}}, {"a": 1}),
        ({"result": None}, None),
        ("text", "text"),
        (None, None),
    ],
)
def test_the_second_phase_may_be_shorter(payload: JsonValue, result: JsonValue) -> None:
    frame: dict[str, JsonValue] = {"type": "action_result", "payload": payload}

    assert done(judge_push(SPACEMOLT, "travel", frame)).result == result


def test_an_answer_to_a_query_is_its_payload() -> None:
    frame: dict[str, JsonValue] = {"type": "ok", "payload": {"result": 1, "auto_x": True}}

    assert done(judge_push(SPACEMOLT, "get_status", frame)).result == {"result": 1, "auto_x": True}


def test_an_action_that_failed_is_refused_with_its_details() -> None:
    frame: dict[str, JsonValue] = {
        "type": "action_error",
        "payload": {
            "command": "craft",
            "code": "missing_materials",
            "message": "You lack materials.",
            "details": [{"item_id": "iron_ore", "need": 5, "have": 2}],
        },
    }

    outcome = refused(judge_push(SPACEMOLT, "craft", frame))

    assert outcome.code == "missing_materials"
    assert outcome.details == [{"item_id": "iron_ore", "need": 5, "have": 2}]
    assert "spacemolt_catalog" in outcome.hint


@pytest.mark.parametrize(
    ("payload", "code", "message"),
    [
        ({"code": "strange", "message": "Odd."}, "strange", "Odd."),
        ({"message": "Odd."}, "refused", "Odd."),
        ("Odd.", "Odd.", "Odd."),
        ({}, "refused", "The game said no without saying why."),
        (None, "refused", "The game said no without saying why."),
        (["odd"], "refused", "The game said no without saying why."),
        ({"code": 42}, "42", "The game said no without saying why."),
    ],
)
def test_a_frame_that_says_no_is_a_refusal_however_it_says_it(
    payload: JsonValue, code: str, message: str
) -> None:
    outcome = refused(judge_push(SPACEMOLT, "mine", {"type": "error", "payload": payload}))

    assert (outcome.code, outcome.message, outcome.hint) == (code, message, "")


def test_a_rate_limited_frame_tells_the_wait() -> None:
    verdict = judge_push(
        SPACEMOLT,
        "mine",
        {
            "type": "error",
            "payload": {"code": "rate_limited", "message": "Wait.", "wait_seconds": 2.5},
        },
    )

    assert (verdict.then, refused(verdict).wait, verdict.ip_wide) == ("wait", 2.5, False)


# -- Moltforsale: skill.md, "Error Response Shape", "Error Codes" ----------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"ok": False, "error": {"code": "INVALID_INTENT", "message": "Intent does not match."}},
        {
            "error": "INVALID_INTENT",
            "issues": [{"code": "invalid_type", "path": ["content"], "message": "Required"}],
        },
        {"error": "INVALID_INTENT"},
    ],
)
def test_all_three_shapes_of_moltforsales_errors_are_understood(body: JsonValue) -> None:
    outcome = refused(judge(MOLTFORSALE, "post", 400, body))

    assert outcome.code == "INVALID_INTENT"
    assert outcome.message
    assert outcome.hint


def test_moltforsales_validation_errors_keep_their_details() -> None:
    body: JsonValue = {
        "ok": False,
        "error": {
            "code": "INVALID_INPUT",
            "message": "Invalid input",
            "details": {"handle": ["too short"]},
        },
    }

    assert refused(judge(MOLTFORSALE, "register", 400, body)).details == {"handle": ["too short"]}


@pytest.mark.parametrize(
    ("code", "then"),
    [
        ("COOLDOWN_POST", "tell"),
        ("COOLDOWN_POWER_JAIL", "tell"),
        ("PAIR_COOLDOWN", "tell"),
        ("RATE_LIMIT_ACT", "tell"),
        ("MISSING_AUTH", "stop"),
        ("INTERNAL_ERROR", "retry"),
    ],
)
def test_codes_decide_and_not_statuses(code: str, then: str) -> None:
    body: JsonValue = {"ok": False, "error": {"code": code, "message": "No."}}

    for status in (400, 403, 409, 429, 500):
        verdict = judge(MOLTFORSALE, "post", status, body)
        assert (refused(verdict).code, verdict.then) == (code, then)


def test_following_twice_is_done_although_nothing_happened() -> None:
    verdict = judge(MOLTFORSALE, "follow", 200, {"ok": True, "noop": True})

    assert done(verdict).notes == ("You follow this agent already.",)


def test_a_503_that_says_ok_is_a_refusal() -> None:
    body: JsonValue = {"ok": True, "canRegister": False, "notes": "Registration unavailable."}

    assert refused(judge(MOLTFORSALE, "can_register", 503, body)).code == "registration_closed"


@pytest.mark.parametrize(
    "headers", [HTML_TYPE, {"x-vercel-mitigated": "challenge", "content-type": "text/plain"}]
)
def test_the_edge_in_front_of_moltforsale_is_told_from_the_game(headers: dict[str, str]) -> None:
    verdict = judge(
        MOLTFORSALE, "feed", 429, headers=headers, text="<html>Security Checkpoint</html>"
    )

    assert refused(verdict).code == "edge_challenge"
    assert (verdict.ip_wide, refused(verdict).wait) == (True, 900)


@pytest.mark.parametrize(
    ("status", "text", "headers"), [(404, "<!DOCTYPE html>...", HTML_TYPE), (405, None, {})]
)
def test_an_address_that_is_gone_is_told_from_a_thing_that_is_not_there(
    status: int, text: str | None, headers: dict[str, str]
) -> None:
    gone = judge(MOLTFORSALE, "agent", status, text=text, headers=headers)
    nothing: JsonValue = {"ok": False, "error": {"code": "NOT_FOUND", "message": "No."}}

    assert refused(gone).code == "no_such_address"
    assert refused(judge(MOLTFORSALE, "agent", 404, nothing)).code == "NOT_FOUND"


# -- PipeWorks: "Error Response Format", and what its server sends ---------------------------------


def test_a_refusal_that_says_200_is_a_refusal() -> None:
    body: JsonValue = {"success": False, "message": "You cannot go that way."}

    outcome = refused(judge(PIPEWORKS, "move", 200, body))

    assert (outcome.code, outcome.message) == ("refused", "You cannot go that way.")


def test_a_reply_of_words_is_the_result() -> None:
    body: JsonValue = {"success": True, "message": "You go north.\n=== Street ==="}

    assert done(judge(PIPEWORKS, "move", 200, body)).result == "You go north.\n=== Street ==="


# A 422 of PipeWorks repeats the password and the session id that were sent.
def test_what_was_sent_is_not_repeated() -> None:
    body: JsonValue = {
        "detail": [
            {
                "type": "missing",
                "loc": ["body", "character_name"],
                "msg": "Field required",
                "input": {"password": "SecurePass#1234", "session_id": "s-1"},
            },
            {"type": "x", "loc": [], "msg": "Odd", "input": "SecurePass#1234"},
            "plain words",
        ]
    }

    verdict = judge(PIPEWORKS, "register_guest", 422, body)

    assert refused(verdict).message == ("body.character_name: Field required; Odd; plain words")
    assert "SecurePass" not in repr(verdict)
    assert "s-1" not in repr(verdict)


def test_what_was_sent_is_not_repeated_however_deep_it_stands() -> None:
    body: JsonValue = {
        "message": "No.",
        "details": [{"errors": [{"path": ["a"], "input": {"password": "secret"}}]}],
    }

    outcome = refused(judge(PIPEWORKS, "register", 400, body))

    assert outcome.details == [{"errors": [{"path": ["a"]}]}]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"path": "handle", "message": "Too short"}, "handle: Too short"),
        ({"path": ["a", 0, "b"], "message": "Too short"}, "a.0.b: Too short"),
        ({"msg": "Too short"}, "Too short"),
        ({"loc": ["body"]}, "body: not accepted"),
        ({"loc": {"odd": 1}, "msg": ["odd"]}, "{'odd': 1}: ['odd']"),
        (5, "5"),
    ],
)
def test_a_problem_is_told_in_words(entry: JsonValue, words: str) -> None:
    assert refused(judge(PIPEWORKS, "register", 422, {"detail": [entry]})).message == words


def test_only_the_first_of_many_problems_are_listed() -> None:
    problems: JsonValue = [{"msg": "Odd"} for _ in range(10_000)]

    assert refused(judge(PIPEWORKS, "register", 422, {"detail": problems})).message == (
        "; ".join(["Odd"] * 10)
    )
    assert refused(judge(PIPEWORKS, "register", 422, {"detail": []})).message == "not accepted"


@pytest.mark.parametrize(
    ("detail", "then"),
    [
        ("Invalid or expired session", "sign_in_again"),
        ("Invalid username or password", "stop"),
        ("Current password is incorrect", "tell"),
        ("Account is deactivated", "stop"),
        ("something new", "stop"),
    ],
)
def test_only_the_401_that_a_login_cures_asks_for_one(detail: str, then: str) -> None:
    assert judge(PIPEWORKS, "say", 401, {"detail": detail}).then == then


def test_text_that_is_no_json_is_told_as_it_came() -> None:
    verdict = judge(
        PIPEWORKS,
        "raw_command",
        500,
        text="Internal Server Error\n",
        headers={"content-type": "text/plain; charset=utf-8"},
    )

    assert refused(verdict).message == "Internal Server Error"


def test_a_page_where_data_was_meant_is_a_refusal() -> None:
    page = "<!DOCTYPE html><title>PipeWorks</title>"

    outcome = refused(judge(PIPEWORKS, "list_users", 200, text=page, headers=HTML_TYPE))

    assert outcome.code == "not_json"
    assert "title" not in outcome.message
    assert refused(judge(PIPEWORKS, "look", 200, text=f"\n {page}", headers={})).code == "not_json"


def test_a_page_says_nothing_of_what_was_done() -> None:
    verdict = judge(PIPEWORKS, "raw_command", 200, text="<html></html>", headers=HTML_TYPE)

    assert verdict.broke


def test_a_page_where_a_page_was_meant_is_the_answer() -> None:
    page = "<!DOCTYPE html><title>PipeWorks</title>"
    spec = toy(command("page_play", 'reply = "page"'))

    outcome = done(judge(spec, "page_play", 200, text=page, headers=HTML_TYPE))

    assert (outcome.result, outcome.text) == (None, page)


# -- MAID: "Rate Limit Exceeded", "Error Responses" ------------------------------------------------


def test_maids_429_tells_the_wait_in_a_header() -> None:
    verdict = judge(
        MAID,
        "list_rooms",
        429,
        {"detail": "Rate limit exceeded"},
        headers={**JSON_TYPE, "retry-after": "60", "x-ratelimit-remaining": "0"},
    )

    assert (verdict.then, refused(verdict).wait) == ("wait", 60)
    assert refused(verdict).message == "Rate limit exceeded"
    assert verdict.headers["x-ratelimit-remaining"] == "0"


@pytest.mark.parametrize(
    ("status", "detail", "code", "then"),
    [
        (401, "API key required", "api_key_refused", "stop"),
        (401, "Token expired", "signed_out", "sign_in_again"),
        (403, "Permission denied", "permission_missing", "tell"),
        (404, "Player not found", "not_found", "tell"),
        (409, "Exists", "exists", "tell"),
        (503, "Engine not ready", "engine_not_ready", "retry"),
    ],
)
def test_maids_statuses_say_what_to_do(status: int, detail: str, code: str, then: str) -> None:
    verdict = judge(MAID, "get_player", status, {"detail": detail})

    assert (refused(verdict).code, verdict.then) == (code, then)


def test_tokens_are_cut_out_of_a_result() -> None:
    body: JsonValue = {"access_token": "jwt-1", "refresh_token": "jwt-2", "expires_in": 3600}

    assert done(judge(MAID, "login", 200, body)).result == {"expires_in": 3600}


# -- Whatever the game ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 399])
def test_a_redirect_is_refused_and_says_nothing_of_where_to(status: int) -> None:
    verdict = judge(
        MOLTFORSALE, "feed", status, headers={"location": "https://evil.example/?key=secret"}
    )

    outcome = refused(verdict)
    assert (outcome.code, verdict.then) == ("redirected", "stop")
    assert "evil" not in f"{outcome}"
    assert "never followed" in outcome.hint


@pytest.mark.parametrize(
    ("status", "body", "text", "message"),
    [
        (500, None, None, "The server answered HTTP 500 without saying why."),
        (502, None, "<html>", "The server answered with a page (HTTP 502), not with data."),
        (400, "Bad words", None, "Bad words"),
        (400, "  ", None, "The server answered HTTP 400 without saying why."),
        (400, ["a"], None, "The server answered HTTP 400 without saying why."),
        (400, {"error": "Broken"}, None, "Broken"),
        (400, {"error": {"message": "In there"}}, None, "In there"),
        (400, {"message": "", "detail": "Here"}, None, "Here"),
        (400, {"message": {"odd": 1}}, None, "The server answered HTTP 400 without saying why."),
        (500, None, "x" * 1000, "One long word..."),
    ],
)
def test_something_is_always_said(
    status: int, body: JsonValue, text: str | None, message: str
) -> None:
    spec = toy(command("look"), upstream=f'{HTTP}error = "error"')

    outcome = refused(judge(spec, "look", status, body, text=text, headers={}))

    assert outcome.message == message


def test_a_code_is_found_where_no_place_for_errors_is_known() -> None:
    spec = toy(command("look"))

    assert refused(judge(spec, "look", 400, {"error": "FULL", "message": "x"})).code == "FULL"
    assert refused(judge(spec, "look", 400, {"code": 7, "error": "FULL"})).code == "FULL"


def test_a_reply_without_a_body_is_a_success_without_a_result() -> None:
    assert done(judge(toy(command("look")), "look", 204)) == Done(result=None)


def test_text_is_the_result_of_what_answers_in_text() -> None:
    metrics = "# HELP up\nup 1\n"

    assert done(judge(MAID, "metrics", 200, text=metrics, upstream="observability")).text == metrics


def test_a_command_may_say_where_its_own_result_and_rendering_stand() -> None:
    spec = toy(
        command("look", 'result = "room.things"', 'text = "room.words"'),
        command("all", 'result = ""'),
        upstream=f'{HTTP}result = "room"',
    )
    body: JsonValue = {"room": {"things": [1], "words": "A lamp."}}

    assert done(judge(spec, "look", 200, body)) == Done(result=[1], text="A lamp.")
    assert done(judge(spec, "all", 200, body)) == Done(result=body)


def test_what_is_redacted_is_in_no_outcome() -> None:
    secret: dict[str, JsonValue] = {
        "key": "secret",
        "keys": [{"raw": "secret", "id": 1}],
        "message": "said",
    }
    spec = toy(
        command("show", 'redact = ["key", "keys.*.raw"]', 'drop = ["big"]', 'text = "words"'),
        command("sell", 'redact = ["key", "keys.*.raw"]', "empty_when = { sold = 0 }"),
        upstream=f"{HTTP}pending = {{ queued = true }}",
    )
    words: dict[str, JsonValue] = {**secret, "words": "the key is secret", "big": "x"}

    shown = judge(spec, "show", 200, words)
    empty = judge(spec, "sell", 200, {**secret, "sold": 0})
    pending = judge(spec, "show", 200, {**secret, "queued": True})

    assert done(shown).result == {
        "keys": [{"id": 1}],
        "message": "said",
        "words": "the key is secret",
    }
    assert done(shown).text is None
    assert "secret" not in f"{empty}{pending}"
    assert refused(empty).message == "said"


def test_what_a_game_redacts_is_cut_out_however_deep_it_stands() -> None:
    spec = toy(
        command("look"),
        '[credentials]\nkey = { label = "K" }',
        command("make_key", 'stores = { key = "made.key" }'),
    )
    game = spec.game.model_copy(update={"redact": ["key"]})
    spec = spec.model_copy(update={"game": game})
    body: JsonValue = {"made": {"key": "secret", "id": 1}}

    assert done(judge(spec, "look", 200, body)).result == {"made": {"id": 1}}
    assert done(judge(spec, "make_key", 200, body)).result == body


@pytest.mark.parametrize(
    ("wait", "body", "headers", "seconds"),
    [
        ("error.wait", {"error": {"error": {"wait": 5}}}, {}, 5),
        ("meta.wait", {"meta": {"wait": "7.5"}, "error": {}}, {}, 7.5),
        ("header:X-Wait", None, {"x-wait": "8"}, 8),
        ("12.5", None, {}, 12.5),
        ("wait", {"wait": -1, "error": {}}, {}, None),
        ("wait", {"wait": True}, {}, None),
        ("wait", {"wait": [5]}, {}, None),
        ("wait", {"wait": "soon"}, {}, None),
        ("wait", {"wait": "nan"}, {}, None),
        ("wait", {"wait": float("inf")}, {}, None),
        ("wait", {"wait": "1e999"}, {}, None),
        ("wait", {"wait": 10**400}, {}, None),
        ("wait", {"wait": 1e18}, {}, LONGEST_WAIT_SECONDS),
        ("wait", {"wait": "bad", "retry_after": 9}, {}, 9),
        ("wait", {}, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        (
            "wait",
            {},
            {
                "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT",
                "date": "Wed, 21 Oct 2026 07:27:30 GMT",
            },
            30,
        ),
    ],
)
def test_a_wait_is_read_where_the_spec_says_and_believed_within_reason(
    wait: str, body: JsonValue, headers: dict[str, str], seconds: float | None
) -> None:
    spec = toy(
        command("look"),
        f'[[errors]]\nstatus = [400]\nthen = "wait"\nwait = "{wait}"',
        upstream=f'{HTTP}error = "error"',
    )

    assert refused(judge(spec, "look", 400, body, headers=headers)).wait == seconds


def test_the_first_rule_that_matches_in_full_counts() -> None:
    spec = toy(
        command("look"),
        """
[[errors]]
code = ["A"]
status = [403]
name = "both"

[[errors]]
text = ["Closed", "locked"]
name = "words"

[[errors]]
code = ["A_*"]
name = "wild"

[[errors]]
header = { X-Kind = "edge*" }
name = "header"

[[errors]]
name = "never"
""",
    )

    def name(status: int, body: JsonValue, headers: dict[str, str] | None = None) -> str:
        return refused(judge(spec, "look", status, body, headers=headers or {})).code

    assert name(403, {"code": "A", "message": ""}) == "both"
    assert name(400, {"code": "A", "message": "x"}) == "A"
    assert name(400, {"code": "B", "message": "the gate is LOCKED"}) == "words"
    assert name(400, {"code": "A_1", "message": "x"}) == "wild"
    assert name(400, {"code": "a_1", "message": "x"}) == "a_1"
    assert name(400, {}, {"x-kind": "edge-1"}) == "header"
    assert name(400, {}) == "http_400"


def test_a_rule_that_does_not_ask_for_a_value_leaves_a_success_alone() -> None:
    spec = toy(command("look"), '[[errors]]\nstatus = [200]\nname = "odd"')

    assert done(judge(spec, "look", 200, {"a": 1})).result == {"a": 1}


bodies = json_values()
hostile = st.one_of(
    bodies,
    st.dictionaries(
        st.sampled_from(
            [
                *["error", "message", "detail", "details", "code", "issues", "retry_after"],
                *["success", "pending", "wait_seconds", "result", "payload", "noop", "quantity"],
            ]
        ),
        bodies,
    ),
)


@given(
    st.sampled_from([(game, name) for game in GAMES for name in GAMES[game].commands]),
    st.integers(min_value=100, max_value=599),
    hostile,
    st.one_of(st.none(), texts, st.just("<html>")),
    st.dictionaries(st.sampled_from(["content-type", "retry-after", "x-kind"]), texts),
)
def test_no_reply_however_strange_makes_judging_fail(
    which: tuple[str, str],
    status: int,
    body: JsonValue,
    text: str | None,
    headers: dict[str, str],
) -> None:
    spec, name = GAMES[which[0]], which[1]
    for upstream, there in spec.upstream.items():
        if there.kind == "http":
            verdict = judge(spec, name, status, body, upstream=upstream, headers=headers, text=text)
            assert not isinstance(verdict.outcome, Done) or status < 400 or verdict.then == "done"


@given(
    st.sampled_from(list(SPACEMOLT.commands)),
    st.one_of(st.sampled_from(["ok", "error", "action_result", "action_error"]), bodies),
    hostile,
)
def test_no_frame_however_strange_makes_judging_fail(
    name: str, kind: JsonValue, payload: JsonValue
) -> None:
    judge_push(SPACEMOLT, name, {"type": kind, "payload": payload})


def test_a_reply_as_deep_as_one_can_be_is_judged() -> None:
    deep = json.loads('{"details":' * 60 + '{"input": "secret"}' + "}" * 60)

    assert "secret" not in repr(judge(PIPEWORKS, "look", 400, deep))
    assert refused(judge(PIPEWORKS, "look", 422, {"detail": [[deep]]})).message
