"""Parameters as JSON Schema, and arguments checked against them.

What a model got slightly wrong and can only mean one thing is mended and said in a note: another
name for a parameter, the case of an enum, a number in quotes. Anything else is refused with the
call that would have been right. Commands that cannot be undone are never mended.
"""

import difflib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from pydantic import JsonValue

from bridge.spec.model import Command, GameSpec, Param
from bridge.spec.values import Misfitting, fit, shown

SHOWN_CHOICES = 12
"""How many allowed values a message lists before it counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Arguments that fit, with one note for each thing that was mended."""

    values: Mapping[str, JsonValue]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """Arguments that do not fit: every problem, and the call that would have been right."""

    problems: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class _Named:
    """Arguments under the names of parameters, and what became of the other names."""

    values: dict[str, JsonValue]
    notes: list[str]
    problems: list[str]


def input_schema(spec: GameSpec, command: Command) -> dict[str, JsonValue]:
    """Return the JSON Schema of a command's arguments: a flat object, records written out."""
    return _object_schema(spec, command.params)


def check_arguments(
    spec: GameSpec, tool: str, command: Command, arguments: Mapping[str, JsonValue]
) -> Checked | Misfit:
    """Return the arguments as the command wants them, or all that is wrong with them.

    ``tool`` is the name the model calls it by, for the example.
    """
    named = _by_parameter(command.params, arguments)
    values: dict[str, JsonValue] = {}
    for name, value in named.values.items():
        try:
            fitted = fit(spec, name, command.params[name], value)
        except Misfitting as misfit:
            named.problems.extend(misfit.problems)
            if misfit.suggestion is not None:
                values[name] = misfit.suggestion
        else:
            values[name] = fitted.value
            named.notes.extend(fitted.notes)
    missing = _missing(command.params, values, named)
    problems = (*named.problems, *missing)
    example = _example(tool, command.params, values)
    if problems:
        return Misfit(problems=problems, example=example)
    if named.notes and command.effect == "irreversible":
        return Misfit(
            problems=(*named.notes, "It cannot be undone, so call it exactly."), example=example
        )
    return Checked(values=values, notes=tuple(named.notes))


def signature(params: Mapping[str, Param]) -> str:
    """Return parameters as a model reads them best: ``item_id, quantity: integer, note?``."""
    return ", ".join(_briefly(name, param) for name, param in params.items())


def _briefly(name: str, param: Param) -> str:
    mark = "?" if param.optional else ""
    if param.enum:
        return f"{name}{mark}: {'|'.join(param.enum)}"
    if param.type == "string":
        return f"{name}{mark}"
    of = f" of {param.items}" if param.items else ""
    return f"{name}{mark}: {param.type}{of}"


def _missing(
    params: Mapping[str, Param], values: Mapping[str, JsonValue], named: _Named
) -> Iterator[str]:
    for name, param in params.items():
        if not param.optional and name not in values and name not in named.values:
            yield f"{name} is missing ({_kind(param)})."


def _by_parameter(params: Mapping[str, Param], arguments: Mapping[str, JsonValue]) -> _Named:
    given = {name: value for name, value in arguments.items() if value is not None}
    values: dict[str, JsonValue] = {n: value for n, value in given.items() if n in params}
    named = _Named(values, [], [])
    strangers = {name: value for name, value in given.items() if name not in params}
    for stranger, value in strangers.items():
        free = {name: param for name, param in params.items() if name not in values}
        meant = _meant_by(stranger, value, free, alone=len(strangers) == 1)
        if meant is None:
            named.problems.append(_stranger(stranger, params))
        else:
            values[meant] = value
            named.notes.append(f"{shown(stranger)} was read as {meant}.")
    return named


