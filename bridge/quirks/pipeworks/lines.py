"""What a line of a player means, read as the server reads it.

It is trimmed, may begin with a slash, and its first word, in any case, is the verb. ``w`` is west,
never whisper.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

MOVES: Final = frozenset({"north", "south", "east", "west", "up", "down"})
SPEECH: Final = frozenset({"say", "yell", "whisper"})

_MEANINGS: Final = {
    **{move[0]: move for move in MOVES},
    "?": "help",
    "chat": "say",
    "flee": "recall",
    "get": "take",
    "i": "inventory",
    "inv": "inventory",
    "l": "look",
    "scurry": "recall",
}
_BREAKING: Final = frozenset({"Cc", "Zl", "Zp"})
"""Unicode's categories of control characters and of what ends a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A verb, without its aliases, and the rest of the line."""

    verb: str
    rest: str = ""
    word: str = ""
    """The verb as it was written, in lower case."""


def read(line: str) -> Line:
    """Return what a line means; an empty verb when there is none."""
    # The server takes one slash away; to be read as a command is to be checked as one.
    words = line.strip().lstrip("/").split(maxsplit=1)
    if not words:
        return Line(verb="")
    word = words[0].lower()
    rest = words[1].strip() if len(words) > 1 else ""
    return Line(verb=_MEANINGS.get(word, word), rest=rest, word=word)


def line_of(command: str, arguments: Mapping[str, JsonValue]) -> Line | None:
    """Return the line that a command stands for, None if it is not sent as one."""
    match command:
        case "raw_command":
            return read(str(arguments.get("line", "")))
        case "move":
            return read(str(arguments.get("direction", "")))
        case "take" | "drop":
            return Line(verb=command, rest=str(arguments.get("item", "")).strip())
        case "say" | "yell":
            return Line(verb=command, rest=str(arguments.get("message", "")).strip())
        case "whisper":
            said = f"{arguments.get('target', '')} {arguments.get('message', '')}"
            return Line(verb=command, rest=said.strip())
        case "look" | "recall" | "inventory":
            return Line(verb=command)
        case _:
            return None


def is_one_line(text: str) -> bool:
    """Say whether a text holds neither line breaks nor other control characters."""
    return not any(unicodedata.category(character) in _BREAKING for character in text)


def is_same(one: str, other: str) -> bool:
    """Say whether two names are the same but for case and for how accents are written."""
    return _folded(one) == _folded(other)


def begins_with(text: str, name: str) -> bool:
    """Say whether a text is a name, or begins with it as whole words."""
    folded, start = _folded(text), _folded(name)
    return folded == start or folded.startswith(f"{start} ")


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
