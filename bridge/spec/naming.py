"""Which parameter an argument's name means.

A name that is not a parameter's own is understood when it can only mean one of those that are
still free: written another way (``targetPoi``), declared as an alias, one of the names that are
usual for such a parameter, misspelt, or the only argument for the only required parameter of its
type. What may mean two parameters means none.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from bridge.spec.model import Param

MISSPELT = 0.85
"""How much a misspelt name must have in common with the right one."""

_USUAL: Mapping[str, frozenset[str]] = {
    "quantity": frozenset({"qty", "amount", "count", "number", "num", "units", "how_many"}),
    "amount": frozenset({"qty", "quantity", "count", "number", "num", "credits", "value"}),
    "page_size": frozenset({"limit", "per_page", "size", "count"}),
    "limit": frozenset({"count", "max", "page_size", "per_page", "size", "max_results"}),
    "content": frozenset({"text", "message", "body", "msg"}),
    "message": frozenset({"text", "content", "body", "msg"}),
    "query": frozenset({"search", "term", "q", "text", "keyword"}),
}
"""Names that are usual for a parameter, whatever the game."""
_USUAL_OF_KIND: Mapping[str, frozenset[str]] = {
    "item": frozenset({"product", "commodity", "resource", "good", "goods", "ore", "thing"}),
    "player": frozenset({"username", "user", "user_id", "recipient"}),
    "handle": frozenset({"username", "user", "agent", "player"}),
    "system": frozenset({"star", "destination"}),
    "poi": frozenset({"place", "location", "destination", "waypoint"}),
    "character": frozenset({"char", "char_id"}),
}
"""Names that are usual for what a parameter refers to."""


@dataclass(frozen=True, slots=True)
class Named:
    """Arguments under the names of parameters, and what became of the other names."""

    values: dict[str, JsonValue]
    understood: Mapping[str, str]
    """Names that were mended, with the parameter each means."""
    strangers: Sequence[str]
    """Names that mean nothing, or more than one thing."""


def named(params: Mapping[str, Param], arguments: Mapping[str, JsonValue]) -> Named:
    """Return the arguments by parameter; null stands for an argument that is absent."""
    given = {name: value for name, value in arguments.items() if value is not None}
    values: dict[str, JsonValue] = {n: value for n, value in given.items() if n in params}
    strangers = {name: value for name, value in given.items() if name not in params}
    understood: dict[str, str] = {}
    for means in (_by_name, _by_type):
        for stranger in list(strangers):
            free = {name: param for name, param in params.items() if name not in values}
            meant = means(stranger, strangers, free)
            if meant is not None:
                understood[stranger] = meant
                values[meant] = strangers.pop(stranger)
    return Named(values, understood, list(strangers))


def snake_case(name: str) -> str:
    """Return a name as parameters are written: ``targetPoi`` becomes ``target_poi``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def could_be(value: JsonValue, param: Param) -> bool:
    """Say whether a value is of a parameter's type, numbers in quotes included."""
    if isinstance(value, str):
        if param.type in ("integer", "number"):
            return value.strip().isdecimal()
        return param.type == "string" and (not param.enum or value.lower() in param.enum)
    if isinstance(value, bool):
        return param.type == "boolean"
    if isinstance(value, int | float):
        return param.type in ("integer", "number")
    return param.type == ("array" if isinstance(value, list) else "object")


def _by_name(
    stranger: str, strangers: Mapping[str, JsonValue], free: Mapping[str, Param]
) -> str | None:
    """Return the one free parameter that a name is another name for, else None."""
    plain = snake_case(stranger)
    if plain in free or not plain:
        return plain or None
    by_alias = [name for name, param in free.items() if plain in param.aliases]
    if by_alias:
        return _only(by_alias)
    usual = [
        name
        for name, param in free.items()
        if plain in _usual(name, param) and could_be(strangers[stranger], param)
    ]
    if usual:
        return _only(usual)
    near = difflib.get_close_matches(plain, free, n=2, cutoff=MISSPELT)
    near = near or [name for name in free if _letters(name) == _letters(plain)]
    return _only([name for name in near if _letters(name)[:1] == plain[:1]])


def _by_type(
    stranger: str, strangers: Mapping[str, JsonValue], free: Mapping[str, Param]
) -> str | None:
    """Return the only missing required parameter of a type, for the only stranger of it."""
    value = strangers[stranger]
    wanting = [
        name for name, param in free.items() if not param.optional and could_be(value, param)
    ]
    if len(wanting) != 1:
        return None
    rivals = [name for name, value in strangers.items() if could_be(value, free[wanting[0]])]
    return wanting[0] if len(rivals) == 1 else None


def _usual(name: str, param: Param) -> Iterator[str]:
    """Yield the names that such a parameter often has."""
    yield from _USUAL.get(name, ())
    base, _, ending = name.rpartition("_")
    if ending in ("id", "name"):
        yield ending
        yield base
        yield f"{base}_name"
    if name == "name":
        yield from ("title", "character_name", "new_name", "username")
    yield "_".join(name.split("_")[:-1])
    if param.names is not None:
        yield from _USUAL_OF_KIND.get(param.names, ())
        for around in ("{}", "{}_id", "{}_name", "target_{}", "target_{}_id", "{}_handle"):
            yield around.format(param.names)


def _only(names: Sequence[str]) -> str | None:
    return names[0] if len(names) == 1 else None


def _letters(name: str) -> str:
    return name.replace("_", "")
