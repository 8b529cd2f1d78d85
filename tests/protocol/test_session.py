from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.protocol.judge import Verdict
from bridge.protocol.render import Way
from bridge.protocol.session import (
    Answered,
    Asked,
    Flow,
    Lost,
    SignedIn,
    SocketCall,
    answered,
    question,
    renew,
    sign_in,
)
from bridge.protocol.verdict import Refused
from bridge.protocol.wire import Frame, HttpCall, HttpReply
from bridge.spec.loader import load_games, spec_folder
from tests.spec.toy import HTTP, SOCKET, command, toy
from tests.spec.values_of import json_values

GAMES = load_games(spec_folder())
BASE = "http://localhost:1"

PIPEWORKS = Way(GAMES["pipeworks"], "http", BASE)
MAID = Way(GAMES["maid"], "http", BASE)
SPACEMOLT_SOCKET = Way(GAMES["spacemolt"], "websocket", "ws://localhost:1")
SPACEMOLT_HTTP = Way(GAMES["spacemolt"], "http_v1", BASE)

PLAYER: dict[str, JsonValue] = {"username": "bob", "password": "secret"}


def reply(status: int, body: JsonValue = None, text: str | None = None) -> HttpReply:
    return HttpReply(
        status=status, headers={"content-type": "application/json"}, body=body, text=text
    )


def end_of(flow: Flow, *answers: Answered) -> tuple[list[Asked], SignedIn | Refused]:
    """Drive a flow with these answers; return what it asked for and what it came to."""
    asked: list[Asked] = []
    left = list(answers)
    try:
        asked.append(next(flow))
        while left:
            asked.append(flow.send(left.pop(0)))
    except StopIteration as end:
        return asked, end.value
    raise AssertionError(f"it still asks for {asked[-1]}")


def request(asked: Asked) -> HttpCall:
    assert isinstance(asked, HttpCall)
    return asked


# -- Over HTTP ----------------------------------------------------------------


# MAID, "Player Login": the tokens and how long they live.
def test_a_login_keeps_its_tokens_and_how_long_they_live() -> None:
    body: JsonValue = {
        "access_token": "eyJ.1",
        "refresh_token": "eyJ.2",
        "token_type": "bearer",
        "expires_in": 3600,
    }

    asked, learnt = end_of(sign_in(MAID, "player", PLAYER), reply(200, body))

    assert [request(each).path for each in asked] == ["/api/v1/auth/login"]
    assert request(asked[0]).body == {"username": "bob", "password": "secret"}
    assert learnt == SignedIn(
        kept={"access_token": "eyJ.1", "refresh_token": "eyJ.2"}, lifetime=3600
    )


# MAID, "Refresh Player Token": no new refresh token comes back.
def test_a_renewal_may_bring_no_new_refresh_token() -> None:
    flow = renew(MAID, "player", {**PLAYER, "access_token": "old", "refresh_token": "eyJ.2"})
    assert flow is not None

    asked, learnt = end_of(flow, reply(200, {"access_token": "eyJ.3", "expires_in": 3600}))

    assert request(asked[0]).path == "/api/v1/auth/refresh"
    assert request(asked[0]).body == {"refresh_token": "eyJ.2"}
    assert learnt == SignedIn(kept={"access_token": "eyJ.3"}, lifetime=3600)


def test_a_game_without_a_renewal_has_none() -> None:
    assert renew(PIPEWORKS, "account", PLAYER) is None


# api.md, "Session Recovery": a session first, then the login within it.
def test_each_auth_of_a_chain_is_signed_in_by_itself() -> None:
    body: JsonValue = {
        "result": {"message": "Session created."},
        "session": {"id": "abc123", "expires_at": "2026-02-04T12:30:00Z"},
    }

    asked, learnt = end_of(sign_in(SPACEMOLT_HTTP, "session", PLAYER), reply(200, body))
    assert request(asked[0]).path == "/session"
    assert learnt == SignedIn(kept={"session_id": "abc123"})

    flow = sign_in(SPACEMOLT_HTTP, "player", {**PLAYER, "session_id": "abc123"})
    asked, learnt = end_of(flow, reply(200, {"result": {"player": {}}, "error": None}))
    login = request(asked[0])
    assert (login.url, login.headers["X-Session-Id"]) == (f"{BASE}/login", "abc123")
    assert login.body == {"username": "bob", "password": "secret"}
    assert learnt == SignedIn(kept={})


