import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.protocol.render import (
    Way,
    auth_chain,
    can_send,
    credentials_in_use,
    frame,
    http_call,
    kept_secrets,
    needs_account,
    step_call,
)
from bridge.protocol.wire import Frame
from bridge.spec.loader import load_games, spec_folder
from bridge.spec.placeholders import MissingValue, names_in
from tests.spec.toy import HTTP, SOCKET, command, toy

GAMES = load_games(spec_folder())
BASE = "http://localhost:1"


def way(*sections: str, upstream: str = HTTP, base_url: str = BASE) -> Way:
    return Way(toy(*sections, upstream=upstream), "http", base_url)


def game(name: str, upstream: str) -> Way:
    return Way(GAMES[name], upstream, BASE)


# -- Where a parameter travels ------------------------------------------------


@pytest.mark.parametrize(
    ("method", "query", "body"),
    [
        ("POST", {}, {"id": 5, "loud": True}),
        ("PUT", {}, {"id": 5, "loud": True}),
        ("PATCH", {}, {"id": 5, "loud": True}),
        ("GET", {"id": "5", "loud": "true"}, None),
        ("DELETE", {"id": "5", "loud": "true"}, None),
    ],
)
def test_a_parameter_travels_where_the_method_has_it(
    method: str, query: dict[str, str], body: JsonValue
) -> None:
    there = way(
        command(
            "act",
            f'method = "{method}"',
            'params.id = { type = "integer" }',
            'params.loud = { type = "boolean" }',
        )
    )

    call = http_call(there, "act", {"id": 5, "loud": True}, {})

    assert (call.method, call.url) == (method, f"{BASE}/act")
    assert (call.query, call.body) == (query, body)


def test_a_parameter_travels_where_the_spec_says() -> None:
    there = way(
        command(
            "act",
            'params.a = { type = "integer", in = "query" }',
            'params.b = { type = "boolean", in = "header", as = "X-B" }',
            'params.c = { type = "string", as = "cName" }',
            'params.d = { type = "string", in = "nowhere" }',
            'params.e = { type = "array", items = "string", in = "query" }',
        )
    )

    call = http_call(there, "act", {"a": 1, "b": False, "c": "x", "d": "y", "e": ["p", "q"]}, {})

    assert call.query == {"a": "1", "e": '["p", "q"]'}
    assert call.headers == {"X-B": "false"}
    assert call.body == {"cName": "x"}


def test_a_body_may_be_sent_with_a_method_that_usually_has_none() -> None:
    there = way(
        command("act", 'method = "DELETE"', 'params.why = { type = "string", in = "body" }')
    )

    assert http_call(there, "act", {"why": "x"}, {}).body == {"why": "x"}
    assert http_call(there, "act", {}, {}).body is None


def test_what_was_not_given_is_not_sent() -> None:
    there = way(command("act", 'params.note = { type = "string", optional = true }'))

    assert http_call(there, "act", {"note": None}, {}).body == {}


@pytest.mark.parametrize(
    "line",
    [
        'path = "/act/{item}"',
        'query = { id = "{item}" }',
        'body = { id = "{item}" }',
        'body = { lines = [{ text = "take {item}" }] }',
    ],
)
def test_a_parameter_that_a_placeholder_uses_is_not_sent_a_second_time(line: str) -> None:
    there = way(command("act", line, 'params.item = { type = "string" }'))

    call = http_call(there, "act", {"item": "lamp"}, {})

    assert "item" not in call.query
    assert isinstance(call.body, dict)
    assert "item" not in call.body
    assert "lamp" in f"{call.url}{call.query}{call.body}"


def test_a_parameter_that_an_upstream_adds_under_another_name_is_not_sent_a_second_time() -> None:
    there = way(
        command("act", 'params.item = { type = "string" }'),
        '[via.http]\nact = { add = { id = "{item}", kind = "item" } }',
    )

    assert http_call(there, "act", {"item": "lamp"}, {}).body == {"id": "lamp", "kind": "item"}


