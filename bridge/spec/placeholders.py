"""The only thing in a spec that is filled in: ``{name}``."""

import json
import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from bridge.errors import BridgeError

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_WHOLE = re.compile(r"\A\{([a-z][a-z0-9_]*)\}\Z")


class MissingValue(BridgeError):  # noqa: N818 - what is the case, not "an error"
    """A placeholder has no value; ``name`` says which."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"there is no value for {{{name}}}")


def names_in(value: JsonValue) -> Iterator[str]:
    """Yield the names of all placeholders in a value, however deep."""
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from names_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from names_in(member)


def has_values(template: str, values: Mapping[str, JsonValue]) -> bool:
    """Say whether every placeholder of a template has a value."""
    return all(values.get(name) is not None for name in names_in(template))


def fill(template: str, values: Mapping[str, JsonValue]) -> str:
    """Return the template with every placeholder replaced by its value as text.

    Raises MissingValue for the first placeholder without a value.
    """

    def replacement(match: re.Match[str]) -> str:
        return as_text(_value_of(match[1], values))

    return _PLACEHOLDER.sub(replacement, template)


def fill_json(value: JsonValue, values: Mapping[str, JsonValue]) -> JsonValue:
    """Return the value with every placeholder filled in.

    A string that is one placeholder and nothing else becomes the value itself, whatever its type.
    Raises MissingValue for the first placeholder without a value.
    """
    if isinstance(value, str):
        whole = _WHOLE.match(value)
        return _value_of(whole[1], values) if whole else fill(value, values)
    if isinstance(value, Mapping):
        return {key: fill_json(member, values) for key, member in value.items()}
    if isinstance(value, list):
        return [fill_json(member, values) for member in value]
    return value


def as_text(value: JsonValue) -> str:
    """Return a value as it stands in a path, a query or a line of text; lists are JSON there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _value_of(name: str, values: Mapping[str, JsonValue]) -> JsonValue:
    value = values.get(name)
    if value is None:
        raise MissingValue(name)
    return value
