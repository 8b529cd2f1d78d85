"""The bridge's own tools, written in the spec language; ``desk.py`` carries them out."""

from collections.abc import Sequence

from bridge.gateway.surface.toolbox import Tool
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
    several = len(games) > 1
    game = _option("string", "Only this game, all if left out." if several else "", enum=games)
    return {
        "status": _query(
            "Accounts, connections, pending actions, cooldowns and unread events of every game, as "
            "the bridge knows them. Asks no game and costs nothing. Call it when you begin, when an "
            "action is pending, and when you do not know why something does not work.",
            {"game": game},
        ),
        "events": _query(
            "What the games have told since you last looked: chat, fights, outcomes of pending "
            "actions, oldest first, with a cursor for the next time. With wait_seconds it waits "
            "until there is something new, which is better than asking again and again.",
            {"game": game, **_EVENTS},
        ),
        "find": _query(
            "Find commands by what you want to do, since the games have many more than are listed "
            "as tools. Answers with the best eight, each with its arguments and what it does. Call "
            "them with bridge_call.",
            {
                "words": Param(
                    type="string",
                    description="What you want to do in plain words, such as: repair my ship.",
                    aliases=["query", "search", "question", "text", "q", "keywords"],
                ),
                "game": game,
                "toolset": _option("string", "Only this toolset, all of it."),
            },
        ),
        "call": _CALL,
        "result": _query(
            "Read on in a result that was too long to be shown whole: what stands at a path, a "
            "part by offset, or where words stand in it. Give a path or words rather than reading "
            "all of it. Costs nothing and asks no game.",
            _RESULT,
        ),
    }


def _query(description: str, params: dict[str, Param]) -> Command:
    return Command(toolset="bridge", effect="query", description=description, params=params)


def _option(type_: str, description: str = "", **bounds: object) -> Param:
    declared = {"type": type_, "description": description, "optional": True, **bounds}
    return Param.model_validate(declared)


_EVENTS = {
    "account": _option("string", "Only this account."),
    "feed": _option(
        "string",
        "Only this feed, such as chat, combat or actions. All if left out.",
        aliases=["topic", "kind"],
    ),
    "after": _option(
        "integer",
        "Only what came after this cursor of an earlier answer.",
        aliases=["since", "cursor"],
    ),
    "limit": _option("integer", minimum=1, maximum=MOST_EVENTS, aliases=["count", "max"]),
    "wait_seconds": _option(
        "integer", minimum=0, maximum=LONGEST_WAIT_SECONDS, aliases=["wait", "timeout", "seconds"]
    ),
}

_CALL = Command(
    toolset="bridge",
    # The most that any tool behind it can do; the tool's own rules hold.
    effect="irreversible",
    description="Call any command by its name, also one that is not listed as a tool, with the "
    "same checks, rules and answers. bridge_find gives names and arguments. What changes a game "
    "really changes it.",
    params={
        "tool": Param(
            type="string",
            description="Its full name, such as spacemolt_craft.",
            aliases=["name", "tool_name", "command"],
        ),
        "arguments": _option(
            "object",
            "The command's own arguments by name, as the signature of bridge_find says them.",
            aliases=["args", "params", "parameters", "input"],
        ),
    },
)

_RESULT = {
    "id": Param(
        type="string",
        description="Id that the end of the long result named, such as r1.",
        aliases=["result_id", "handle", "result"],
    ),
    "path": _option("string", "Where to look in it, such as systems[12].name or systems[20:40]."),
    "offset": _option(
        "integer", "Character to begin at, as the last answer said.", minimum=0, aliases=["start"]
    ),
    "limit": _option("integer", "Most characters.", minimum=1, aliases=["length", "count", "max"]),
    "search": _option("string", "Words to look for.", aliases=["query", "words", "find"]),
}