def test_what_an_upstream_adds_travels_where_the_method_has_it() -> None:
    there = way(command("act"), '[via.http]\nact = { method = "GET", add = { kind = "item" } }')

    call = http_call(there, "act", {}, {})

    assert (call.query, call.body) == ({"kind": "item"}, None)


def test_a_fixed_member_whose_optional_parameter_was_not_given_is_left_out() -> None:
    there = way(
        command(
            "act",
            'body = { type = "POST", note = "{note}", text = "on {note}" }',
            'query = { note = "{note}" }',
            'params.note = { type = "string", optional = true }',
        )
    )

    call = http_call(there, "act", {}, {})

    assert (call.query, call.body) == ({}, {"type": "POST"})


@pytest.mark.parametrize("line", ['body = { note = "{note}" }', 'query = { key = "{key}" }'])
def test_a_fixed_member_that_must_be_there_is_missed(line: str) -> None:
    there = way(
        '[credentials]\nkey = { label = "Key" }',
        command("act", line, 'params.note = { type = "string" }'),
    )

    with pytest.raises(MissingValue):
        http_call(there, "act", {}, {})


# -- The address --------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("town", "town"),
        ("a/b", "a%2Fb"),
        ("../admin", "..%2Fadmin"),
        ("a?b#c&d=e", "a%3Fb%23c%26d%3De"),
        ("%2e%2e", "%252e%252e"),
        ("a\\b", "a%5Cb"),
        ("@evil.example", "%40evil.example"),
        ("ü\n", "%C3%BC%0A"),
        ("{password}", "%7Bpassword%7D"),
        (5, "5"),
        (True, "true"),
    ],
)
def test_a_value_cannot_leave_its_segment_of_the_path(value: JsonValue, segment: str) -> None:
    there = way(command("act", 'path = "/rooms/{id}/look"', 'params.id = { type = "string" }'))

    call = http_call(there, "act", {"id": value}, {"password": "secret"})

    assert call.url == f"{BASE}/rooms/{segment}/look"
    assert call.path == "/rooms/{id}/look"


@pytest.mark.parametrize("value", ["", ".", "..", None])
def test_a_value_that_is_no_segment_is_missed(value: JsonValue) -> None:
    there = way(command("act", 'path = "/rooms/{id}"', 'params.id = { type = "string" }'))

    with pytest.raises(MissingValue):
        http_call(there, "act", {"id": value}, {})


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_text_changes_the_shape_of_an_address(value: str) -> None:
    there = way(command("act", 'path = "/rooms/{id}"', 'params.id = { type = "string" }'))

    if value not in (".", ".."):
        url = http_call(there, "act", {"id": value}, {}).url
        assert url.startswith(f"{BASE}/rooms/")
        assert not set(url.removeprefix(f"{BASE}/rooms/")) & set("/?#@\\: \r\n")


def test_a_command_goes_where_it_says_else_where_its_upstream_says() -> None:
    commands = (
        command("look"),
        command("who", 'path = "/who/all"'),
        command("help", 'path = "/h"'),
    )
    there = way(
        *commands,
        '[via.http]\nhelp = { path = "/{command}/me" }',
        base_url="http://localhost:1/api/",
    )

    assert http_call(there, "look", {}, {}).url == "http://localhost:1/api/look"
    assert http_call(there, "who", {}, {}).url == "http://localhost:1/api/who/all"
    assert http_call(there, "help", {}, {}).url == "http://localhost:1/api/help/me"


# SpaceMolt's help takes a parameter of that name, and HTTP v1 has the command in the path.
def test_a_parameter_called_command_is_sent_beside_the_command_in_the_path() -> None:
    call = http_call(game("spacemolt", "http_v1"), "help", {"command": "travel"}, {})

    assert call.url == f"{BASE}/help"
    assert call.body == {"command": "travel"}


