"""The command table: what can be said to the game, and how each of its parameters must look.

The table is this world's own reading of the game's documents (v0.327.2); the files are in
``data/commands``. One entry per command; ``v2`` says how HTTP v2 spells it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bridge.sandbox.spacemolt.data import read_folder
from bridge.sandbox.spacemolt.shapes import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One parameter, or one field of a record inside a parameter."""

    name: str
    type: str
    required: bool = False
    enum: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    shortest: int | None = None
    longest: int | None = None
    pattern: str = ""
    format: str = ""
    default: object = None
    items: "Param | None" = None
    fields: tuple["Param", ...] = ()
    values: str = ""
    open: bool = False
    v2: str = ""
    about: str = ""
    code: str = "invalid_payload"
    """Of the refusal of a value that it does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of the game.

    ``mutation`` is what the documents say of the command as a whole; ``ticks`` names the actions
    that wait for a tick where a command has several actions.
    """

    name: str
    about: str
    category: str
    tag: str
    mutation: bool = False
    ticks: frozenset[str] = frozenset()
    auth: bool = True
    needs: str = ""
    in_flight: bool = False
    v2: str = ""
    v2_tool: str = ""
    v2_actions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    v2_state: bool = False
    gives: tuple[str, ...] = ()
    params: tuple[Param, ...] = ()

    def waits_for_tick(self, arguments: Mapping[str, Any]) -> bool:
        """Say whether this call is queued for a tick, or answered at once."""
        if self.ticks:
            return arguments.get("action") in self.ticks
        return self.mutation

    def example(self) -> JsonObject:
        """Return a call of this command that its parameters allow."""
        payload = {param.name: _sample(param) for param in self.params if param.required}
        return {"type": self.name, "payload": payload} if payload else {"type": self.name}


@cache
def commands() -> Mapping[str, Command]:
    """Return every command by name."""
    return {name: _command(name, entry) for name, entry in read_folder("commands").items()}


def _command(name: str, entry: JsonObject) -> Command:
    raw = dict(entry)
    params = tuple(_param(key, value) for key, value in raw.pop("params", {}).items())
    raw["ticks"] = frozenset(raw.get("ticks", ()))
    raw["gives"] = tuple(raw.get("gives", ()))
    return Command(name=name, params=params, **raw)


def _param(name: str, entry: JsonObject) -> Param:
    raw = dict(entry)
    raw["enum"] = tuple(raw.get("enum", ()))
    raw["fields"] = tuple(_param(key, value) for key, value in raw.get("fields", {}).items())
    if "items" in raw:
        raw["items"] = _param(f"{name}[]", raw["items"])
    return Param(name=name, **raw)


def _sample(param: Param) -> object:
    if param.enum:
        return param.enum[0]
    match param.type:
        case "integer":
            return param.least or 1
        case "boolean":
            return True
        case "array":
            return [_sample(param.items)] if param.items else []
        case "object":
            return {item.name: _sample(item) for item in param.fields if item.required}
        case _:
            return "#FF8800" if param.pattern else param.name
