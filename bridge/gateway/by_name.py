"""What a call of ``bridge_call`` means: which tool, with which arguments.

Models write the wrapper in many ways: other keys, the arguments beside the name or as text, a
name without its game or with the prefix of a host. What can only mean one thing is understood and
said; a command that cannot be undone is only called by its exact name.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from bridge.gateway.surface.toolbox import Toolbox
from bridge.protocol.verdict import Refused
from bridge.spec.naming import snake_case

CALL = "bridge_call"
TOOL_KEYS = ("tool", "tool_name", "name", "command")
ARGUMENT_KEYS = ("arguments", "args", "params", "parameters", "input", "tool_input")
_HOST_PREFIX = re.compile(r"^mcp__.*?__|^[a-z-]+__")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """A tool that exists, and the arguments for it."""

    tool: str
    arguments: Mapping[str, JsonValue]
    notes: tuple[str, ...] = ()


def addressed(toolbox: Toolbox, arguments: Mapping[str, JsonValue]) -> Addressed | Refused:
    """Return what is to be called, or how it would have been said right."""
    rest: dict[str, JsonValue] = {
        snake_case(key): value for key, value in arguments.items() if value is not None
    }
    notes: list[str] = []
    game = rest.pop("game") if rest.get("game") in toolbox.specs else None
    name = _taken(rest, TOOL_KEYS, notes)
    inner = _taken(rest, ARGUMENT_KEYS, notes)
    if isinstance(inner, str):
        inner = _parsed(inner)
        notes.append("the arguments were given as text and read as JSON.")
    if inner is None and rest:
        inner, rest = {key: arguments[key] for key in arguments if snake_case(key) in rest}, {}
        notes.append("what stood beside the tool was read as its arguments.")
    inner = {} if inner is None else inner
    if not isinstance(name, str) or not isinstance(inner, dict) or rest:
        return _refused("It takes the name of a tool and the tool's arguments.", toolbox, name)
    tool = _tool_of(toolbox, name) or _tool_of(toolbox, f"{game}_{name}")
    if tool is None:
        return _refused(f"There is no tool {name[:100]!r}.", toolbox, name)
    if tool != name:
        notes.append(f"{name[:100]!r} was read as {tool}.")
    known = toolbox.command_of(tool)
    if notes and known is not None and known[2].effect == "irreversible":
        return Refused(
            code="wrong_arguments",
            message=" ".join([*notes, "It cannot be undone, so call it exactly."]),
            hint=f"Call it like this: {_written(tool, inner)}",
            local=True,
        )
    return Addressed(tool=tool, arguments=inner, notes=tuple(notes))


def _taken(rest: dict[str, JsonValue], keys: tuple[str, ...], notes: list[str]) -> JsonValue:
    """Take the first of the keys out of the arguments; note it when it is not the right one."""
    for key in keys:
        if key in rest:
            if key != keys[0]:
                notes.append(f"{key!r} was read as {keys[0]}.")
            return rest.pop(key)
    return None


def _parsed(text: str) -> JsonValue:
    try:
        parsed: JsonValue = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return text
    return parsed


def _tool_of(toolbox: Toolbox, name: str) -> str | None:
    """Return the one tool that a name can only mean, None if there is none or more than one."""
    own = {tool.name for tool in toolbox.own} - {CALL}
    plain = snake_case(_HOST_PREFIX.sub("", name.strip()))
    for candidate in (name, plain):
        if candidate in own or toolbox.command_of(candidate) is not None:
            return candidate
    letters = _letters(plain)
    alike = [
        f"{game}_{command}"
        for game, spec in toolbox.specs.items()
        for command in spec.commands
        if letters in (_letters(command), _letters(f"{game}_{command}"))
    ]
    return alike[0] if len(alike) == 1 else None


def _letters(name: str) -> str:
    return name.replace("_", "")


def _refused(message: str, toolbox: Toolbox, name: JsonValue) -> Refused:
    near = toolbox.nearest(name) if isinstance(name, str) and name else []
    hint = f"Call it like this: {_written(near[0] if near else 'TOOL', {})} with its arguments."
    return Refused(
        code="unknown_tool" if near or isinstance(name, str) else "wrong_arguments",
        message=message + (f" Near: {', '.join(near)}." if near else ""),
        hint=f"{hint} bridge_find finds names and arguments.",
        local=True,
    )


def _written(tool: str, arguments: Mapping[str, JsonValue]) -> str:
    said = json.dumps({"tool": tool, "arguments": dict(arguments)}, ensure_ascii=False)
    return f"{CALL} {said}"
