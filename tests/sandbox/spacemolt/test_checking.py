import json
from collections.abc import Iterator

import pytest

from bridge.sandbox.spacemolt.checking import check
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.table import Command, Param, commands

WRONG = {"string": 7, "integer": "7", "boolean": "yes", "array": {}, "object": []}


def refused(command: Command, payload: JsonObject, code: str = "invalid_payload") -> str:
    with pytest.raises(GameError) as caught:
        check(command, payload)
    assert caught.value.code == code
    return caught.value.message


def every_param() -> Iterator[tuple[Command, Param]]:
    for command in commands().values():
        for param in command.params:
            yield command, param


def valid(command: Command) -> JsonObject:
    return dict(command.example().get("payload", {}))


def test_each_missing_parameter_is_named() -> None:
    for command, param in every_param():
        if param.required:
            payload = {k: v for k, v in valid(command).items() if k != param.name}

            assert f"'{param.name}'" in refused(command, payload)


def test_each_wrong_type_is_refused() -> None:
    for command, param in every_param():
        wrong = valid(command) | {param.name: WRONG[param.type]}
        message = refused(command, wrong, param.code)

        assert message.startswith(param.name)


def test_each_value_outside_an_enum_is_refused_with_the_choices() -> None:
    for command, param in every_param():
        if param.enum:
            message = refused(command, valid(command) | {param.name: "Nonsense"}, param.code)

            assert param.enum[0] in message


def test_each_bound_is_kept() -> None:
    for command, param in every_param():
        if param.least is not None:
            refused(command, valid(command) | {param.name: param.least - 1})
        if param.most is not None:
            refused(command, valid(command) | {param.name: param.most + 1})
        if param.longest is not None:
            long = valid(command) | {param.name: "x" * (param.longest + 1)}
            refused(command, long, param.code)


def test_an_unknown_parameter_is_refused_with_an_example() -> None:
    for command in commands().values():
        assert "[surprise]" in refused(command, valid(command) | {"surprise": 1})


def test_the_example_of_a_refusal_is_json() -> None:
    message = refused(commands()["travel"], {"system_id": "sirius"})

    assert json.loads(message.partition("Example: ")[2]) == {"target_poi": "target_poi"}


# api.md, "Common Error Codes": invalid_username is no invalid_payload.
def test_a_registration_says_which_part_of_it_is_wrong() -> None:
    register = commands()["register"]

    refused(register, valid(register) | {"username": "ab"}, "invalid_username")
    refused(register, valid(register) | {"empire": "Crimson"}, "invalid_empire")


def test_null_counts_as_not_sent() -> None:
    arguments = check(commands()["get_map"], {"system_id": None})

    assert "system_id" not in arguments


def test_true_is_no_integer() -> None:
    refused(commands()["buy"], {"item_id": "iron_ore", "quantity": True})


def test_records_in_lists_are_checked_too() -> None:
    order = {"item_id": "iron_ore", "quantity": 1, "price_each": 0}

    message = refused(commands()["create_buy_order"], {"orders": [order]})

    assert message == "orders[0].price_each must be at least 1"


def test_a_record_may_not_have_fields_nobody_knows() -> None:
    offer = {"target_id": "Bob", "offer_items": [{"item": "iron_ore"}]}

    assert "[item]" in refused(commands()["trade_offer"], offer)


def test_objectives_of_missions_may_have_more_fields() -> None:
    check(
        commands()["faction_post_mission"],
        {
            "title": "T",
            "description": "D",
            "type": "delivery",
            "rewards": {"credits": 1},
            "objectives": [{"type": "x", "description": "y", "target_base_id": "z"}],
        },
    )


def test_a_value_of_a_map_has_the_type_of_the_map() -> None:
    role = {"name": "Scout", "priority": 20, "permissions": {"invite": "yes"}}

    refused(commands()["faction_create_role"], role)


def test_a_colour_has_six_digits_and_a_date_three_parts() -> None:
    refused(commands()["set_colors"], {"primary_color": "red", "secondary_color": "#000000"})
    refused(commands()["forum_list"], {"date_from": "yesterday"})
