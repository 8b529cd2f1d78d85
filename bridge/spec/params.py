"""Parameters as JSON Schema, and arguments checked against them.

What a model got slightly wrong and can only mean one thing is mended and said in a note: another
name for a parameter, the case of an enum, a number in quotes. Anything else is refused with the
call that would have been right. Commands that cannot be undone are never mended.
"""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from bridge.spec.model import Command, GameSpec, Param
from bridge.spec.naming import named, snake_case
from bridge.spec.placeholders import names_in
from bridge.spec.values import SHOWN_CHOICES, Misfitting, fit, sample, shown
from bridge.spec.wrapping import says_nothing, unwrapped


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


def input_schema(spec: GameSpec, command: Command) -> dict[str, JsonValue]:
    """Return the JSON Schema of a command's arguments: a flat object, records written out.

    What goes without saying is not said: that there is no page, price or number of things below
    0 or 1, and, in records, that they have no other members. It is checked all the same.
    """
    return _object_schema(spec, command.params) | {"additionalProperties": False}


def check_arguments(
    spec: GameSpec, tool: str, command: Command, arguments: Mapping[str, JsonValue]
) -> Checked | Misfit:
    """Return the arguments as the command wants them, or all that is wrong with them.

    ``tool`` is the name the model calls it by, for the example.
    """
    inner = unwrapped(command.params, arguments)
    notes = [] if inner is arguments else [f"{shown(*arguments)} was taken for the arguments."]
    found = named(command.params, inner)
    notes += [f"{shown(name)} was read as {meant}." for name, meant in found.understood.items()]
    problems = [_stranger(name, command.params) for name in found.strangers]
    values: dict[str, JsonValue] = {}
    for name, value in found.values.items():
        if says_nothing(command, name, value):
            notes.append(f"{name} {shown(value)} was left out.")
            continue
        try:
            fitted = fit(spec, name, _placed(name, command), value)
        except Misfitting as misfit:
            problems.extend(misfit.problems)
            suggested = misfit.suggestion
            values[name] = sample(command.params[name]) if suggested is None else suggested
        else:
            values[name] = fitted.value
            notes.extend(fitted.notes)
    problems.extend(_missing(command.params, values))
    example = _example(tool, command.params, values)
    if problems:
        return Misfit(problems=tuple(problems), example=example)
    if notes and command.effect == "irreversible":
        return Misfit(
            problems=(*notes, "It cannot be undone, so call it exactly."), example=example
        )
    return Checked(values=values, notes=tuple(notes))


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


def _placed(name: str, command: Command) -> Param:
    """Return a parameter with the place that the command's path gives it."""
    param = command.params[name]
    if param.place is None and name in names_in(command.path or ""):
        return param.model_copy(update={"place": "path"})
    return param


def _missing(params: Mapping[str, Param], values: Mapping[str, JsonValue]) -> Iterator[str]:
    for name, param in params.items():
        if not param.optional and name not in values:
            yield f"{name} is missing ({_kind(param)})."


def _stranger(name: str, params: Mapping[str, Param]) -> str:
    near = difflib.get_close_matches(snake_case(name), params, n=1)
    if near:
        return f"There is no argument {shown(name)}; did you mean {near[0]!r}?"
    known = ", ".join(params) or "none"
    return f"There is no argument {shown(name)}; it takes: {known}."


def _example(tool: str, params: Mapping[str, Param], values: Mapping[str, JsonValue]) -> str:
    shown = {
        name: values[name] if name in values else sample(param)
        for name, param in params.items()
        if name in values or not param.optional
    }
    return f"{tool} {json.dumps(shown, ensure_ascii=False)}"


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
    return schema


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
        "minimum": None if param.minimum in (0, 1) else param.minimum,
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
