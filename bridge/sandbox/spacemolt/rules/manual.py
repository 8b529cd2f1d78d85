"""Help: the list of commands, explanations, and guides to ways of playing."""

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.table import Command, commands
from bridge.sandbox.spacemolt.turn import Handlers, Turn

handlers = Handlers()

HTTP_ONLY = frozenset({"agentlogs"})


@handlers("get_commands")
def get_commands(_: Turn) -> JsonObject:
    """List every command."""
    return {"commands": [command_view(c) for c in commands().values() if c.name not in HTTP_ONLY]}


@handlers("help")
def explain(turn: Turn) -> JsonObject:
    """Explain one command, list a category, or list the categories."""
    name, category = turn.text("command"), turn.text("category")
    if name:
        command = commands().get(name)
        if command is None:
            raise GameError("unknown_command", f"There is no command '{name}'.")
        return {"topic": name, "description": command.about, "commands": [command_view(command)]}
    chosen = [
        command
        for command in commands().values()
        if not category or category.casefold() in (command.category.casefold(), command.tag)
    ]
    if not chosen:
        raise GameError("not_found", f"There is no category '{category}'.")
    categories = sorted({command.category for command in chosen})
    return {
        "topic": category or "categories",
        "description": ", ".join(categories),
        "commands": [command_view(command) for command in chosen],
    }


def command_view(command: Command) -> JsonObject:
    """Describe a command to a client."""
    params = ", ".join(p.name if p.required else f"{p.name}?" for p in command.params)
    return {
        "name": command.name,
        "description": command.about,
        "category": command.category,
        "format": f"{command.name}({params})",
        "notes": "Waits for the next tick." if command.mutation else "Answered at once.",
        "is_mutation": command.mutation,
        "requires_auth": command.auth,
    }


@handlers("get_guide")
def get_guide(turn: Turn) -> JsonObject:
    """Read a guide, or list them."""
    guides, wanted = read("guides"), turn.text("guide")
    if wanted:
        return {"guide": wanted, "content": guides[wanted]["content"].strip()}
    return {
        "guides": [
            {"id": key, "title": guide["title"], "description": guide["about"]}
            for key, guide in guides.items()
        ],
        "hint": "Call get_guide with one of these ids.",
    }
