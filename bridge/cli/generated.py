"""Everything in the repository that is generated: the spec schema, the snapshots, README tables."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from bridge.cli.assembly import idle_gateway
from bridge.cli.main import COMMANDS, game_bridge
from bridge.cli.surface import as_listed, by_game, weigh
from bridge.settings import Settings
from bridge.spec.loader import json_schema, load_games
from bridge.spec.model import GameSpec

SNAPSHOTS: Final = Path("tests", "snapshots")
SCHEMA: Final = Path("tool_specs", "game.schema.json")
README: Final = Path("README.md")

_BLOCK: Final = re.compile(r"(<!-- generated: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_COLUMNS: Final = 88


def contents(root: Path) -> dict[Path, str]:
    """Return what every generated file below the root should hold, by its path from there.

    Raises SpecError; KeyError for a block of the README that nobody generates.
    """
    specs = load_games(root / "tool_specs")
    files = {SCHEMA: _json(json_schema())}
    files |= {SNAPSHOTS / path: text for path, text in _snapshots(specs)}
    readme = root / README
    if readme.exists():
        text = readme.read_text(encoding="utf-8")
        files[README] = _BLOCK.sub(lambda found: _filled(found, specs), text)
    return files


def stale(root: Path) -> list[Path]:
    """Return the generated files that are missing, differ, or should not be there."""
    wanted = contents(root)
    differing = [path for path, text in wanted.items() if _read(root / path) != text]
    return [*differing, *(path for path in _present(root) if path not in wanted)]


def write(root: Path) -> list[Path]:
    """Bring every generated file up to date; return those that were not."""
    wanted = contents(root)
    changed = stale(root)
    for path in changed:
        if path in wanted:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(wanted[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return changed


def _snapshots(specs: Mapping[str, GameSpec]) -> Iterator[tuple[Path, str]]:
    """Yield a file per tool that any player could see, as a model sees it."""
    allowed = tuple(f"{game}:admin" for game in specs)
    settings = Settings(games=tuple(specs), tools="all", allow=allowed)
    gateway = idle_gateway(settings, specs)
    for game, tools in by_game(gateway, as_listed(gateway)).items():
        for tool in tools:
            yield Path(game, f"{tool['name']}.json"), _json(tool)


def _present(root: Path) -> list[Path]:
    return [path.relative_to(root) for path in sorted((root / SNAPSHOTS).glob("*/*.json"))]


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


# -- Blocks of the README -----------------------------------------------------


def _filled(found: "re.Match[str]", specs: Mapping[str, GameSpec]) -> str:
    start, name, _, end = found.groups()
    return f"{start}{_BLOCKS[name](specs)}{end}"


def _games(specs: Mapping[str, GameSpec]) -> str:
    gateway = idle_gateway(Settings(games=tuple(specs)), specs)
    listed = by_game(gateway, as_listed(gateway))
    lines = ["| game | upstreams | commands | listed by default | tokens of those |"]
    lines.append("|---|---|---|---|---|")
    for game, spec in specs.items():
        weight = weigh(listed.get(game, []))
        ways = ", ".join(f"`{name}`" for name in spec.upstream)
        lines.append(
            f"| {spec.game.title} (`{game}`) | {ways} | {len(spec.commands)} | {weight.tools} | "
            f"{weight.tokens:,} |"
        )
    own = weigh(listed.get("bridge", []))
    lines.append(f"| the bridge's own | | {own.tools} | {own.tools} | {own.tokens:,} |")
    return "\n".join([*lines, ""])


def _toolsets(specs: Mapping[str, GameSpec]) -> str:
    lines = ["| toolset | commands | | what it is for |", "|---|---|---|---|"]
    for game, spec in specs.items():
        for name, toolset in spec.toolsets.items():
            number = sum(command.toolset == name for command in spec.commands.values())
            kind = "default" if toolset.default else "needs `--allow`" if toolset.admin else ""
            lines.append(f"| `{game}:{name}` | {number} | {kind} | {toolset.about} |")
    return "\n".join([*lines, ""])


def _commands(_specs: Mapping[str, GameSpec]) -> str:
    lines = ["| command | what it does |", "|---|---|"]
    context = click.Context(game_bridge, info_name="game-bridge")
    for name in COMMANDS:
        command = game_bridge.get_command(context, name)
        if command is not None:
            lines.append(f"| `game-bridge {name}` | {command.get_short_help_str(_COLUMNS)} |")
    return "\n".join([*lines, ""])


def _serve(_specs: Mapping[str, GameSpec]) -> str:
    context = click.Context(game_bridge, info_name="game-bridge", terminal_width=_COLUMNS)
    command = game_bridge.get_command(context, "serve")
    assert command is not None
    inner = click.Context(command, parent=context, info_name="serve", terminal_width=_COLUMNS)
    return f"```text\n{command.get_help(inner)}\n```\n"


_BLOCKS: Final[Mapping[str, Callable[[Mapping[str, GameSpec]], str]]] = {
    "games": _games,
    "toolsets": _toolsets,
    "commands": _commands,
    "serve": _serve,
}
