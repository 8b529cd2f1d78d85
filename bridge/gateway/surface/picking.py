"""Picking out of a large result by path, written as the shapes of results are.

``systems[3].name`` and ``systems.3.name`` are the same; ``systems[20:40]`` is a part of a list or
of a text; what comes after a part, or after ``*``, is picked out of each of its members.
"""

import re
from collections.abc import Sequence

from pydantic import JsonValue

_STEP = re.compile(r"\[(-?\d*):(-?\d*)\]|\[(-?\d+|\*)\]|([^.\[\]]+)")
_NAMES_SHOWN = 20


def picked(whole: JsonValue, path: str) -> JsonValue:
    """Return what stands at a path. Raises LookupError saying what stands there instead."""
    steps = list(_STEP.finditer(path))
    if "".join(step.group() for step in steps) != path.replace(".", ""):
        raise LookupError(f"{path[:100]!r} is no path; one is systems[3].name or systems[20:40].")
    return _walked(whole, steps, "")


def _walked(here: JsonValue, steps: Sequence["re.Match[str]"], at: str) -> JsonValue:
    for number, step in enumerate(steps):
        start, end, index, name = step.groups()
        rest = steps[number + 1 :]
        if start is not None or end is not None:
            return _each(_part(here, start, end, at), rest, at)
        key = index if index is not None else name
        if key == "*":
            members = list(here.values()) if isinstance(here, dict) else here
            return _each(_listed(members, at), rest, at)
        here = _member(here, key, at)
        at = f"{at}[{index}]" if index is not None else f"{at}.{name}".lstrip(".")
    return here


def _each(part: list[JsonValue] | str, rest: Sequence["re.Match[str]"], at: str) -> JsonValue:
    if not rest:
        return part
    return [_walked(member, rest, f"{at}[..]") for member in _listed(part, at)]


def _part(here: JsonValue, start: str, end: str, at: str) -> list[JsonValue] | str:
    if isinstance(here, list | str):
        return here[int(start) if start else None : int(end) if end else None]
    raise LookupError(f"At {at or 'the top'} stands {_kind(here)}, not a list.")


def _listed(here: JsonValue, at: str) -> list[JsonValue]:
    if isinstance(here, list):
        return here
    raise LookupError(f"At {at or 'the top'} stands {_kind(here)}, not a list.")


def _member(here: JsonValue, key: str, at: str) -> JsonValue:
    if isinstance(here, dict) and key in here:
        return here[key]
    if isinstance(here, list) and key.lstrip("-").isdecimal():
        if -len(here) <= int(key) < len(here):
            return here[int(key)]
        raise LookupError(f"{at or 'the top'} has {len(here)} entries, none at {key}.")
    raise LookupError(f"There is no {key[:100]!r} at {at or 'the top'}: {_kind(here)}.")


def _kind(value: JsonValue) -> str:
    match value:
        case dict():
            names = [*list(value)[:_NAMES_SHOWN], *(["..."] if len(value) > _NAMES_SHOWN else [])]
            return f"an object with {', '.join(names) or 'no members'}"
        case list():
            return f"a list of {len(value)}"
        case str():
            return f"a text of {len(value)} characters"
        case _:
            return "a single value"
