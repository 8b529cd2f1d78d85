from collections.abc import Mapping

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.spec.loader import load_games, spec_folder
from bridge.spec.model import Command, GameSpec
from bridge.spec.params import (
    Checked,
    Misfit,
    check_arguments,
    input_schema,
    signature,
)
from tests.spec.toy import command, toy
from tests.spec.values_of import json_values, texts

SHOP = toy(
    """
[records.order]
item_id = { type = "string", description = "Item id, such as iron_ore." }
quantity = { type = "integer", minimum = 1 }
deliver_to = { type = "string", enum = ["cargo", "storage"], optional = true }
parts = { type = "array", items = "part", optional = true }

[records.part]
name = { type = "string", maxLength = 5 }
""",
    command(
        "buy",
        'params.item_id = { type = "string", description = "What to buy.", aliases = ["item"] }',
        'params.quantity = { type = "integer", minimum = 1, maximum = 50 }',
        'params.note = { type = "string", optional = true, minLength = 2, pattern = "^[^\\\\n]+$" }',
        'params.empire = { type = "string", enum = ["crimson", "nebula"], optional = true }',
    ),
    command(
        "trade",
        'params.orders = { type = "array", items = "order", maxItems = 2, minItems = 1 }',
        'params.first = { type = "object", record = "order", optional = true }',
        'params.rights = { type = "object", values = "boolean", optional = true }',
        'params.extra = { type = "object", optional = true }',
        'params.price = { type = "number", maximum = 1.5, optional = true }',
        'params.ids = { type = "array", items = "integer", optional = true }',
        'params.quietly = { type = "boolean", optional = true }',
    ),
    command("resign", 'effect = "irreversible"', 'params.reason = { type = "string" }'),
    command(
        "send",
        'params.sender_id = { type = "string", aliases = ["who"] }',
        'params.receiver_id = { type = "string", aliases = ["who"] }',
        'params.sector_a = { type = "string" }',
        'params.sector_b = { type = "string" }',
    ),
    command("look"),
    command("wait", 'params.rounds = { type = "integer", minimum = 0.5 }'),
    command("pay", 'params.output_cost = { type = "number", optional = true }'),
    command("switch", 'params.on = { type = "boolean" }'),
)


def check(name: str, arguments: Mapping[str, JsonValue]) -> Checked | Misfit:
    return check_arguments(SHOP, f"toy_{name}", SHOP.commands[name], arguments)


def checked(name: str, arguments: Mapping[str, JsonValue]) -> Checked:
    outcome = check(name, arguments)
    assert isinstance(outcome, Checked), outcome
    return outcome


def misfit(name: str, arguments: Mapping[str, JsonValue]) -> Misfit:
    outcome = check(name, arguments)
    assert isinstance(outcome, Misfit), outcome
    return outcome


# -- Right as they are --------------------------------------------------------


def test_right_arguments_pass_without_a_note() -> None:
    arguments: dict[str, JsonValue] = {"item_id": "iron_ore", "quantity": 5}

    assert checked("buy", arguments) == Checked(values=arguments)
    assert checked("look", {}) == Checked(values={})


def test_null_stands_for_absent() -> None:
    outcome = checked("buy", {"item_id": "iron_ore", "quantity": 5, "note": None, "page": None})

    assert outcome == Checked(values={"item_id": "iron_ore", "quantity": 5})
    assert misfit("buy", {"item_id": None, "quantity": 5}).problems == (
        "item_id is missing (What to buy).",
    )


def test_null_under_the_right_name_does_not_hide_the_value_under_another() -> None:
    outcome = checked("buy", {"item_id": None, "item": "iron_ore", "quantity": 5})

    assert outcome.values["item_id"] == "iron_ore"


# -- Mended -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["item", "itemId", "ITEM_ID", "Item", "item-id", "id"])
def test_another_name_for_a_parameter_is_mended_and_said(name: str) -> None:
    outcome = checked("buy", {name: "iron_ore", "quantity": 5})

    assert outcome.values == {"item_id": "iron_ore", "quantity": 5}
    assert outcome.notes == (f'"{name}" was read as item_id.',)