def test_a_call_is_given_the_time_that_it_needs() -> None:
    upstream = f'{HTTP}timeout = 5\nmutation_timeout = 60\nheaders = {{ X-Client = "bridge" }}'
    there = way(
        command("look", 'effect = "query"'),
        "[cooldowns]\nslow = { seconds = 5 }",
        command("mine", 'effect = "mutation"', 'cooldowns = ["slow"]'),
        command("login", "timeout = 7"),
        '[auth.player]\nsign_in = [{ post = "/in" }]',
        upstream=upstream,
    )

    assert http_call(there, "look", {}, {}).timeout == 5
    assert http_call(there, "mine", {}, {}).timeout == 60
    assert http_call(there, "login", {}, {}).timeout == 7
    assert http_call(there, "mine", {}, {}).cooldowns == ("slow",)
    step = step_call(there, "player", there.spec.auth["player"].sign_in[0], {})
    assert step.timeout == 5
    assert step.headers == {"X-Client": "bridge"} == http_call(there, "look", {}, {}).headers


# -- Other spellings ----------------------------------------------------------


# OpenAPI of HTTP v2: travel takes id where the WebSocket takes target_poi.
def test_an_upstream_spells_a_command_its_own_way() -> None:
    call = http_call(game("spacemolt", "http_v2"), "travel", {"target_poi": "main_belt"}, {})

    assert (call.method, call.url) == ("POST", f"{BASE}/spacemolt/travel")
    assert call.body == {"id": "main_belt"}


def test_fixed_members_and_parameters_stand_side_by_side() -> None:
    call = http_call(game("spacemolt", "http_v2"), "faction_deposit_credits", {"amount": 5}, {})

    assert call.body == {"target": "faction", "item_id": "credits", "quantity": 5}


# skill.md, "POST /agents/act (auth)", "Supported intents".
def test_an_intent_is_a_command_with_a_fixed_body() -> None:
    call = http_call(game("moltforsale", "http"), "jail", {"target_handle": "agent2"}, {})

    assert call.body == {"type": "ACTION", "actionType": "JAIL", "targetHandle": "agent2"}


# PipeWorks, POST /command: a line of text.
def test_a_command_may_be_a_line_of_text() -> None:
    call = http_call(
        game("pipeworks", "http"),
        "whisper",
        {"target": "Wanda", "message": "meet {password} me"},
        {"session_id": "s-1", "password": "secret"},
    )

    assert call.body == {"command": "whisper Wanda meet {password} me", "session_id": "s-1"}


def test_an_upstream_carries_only_what_it_can() -> None:
    spec = toy(
        command("look", 'params.at = { type = "string" }', 'params.how = { type = "string" }'),
        command("mine", 'path = "/mine"'),
        command("chat", 'upstreams = ["socket"]'),
        command("rare"),
        command("metrics", 'upstreams = ["apart"]'),
        """
[upstream.listed]
kind = "http"
url = "http://x"
path = "/x"
only_listed = true

[upstream.bare]
kind = "http"
url = "http://x"

[upstream.apart]
kind = "http"
url = "http://x"
path = "/x"
apart = true

[upstream.stream]
kind = "websocket"
url = "ws://x"
dialect = "event_stream"

[via.listed]
look = { path = "/look", cannot = ["at"], cannot_when = { how = ["far"] } }
""",
        upstream=HTTP + SOCKET,
    )

    def who_can(name: str, arguments: dict[str, JsonValue]) -> list[str]:
        return [each for each in spec.upstream if can_send(spec, each, name, arguments)]

    assert who_can("look", {}) == ["http", "socket", "listed"]
    assert who_can("look", {"at": None, "how": "near"}) == ["http", "socket", "listed"]
    assert who_can("look", {"at": "door"}) == ["http", "socket"]
    assert who_can("look", {"how": "far"}) == ["http", "socket"]
    assert who_can("mine", {}) == ["http", "socket", "bare"]
    assert who_can("chat", {}) == ["socket"]
    assert who_can("rare", {}) == ["http", "socket"]
    assert who_can("metrics", {}) == ["apart"]


