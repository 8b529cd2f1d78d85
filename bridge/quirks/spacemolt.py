"""What SpaceMolt's spec cannot say."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from bridge.protocol.verdict import Done, Refused
from bridge.quirks.hooks import Answered, Asked, Learnt, Memory, Quirks

RESET: Final = "website_reset_password"
PLAYERS: Final = "website_registration_code"
LINKED: Final = "_linked"
"""Where it is remembered which players belong to the website account: id -> name."""


def expand(frame: Mapping[str, JsonValue]) -> list[Mapping[str, JsonValue]]:
    """Return a push under the name of what it tells.

    Auto dock, auto undock and forum posts come as type ``ok``; what they are stands in
    ``payload.type``.
    """
    payload = frame.get("payload")
    if frame.get("type") == "ok" and isinstance(payload, Mapping):
        told = payload.get("type")
        if isinstance(told, str) and told:
            return [{**frame, "type": told}]
    return [frame]


def first(memory: Memory, asked: Asked) -> list[tuple[str, Mapping[str, JsonValue]]]:
    """Ask whose password it is before it is reset: the new one replaces what is kept."""
    if asked.command == RESET and str(asked.arguments.get("player_id")) not in _linked(memory):
        return [(PLAYERS, {})]
    return []


def learn(memory: Memory, answered: Answered) -> Learnt:
    """Remember the linked players."""
    outcome = answered.outcome
    if answered.command == PLAYERS and isinstance(outcome, Done):
        told = outcome.result.get("players") if isinstance(outcome.result, Mapping) else None
        memory[LINKED] = {
            str(each.get("player_id")): str(each.get("username"))
            for each in (told if isinstance(told, list) else [])
            if isinstance(each, Mapping)
        }
    return Learnt()


def against(memory: Memory, asked: Asked) -> Refused | None:
    """Refuse a reset whose new password would replace that of another player."""
    if asked.command != RESET:
        return None
    ours = asked.known.get("username")
    theirs = _linked(memory).get(str(asked.arguments.get("player_id")))
    if theirs is None:
        return Refused(
            code="not_linked",
            message="The website did not name that player among those of the account.",
            hint="Call spacemolt_website_registration_code for the players and their ids.",
            local=True,
        )
    if ours is not None and str(ours).casefold() != theirs.casefold():
        return Refused(
            code="another_player",
            message=f"{theirs} is not the player of this account, which is {ours}: the new "
            "password would replace the one that is kept.",
            hint=f"Your user can run: game-bridge website reset-password '{theirs}'",
            local=True,
        )
    return None


def _linked(memory: Memory) -> Mapping[str, str]:
    linked = memory.get(LINKED)
    return {k: str(v) for k, v in linked.items()} if isinstance(linked, Mapping) else {}


QUIRKS = Quirks(expand=expand, first=first, object=against, learn=learn)