WORLDS: JsonValue = [
    {"id": "daily_undertaking", "can_access": False, "has_existing_character": False},
    {"id": "pipeworks_web", "can_access": True, "has_existing_character": True},
]
CHARACTERS: JsonValue = {
    "characters": [{"id": 3, "name": "Sildorko Bramurit", "world_id": "pipeworks_web"}]
}


def character_flow(**known: JsonValue) -> Flow:
    return sign_in(PIPEWORKS, "character", {**PLAYER, "session_id": "s-1", **known})


def test_the_only_character_is_selected() -> None:
    asked, learnt = end_of(
        character_flow(worlds=WORLDS),
        reply(200, CHARACTERS),
        reply(200, {"success": True, "message": "Selected.", "character_name": "x"}),
    )

    listing, selecting = map(request, asked)
    assert listing.query == {"session_id": "s-1", "world_id": "pipeworks_web"}
    assert selecting.body == {"character_id": "3", "session_id": "s-1"}
    assert isinstance(learnt, SignedIn)
    assert learnt.kept["character_id"] == "3"


@pytest.mark.parametrize("wanted", ["WANDA", "7", 7])
def test_the_character_that_is_wanted_is_selected_by_name_or_id(wanted: JsonValue) -> None:
    several: JsonValue = {
        "characters": [{"id": 3, "name": "Sildorko"}, {"id": 7, "name": "Wanda"}, {"id": 9}]
    }

    asked, _ = end_of(
        character_flow(character=wanted), reply(200, several), reply(200, {"success": True})
    )

    assert request(asked[1]).body == {"character_id": "7", "session_id": "s-1"}


@pytest.mark.parametrize(
    ("wanted", "body"),
    [
        (None, {"characters": []}),
        (None, {"characters": [{"id": 3, "name": "A"}, {"id": 7, "name": "B"}]}),
        (None, {"characters": None}),
        (None, {}),
        ("Wanda", CHARACTERS),
        ("None", {"characters": [{"id": 3, "name": None}, {"name": "A"}, "odd", None]}),
    ],
)
def test_without_the_one_character_the_player_is_told_what_to_do(
    wanted: JsonValue, body: JsonValue
) -> None:
    asked, learnt = end_of(character_flow(character=wanted), reply(200, body))

    assert len(asked) == 1
    assert isinstance(learnt, Refused)
    assert (learnt.code, learnt.local) == ("nothing_chosen", True)
    assert "pipeworks_list_characters" in learnt.hint


def test_a_choice_that_is_optional_may_choose_nothing() -> None:
    asked, _ = end_of(
        character_flow(worlds=[]), reply(200, CHARACTERS), reply(200, {"success": True})
    )

    assert request(asked[0]).query == {"session_id": "s-1"}


def test_what_a_step_keeps_as_a_list_stays_one() -> None:
    body: JsonValue = {"success": True, "session_id": "s-1", "available_worlds": WORLDS}

    _, learnt = end_of(sign_in(PIPEWORKS, "account", PLAYER), reply(200, body))

    assert learnt == SignedIn(kept={"session_id": "s-1", "worlds": WORLDS})


def test_what_a_step_keeps_is_text() -> None:
    way = toy_way('sign_in = [{ post = "/in", keep = { a = "a", b = "b", c = "c", d = "d" } }]')

    _, learnt = end_of(
        sign_in(way, "player", {}), reply(200, {"a": 5, "b": True, "c": None, "d": {"e": 1}})
    )

    assert learnt == SignedIn(kept={"a": "5", "b": "true", "d": {"e": 1}})