def test_the_only_stranger_is_the_only_thing_missing_if_it_could_be() -> None:
    assert checked("buy", {"item_id": "iron_ore", "amount": 5}).values["quantity"] == 5
    assert checked("switch", {"active": True}).values == {"on": True}
    assert checked("trade", {"lines": [{"item_id": "a", "quantity": 1}]}).values["orders"]


@pytest.mark.parametrize("value", ["five", True, [5], {"quantity": 5}])
def test_a_stranger_of_another_type_is_not_what_is_missing(value: JsonValue) -> None:
    problems = misfit("buy", {"item_id": "iron_ore", "amount": value}).problems

    assert problems == (
        'There is no argument "amount"; it takes: item_id, quantity, note, empire.',
        "quantity is missing (integer).",
    )


def test_an_object_is_not_taken_for_a_missing_text() -> None:
    assert isinstance(check("buy", {"quantity": 1, "thing": {"id": "iron_ore"}}), Misfit)


def test_two_strangers_of_a_type_are_not_guessed() -> None:
    problems = misfit("buy", {"thing": "iron_ore", "colour": "red", "quantity": 5}).problems

    assert len(problems) == 3


def test_two_strangers_of_two_types_are_what_is_missing_of_each() -> None:
    outcome = checked("buy", {"thing": "iron_ore", "figure": 5})

    assert outcome.values == {"item_id": "iron_ore", "quantity": 5}


@pytest.mark.parametrize("name", ["qty", "amount", "count", "how_many"])
def test_a_name_that_is_usual_for_such_a_parameter_is_understood(name: str) -> None:
    outcome = checked("buy", {"item_id": "a", name: "5", "note": "for Ann"})

    assert outcome.values["quantity"] == 5


def test_a_slip_of_the_pen_in_a_name_is_mended() -> None:
    assert checked("buy", {"item_id": "a", "quantity": 1, "empires": "nebula"}).values["empire"]


def test_a_name_that_begins_otherwise_is_another_name() -> None:
    assert misfit("pay", {"input_cost": 5}).problems == (
        "There is no argument \"input_cost\"; did you mean 'output_cost'?",
    )


@pytest.mark.parametrize("name", ["who", "id", "sector_c"])
def test_a_name_that_could_mean_two_parameters_is_not_mended(name: str) -> None:
    problems = misfit("send", {name: "x"}).problems

    assert any(f'There is no argument "{name}"' in problem for problem in problems)


def test_a_second_name_for_what_is_given_is_a_stranger() -> None:
    problems = misfit("buy", {"item_id": "a", "item": "b", "quantity": 1}).problems

    assert problems == ("There is no argument \"item\"; did you mean 'item_id'?",)


def test_what_is_mended_inside_a_value_is_said_as_well() -> None:
    outcome = checked("buy", {"item": "iron_ore", "quantity": "5", "empire": "Crimson"})

    assert outcome.values == {"item_id": "iron_ore", "quantity": 5, "empire": "crimson"}
    assert len(outcome.notes) == 3


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_part_of_a_path_cannot_lead_elsewhere(value: str) -> None:
    spec = toy(command("room", 'path = "/rooms/{room_id}"', 'params.room_id = { type = "string" }'))

    outcome = check_arguments(spec, "toy_room", spec.commands["room"], {"room_id": value})

    assert isinstance(outcome, Misfit)
    assert outcome.problems[0].startswith("room_id cannot be")


def test_what_cannot_be_undone_is_never_mended() -> None:
    outcome = misfit("resign", {"why": "tired"})

    assert outcome.problems == (
        '"why" was read as reason.',
        "It cannot be undone, so call it exactly.",
    )
    assert outcome.example == 'toy_resign {"reason": "tired"}'
    assert checked("resign", {"reason": "tired"}).values == {"reason": "tired"}


