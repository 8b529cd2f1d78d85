"""What must not be sent, or cannot succeed, and what is asked first to know it.

The worst comes first: who whispers to themselves stops the whole server for good, so that is
refused however it is written. Names of items are compared with what the room and the inventory
showed last; a name that is not among them is looked for once more. Only a part of a name is refused
here: what is nowhere to be seen is the game's to refuse.
"""

import difflib
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from bridge.protocol.verdict import Refused
from bridge.quirks.hooks import Asked, Memory
from bridge.quirks.pipeworks import places
from bridge.quirks.pipeworks.lines import Line, begins_with, is_one_line, is_same, line_of

ITEMS_HERE: Final = "_items_here"
CARRIED: Final = "_carried"
PEOPLE: Final = "_people"

_OWN_NAME: Final = "character_name"
_SAID: Final = "message"


def first(memory: Memory, asked: Asked) -> list[places.Query]:
    """Return the queries to make before a call, so that it can be judged."""
    line = line_of(asked.command, asked.arguments)
    if line is None or not line.rest:
        return places.first(memory, asked)
    match line.verb:
        case "whisper" if _OWN_NAME not in asked.known or line.rest.split()[0] not in _people(
            memory
        ):
            return [("status", {})]
        case "take" if not _is_among(line.rest, memory.get(ITEMS_HERE)):
            return [("look", {})]
        case "drop" if not _is_among(line.rest, memory.get(CARRIED)):
            return [("inventory", {})]
        case _:
            return []


def objection(memory: Memory, asked: Asked) -> Refused | None:
    """Return why a call must not be made or cannot succeed, None when it may be made."""
    for name, value in asked.arguments.items():
        if isinstance(value, str) and asked.command in _LINES and not is_one_line(value):
            return _no(
                "not_one_line",
                f"{name} holds a line break or another control character.",
                "Send it as one line. Longer things take several calls.",
            )
    line = line_of(asked.command, asked.arguments)
    if line is None:
        return None
    if asked.command == "raw_command":
        refused = _raw(line)
        if refused is not None:
            return refused
    return _about(line, memory, asked)


def _about(line: Line, memory: Memory, asked: Asked) -> Refused | None:
    match line.verb:
        case "whisper":
            return _whisper(line, memory, asked)
        case "say" | "yell" if not line.rest:
            return _no("empty", f"There is nothing to {line.verb}.", f"Give a {_SAID}.")
        case "take":
            return _not_there(line.rest, memory.get(ITEMS_HERE), "in this room", "Items here")
        case "drop":
            return _not_there(line.rest, memory.get(CARRIED), "in your inventory", "You carry")
        case _:
            return None


def _raw(line: Line) -> Refused | None:
    """Return why a line that a model wrote must not be sent as it is."""
    match line:
        case Line(verb=""):
            return _no(
                "empty",
                "There is no command in this line, and a slash alone makes the server stumble.",
                "The line help lists the commands.",
            )
        case Line(word="w", rest=rest) if rest:
            return _no(
                "w_is_west",
                "The letter w means west: this would move you, and tell nobody anything.",
                "To whisper: pipeworks_whisper. To go west: pipeworks_move.",
            )
        case Line(verb="drop", rest=rest) if rest:
            return _no(
                "use_the_tool",
                "What is dropped is destroyed, so it is not done by a raw command.",
                f'Call pipeworks_drop {{"item": "{rest}"}} if that is what you want.',
            )
        case Line(verb="kick"):
            return _no(
                "use_the_tool",
                "Throwing somebody out is not done by a raw command.",
                "Administrators have pipeworks_kick_by_name, where the player has allowed it.",
            )
        case _:
            return None


def _whisper(line: Line, memory: Memory, asked: Asked) -> Refused | None:
    own = asked.known.get(_OWN_NAME)
    target = str(asked.arguments.get("target", "")).strip()
    if not isinstance(own, str) or not own:
        return _no(
            "own_name_unknown",
            "It is not known which character is yours, and whispering to yourself would stop the "
            "whole server.",
            "Call pipeworks_status first.",
        )
    words = line.rest.split(maxsplit=1)
    if words and (is_same(words[0], own) or is_same(target, own) or begins_with(line.rest, own)):
        return _no(
            "whisper_to_yourself",
            "That is your own character. Whispering to yourself stops the whole server, so it is "
            "never sent.",
            "Whisper to somebody else. pipeworks_look shows who is here.",
        )
    reachable = _one_word(line, target, memory)
    if reachable is not None:
        return reachable
    if asked.command == "whisper" and not str(asked.arguments.get(_SAID, "")).strip():
        return _no("empty", "There is nothing to whisper.", f"Give a {_SAID}.")
    return None


def _one_word(line: Line, target: str, memory: Memory) -> Refused | None:
    """Return why a name of several words cannot be whispered to, None if it is no such name."""
    people = _people(memory)
    meant = [name for name in people if " " in name and begins_with(line.rest, name)]
    if len(target.split()) > 1:
        meant = [target]
    if not meant:
        return _misspelt(line, people)
    return _no(
        "name_of_several_words",
        f"Nobody can whisper to {meant[0]!r}: the server takes the first word for the whole name.",
        "Use pipeworks_say, which everybody in the room hears.",
    )


def _misspelt(line: Line, people: list[str]) -> Refused | None:
    """Return how a name is written that the server would not know in another case."""
    name = next(iter(line.rest.split()), "")
    alike = [each for each in people if is_same(name, each)]
    if not alike or name in people:
        return None
    return _no(
        "not_the_full_name",
        f"There is nobody called {name!r} here.",
        f"Give the name as it is written: {alike[0]}",
    )


def _people(memory: Memory) -> list[str]:
    known = memory.get(PEOPLE)
    return [str(name) for name in known] if isinstance(known, list) else []


def _not_there(name: str, known: JsonValue, where: str, title: str) -> Refused | None:
    """Return which full name was meant, None where the name is full or means nothing here."""
    if not name or not isinstance(known, list) or _is_among(name, known):
        return None
    there = [str(each) for each in known]
    meant = [each for each in there if name.casefold() in each.casefold()]
    meant = meant or difflib.get_close_matches(name, there, n=1)
    if not meant:
        return None
    listed = f"{title}: {', '.join(there)}."
    hint = f"Give the full name: {meant[0]}? {listed}" if len(meant) == 1 else listed
    return _no("not_the_full_name", f"There is no {name!r} {where}.", hint)


def _is_among(name: str, known: JsonValue) -> bool:
    return isinstance(known, list) and any(is_same(name, str(each)) for each in known)


def _no(code: str, message: str, hint: str) -> Refused:
    return Refused(code=code, message=message, hint=hint, local=True)


_LINES: Final[Mapping[str, object]] = dict.fromkeys(
    (
        "say",
        "yell",
        "whisper",
        "raw_command",
        "take",
        "drop",
        "kick_by_name",
        "register",
        "register_guest",
        "ollama_command",
    )
)
"""The commands whose texts must be one line."""
