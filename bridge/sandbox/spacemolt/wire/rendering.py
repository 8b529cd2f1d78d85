"""Results as compact text, the way HTTP v2 offers them beside the structured content.

Nothing is cut: ids that are needed for the next command may stand in any part. Only members
without a value are left out.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from bridge.sandbox.spacemolt.shapes import JsonObject

DEEPER = "  "


def render(result: JsonObject) -> str:
    """Return a result as lines: the message first, then a line for each value, and tables."""
    message = result.get("message")
    rest = {name: value for name, value in result.items() if name != "message"}
    return "\n".join([*([str(message)] if message else []), *_members(rest, "")]) or "Done."


def _members(record: Mapping[str, object], indent: str) -> list[str]:
    return [
        line
        for name, value in record.items()
        if value not in ("", None)
        for line in _member(name, value, indent)
    ]


def _member(name: str, value: object, indent: str) -> list[str]:
    if _is_record(value):
        records = list(value.values())
        if records and _alike(records):
            named = [{"": key, **row} for key, row in zip(value, records, strict=True)]
            return _table(name, named, indent)
        if any(isinstance(each, Mapping | list) for each in value.values()):
            return [f"{indent}{name}:", *_members(value, indent + DEEPER)]
        return [f"{indent}{name}: {_pairs(value) or 'none'}"]
    if not isinstance(value, list):
        return [f"{indent}{name}: {_word(value)}"]
    if value and _alike(value):
        return _table(name, value, indent)
    if any(isinstance(row, Mapping) for row in value):
        lines = [_pairs(row) if _is_record(row) else _word(row) for row in value]
        rows = [f"{indent}{DEEPER}{line}" for line in lines]
        return [f"{indent}{name} ({len(rows)}):", *rows]
    return [f"{indent}{name}: {', '.join(_word(row) for row in value) or 'none'}"]


def _table(name: str, rows: Sequence[Mapping[str, object]], indent: str) -> list[str]:
    """Return rows below the names of their columns."""
    cells = [list(rows[0]), *([_word(cell) for cell in row.values()] for row in rows)]
    lines = ["\t".join(row) for row in cells]
    return [f"{indent}{name} ({len(rows)}):", *(f"{indent}{DEEPER}{line}" for line in lines)]


def _alike(rows: Sequence[object]) -> TypeGuard[Sequence[Mapping[str, object]]]:
    """Say whether all are records with the same members."""
    return all(_is_record(row) and list(row) == list(_first(rows)) for row in rows)


def _first(rows: Sequence[object]) -> Mapping[str, object]:
    return rows[0] if _is_record(rows[0]) else {}


def _is_record(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _pairs(record: Mapping[str, object]) -> str:
    return ", ".join(
        f"{name} {_word(value)}" for name, value in record.items() if value not in ("", None)
    )


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
