"""Calls that are right, and calls that are wrong in one place, made out of the spec."""

from collections.abc import Iterator
from itertools import chain

from pydantic import JsonValue

from bridge.spec.model import Command, Param
from bridge.spec.parts import Spelling
from tests.journeys.spacemolt.table import SPEC

Arguments = dict[str, JsonValue]

COLOR = "#FF8800"
DATES = ("date_from", "date_to")
STRANGER = "quite_unheard_of"
OUTSIDE_OF_ENUMS = "none of these"


ORDER: Arguments = {"item_id": "iron_ore", "quantity": 1, "price_each": 2}
BESIDE: dict[str, list[Arguments]] = {
    "cancel_order": [{"order_id": "1"}],
    "create_buy_order": [ORDER],
    "create_sell_order": [ORDER],
    "faction_edit": [{"description": "Miners"}],
    "faction_write_room": [{"name": "Hall"}],
    "modify_order": [{"order_id": "1", "new_price": 2}],
    "recall_drone": [{"all": True}],
    "send_gift": [{"credits": 1}, {"item_id": "iron_ore", "quantity": 1}],
}
"""What the game wants although every part of it is optional, best first."""
WITH_CHOICE: dict[str, dict[str, Arguments]] = {
    "chat": {"private": {"target_id": "Trader"}},
    "citizenship": {key: {"empire_id": "nebula"} for key in ("apply", "renounce", "withdraw")},
    "fleet": {key: {"player_id": "Trader"} for key in ("invite", "kick")},
    "get_chat_history": {"private": {"target_id": "Trader"}},
}
"""What the game wants beside a value of the first parameter."""
EXCLUDED = {"send_gift": ("credits", "item_id", "quantity", "ship_id")}
"""What the game does not take together."""
TRUE_NAMES = {"command": "travel"}


def right_calls(name: str, command: Command, spelling: Spelling) -> Iterator[Arguments]:
    """Yield what is wanted, every allowed value of each choice, and all there is together."""
    alternatives = [b for b in BESIDE.get(name, [{}]) if not set(spelling.cannot) & b.keys()]
    least = {**_wanted(command), **alternatives[0]}
    left_out = (*spelling.cannot, *EXCLUDED.get(name, ()))
    there = {param: p for param, p in command.params.items() if param not in left_out}
    chosen = ({**least, param: choice} for param, p in there.items() for choice in p.enum)
    everything = {param: sample(param, p) for param, p in there.items()}
    told: list[Arguments] = []
    for call in chain([least], chosen, [{**everything, **least}]):
        whole = {**call, **_with_choice(name, command, call)}
        if whole not in told and can_be_said(whole, spelling):
            told.append(whole)
            yield whole


def can_be_said(call: Arguments, spelling: Spelling) -> bool:
    """Say whether a spelling has words for it."""
    return not any(call.get(name) in values for name, values in spelling.cannot_when.items())


def _with_choice(name: str, command: Command, call: Arguments) -> Arguments:
    first = next(iter(command.params), "")
    return WITH_CHOICE.get(name, {}).get(str(call.get(first)), {})


def _wanted(command: Command) -> Arguments:
    return {name: sample(name, p) for name, p in command.params.items() if not p.optional}


def without_one(command: Command) -> Iterator[tuple[str, Arguments]]:
    """Yield calls that lack one thing that is wanted, with its name."""
    wanted = _wanted(command)
    for missing in wanted:
        yield missing, {name: value for name, value in wanted.items() if name != missing}


def with_a_wrong_choice(command: Command) -> Iterator[tuple[str, Arguments]]:
    """Yield calls with a value that its parameter does not allow, with its name."""
    wanted = _wanted(command)
    for name, param in command.params.items():
        if param.enum:
            yield name, {**wanted, name: OUTSIDE_OF_ENUMS}


def with_a_stranger(command: Command) -> Arguments:
    """Return a call with a parameter that the command does not have."""
    return {**_wanted(command), STRANGER: 7}


def sample(name: str, param: Param) -> JsonValue:
    """Return a value that a parameter allows."""
    if param.enum:
        return param.enum[0]
    if param.type == "array":
        return [_one(param.items or "string")]
    if param.type == "object":
        return _one(param.record) if param.record else {"one": _one(param.values or "string")}
    if param.type == "string":
        return _text(name, param)
    return True if param.type == "boolean" else int(param.minimum or 1)


def _text(name: str, param: Param) -> str:
    if param.pattern:
        return COLOR
    if name in DATES:
        return "2026-05-01"
    text = TRUE_NAMES.get(name, "iron_ore").ljust(param.min_length or 0, "e")
    return text[: param.max_length]


def _one(kind: str) -> JsonValue:
    """Return a record, or a value of a plain type."""
    plain: dict[str, JsonValue] = {
        "string": "chat",
        "integer": 1,
        "number": 1,
        "boolean": True,
        "object": {},
    }
    if kind in plain:
        return plain[kind]
    return {name: sample(name, field) for name, field in SPEC.records[kind].items()}