@pytest.mark.parametrize(
    ("value", "lifetime"),
    [
        (3600, 3600),
        ("90.5", 90.5),
        (0, None),
        (-5, None),
        (None, None),
        ("soon", None),
        ("", None),
        ([3600], None),
        (True, None),
        (float("inf"), None),
        (float("nan"), None),
        ("1e999", None),
    ],
)
def test_a_lifetime_that_is_none_is_not_said(value: JsonValue, lifetime: float | None) -> None:
    way = toy_way('sign_in = [{ post = "/in", keep = { lifetime = "expires_in" } }]')

    _, learnt = end_of(sign_in(way, "player", {}), reply(200, {"expires_in": value}))

    assert learnt == SignedIn(kept={}, lifetime=lifetime)


def toy_way(*lines: str, upstream: str = HTTP) -> Way:
    spec = toy(
        '[credentials]\nkey = { label = "API key" }\n[auth.player]',
        *lines,
        command("enter", 'effect = "mutation"'),
        upstream=upstream,
    )
    return Way(spec, next(iter(spec.upstream)), BASE)


# What is cut out of every result may be the very thing that a sign-in is after.
def test_what_nobody_is_to_see_is_kept_all_the_same() -> None:
    way = toy_way('sign_in = [{ post = "/in", keep = { token = "session.key" } }]')
    game = way.spec.game.model_copy(update={"redact": ["key"]})
    way = Way(way.spec.model_copy(update={"game": game}), way.upstream, BASE)

    _, learnt = end_of(sign_in(way, "player", {}), reply(200, {"session": {"key": "secret"}}))

    assert learnt == SignedIn(kept={"token": "secret"})


# -- When it does not work ----------------------------------------------------


# PipeWorks, POST /login with a wrong password.
def test_a_refused_step_ends_the_flow() -> None:
    asked, learnt = end_of(
        sign_in(PIPEWORKS, "account", PLAYER),
        reply(401, {"detail": "Invalid username or password"}),
    )

    assert len(asked) == 1
    assert isinstance(learnt, Refused)
    assert (learnt.code, learnt.wait) == ("wrong_password", None)


@pytest.mark.parametrize(
    "answer",
    [reply(500), reply(503, {"detail": "Starting"}), reply(502, text="Bad Gateway")],
)
def test_a_server_that_is_out_of_order_is_asked_again_later(answer: HttpReply) -> None:
    _, learnt = end_of(sign_in(PIPEWORKS, "account", PLAYER), answer)

    assert isinstance(learnt, Refused)
    assert learnt.wait


# SpaceMolt names no time for these, and says the first of them with status 400.
@pytest.mark.parametrize("code", ["internal_error", "persist_timeout", "rate_limited"])
def test_a_server_that_breaks_or_is_busy_at_a_login_has_refused_nobody(code: str) -> None:
    error: dict[str, JsonValue] = {"code": code, "message": "Later."}
    frame = Frame(data={"type": "error", "payload": error, "request_id": "spac-1"})

    _, by_request = end_of(sign_in(SPACEMOLT_HTTP, "player", PLAYER), reply(400, {"error": error}))
    _, by_socket = end_of(sign_in(SPACEMOLT_SOCKET, "player", PLAYER), frame)

    assert [each.wait for each in (by_request, by_socket) if isinstance(each, Refused)] == [5, 5]


# Games lock accounts: a login that was refused is not tried again by itself.
def test_a_login_that_is_refused_in_plain_text_is_refused() -> None:
    _, learnt = end_of(sign_in(PIPEWORKS, "account", PLAYER), reply(401, text="Unauthorized"))

    assert isinstance(learnt, Refused)
    assert learnt.wait is None


# FastAPI's own words say "Unauthorized" for a wrong password, too: no session can have ended here.
def test_a_login_that_builds_on_nothing_is_refused_whatever_the_game_calls_it() -> None:
    _, learnt = end_of(sign_in(MAID, "player", PLAYER), reply(401, {"detail": "Unauthorized"}))

    assert isinstance(learnt, Refused)
    assert not isinstance(learnt, Lost)
    assert (learnt.code, learnt.message, learnt.wait) == ("login_refused", "Unauthorized", None)
    assert "game-bridge login maid" in learnt.hint


