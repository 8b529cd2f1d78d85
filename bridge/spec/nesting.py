"""How deep a value from outside may be nested before it is refused unread.

Whoever walks a value calls itself once for each level, so a depth without a bound is a crash.
"""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue


def is_deeper(value: JsonValue, levels: int) -> bool:
    """Say whether lists and objects stand inside each other on more than so many levels."""
    inside = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        inside = [m for each in inside for m in _members(each) if isinstance(m, dict | list)]
    return bool(inside)


def scalars(value: JsonValue) -> Iterator[str | float | None]:
    """Yield every text, number, truth value and null of a value, names of members included."""
    if not isinstance(value, dict | list):
        yield value
    elif isinstance(value, dict):
        yield from value
    for member in _members(value):
        yield from scalars(member)


def _members(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