# -- Refused ------------------------------------------------------------------


def test_a_refusal_names_every_problem_and_the_call_that_would_be_right() -> None:
    outcome = misfit("buy", {"quantity": 0, "empire": "klingon", "page": 2})

    assert outcome.problems == (
        'There is no argument "page"; it takes: item_id, quantity, note, empire.',
        "quantity must be at least 1, not 0.",
        'empire cannot be "klingon"; it is one of: crimson, nebula.',
        "item_id is missing (What to buy).",
    )
    assert outcome.example == (
        'toy_buy {"item_id": "...", "quantity": 1, "empire": "crimson|nebula"}'
    )


def test_the_example_suggests_the_nearest_choice() -> None:
    outcome = misfit("buy", {"item_id": "a", "quantity": 1, "empire": "ebula"})

    assert outcome.example == 'toy_buy {"item_id": "a", "quantity": 1, "empire": "nebula"}'


def test_the_example_shows_what_each_type_looks_like() -> None:
    assert misfit("trade", {}).example == 'toy_trade {"orders": []}'
    assert misfit("wait", {}).example == 'toy_wait {"rounds": 1}'
    assert misfit("switch", {}).example == 'toy_switch {"on": true}'
    assert 'toy_act {"how": "fast|slow", "what": {}}' in example_of(
        'params.how = { type = "string", enum = ["fast", "slow"] }',
        'params.what = { type = "object" }',
    )


def example_of(*params: str) -> str:
    spec = toy(command("act", *params))
    outcome = check_arguments(spec, "toy_act", spec.commands["act"], {})
    assert isinstance(outcome, Misfit)
    return outcome.example


def test_what_is_missing_is_described() -> None:
    spec = toy(command("act", 'params.how = { type = "string", enum = ["fast", "slow"] }'))

    outcome = check_arguments(spec, "toy_act", spec.commands["act"], {})

    assert isinstance(outcome, Misfit)
    assert outcome.problems == ("how is missing (one of fast, slow).",)


def test_a_command_without_parameters_says_so() -> None:
    assert misfit("look", {"at": "door"}).problems == (
        'There is no argument "at"; it takes: none.',
    )


def test_a_message_repeats_no_more_of_a_name_than_of_a_value() -> None:
    outcome = misfit("buy", {"x" * 100_000: 1, "\ud800": 2})

    assert max(len(problem) for problem in outcome.problems) < 200
    assert all(problem.encode() for problem in outcome.problems)


# -- Signatures ---------------------------------------------------------------


def test_a_signature_reads_like_a_call() -> None:
    assert signature(SHOP.commands["buy"].params) == (
        "item_id, quantity: integer, note?, empire?: crimson|nebula"
    )
    assert signature(SHOP.commands["trade"].params) == (
        "orders: array of order, first?: object, rights?: object, extra?: object, "
        "price?: number, ids?: array of integer, quietly?: boolean"
    )


# -- Schemas ------------------------------------------------------------------


def test_a_schema_is_one_flat_object_with_its_bounds() -> None:
    assert input_schema(SHOP, SHOP.commands["buy"]) == {
        "type": "object",
        "properties": {
            "item_id": {"type": "string", "description": "What to buy."},
            "quantity": {"type": "integer", "maximum": 50},
            "note": {"type": "string", "minLength": 2, "pattern": "^[^\\n]+$"},
            "empire": {"type": "string", "enum": ["crimson", "nebula"]},
        },
        "required": ["item_id", "quantity"],
        "additionalProperties": False,
    }
    assert input_schema(SHOP, SHOP.commands["look"]) == {
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    }