def test_a_choice_within_a_session_that_has_ended_wants_the_session_first() -> None:
    body: JsonValue = {"detail": "Invalid or expired session"}

    _, learnt = end_of(character_flow(), reply(401, body))

    assert isinstance(learnt, Lost)
    assert learnt.message == "Invalid or expired session"


# Else every later call would be made as nobody, and the player be told to log in.
@pytest.mark.parametrize("session_id", [None, "", [], {"id": "s-1"}])
def test_a_login_whose_answer_lacks_the_session_has_not_signed_in(session_id: JsonValue) -> None:
    body: JsonValue = {"success": True, "session_id": session_id, "available_worlds": WORLDS}

    _, learnt = end_of(sign_in(PIPEWORKS, "account", PLAYER), reply(200, body))

    assert isinstance(learnt, Refused)
    assert (learnt.code, learnt.wait) == ("not_signed_in", 5)
    assert "session_id" in learnt.message


def test_a_renewal_whose_answer_lacks_the_token_has_renewed_nothing() -> None:
    flow = renew(MAID, "player", {"refresh_token": "eyJ.2"})
    assert flow is not None

    _, learnt = end_of(flow, reply(200, {"expires_in": 3600}))

    assert isinstance(learnt, Refused)
    assert "access_token" in learnt.message


def test_a_sign_in_that_is_only_accepted_has_not_signed_in() -> None:
    way = toy_way(
        'sign_in = [{ command = "enter" }]', upstream=f"{HTTP}pending = {{ queued = true }}"
    )

    _, learnt = end_of(sign_in(way, "player", {}), reply(200, {"queued": True}))

    assert isinstance(learnt, Refused)
    assert learnt.code == "not_signed_in"


def test_a_missing_credential_names_the_command_that_stores_it() -> None:
    asked, learnt = end_of(sign_in(SPACEMOLT_HTTP, "player", {"username": "bob"}))

    assert asked == []
    assert isinstance(learnt, Refused)
    assert (learnt.code, learnt.local) == ("no_credentials", True)
    assert learnt.message.startswith("There is no Password")
    assert "game-bridge login spacemolt" in learnt.hint
    assert "spacemolt_register" in learnt.hint


def test_a_missing_value_that_is_no_credential_is_named_and_no_account_offered() -> None:
    way = toy_way('sign_in = [{ post = "/in", send = { t = "{token}" }, keep = { token = "t" } }]')

    _, learnt = end_of(sign_in(way, "player", {}))

    assert isinstance(learnt, Refused)
    assert learnt.message == "There is no token for Toy."
    assert learnt.hint == "Ask the player to run: game-bridge login toy"


# -- Over a socket ------------------------------------------------------------


# api.md, "Reconnection Handling": over the WebSocket, login alone signs in.
def test_over_a_socket_only_commands_are_sent() -> None:
    logged_in = Frame(data={"type": "logged_in", "payload": {"player": {}}, "request_id": "spac-1"})

    asked, learnt = end_of(sign_in(SPACEMOLT_SOCKET, "player", PLAYER), logged_in)

    assert asked == [SocketCall(command="login", arguments=PLAYER)]
    assert learnt == SignedIn(kept={})
    assert end_of(sign_in(SPACEMOLT_SOCKET, "session", PLAYER)) == ([], SignedIn(kept={}))


def test_over_a_socket_an_optional_argument_is_left_out_when_it_has_no_value() -> None:
    way = toy_way(
        'sign_in = [{ command = "enter", send = { key = "{key}" }, optional = ["key"] }]',
        upstream=SOCKET,
    )

    asked, _ = end_of(sign_in(way, "player", {}), Frame(data={"type": "ok"}))

    assert asked == [SocketCall(command="enter", arguments={})]


