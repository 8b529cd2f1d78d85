"""What a game hands out once, found in its answer."""

from pydantic import JsonValue

from bridge.protocol.render import credentials_in_use
from bridge.protocol.verdict import Done, Outcome
from bridge.spec.model import Command, GameSpec
from bridge.spec.paths import dig, find_named


def handed_out(path: str, result: JsonValue) -> str | None:
    """Return the secret at a path, or else one of that name elsewhere: it is not told again."""
    value = dig(result, path)
    return str(value) if value else find_named(result, path.rpartition(".")[2])


def lacking(spec: GameSpec, command: Command, outcome: Outcome) -> str | None:
    """Return which secret, without which nobody can play, an answer lacks; None if it has all."""
    if not isinstance(outcome, Done):
        return None
    for slot in sorted(set(command.stores) & credentials_in_use(spec)):
        template, credential = command.stores[slot], spec.credentials[slot]
        told = "{" in template or handed_out(template, outcome.result) is not None
        if credential.secret and not told:
            return f"the game's answer holds no {credential.label}"
    return None
