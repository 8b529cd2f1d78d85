"""Checks a payload against the command table, as strictly as the game does."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.sandbox.spacemolt.shapes import Arguments, GameError, JsonObject
from bridge.sandbox.spacemolt.table import Command, Param


def check(command: Command, payload: JsonObject) -> Arguments:
    """Return the payload as arguments; raises GameError when it is wrong.

    Unknown names, missing names, wrong types, values outside an enum or outside bounds are all
    refused. ``null`` counts as not sent.
    """
    values = {name: value for name, value in payload.items() if value is not None}
    _check_names(command, values)
    for param in command.params:
        if param.name in values:
            try:
                check_value(param, values[param.name], param.name)
            except GameError as wrong:
                raise GameError(param.code, wrong.message) from None
    return Arguments(values)


def check_value(param: Param, value: object, where: str) -> None:
    """Raise GameError when the value is not one that the parameter allows."""
    if not _has_type(param.type, value):
        raise _wrong(f"{where} must be {_ARTICLES[param.type]}")
    if isinstance(value, str):
        _check_text(param, value, where)
    elif isinstance(value, int) and not isinstance(value, bool):
        _check_number(param, value, where)
    elif isinstance(value, list) and param.items:
        for position, item in enumerate(value):
            check_value(param.items, item, f"{where}[{position}]")
    elif isinstance(value, dict):
        _check_record(param, value, where)


_TYPES: Mapping[str, type] = {"string": str, "array": list, "object": dict, "boolean": bool}
_ARTICLES = {
    "string": "a string",
    "integer": "an integer",
    "boolean": "true or false",
    "array": "an array",
    "object": "an object",
}


def _has_type(wanted: str, value: object) -> bool:
    if wanted == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, _TYPES[wanted])


def _check_names(command: Command, values: Mapping[str, Any]) -> None:
    known = [param.name for param in command.params]
    unknown = [name for name in values if name not in known]
    needed = [param.name for param in command.params if param.required]
    if unknown:
        requires = ", ".join(f"'{name}'" for name in needed) or "nothing"
        allowed = ", ".join(known) or "none"
        raise _wrong(
            f"Unknown parameter(s): [{', '.join(unknown)}]. Requires {requires}."
            f" Allowed: {allowed}. Example: {_example(command)}"
        )
    missing = [name for name in needed if name not in values]
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        raise _wrong(f"Missing parameter(s): {names}. Example: {_example(command)}")


def _example(command: Command) -> str:
    return json.dumps(command.example().get("payload", {}))


def _check_text(param: Param, value: str, where: str) -> None:
    if param.enum and value not in param.enum:
        raise _wrong(f"{where} must be one of: {', '.join(param.enum)} (got '{value[:60]}')")
    if param.shortest is not None and len(value) < param.shortest:
        raise _wrong(f"{where} must have at least {param.shortest} characters")
    if param.longest is not None and len(value) > param.longest:
        raise _wrong(f"{where} must have at most {param.longest} characters")
    if param.pattern and not re.search(param.pattern, value):
        raise _wrong(f"{where} must look like {param.pattern}")
    if param.format == "date" and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise _wrong(f"{where} must be a date, YYYY-MM-DD")


def _check_number(param: Param, value: int, where: str) -> None:
    if param.least is not None and value < param.least:
        raise _wrong(f"{where} must be at least {param.least}")
    if param.most is not None and value > param.most:
        raise _wrong(f"{where} must be at most {param.most}")


def _check_record(param: Param, value: Mapping[str, Any], where: str) -> None:
    if param.values:
        entry = Param(name="", type=param.values)
        for name, item in value.items():
            check_value(entry, item, f"{where}.{name}")
    if param.fields:
        _check_fields(param.fields, value, where, strict=not param.open)


def _check_fields(
    fields: Sequence[Param], value: Mapping[str, Any], where: str, *, strict: bool
) -> None:
    known = {item.name for item in fields}
    unknown = [name for name in value if name not in known]
    if strict and unknown:
        raise _wrong(f"Unknown field(s) in {where}: [{', '.join(unknown)}]")
    for item in fields:
        if value.get(item.name) is not None:
            check_value(item, value[item.name], f"{where}.{item.name}")
        elif item.required:
            raise _wrong(f"{where}.{item.name} is missing")


def _wrong(message: str) -> GameError:
    return GameError("invalid_payload", message)