def test_a_frame_that_says_no_ends_the_flow() -> None:
    wrong = Frame(data={"type": "error", "payload": {"code": "auth_failed", "message": "No."}})

    _, learnt = end_of(sign_in(SPACEMOLT_SOCKET, "player", PLAYER), wrong)

    assert isinstance(learnt, Refused)
    assert (learnt.code, learnt.message) == ("auth_failed", "No.")


def test_who_is_signed_in_already_is_signed_in() -> None:
    already = Frame(
        data={"type": "error", "payload": {"code": "already_authenticated", "message": "You are."}}
    )

    _, learnt = end_of(sign_in(SPACEMOLT_SOCKET, "player", PLAYER), already)

    assert learnt == SignedIn(kept={})


def test_an_answer_of_the_wrong_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="answered with a frame"):
        end_of(sign_in(PIPEWORKS, "account", PLAYER), Frame(data={}))
    with pytest.raises(TypeError, match="answered with an HTTP reply"):
        end_of(sign_in(SPACEMOLT_SOCKET, "player", PLAYER), reply(200))


# -- A question before a command -----------------------------------------------

KICK = """
[commands.kick]
toolset = "all"
effect = "write"
description = "Kick."
params.number = { type = "integer" }
ask = { get = "/all", send = { page = "{number}" }, choose = { items = "all", match = ["id"], wanted = "number", keep = { target = "key" }, missing = "None." } }
"""


def ask(answer: HttpReply) -> Mapping[str, JsonValue] | Verdict:
    spec = toy("[auth.player]", KICK)
    way = Way(spec, "http", BASE)
    step = spec.commands["kick"].ask
    assert step is not None
    call = question(way, "player", step, {"number": 7})
    assert (call.path, call.query) == ("/all", {"page": "7"})
    return answered(way, step, answer, {"number": 7})


def test_the_answer_to_a_question_is_kept_for_the_command() -> None:
    assert ask(reply(200, {"all": [{"id": 3, "key": "a"}, {"id": 7, "key": "b"}]})) == {
        "target": "b"
    }


def test_a_question_that_is_refused_refuses_the_command() -> None:
    verdict = ask(reply(403, {"detail": "No."}))

    assert isinstance(verdict, Verdict)
    assert isinstance(verdict.outcome, Refused)
    assert verdict.outcome.message == "No."


def test_a_question_without_the_answer_that_is_needed_refuses_the_command() -> None:
    verdict = ask(reply(200, {"all": []}))

    assert isinstance(verdict, Verdict)
    assert (verdict.outcome, verdict.then) == (
        Refused(code="nothing_chosen", message="None.", local=True),
        "stop",
    )


# -- Secrets and surprises ----------------------------------------------------


def test_nothing_of_a_sign_in_shows_a_secret() -> None:
    asked, learnt = end_of(
        sign_in(MAID, "player", PLAYER), reply(200, {"access_token": "secret", "expires_in": 60})
    )
    over_socket, _ = end_of(sign_in(SPACEMOLT_SOCKET, "player", PLAYER), Frame(data={}))
    _, refused = end_of(sign_in(MAID, "player", {"password": "secret"}))

    assert "secret" not in repr((asked, learnt, over_socket, refused))


@given(
    st.sampled_from([(MAID, "player"), (PIPEWORKS, "account"), (PIPEWORKS, "character")]),
    st.integers(min_value=100, max_value=599),
    st.lists(
        st.one_of(
            json_values(),
            st.dictionaries(
                st.sampled_from(["access_token", "expires_in", "session_id", "characters"]),
                json_values(),
            ),
        ),
        min_size=4,
        max_size=4,
    ),
)
def test_no_answer_however_strange_makes_a_sign_in_fail(
    which: tuple[Way, str], status: int, bodies: list[JsonValue]
) -> None:
    way, auth = which
    known: dict[str, JsonValue] = {**PLAYER, "session_id": "s-1", "worlds": bodies[3]}
    flow = sign_in(way, auth, known)
    outcome: SignedIn | Refused | None = None
    try:
        next(flow)
        for body in bodies[:3]:
            flow.send(reply(status, body))
    except StopIteration as end:
        outcome = end.value

    assert isinstance(outcome, SignedIn | Refused)
