import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.spec.placeholders import MissingValue, as_text, fill, fill_json, has_values, names_in
from tests.spec.values_of import plain_json


def test_names_are_found_however_deep_they_stand() -> None:
    template: JsonValue = {"a": "{one}/{two}", "b": ["{three}", {"c": "{one}"}, 4], "{four}": 5}

    assert list(names_in(template)) == ["one", "two", "three", "one"]


@pytest.mark.parametrize("text", ["{}", "{A}", "{1a}", "{a b}", "{{}}", "{a-b}", "{", "}{"])
def test_other_braces_are_no_placeholders(text: str) -> None:
    assert list(names_in(text)) == []
    assert fill(text, {}) == text


def test_a_template_is_filled_with_values_as_text() -> None:
    values: dict[str, JsonValue] = {"who": "bob", "times": 3, "loud": True, "far": False}

    assert fill("{who}: {times} {loud} {far} {who}", values) == "bob: 3 true false bob"


def test_what_is_filled_in_is_not_filled_again() -> None:
    values: dict[str, JsonValue] = {"message": "my {password}", "password": "secret"}

    assert fill("say {message}", values) == "say my {password}"
    assert fill_json({"a": "{message}"}, values) == {"a": "my {password}"}


def test_a_string_that_is_one_placeholder_becomes_the_value_itself() -> None:
    orders: JsonValue = [{"item": "iron_ore"}]
    values: dict[str, JsonValue] = {"orders": orders, "id": 5}

    assert fill_json({"lines": "{orders}", "text": "id {id}", "n": 1, "l": ["{id}"]}, values) == {
        "lines": orders,
        "text": "id 5",
        "n": 1,
        "l": [5],
    }


def test_a_placeholder_and_a_line_break_are_not_one_placeholder() -> None:
    assert fill_json("{id}\n", {"id": 5}) == "5\n"


@pytest.mark.parametrize("values", [{}, {"id": None}])
def test_a_placeholder_without_a_value_is_named_and_nothing_else(
    values: dict[str, JsonValue],
) -> None:
    for template in ("{id}", "a {id}"):
        with pytest.raises(MissingValue) as missing:
            fill_json({"a": template}, {**values, "password": "secret"})

        assert missing.value.name == "id"
        assert str(missing.value) == "there is no value for {id}"


def test_a_template_has_values_when_each_placeholder_has_one() -> None:
    assert has_values("{a}/{b}", {"a": 0, "b": ""})
    assert not has_values("{a}/{b}", {"a": 0, "b": None})
    assert has_values("constant", {})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "a b"),
        (5, "5"),
        (2.5, "2.5"),
        (True, "true"),
        (False, "false"),
        (["a", "é"], '["a", "é"]'),
        ({"a": None}, '{"a": null}'),
    ],
)
def test_a_value_stands_in_text_as_json_would_write_it(value: JsonValue, text: str) -> None:
    assert as_text(value) == text


@given(st.one_of(st.text(), plain_json()))
def test_any_value_is_filled_in_as_it_is_or_as_its_text(value: JsonValue) -> None:
    if value is None:
        return
    assert fill_json(["{a}", "<{a}>"], {"a": value}) == [value, f"<{as_text(value)}>"]