def _meant_by(
    stranger: str, value: JsonValue, free: Mapping[str, Param], *, alone: bool
) -> str | None:
    """Return the one free parameter that an unknown name can only mean, else None."""
    plain = snake_case(stranger)
    if plain in free:
        return plain
    by_alias = [name for name, param in free.items() if plain in param.aliases]
    if by_alias:
        return by_alias[0] if len(by_alias) == 1 else None
    by_ending = [name for name in free if plain in ("id", "name") and name.endswith(f"_{plain}")]
    if len(by_ending) == 1:
        return by_ending[0]
    required = [name for name, param in free.items() if not param.optional]
    if alone and len(required) == 1 and _could_be(value, free[required[0]]):
        return required[0]
    near = difflib.get_close_matches(plain, free, n=2, cutoff=0.85)
    return near[0] if len(near) == 1 and near[0][:1] == plain[:1] else None


def _could_be(value: JsonValue, param: Param) -> bool:
    if isinstance(value, str):
        return param.type == "string" and (not param.enum or value.lower() in param.enum)
    if isinstance(value, bool):
        return param.type == "boolean"
    if isinstance(value, int | float):
        return param.type in ("integer", "number")
    return param.type == ("array" if isinstance(value, list) else "object")


def snake_case(name: str) -> str:
    """Return a name as parameters are written: ``targetPoi`` becomes ``target_poi``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def _stranger(name: str, params: Mapping[str, Param]) -> str:
    near = difflib.get_close_matches(snake_case(name), params, n=1)
    if near:
        return f"There is no argument {shown(name)}; did you mean {near[0]!r}?"
    known = ", ".join(params) or "none"
    return f"There is no argument {shown(name)}; it takes: {known}."


def _example(tool: str, params: Mapping[str, Param], values: Mapping[str, JsonValue]) -> str:
    shown = {
        name: values[name] if name in values else _sample(param)
        for name, param in params.items()
        if name in values or not param.optional
    }
    return f"{tool} {json.dumps(shown, ensure_ascii=False)}"


def _sample(param: Param) -> JsonValue:
    if param.enum:
        return "|".join(param.enum[:SHOWN_CHOICES])
    match param.type:
        case "string":
            return "..."
        case "integer" | "number":
            return math.ceil(param.minimum or 1)
        case "boolean":
            return True
        case "array":
            return []
        case "object":
            return {}
        case _ as never:
            assert_never(never)


def _kind(param: Param) -> str:
    if param.enum:
        return "one of " + ", ".join(param.enum[:SHOWN_CHOICES])
    return param.description.rstrip(".") or param.type


def _object_schema(spec: GameSpec, params: Mapping[str, Param]) -> dict[str, JsonValue]:
    schema: dict[str, JsonValue] = {
        "type": "object",
        "properties": {name: _schema_of(spec, param) for name, param in params.items()},
    }
    required: list[JsonValue] = [name for name, param in params.items() if not param.optional]
    if required:
        schema["required"] = required
    return schema | {"additionalProperties": False}


def _schema_of(spec: GameSpec, param: Param) -> dict[str, JsonValue]:
    if param.record is not None:
        schema = _object_schema(spec, spec.records[param.record])
    else:
        schema = {"type": param.type}
    if param.values is not None:
        schema["additionalProperties"] = {"type": param.values}
    if param.items is not None:
        schema["items"] = _item_schema(spec, param.items)
    if param.description:
        schema["description"] = param.description
    if param.enum:
        schema["enum"] = list(param.enum)
    return schema | dict(_bounds(param))


def _item_schema(spec: GameSpec, items: str) -> dict[str, JsonValue]:
    if items in spec.records:
        return _object_schema(spec, spec.records[items])
    return {"type": items}


def _bounds(param: Param) -> Iterator[tuple[str, JsonValue]]:
    bounds = {
        "minimum": param.minimum,
        "maximum": param.maximum,
        "minLength": param.min_length,
        "maxLength": param.max_length,
        "minItems": param.min_items,
        "maxItems": param.max_items,
        "pattern": param.pattern,
    }
    for key, bound in bounds.items():
        if isinstance(bound, float) and bound.is_integer():
            yield key, int(bound)
        elif bound is not None:
            yield key, bound
