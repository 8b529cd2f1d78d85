"""What models put around arguments, or in place of one that they do not mean to give.

A call whose only argument is an object with exactly the arguments of the command means these; so
does a list of one such object, and either of them as text. An optional argument that is empty, or
says null in letters, is absent, wherever emptiness cannot be what is meant.
"""

import json
from collections.abc import Mapping

from pydantic import JsonValue

from bridge.spec.model import Command, Param
from bridge.spec.naming import named
from bridge.spec.nesting import is_deeper

_NOTHING = frozenset({"", "null", "none", "undefined", "nil"})
_DEEPEST = 20


def unwrapped(
    params: Mapping[str, Param], arguments: Mapping[str, JsonValue]
) -> Mapping[str, JsonValue]:
    """Return the arguments that were put into the only one, else the arguments as they are."""
    if len(arguments) != 1:
        return arguments
    ((name, value),) = arguments.items()
    if name in params:
        return arguments
    meant = named(params, arguments).understood.get(name)
    if meant is not None and params[meant].type in ("object", "array"):
        return arguments
    inner = _object(value)
    return arguments if inner is None or not _are_all(params, inner) else inner


def says_nothing(command: Command, name: str, value: JsonValue) -> bool:
    """Say whether an argument of a command stands for one that is absent."""
    param = command.params[name]
    if not param.optional or not isinstance(value, str) or value in param.enum:
        return False
    said = value.strip().lower()
    if param.type == "string" and not param.enum and param.names is None:
        # Where text is written, an empty one may be meant to clear what is there.
        return command.effect in ("query", "mutation") and not said
    return said in _NOTHING


def _object(value: JsonValue) -> Mapping[str, JsonValue] | None:
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, dict) and not is_deeper(value, _DEEPEST) else None


def _are_all(params: Mapping[str, Param], inner: Mapping[str, JsonValue]) -> bool:
    """Say whether these are arguments of the command, and nothing is missing."""
    found = named(params, inner)
    needed = {name for name, param in params.items() if not param.optional}
    return not found.strangers and needed <= set(found.values)
