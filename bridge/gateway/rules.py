"""What may be done at all: read-only mode, toolsets of administrators, what is not offered.

The rules hold for every call, listed or not; a list that leaves a tool out is a convenience, not
a guard.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from bridge.protocol.verdict import Refused
from bridge.settings import Settings
from bridge.spec.model import Command, GameSpec


def changes_nothing(command: Command, arguments: Mapping[str, JsonValue]) -> bool:
    """Say whether a command, called like this, only reads."""
    return command.effect == "query" or any(
        str(arguments.get(param)) in values for param, values in command.query_when.items()
    )


def as_asked(command: Command, arguments: Mapping[str, JsonValue]) -> Command:
    """Return the command; one that leaves nothing out, if that was asked for."""
    if command.drop_unless is not None and arguments.get(command.drop_unless) is True:
        return command.model_copy(update={"drop": []})
    return command


def is_allowed(settings: Settings, spec: GameSpec, command: Command) -> bool:
    """Say whether the command's toolset may be used."""
    toolset = spec.toolsets[command.toolset]
    game = spec.game.id
    wanted = {f"{game}:{command.toolset}", f"{game}:admin", game}
    return not toolset.admin or bool(wanted & set(settings.allow))


def is_listable(settings: Settings, spec: GameSpec, command: Command) -> bool:
    """Say whether a model may know of the command."""
    if not command.offered or not is_allowed(settings, spec, command):
        return False
    return not settings.read_only or command.effect == "query" or bool(command.query_when)


def objection(
    settings: Settings,
    spec: GameSpec,
    name: str,
    command: Command,
    arguments: Mapping[str, JsonValue],
) -> Refused | None:
    """Return why the call may not be made, None if it may."""
    tool = f"{spec.game.id}_{name}"
    if not command.offered:
        return _no(
            "not_offered",
            f"{tool} is the bridge's own business or the player's: it is never called by a model.",
            f"Signing in happens by itself. For accounts: game-bridge login {spec.game.id}",
        )
    if not is_allowed(settings, spec, command):
        flag = f"--allow {spec.game.id}:{command.toolset}"
        return _no(
            "not_allowed",
            f"{tool} belongs to the toolset {command.toolset}, which is not allowed here.",
            f"The player can allow it by starting the server with {flag}.",
        )
    if settings.read_only and not changes_nothing(command, arguments):
        return _no(
            "read_only",
            f"{tool} changes something, and this server was started with --read-only.",
            "Use tools that only read, or ask the player to start it without --read-only.",
        )
    return None


def _no(code: str, message: str, hint: str) -> Refused:
    return Refused(code=code, message=message, hint=hint, local=True)
