import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.spec.paths import dig, find_named, matches, matches_any, without, without_keys
from tests.spec.values_of import json_values, texts

REPLY: JsonValue = {
    "session": {"id": "abc", "player": None},
    "orders": [{"price": 5}, {"price": 7, "note": "x"}],
    "0": "a key that looks like an index",
}

paths = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", ".", "..", "*", "*.*", "0", "-1", "1e3", "²", "٣", "9" * 5000, "a.*.b"]),
)


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("session.id", "abc"),
        ("orders.0.price", 5),
        ("orders.1", {"price": 7, "note": "x"}),
        ("0", "a key that looks like an index"),
        ("", REPLY),
    ],
)
def test_a_path_leads_to_what_stands_there(path: str, there: JsonValue) -> None:
    assert dig(REPLY, path) == there


@pytest.mark.parametrize(
    "path",
    [
        *["session.name", "session.player", "session.id.more", "session.", "nothing", "."],
        *["orders.2", "orders.-1", "orders.price", "orders.²", "orders.*.price"],
        pytest.param("orders." + "9" * 5000, id="an index of 5000 digits"),
    ],
)
def test_nothing_stands_at_a_path_that_leads_nowhere(path: str) -> None:
    assert dig(REPLY, path) is None


def test_what_stands_at_a_path_can_be_left_out() -> None:
    assert without(REPLY, "session") == {
        "orders": [{"price": 5}, {"price": 7, "note": "x"}],
        "0": "a key that looks like an index",
    }
    assert without({"a": {"b": 1, "c": 2}}, "a.b") == {"a": {"c": 2}}
    assert without([{"b": 1}, {"b": 2}], "1.b") == [{"b": 1}, {}]
    assert without([1, 2, 3], "1") == [1, 3]
    assert without({"a": [{"b": 1, "c": 2}, 3]}, "a.*.b") == {"a": [{"c": 2}, 3]}
    assert without([[1], [2]], "*") == []
    assert without({"a": 1, "b": 2}, "*") == {}
    assert without("text", "a.b") == "text"


def test_what_is_left_out_is_still_in_the_original() -> None:
    original: JsonValue = {"a": {"password": "secret"}}

    without(original, "a.password")

    assert original == {"a": {"password": "secret"}}


def test_names_are_left_out_however_deep_they_stand() -> None:
    reply: JsonValue = {"key": 1, "a": [{"key": 2, "b": {"key": 3, "c": 4}}], "d": "key"}

    assert without_keys(reply, ["key"]) == {"a": [{"b": {"c": 4}}], "d": "key"}
    assert without_keys(reply, []) is reply


def test_a_name_is_found_however_deep_it_stands_and_however_it_is_written() -> None:
    reply: JsonValue = {"api_key": None, "agents": [7, {"badges": []}, {"apiKey": "abc"}]}

    assert find_named(reply, "api_key") == "abc"
    assert find_named(reply, "claim_url") is None
    assert find_named("api_key", "api_key") is None


def test_a_reply_matches_when_every_path_holds_its_value() -> None:
    assert matches(REPLY, {"session.id": "abc", "orders.0.price": 5})
    assert not matches(REPLY, {"session.id": "abc", "orders.0.price": 6})
    assert not matches(REPLY, {"nothing": "x"})
    assert not matches(REPLY, {})
    assert not matches(None, {"success": False})


def test_nothing_counted_is_not_the_same_as_not() -> None:
    reply: JsonValue = {"deaths": 0, "kills": 1, "success": False, "price": 1.0}

    assert not matches(reply, {"deaths": False})
    assert not matches(reply, {"kills": True})
    assert not matches_any(reply, {"success": 0})
    assert matches(reply, {"deaths": 0, "success": False, "price": 1})


def test_one_path_that_holds_its_value_can_be_enough() -> None:
    assert matches_any(REPLY, {"session.id": "abc", "orders.0.price": 6})
    assert not matches_any(REPLY, {"session.id": "x", "orders.0.price": 6})
    assert not matches_any(REPLY, {})


@given(json_values(), paths, st.lists(texts, max_size=3))
def test_no_path_and_no_value_make_a_walk_fail(
    value: JsonValue, path: str, keys: list[str]
) -> None:
    dig(value, path)
    without(value, path)
    without_keys(value, keys)
    find_named(value, path)
    matches(value, {path: 1})
