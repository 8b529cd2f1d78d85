"""Worlds and characters: what only a login tells, and lists that have to be put together.

The worlds are what the last login has told. A list of characters is of one world only, so that
without a world every world that may be entered is asked, one after the other.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from bridge.protocol.verdict import Done
from bridge.quirks.hooks import Asked, Memory

Query = tuple[str, Mapping[str, JsonValue]]

_WORLDS = "_worlds"
_CHARACTERS = "_characters"
_LEFT_OUT = (
    "config_json",
    "created_at",
    "has_existing_character",
    "has_permission_grant",
    "is_invite_only",
    "is_locked",
)
"""What takes room and is said by other keys too."""
_AS_OF = "As of your last sign-in. pipeworks_list_characters is always fresh."


def first(memory: Memory, asked: Asked) -> list[Query]:
    """Return the queries to make before worlds or characters can be listed."""
    everywhere = asked.command == "list_characters" and asked.arguments.get("world_id") is None
    if not everywhere and asked.command != "list_worlds":
        return []
    worlds = _worlds(memory, asked)
    if worlds is None:
        # A query that signs in; with a session from elsewhere it teaches nothing, then ask anew.
        return [("ping", {}), *([("list_worlds", {})] if everywhere else [])]
    if not everywhere:
        return []
    return [
        ("list_characters", {**asked.arguments, "world_id": world["id"]})
        for world in worlds
        if world.get("can_access") is True and isinstance(world.get("id"), str)
    ]


def answer(memory: Memory, asked: Asked) -> Done | None:
    """Return worlds or characters that are known, None when the game has to be asked."""
    if asked.command == "list_worlds" and "worlds" in asked.known:
        worlds = _worlds(memory, asked) or []
        shown = [{k: v for k, v in world.items() if k not in _LEFT_OUT} for world in worlds]
        return Done(result=list[JsonValue](shown), notes=(_AS_OF,))
    if asked.command == "list_characters" and asked.arguments.get("world_id") is None:
        found = memory.pop(_CHARACTERS, None)
        if isinstance(found, Mapping) and found:
            rows = [row for each in found.values() if isinstance(each, list) for row in each]
            return Done(result=[_marked(row, asked) for row in rows])
    return None


def learn(memory: Memory, command: str, arguments: Mapping[str, JsonValue], done: Done) -> None:
    """Remember the characters of one world, or the worlds that a login has told."""
    world = arguments.get("world_id")
    if command == "list_characters" and isinstance(world, str):
        found = memory.get(_CHARACTERS)
        known = found if isinstance(found, dict) else {}
        memory[_CHARACTERS] = {**known, world: done.result}
    elif command == "list_worlds":
        memory[_WORLDS] = done.result


def _worlds(memory: Memory, asked: Asked) -> list[Mapping[str, JsonValue]] | None:
    told = asked.known.get("worlds", memory.get(_WORLDS))
    return [each for each in told if isinstance(each, Mapping)] if isinstance(told, list) else None


def _marked(row: JsonValue, asked: Asked) -> JsonValue:
    """Return a character with a mark if it is the one that is played."""
    played = asked.known.get("character_id")
    if isinstance(row, Mapping) and played is not None and str(row.get("id")) == str(played):
        return {**row, "selected": True}
    return row
