import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.spec.loader import load_games, spec_folder
from bridge.spec.model import Command, Param
from bridge.spec.naming import could_be, named, snake_case
from tests.spec.values_of import json_values, texts


def text(*aliases: str, names: str | None = None, optional: bool = False) -> Param:
    return Param(type="string", aliases=list(aliases), names=names, optional=optional)


WHOLE = Param(type="integer")


def meant(params: dict[str, Param], arguments: dict[str, JsonValue]) -> dict[str, str]:
    """Return the names that were understood, with what each means."""
    return dict(named(params, arguments).understood)


def test_names_that_are_right_need_no_understanding() -> None:
    outcome = named({"item": text(), "page": WHOLE}, {"item": "a", "page": None})

    assert (outcome.values, outcome.understood, outcome.strangers) == ({"item": "a"}, {}, [])


@pytest.mark.parametrize(
    ("name", "plain"),
    [("targetPoi", "target_poi"), ("Target POI", "target_poi"), ("__x-Y__", "x_y"), ("日本", "")],
)
def test_a_name_is_written_as_parameters_are(name: str, plain: str) -> None:
    assert snake_case(name) == plain


@pytest.mark.parametrize(
    "name", ["targetPoi", "TARGET_POI", "target poi", "targetpoi", "target_pio", "poi", "poi_id"]
)
def test_another_way_to_write_a_name_is_understood(name: str) -> None:
    params = {"target_poi": text(names="poi", optional=True), "speed": WHOLE}

    assert meant(params, {name: "main_belt"}) == {name: "target_poi"}


@pytest.mark.parametrize(
    ("name", "param"),
    [
        ("amount", "quantity"),
        ("text", "content"),
        ("product", "item_id"),
        ("id", "item_id"),
        ("item", "item_id"),
        ("title", "name"),
    ],
)
def test_a_usual_name_is_understood(name: str, param: str) -> None:
    params = {
        "quantity": WHOLE.model_copy(update={"optional": True}),
        "content": text(optional=True),
        "item_id": text(names="item", optional=True),
        "name": text(optional=True),
    }
    value: JsonValue = 5 if param == "quantity" else "x"

    assert meant(params, {name: value}) == {name: param}


def test_an_alias_wins_over_what_is_usual() -> None:
    params = {"content": text(optional=True), "subject": text("text", optional=True)}

    assert meant(params, {"text": "hi"}) == {"text": "subject"}


@pytest.mark.parametrize("name", ["id", "who"])
def test_a_name_that_could_mean_two_parameters_means_none(name: str) -> None:
    params = {"buyer_id": text("who"), "seller_id": text("who")}

    outcome = named(params, {name: "x"})

    assert (outcome.understood, outcome.strangers) == ({}, [name])


@pytest.mark.parametrize("name", ["", "!!!", "日本", "   "])
def test_a_name_without_letters_means_nothing(name: str) -> None:
    assert meant({"content": text(optional=True)}, {name: "x"}) == {}


def test_the_only_stranger_of_a_type_is_the_only_parameter_missing_of_it() -> None:
    params = {"target": text(), "rounds": WHOLE}

    assert meant(params, {"foe": "bob", "times": 3}) == {"foe": "target", "times": "rounds"}
    assert meant(params, {"foe": "bob", "enemy": "eve"}) == {}
    assert meant({"a": text(), "b": text()}, {"foe": "bob"}) == {}


def test_a_parameter_is_given_once() -> None:
    outcome = named({"item_id": text("item")}, {"item_id": "a", "item": "b", "id": "c"})

    assert outcome.values == {"item_id": "a"}
    assert outcome.strangers == ["item", "id"]


@pytest.mark.parametrize(
    ("value", "fitting"),
    [
        ("text", {"string"}),
        ("5", {"string", "integer", "number"}),
        (5, {"integer", "number"}),
        (2.5, {"integer", "number"}),
        (True, {"boolean"}),
        ([], {"array"}),
        ({}, {"object"}),
    ],
)
def test_a_value_could_be_for_parameters_of_its_type(value: JsonValue, fitting: set[str]) -> None:
    params = [
        *(Param(type=plain) for plain in ("string", "integer", "number", "boolean", "object")),
        Param(type="array", items="string"),
    ]

    assert {param.type for param in params if could_be(value, param)} == fitting


def test_a_text_could_be_for_a_choice_only_if_it_is_one() -> None:
    choice = Param(type="string", enum=["north", "south"])

    assert could_be("North", choice)
    assert not could_be("up", choice)


EVERY_COMMAND = [
    each for spec in load_games(spec_folder()).values() for each in spec.commands.values()
]


@given(st.data(), st.sampled_from(EVERY_COMMAND), st.dictionaries(texts, json_values(), max_size=3))
def test_no_argument_is_lost_and_none_is_taken_twice(
    data: st.DataObject, command: Command, strange: dict[str, JsonValue]
) -> None:
    params = command.params
    known = [*params, *(alias for param in params.values() for alias in param.aliases), "id"]
    arguments = strange | data.draw(st.dictionaries(st.sampled_from(known), json_values()))

    outcome = named(params, arguments)

    given_names = {name for name, value in arguments.items() if value is not None}
    own = {name for name in given_names if name in params}
    assert own | set(outcome.understood) | set(outcome.strangers) == given_names
    assert set(outcome.values) == own | set(outcome.understood.values())
    assert len(outcome.values) == len(own) + len(outcome.understood)
