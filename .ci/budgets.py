"""Fails when a module is longer than 400 lines or a function longer than 40 without its docstring."""

import ast
import sys
from pathlib import Path

MODULE_LINES = 400
FUNCTION_LINES = 40


def main() -> int:
    """Print every module and function over budget; return how many there are, at most 1."""
    found = [problem for path in sorted(Path("bridge").rglob("*.py")) for problem in over(path)]
    print("\n".join(found) or "Every module and function is within its budget.")
    return min(1, len(found))


def over(path: Path) -> list[str]:
    """Return what is over budget in a module."""
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    problems = [f"{path}: {lines} lines, {MODULE_LINES} allowed"] if lines > MODULE_LINES else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = length_of(node)
            if length > FUNCTION_LINES:
                where = f"{path}:{node.lineno} {node.name}"
                problems.append(f"{where}: {length} lines, {FUNCTION_LINES} allowed")
    return problems


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's lines without its docstring and decorators."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


if __name__ == "__main__":
    sys.exit(main())