# -- Who we are ---------------------------------------------------------------


# PipeWorks: the session id travels in the path, the query or the body, and nowhere twice.
@pytest.mark.parametrize(
    ("name", "arguments", "url", "query", "body"),
    [
        ("status", {}, "/status/s-1", {}, None),
        ("list_characters", {}, "/characters", {"session_id": "s-1"}, None),
        ("say", {"message": "hi"}, "/command", {}, {"command": "say hi", "session_id": "s-1"}),
        ("health", {}, "/health", {}, None),
    ],
)
def test_a_session_id_is_shown_as_a_parameter_of_each_command(
    name: str, arguments: dict[str, JsonValue], url: str, query: dict[str, str], body: JsonValue
) -> None:
    call = http_call(game("pipeworks", "http"), name, arguments, {"session_id": "s-1"})

    assert (call.url, call.query, call.body) == (f"{BASE}{url}", query, body)


# MAID: an API key, a bearer and no credential at all, depending on the command.
@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("get_server_stats", {"X-API-Key": "maid_1"}),
        ("list_characters", {"Authorization": "Bearer jwt"}),
        ("health", {}),
    ],
)
def test_a_command_shows_the_credential_it_needs_and_no_other(
    name: str, headers: dict[str, str]
) -> None:
    known: dict[str, JsonValue] = {"api_key": "maid_1", "access_token": "jwt", "password": "p"}

    call = http_call(game("maid", "http"), name, {}, known)

    assert call.headers == headers
    assert "maid_1" not in repr(call)


@pytest.mark.parametrize("known", [{}, {"access_token": None}, {"access_token": ""}])
def test_nothing_is_shown_before_its_value_is_known(known: dict[str, JsonValue]) -> None:
    assert http_call(game("maid", "http"), "list_characters", {}, known).headers == {}


def test_who_we_are_may_be_shown_in_the_query() -> None:
    there = way(
        '[credentials]\nkey = { label = "K" }\n'
        '[auth.stream]\nshow = { query = "api_key", value = "{key}" }',
        command("look"),
    )

    assert http_call(there, "look", {}, {"key": "k&y"}).query == {"api_key": "k&y"}


def test_an_auth_shows_what_comes_before_it_as_well() -> None:
    spec = GAMES["spacemolt"]

    assert [name for name, _ in auth_chain(spec, "player")] == ["session", "player"]
    assert auth_chain(spec, None) == []
    assert auth_chain(spec, "nobody") == []
    call = http_call(game("spacemolt", "http_v1"), "get_status", {}, {"session_id": "s-1"})
    assert call.headers["X-Session-Id"] == "s-1"


def test_a_step_is_sent_with_what_is_known_so_far() -> None:
    there = game("pipeworks", "http")
    account, character = there.spec.auth["account"], there.spec.auth["character"]
    known: dict[str, JsonValue] = {
        "username": "guest_00421",
        "password": "secret",
        "world": "pipeworks_web",
        "session_id": "s-1",
        "character_id": "42",
    }

    login = step_call(there, "account", account.sign_in[0], {**known, "session_id": None})
    assert (login.method, login.url) == ("POST", f"{BASE}/login")
    assert login.body == {"username": "guest_00421", "password": "secret"}
    assert "secret" not in repr(login)

    list_step = next(step for step in character.sign_in if step.get == "/characters")
    listing = step_call(there, "character", list_step, known)
    assert (listing.method, listing.path) == ("GET", "/characters")
    assert listing.query["session_id"] == "s-1"
    assert listing.query["world_id"] == "pipeworks_web"


def test_an_optional_member_of_a_step_is_left_out_when_it_has_no_value() -> None:
    there = way(
        '[credentials]\nworld = { label = "W" }\nname = { label = "N" }\n'
        "[auth.player]\n"
        'sign_in = [{ post = "/in", send = { w = "{world}", n = "{name}" }, optional = ["w"] }]'
    )
    step = there.spec.auth["player"].sign_in[0]

    assert step_call(there, "player", step, {"name": "bob"}).body == {"n": "bob"}
    assert step_call(there, "player", step, {"name": "b", "world": "x"}).body == {
        "n": "b",
        "w": "x",
    }
    with pytest.raises(MissingValue, match="name"):
        step_call(there, "player", step, {"world": "x"})


