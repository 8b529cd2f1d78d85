"""Results as compact text, the way HTTP v2 offers them beside the structured content."""

from bridge.sandbox.spacemolt.shapes import JsonObject

LONGEST_VALUE = 300


def render(result: JsonObject) -> str:
    """Return a result as lines: the message first, then values, then tables."""
    lines = [str(result["message"])] if result.get("message") else []
    tables: list[str] = []
    for name, value in result.items():
        if name == "message":
            continue
        if isinstance(value, list):
            tables.extend(_table(name, value))
        elif isinstance(value, dict):
            tables.append(f"{name}: {_inline(value)}")
        else:
            lines.append(f"{name}: {value}")
    return "\n".join([*lines, *tables]) or "Done."


def _table(name: str, rows: list[object]) -> list[str]:
    lines = [f"{name} ({len(rows)}):"]
    for row in rows:
        cells = row.values() if isinstance(row, dict) else (row,)
        lines.append("\t".join(_cell(cell) for cell in cells))
    return lines


def _cell(value: object) -> str:
    return (_inline(value) if isinstance(value, dict) else str(value))[:LONGEST_VALUE]


def _inline(value: JsonObject) -> str:
    return ", ".join(f"{name} {_cell(item)}" for name, item in value.items())
