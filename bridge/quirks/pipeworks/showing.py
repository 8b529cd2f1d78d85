"""Results as a model may see them: text unescaped once, chat as lines, table rows with names.

The server escapes as HTML what is said, in chat and in the answer to who said it, and nothing
else. Table rows come as lists in the order of the columns; those that hold secrets are cut out.
"""

import html
import re
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from bridge.quirks.hooks import Memory
from bridge.spec.paths import without_keys

ME: Final = "_me"
"""The name of our own character."""
SECRET_COLUMN: Final = re.compile(r"password|session_?id|token|secret", re.IGNORECASE)

_HEADER: Final = "[Recent messages]:"
_NOTHING: Final = "[No messages in this room yet]"
_BREAKS: Final = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


def tidy(command: str, result: JsonValue) -> JsonValue:
    """Return the result of a command as a model may see it."""
    match command, result:
        case "chat", {"chat": str(text)}:
            return {"lines": list[JsonValue](chat_lines(text))}
        case (("say" | "yell" | "whisper" | "raw_command"), str(text)) if "\n" not in text.strip():
            return unescaped(text.strip())
        case _, str(text):
            return text.strip("\n")
        case "list_chat_messages", {"messages": list(rows)}:
            return {"messages": [_said(row) for row in rows]}
        case "read_table", dict(table):
            return _table(table)
        case _:
            return result


def show(memory: Memory, command: str, result: JsonValue) -> JsonValue:
    """Return a status with the name of our own character, which the server leaves out.

    Without it nobody knows which of the lines in a room are their own.
    """
    if command == "status" and isinstance(result, Mapping) and memory.get(ME):
        return {"character": memory[ME], **result}
    return result


def chat_lines(text: str) -> list[str]:
    """Return the lines of a chat window, oldest first."""
    lines = text.removesuffix("\n").split("\n")
    if lines[0] == _HEADER:
        lines = lines[1:]
    elif lines == [_NOTHING]:
        lines = []
    return [unescaped(line) for line in lines]


def unescaped(line: str) -> str:
    """Return what was said in a line, still as one line."""
    return _BREAKS.sub(" ", html.unescape(line))


def _said(row: JsonValue) -> JsonValue:
    """Return a stored message as those in the room have heard it."""
    if isinstance(row, dict) and isinstance(row.get("message"), str):
        return {**row, "message": unescaped(str(row["message"]))}
    return row


def _table(table: Mapping[str, JsonValue]) -> JsonValue:
    columns, rows = table.get("columns"), table.get("rows")
    if not isinstance(columns, list) or not isinstance(rows, list):
        return None
    names = [str(each) for each in columns]
    shown = [name for name in names if not SECRET_COLUMN.search(name)]
    named = [dict(zip(names, row, strict=False)) for row in rows if isinstance(row, list)]
    cut: list[JsonValue] = [
        {name: _without_secrets(row[name]) for name in shown if name in row} for row in named
    ]
    return {**table, "columns": list[JsonValue](shown), "rows": cut}


def _without_secrets(value: JsonValue) -> JsonValue:
    keys = _keys_of(value)
    return without_keys(value, {key for key in keys if SECRET_COLUMN.search(key)})


def _keys_of(value: JsonValue) -> set[str]:
    if isinstance(value, Mapping):
        return set(value) | {key for each in value.values() for key in _keys_of(each)}
    if isinstance(value, list):
        return {key for each in value for key in _keys_of(each)}
    return set()
