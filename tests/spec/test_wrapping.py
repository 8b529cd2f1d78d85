import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.spec.params import Checked, Misfit, check_arguments
from bridge.spec.wrapping import says_nothing, unwrapped
from tests.spec.toy import command, toy
from tests.spec.values_of import json_values, texts

FLY = """
params.target = { type = "string", names = "poi" }
params.speed = { type = "integer", optional = true }
params.mode = { type = "string", enum = ["slow", "fast"], optional = true }
params.note = { type = "string", optional = true }
"""
SPEC = toy(
    command("fly", FLY, 'effect = "mutation"'),
    command("crash", FLY, 'effect = "irreversible"'),
    command("say", 'params.text = { type = "string", aliases = ["body"] }'),
    command("edit", 'params.text = { type = "string", optional = true }'),
    command("ask", 'params.words = { type = "string", optional = true }', 'effect = "query"'),
    command("store", 'params.data = { type = "object" }', 'params.key = { type = "string" }'),
    command("look"),
)
SUN: JsonValue = {"target": "sun", "speed": 2}


def checked(name: str, arguments: dict[str, JsonValue]) -> Checked:
    outcome = check_arguments(SPEC, f"toy_{name}", SPEC.commands[name], arguments)
    assert isinstance(outcome, Checked), outcome
    return outcome


@pytest.mark.parametrize("around", ["params", "arguments", "input", "fly"])
@pytest.mark.parametrize("value", [SUN, [SUN], json.dumps(SUN), json.dumps([SUN])])
def test_arguments_are_taken_out_of_the_only_one(around: str, value: JsonValue) -> None:
    outcome = checked("fly", {around: value})

    assert outcome.values == SUN
    assert outcome.notes == (f'"{around}" was taken for the arguments.',)


@pytest.mark.parametrize("value", [{}, "{}", [{}]])
def test_no_arguments_can_be_inside_of_something_too(value: JsonValue) -> None:
    assert checked("look", {"arguments": value}).values == {}


def test_what_is_inside_is_mended_too() -> None:
    outcome = checked("fly", {"input": {"poi_id": "sun", "speed": "2"}})

    assert outcome.values == SUN
    assert len(outcome.notes) == 3


def test_another_name_for_a_text_may_stand_around_arguments() -> None:
    assert checked("say", {"body": {"text": "Hello."}}).values == {"text": "Hello."}
    assert checked("say", {"body": "Hello."}).values == {"text": "Hello."}


@pytest.mark.parametrize(
    "arguments",
    [
        {"params": {"target": "sun"}, "speed": 2},
        {"params": {"target": "sun", "colour": "red"}},
        {"params": {"speed": 2}},
        {"params": [SUN, SUN]},
        {"params": {}},
        {"params": "{"},
        {"params": "[" * 9_000},
        {"target": {"target": "sun"}},
        {},
    ],
)
def test_what_is_not_exactly_the_arguments_is_not_taken_for_them(
    arguments: dict[str, JsonValue],
) -> None:
    assert unwrapped(SPEC.commands["fly"].params, arguments) is arguments


def test_an_object_that_the_command_takes_is_left_where_it_is() -> None:
    params = SPEC.commands["store"].params
    arguments: dict[str, JsonValue] = {"Data": {"data": {}, "key": "a"}}

    assert unwrapped(params, arguments) is arguments


def test_nothing_that_cannot_be_undone_is_taken_out_of_anything() -> None:
    crash = SPEC.commands["crash"]

    outcome = check_arguments(SPEC, "toy_crash", crash, {"params": SUN})

    assert isinstance(outcome, Misfit)
    assert outcome.example == f"toy_crash {json.dumps(SUN)}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("speed", said) for said in ("", " ", "null", "None", "undefined")),
        *(("mode", said) for said in ("", "null", "None")),
        ("note", ""),
    ],
)
def test_an_optional_argument_that_says_nothing_is_left_out_and_said(name: str, value: str) -> None:
    outcome = checked("fly", {"target": "sun", name: value})

    assert outcome.values == {"target": "sun"}
    assert outcome.notes == (f"{name} {json.dumps(value)} was left out.",)


@pytest.mark.parametrize(
    ("command_name", "name", "value"),
    [
        ("fly", "target", ""),
        ("fly", "note", "none"),
        ("fly", "speed", 0),
        ("edit", "text", ""),
        ("ask", "words", "null"),
    ],
)
def test_what_is_needed_or_may_be_meant_is_not_nothing(
    command_name: str, name: str, value: JsonValue
) -> None:
    assert not says_nothing(SPEC.commands[command_name], name, value)


def test_an_empty_word_to_look_for_is_none() -> None:
    assert checked("ask", {"words": ""}).values == {}


@given(st.dictionaries(texts, json_values(), max_size=2), st.sampled_from(list(SPEC.commands)))
def test_whatever_is_given_is_fitted_or_refused(arguments: dict[str, JsonValue], name: str) -> None:
    outcome = check_arguments(SPEC, f"toy_{name}", SPEC.commands[name], arguments)

    assert isinstance(outcome, Checked | Misfit)
