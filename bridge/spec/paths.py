"""Dotted paths into JSON: ``session.id``, ``orders.0.price``; ``*`` is any key or index."""

import re
from collections.abc import Collection, Mapping

from pydantic import JsonValue

_INDEX = re.compile(r"[0-9]{1,9}")


def dig(value: JsonValue, path: str) -> JsonValue:
    """Return what stands at the path, None where nothing does. The path has no ``*``."""
    here = value
    for part in path.split(".") if path else []:
        here = _step(here, part)
        if here is None:
            return None
    return here


def without(value: JsonValue, path: str) -> JsonValue:
    """Return the value without what stands at a path that may hold ``*``."""
    head, _, rest = path.partition(".")
    if isinstance(value, Mapping):
        return {
            key: without(member, rest) if rest and head in (key, "*") else member
            for key, member in value.items()
            if rest or head not in (key, "*")
        }
    if isinstance(value, list):
        return [
            without(member, rest) if rest and head in (str(index), "*") else member
            for index, member in enumerate(value)
            if rest or head not in (str(index), "*")
        ]
    return value


def without_keys(value: JsonValue, keys: Collection[str]) -> JsonValue:
    """Return the value without the members of these names, however deep they stand."""
    if not keys:
        return value
    if isinstance(value, Mapping):
        return {k: without_keys(member, keys) for k, member in value.items() if k not in keys}
    if isinstance(value, list):
        return [without_keys(member, keys) for member in value]
    return value


def find_named(value: JsonValue, name: str) -> str | None:
    """Return the first text under a name, however deep; case and underscores do not matter."""
    members: Collection[JsonValue] = value if isinstance(value, list) else ()
    if isinstance(value, Mapping):
        members = value.values()
        for key, member in value.items():
            if _plain(key) == _plain(name) and isinstance(member, str) and member:
                return member
    found = (find_named(member, name) for member in members)
    return next((text for text in found if text is not None), None)


def matches(value: JsonValue, wanted: Mapping[str, JsonValue]) -> bool:
    """Say whether every path holds its wanted value; an empty table matches nothing."""
    return bool(wanted) and all(_is(dig(value, path), want) for path, want in wanted.items())


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def matches_any(value: JsonValue, wanted: Mapping[str, JsonValue]) -> bool:
    """Say whether one of the paths, at least, holds its wanted value."""
    return any(_is(dig(value, path), want) for path, want in wanted.items())


def _is(found: JsonValue, wanted: JsonValue) -> bool:
    """Say whether both are the same to JSON, where 0 is not false; Python thinks it is."""
    return isinstance(found, bool) is isinstance(wanted, bool) and found == wanted


def _step(value: JsonValue, part: str) -> JsonValue:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list) and _INDEX.fullmatch(part) and int(part) < len(value):
        return value[int(part)]
    return None