def test_records_are_written_out_where_they_are_used() -> None:
    schema = input_schema(SHOP, SHOP.commands["trade"])

    order = {
        "type": "object",
        "properties": {
            "item_id": {"type": "string", "description": "Item id, such as iron_ore."},
            "quantity": {"type": "integer"},
            "deliver_to": {"type": "string", "enum": ["cargo", "storage"]},
            "parts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"name": {"type": "string", "maxLength": 5}},
                    "required": ["name"],
                },
            },
        },
        "required": ["item_id", "quantity"],
    }
    assert schema["properties"] == {
        "orders": {"type": "array", "items": order, "minItems": 1, "maxItems": 2},
        "first": order,
        "rights": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "extra": {"type": "object"},
        "price": {"type": "number", "maximum": 1.5},
        "ids": {"type": "array", "items": {"type": "integer"}},
        "quietly": {"type": "boolean"},
    }


def test_what_goes_without_saying_in_a_schema_is_checked_all_the_same() -> None:
    stranger = check("trade", {"orders": [{"item_id": "ore", "quantity": 1, "colour": "red"}]})
    nothing = check("trade", {"orders": [{"item_id": "ore", "quantity": 0}]})

    assert isinstance(stranger, Misfit)
    assert "colour" in stranger.problems[0]
    assert isinstance(nothing, Misfit)
    assert "must be at least 1" in nothing.problems[0]


# -- Whatever is given --------------------------------------------------------

EVERY_COMMAND = [
    (spec, name) for spec in (SHOP, *load_games(spec_folder()).values()) for name in spec.commands
]


def likely_arguments(command: Command) -> st.SearchStrategy[dict[str, JsonValue]]:
    """Return arguments under names that exist, that nearly exist, and that do not."""
    known = [*command.params, *(a for param in command.params.values() for a in param.aliases)]
    choices = [choice for param in command.params.values() for choice in param.enum]
    values = st.one_of(json_values(), st.sampled_from([*choices, "a", "5"]), st.just(1))
    names = st.one_of(st.sampled_from([*known, "id", "name"]), texts)
    return st.dictionaries(names, values, max_size=6)


@given(st.data(), st.sampled_from(EVERY_COMMAND))
def test_any_json_is_fitted_to_the_schema_or_refused(
    data: st.DataObject, which: tuple[GameSpec, str]
) -> None:
    spec, name = which
    wanted = spec.commands[name]

    outcome = check_arguments(spec, name, wanted, data.draw(likely_arguments(wanted)))

    if isinstance(outcome, Checked):
        jsonschema.validate(dict(outcome.values), input_schema(spec, wanted))
    else:
        assert outcome.problems
        assert "".join([*outcome.problems, outcome.example]).encode()


@given(st.data(), st.sampled_from(["buy", "trade"]))
def test_what_a_model_gets_nearly_right_is_fitted_to_the_schema_or_refused(
    data: st.DataObject, name: str
) -> None:
    order = st.fixed_dictionaries(
        {"item_id": json_values(), "quantity": st.one_of(st.integers(), st.just("2"))},
        optional={"deliver_to": st.sampled_from(["Cargo", "hold"]), "parts": json_values()},
    )
    drawn: dict[str, st.SearchStrategy[JsonValue]] = {
        "orders": st.one_of(order, st.lists(order, max_size=3)),
        "rights": st.dictionaries(texts, st.sampled_from(["yes", "no", True, None, "?"])),
        "price": json_values(),
        "ids": json_values(),
        "item": texts,
        "quantity": st.sampled_from([3, "3", 51]),
        "note": texts,
    }
    fitting = {"buy": ["item", "quantity", "note"], "trade": ["orders", "rights", "price", "ids"]}

    outcome = check(name, {each: data.draw(drawn[each]) for each in fitting[name]})

    if isinstance(outcome, Checked):
        jsonschema.validate(dict(outcome.values), input_schema(SHOP, SHOP.commands[name]))


@pytest.mark.parametrize("game", load_games(spec_folder()).values(), ids=lambda game: game.game.id)
def test_every_schema_of_every_game_is_valid_and_without_references(game: GameSpec) -> None:
    for wanted in game.commands.values():
        schema = input_schema(game, wanted)

        jsonschema.Draft202012Validator.check_schema(schema)
        assert "$ref" not in str(schema)
