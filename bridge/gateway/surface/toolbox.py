"""Which tools are offered, and what each name means.

The set is constant for the life of the process. What is not listed is still reachable by name
through ``bridge_call``, under the same rules.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from bridge.gateway.rules import is_listable
from bridge.settings import Settings
from bridge.spec.model import Command, GameSpec
from bridge.spec.params import input_schema

ACCOUNT = "account"
"""The argument that names one of several accounts of a game."""
NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool as a model sees it, with what it stands for."""

    name: str
    title: str | None = None
    """None where it would only repeat the name, which hosts show in its place."""
    description: str
    input_schema: Mapping[str, JsonValue]
    read_only: bool
    destructive: bool
    idempotent: bool
    open_world: bool
    game: str | None = None
    """None for the bridge's own tools."""
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The surface shown to models, and every name behind it."""

    specs: Mapping[str, GameSpec]
    settings: Settings
    own: Sequence[Tool] = ()
    """The bridge's own tools."""
    _listed: dict[str, Tool] = field(init=False)

    def __post_init__(self) -> None:
        listed = {tool.name: tool for tool in (*self.own, *self._game_tools())}
        object.__setattr__(self, "_listed", listed)

    def list(self) -> Sequence[Tool]:
        """Return the tools that are listed, always in the same order."""
        return tuple(self._listed.values())

    def find(self, name: str) -> Tool | None:
        """Return a listed tool, None if there is none of that name."""
        return self._listed.get(name)

    def nearest(self, name: str) -> Sequence[str]:
        """Return up to three names that look like it, of all tools that may be called."""
        names = [*self._listed, *(tool.name for tool in self.reachable())]
        return difflib.get_close_matches(name, list(dict.fromkeys(names)), n=NEAREST, cutoff=0.5)

    def reachable(self) -> Iterator[Tool]:
        """Yield every command of every game that may be called, listed or not."""
        for spec in self.specs.values():
            for name, command in spec.commands.items():
                if is_listable(self.settings, spec, command):
                    yield self.tool(spec, name, command)

    def command_of(self, name: str) -> tuple[GameSpec, str, Command] | None:
        """Return what a tool's name stands for, offered or not; None for a stranger."""
        for game, spec in self.specs.items():
            command = name.removeprefix(f"{game}_")
            if name.startswith(f"{game}_") and command in spec.commands:
                return spec, command, spec.commands[command]
        return None

    def tool(self, spec: GameSpec, name: str, command: Command) -> Tool:
        """Return a command as a tool."""
        reads = command.effect == "query"
        return Tool(
            name=f"{spec.game.id}_{name}",
            title=command.title,
            description=command.description,
            input_schema=self._schema(spec, command),
            read_only=reads,
            # A host that cannot ask by our word has to ask by itself.
            destructive=command.effect == "irreversible" or command.confirm,
            idempotent=reads or command.repeatable,
            open_world=True,
            game=spec.game.id,
            command=name,
        )

    def _game_tools(self) -> Iterator[Tool]:
        for spec in self.specs.values():
            for name, command in spec.commands.items():
                if is_listable(self.settings, spec, command) and self._is_shown(spec, command):
                    yield self.tool(spec, name, command)

    def _is_shown(self, spec: GameSpec, command: Command) -> bool:
        match self.settings.tools:
            case "all":
                return True
            case "compact":
                return False
            case "core":
                wanted = {f"{spec.game.id}:{command.toolset}", f"{spec.game.id}:all"}
                return _is_core(spec, command) or bool(wanted & set(self.settings.toolsets))

    def _schema(self, spec: GameSpec, command: Command) -> Mapping[str, JsonValue]:
        schema = input_schema(spec, command)
        accounts = self.settings.accounts_of(spec.game.id)
        properties = schema["properties"]
        if len(accounts) > 1 and isinstance(properties, dict):
            properties[ACCOUNT] = {
                "type": "string",
                "enum": list(accounts),
                "description": f"Who plays, {accounts[0]} if left out.",
            }
        return schema


def _is_core(spec: GameSpec, command: Command) -> bool:
    """Say whether a newcomer sees it: what the game marks as core, else its default toolsets."""
    if any(each.core for each in spec.commands.values()):
        return command.core
    return spec.toolsets[command.toolset].default