def test_some_commands_need_an_account_and_some_do_not() -> None:
    spacemolt, maid, pipeworks = GAMES["spacemolt"], GAMES["maid"], GAMES["pipeworks"]

    assert needs_account(spacemolt, spacemolt.commands["get_status"])
    assert not needs_account(spacemolt, spacemolt.commands["register"])
    assert needs_account(maid, maid.commands["list_rooms"])
    assert not needs_account(maid, maid.commands["health"])
    assert needs_account(pipeworks, pipeworks.commands["say"])


def test_credentials_in_use_are_those_that_some_auth_sends_or_chooses_by() -> None:
    assert credentials_in_use(GAMES["moltforsale"]) == {"api_key"}
    assert {"username", "password", "character"} <= credentials_in_use(GAMES["pipeworks"])
    assert "created_api_key" not in credentials_in_use(GAMES["maid"])


def test_session_ids_and_tokens_are_secrets_too() -> None:
    assert {"access_token", "refresh_token"} <= kept_secrets(GAMES["maid"])
    assert "session_id" in kept_secrets(GAMES["spacemolt"])
    assert "username" not in kept_secrets(GAMES["spacemolt"])


# -- Frames -------------------------------------------------------------------


# api.md, "Request Correlation (request_id)".
def test_a_frame_is_a_type_a_payload_and_an_id() -> None:
    spec = GAMES["spacemolt"]

    assert frame(spec, "travel", {"target_poi": "main_belt"}, "request_id", "r-123") == Frame(
        data={"type": "travel", "payload": {"target_poi": "main_belt"}, "request_id": "r-123"}
    )
    assert frame(spec, "get_status", {}, "request_id", "r-1") == Frame(
        data={"type": "get_status", "request_id": "r-1"}
    )


def test_a_frame_holds_each_parameter_once_under_its_name_on_the_wire() -> None:
    spec = toy(
        command(
            "act",
            'body = { kind = "{kind}", note = "{note}", fixed = 1 }',
            'params.kind = { type = "string" }',
            'params.note = { type = "string", optional = true }',
            'params.target = { type = "string", as = "targetHandle" }',
            'params.hidden = { type = "string", in = "nowhere" }',
        ),
        upstream=SOCKET,
    )
    arguments: dict[str, JsonValue] = {"kind": "a", "target": "b", "hidden": "c", "note": None}

    assert frame(spec, "act", arguments, "id", "r-1").data == {
        "type": "act",
        "payload": {"kind": "a", "fixed": 1, "targetHandle": "b"},
        "id": "r-1",
    }


def test_a_socket_is_no_way_for_requests() -> None:
    with pytest.raises(TypeError, match="websocket is not an HTTP upstream"):
        http_call(game("spacemolt", "websocket"), "get_status", {}, {})


@pytest.mark.parametrize("name", GAMES)
def test_every_command_of_every_game_can_be_put_into_some_request(name: str) -> None:
    spec = GAMES[name]
    templates = [
        each.model_dump(include={"path", "body", "query"}) for each in spec.commands.values()
    ]
    known: dict[str, JsonValue] = dict.fromkeys(names_in(list[JsonValue](templates)), "x")
    for each, wanted in spec.commands.items():
        arguments: dict[str, JsonValue] = {
            param: (declared.enum or ["x"])[0] for param, declared in wanted.params.items()
        }
        for upstream in spec.upstream:
            if can_send(spec, upstream, each, {}) and spec.upstream[upstream].kind == "http":
                call = http_call(Way(spec, upstream, BASE), each, arguments, known)
                assert "{" not in call.url
                assert "{" not in "".join(call.query.values())
