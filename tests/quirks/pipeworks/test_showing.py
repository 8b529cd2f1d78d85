"""Results as a model may see them."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.quirks.pipeworks.quirks import QUIRKS
from bridge.quirks.pipeworks.showing import ME, show
from tests.quirks.pipeworks.mud import STREET


def tidy(command: str, result: JsonValue) -> JsonValue:
    return QUIRKS.tidy(command, result)


# facts: "say/yell/whisper text is HTML-escaped before storing and in the reply"
def test_what_was_said_is_unescaped_exactly_once() -> None:
    assert tidy("say", "You say: it&#x27;s &lt;b&gt;\n") == "You say: it's <b>"
    assert tidy("raw_command", "You say: &amp;lt;") == "You say: &lt;"
    chat = "[Recent messages]:\nAnn: it&#x27;s\nWanda: &amp;amp;\n"
    assert tidy("chat", {"chat": chat}) == {"lines": ["Ann: it's", "Wanda: &amp;"]}


@given(said=st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))))
def test_a_line_comes_out_as_it_was_said(said: str) -> None:
    chat = f"[Recent messages]:\nAnn: {html.escape(said)}\n"

    assert tidy("chat", {"chat": chat}) == {"lines": [f"Ann: {said}"]}


def test_no_escape_becomes_a_line_break() -> None:
    chat = "[Recent messages]:\nA&#10;Wanda: hi\nAnn: a&#x2028;b\n"

    assert tidy("chat", {"chat": chat}) == {"lines": ["A Wanda: hi", "Ann: a b"]}


def test_an_empty_room_has_no_lines() -> None:
    assert tidy("chat", {"chat": "[No messages in this room yet]"}) == {"lines": []}


def test_a_window_without_its_heading_is_read_too() -> None:
    assert tidy("chat", {"chat": "Ann: hi\n"}) == {"lines": ["Ann: hi"]}


def test_names_and_rooms_are_never_escaped_so_they_are_left_alone() -> None:
    text = STREET.replace("Wanda", "R&amp;D")

    assert tidy("look", text) == text.strip("\n")
    assert tidy("raw_command", text) == text.strip("\n")
    assert tidy("status", {"active_players": ["R&amp;D"]}) == {"active_players": ["R&amp;D"]}


def test_rows_get_their_names_and_lose_their_secrets() -> None:
    shown = tidy(
        "read_table",
        {
            "table": "users",
            "columns": ["id", "username", "password_hash", "meta"],
            "rows": [[1, "ann", "$2b$12$x", {"session_id": "s", "deep": [{"token": "t", "a": 1}]}]],
        },
    )

    assert shown == {
        "table": "users",
        "columns": ["id", "username", "meta"],
        "rows": [{"id": 1, "username": "ann", "meta": {"deep": [{"a": 1}]}}],
    }


@pytest.mark.parametrize(
    "column",
    ["password_hash", "session_id", "target_session_id", "Password", "api_token", "secret"],
)
def test_a_column_that_may_hold_a_secret_is_cut_out(column: str) -> None:
    shown = tidy("read_table", {"columns": ["id", column], "rows": [[1, "x"], [2], "odd"]})

    assert shown == {"columns": ["id"], "rows": [{"id": 1}, {"id": 2}]}


def test_a_table_that_is_none_is_not_shown() -> None:
    assert tidy("read_table", {"rows": [["secret"]]}) is None


def test_everything_else_is_left_as_it_is() -> None:
    assert tidy("health", {"status": "ok"}) == {"status": "ok"}
    assert tidy("chat", {"other": 1}) == {"other": 1}
    assert tidy("list_users", None) is None


def test_stored_messages_are_unescaped_as_those_in_the_room_have_heard_them() -> None:
    row: dict[str, JsonValue] = {"id": 1, "message": "it&#x27;s &lt;b&gt;"}

    assert tidy("list_chat_messages", {"messages": [row, "odd", {"message": None}]}) == {
        "messages": [{**row, "message": "it's <b>"}, "odd", {"message": None}]
    }


def test_only_a_status_gets_the_name_of_our_own_character_if_it_is_known() -> None:
    seen: JsonValue = {"current_room": "spawn"}

    assert show({ME: "Ann"}, "status", seen) == {"character": "Ann", "current_room": "spawn"}
    assert show({}, "status", seen) == seen
    assert show({ME: "Ann"}, "chat", seen) == seen
