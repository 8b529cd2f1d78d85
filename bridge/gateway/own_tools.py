"""The bridge's own tools, written in the spec language; ``desk.py`` carries them out."""

from collections.abc import Sequence

from bridge.gateway.toolbox import Tool
from bridge.spec.model import Command, Game, GameSpec, Param, Toolset
from bridge.spec.params import input_schema

LONGEST_WAIT_SECONDS = 45
MOST_EVENTS = 100
PREFIX = "bridge_"


def own_spec(games: Sequence[str]) -> GameSpec:
    """Return the bridge's own commands as if the bridge were a game."""
    return GameSpec(
        format=1,
        game=Game(id="bridge", title="Bridge", about="", docs="", verified_against=""),
        upstream={},
        toolsets={"bridge": Toolset(about="The bridge's own tools.", default=True)},
        commands=_commands(list(games)),
    )


def own_tools(spec: GameSpec) -> list[Tool]:
    """Return the bridge's own commands as tools, which every surface has."""
    return [
        Tool(
            name=PREFIX + name,
            title=f"Bridge: {name}",
            description=command.description,
            input_schema=input_schema(spec, command),
            read_only=command.effect == "query",
            destructive=command.effect == "irreversible",
            idempotent=command.effect == "query",
            open_world=name == "call",
        )
        for name, command in spec.commands.items()
    ]


def _commands(games: list[str]) -> dict[str, Command]:
    game = _option("string", "Only this game.", enum=games)
    return {
        "status": _query(
            "Accounts, connections, pending actions, cooldowns and unread events of every game. "
            "Costs nothing.",
            {"game": game},
        ),
        "events": _query(
            "What the games have told since you last looked: chat, fights, outcomes of pending "
            "actions. Waits up to wait_seconds for something new.",
            {"game": game, **_EVENTS},
        ),
        "find": _query(
            "Find tools that are not listed, by what you want to do. Answers with calls that are "
            "ready for bridge_call.",
            {
                "words": Param(type="string", description="What you want to do."),
                "game": game,
                "toolset": _option("string"),
            },
        ),
        "call": _CALL,
        "result": _query(
            "Read on in a result that was too long: by offset, by dotted path, or by search.",
            _RESULT,
        ),
    }


def _query(description: str, params: dict[str, Param]) -> Command:
    return Command(toolset="bridge", effect="query", description=description, params=params)


def _option(type_: str, description: str = "", **bounds: object) -> Param:
    declared = {"type": type_, "description": description, "optional": True, **bounds}
    return Param.model_validate(declared)


_EVENTS = {
    "account": _option("string"),
    "feed": _option("string", "Such as chat, combat or actions; all if left out."),
    "after": _option("integer", "Cursor from an earlier answer."),
    "limit": _option("integer", minimum=1, maximum=MOST_EVENTS),
    "wait_seconds": _option("integer", minimum=0, maximum=LONGEST_WAIT_SECONDS),
}

_CALL = Command(
    toolset="bridge",
    # The most that any tool behind it can do; the tool's own rules hold.
    effect="irreversible",
    description="Call any tool by name, listed or not, under the same rules.",
    params={
        "tool": Param(type="string", description="Such as spacemolt_craft."),
        "arguments": _option("object", "The tool's arguments."),
    },
)

_RESULT = {
    "id": Param(type="string", description="The id that the long result named."),
    "path": _option("string", "Such as items.3.name."),
    "offset": _option("integer", minimum=0),
    "limit": _option("integer", minimum=1),
    "search": _option("string", "Words to look for."),
}
