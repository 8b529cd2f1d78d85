"""Large results, made to fit: a valid part, and the shape of what was left out.

Short members are kept whole and long ones share the room that remains, so that the part which is
shown is still the same object, only with shorter lists. What is missing is named by its path, as
``bridge_result`` takes it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

_TOO_LITTLE = 60
_SHORT = 400
"""Members up to this length are shown whole or not at all."""
_DEEPEST = 6
_NAMES_SHOWN = 8
_LINES_SHOWN = 12
_LINE = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortened:
    """A part of a value, and one line for each thing that is missing from it."""

    value: JsonValue
    left_out: Sequence[str] = ()


def compact(value: JsonValue) -> str:
    """Return the value as JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def shortened(value: JsonValue, room: int, path: str = "") -> Shortened:
    """Return as much of the value as fits into ``room`` characters of compact JSON."""
    if len(compact(value)) <= room:
        return Shortened(value=value)
    if room < _TOO_LITTLE or path.count(".") >= _DEEPEST:
        return Shortened(value=None, left_out=(f"{path or 'all'}: {shape(value)}",))
    match value:
        case str():
            return _shortened_text(value, room, path)
        case list():
            return _shortened_list(value, room, path)
        case dict():
            return _shortened_object(value, room, path)
        case _:
            return Shortened(value=None, left_out=(f"{path or 'all'}: a number too long to show",))


def listing(lines: Sequence[str]) -> str:
    """Return the lines of what was left out as a list of bounded length."""
    shown = [f"- {line[:_LINE]}" for line in lines[:_LINES_SHOWN]]
    if len(lines) > _LINES_SHOWN:
        shown.append(f"- and {len(lines) - _LINES_SHOWN} more")
    return "\n".join(shown)


def shape(value: JsonValue) -> str:
    """Say in a few words what the value is made of."""
    match value:
        case str():
            return f"text of {len(value)} characters"
        case list() if value:
            return f"list of {len(value)}, each {_kind(value[0])}"
        case list():
            return "empty list"
        case dict():
            return f"{_kind(value)}, {len(value)} members"
        case _:
            return _kind(value)


def _kind(value: JsonValue) -> str:
    match value:
        case dict():
            names = [*list(value)[:_NAMES_SHOWN], *(["..."] if len(value) > _NAMES_SHOWN else [])]
            return f"object {{{', '.join(name[:30] for name in names)}}}"
        case list():
            return "list"
        case str():
            return "text"
        case bool():
            return "true or false"
        case None:
            return "nothing"
        case _:
            return "number"


def _shortened_text(value: str, room: int, path: str) -> Shortened:
    part = value[: room - 2]
    while len(compact(part)) > room:  # escapes take more room than what they stand for
        part = part[: len(part) * room // len(compact(part)) - 1]
    line = f"{path or 'text'}[{len(part)}:{len(value)}]: {len(value) - len(part)} characters"
    return Shortened(value=part, left_out=(line,))


def _shortened_list(value: list[JsonValue], room: int, path: str) -> Shortened:
    items: list[JsonValue] = []
    used = 2
    for item in value:
        used += len(compact(item)) + 1
        if used > room:
            break
        items.append(item)
    left_out: list[str] = []
    if not items:
        first = shortened(value[0], room - 3, f"{path}[0]")
        items, left_out = [first.value], list(first.left_out)
    if len(items) < len(value):
        rest = len(value) - len(items)
        kind = _kind(value[len(items)])
        left_out.append(f"{path}[{len(items)}:{len(value)}]: {rest} of {len(value)}, each {kind}")
    return Shortened(value=items, left_out=left_out)


def _shortened_object(value: dict[str, JsonValue], room: int, path: str) -> Shortened:
    sizes = {name: len(compact(name)) + len(compact(member)) + 2 for name, member in value.items()}
    long = sorted((name for name in value if sizes[name] > _SHORT), key=lambda name: sizes[name])
    remaining = room - 2
    for_short = remaining // 2 if long else remaining
    parts: dict[str, Shortened] = {}
    for name, member in value.items():
        if sizes[name] <= min(_SHORT, for_short):
            parts[name] = Shortened(value=member)
            for_short -= sizes[name]
            remaining -= sizes[name]
    for rank, name in enumerate(long):
        overhead = len(compact(name)) + 2
        allowance = min(remaining // (len(long) - rank), sizes[name]) - overhead
        if allowance >= _TOO_LITTLE:
            parts[name] = shortened(value[name], allowance, f"{path}.{name}" if path else name)
            remaining -= len(compact(parts[name].value)) + overhead
    left_out = [line for name in value if name in parts for line in parts[name].left_out]
    skipped = [name for name in value if name not in parts]
    return Shortened(
        value={name: parts[name].value for name in value if name in parts},
        left_out=[*left_out, *_skipped(value, skipped, path)],
    )


def _skipped(value: dict[str, JsonValue], names: Sequence[str], path: str) -> list[str]:
    if len(names) <= _NAMES_SHOWN:
        prefix = f"{path}." if path else ""
        return [f"{prefix}{name}: {shape(value[name])}" for name in names]
    some = ", ".join(name[:30] for name in names[:_NAMES_SHOWN])
    kind = _kind(value[names[0]])
    whole = f"{len(names)} of {len(value)} members"
    return [f"{path or 'top level'}: {whole} ({some}, ...), the first: {kind}"]
