"""``game-bridge demo``: the real server, a real MCP client, and a story on the sandbox."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import click
from pydantic import JsonValue

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

TICK_SECONDS: Final = 1.1
LONGEST_SECONDS: Final = 60.0
USERNAME: Final = "Newcomer"
LINES_SHOWN: Final = 6
COLUMNS: Final = 110


@click.command(short_help="Play a short story on the sandbox, and show it.")
def command() -> None:
    """Play a short story on simulated SpaceMolt and show it, in less than 30 seconds.

    It starts this program's own MCP server as a host would, connects an MCP client to it, and
    plays tool by tool: register, undock, fly to a belt, mine, fly back, sell, and read what the
    game has told meanwhile. Nothing leaves this machine and nothing is kept.
    """
    import anyio
    from rich.console import Console

    if isinstance(sys.stdout, TextIO) and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False, soft_wrap=True)
    failure = anyio.run(_play, console)
    if failure is not None:
        raise click.ClickException(f"The demo failed. {failure}")


async def _play(console: "Console") -> str | None:
    """Play the story; return why that failed, None when it did not."""
    import anyio
    from mcp import Client, MCPError
    from mcp.client.stdio import StdioServerParameters

    from bridge.cli.story import Story, StoryError

    server = StdioServerParameters(command=sys.executable, args=_arguments(), env=_environment())
    console.print("$ game-bridge serve --sandbox --game spacemolt", style="bold")
    failures: list[str] = []
    try:
        with anyio.fail_after(LONGEST_SECONDS):
            async with Client(server) as client:
                told = f"Connected over MCP {client.protocol_version}"
                tools = (await client.list_tools()).tools
                console.print(f"{told}: {len(tools)} tools.", style="dim")
                earned = await Story(client, _Stage(console)).play(USERNAME)
                console.print(f"\nEarned {earned} credits.", style="bold green")
                console.print("Now let your own host play: see examples/ and README.md.")
    except* StoryError as group:
        failures += _messages(group)
    except* (MCPError, OSError) as group:
        failures += [f"The server did not answer as it should: {m}" for m in _messages(group)]
    except* TimeoutError:
        failures += [f"It was not over after {LONGEST_SECONDS:.0f} s."]
    return " ".join(failures) or None


def _arguments() -> list[str]:
    # The user's own settings and the current folder must not change the story.
    serve = ["serve", "--sandbox", "--structured", "--game", "spacemolt", "--config", os.devnull]
    return ["-P", "-m", "bridge", *serve, "--tick", str(TICK_SECONDS)]


def _environment() -> dict[str, str]:
    here = str(Path(__file__).resolve().parents[2])
    paths = [here, os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def _messages(group: BaseExceptionGroup[BaseException]) -> list[str]:
    return [
        message
        for error in group.exceptions
        for message in (_messages(error) if isinstance(error, BaseExceptionGroup) else [str(error)])
    ]


class _Stage:
    """Shows the story on a terminal, or as plain lines where there is none."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._status: Status | None = None
        self._noted: list[str] = []

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self._console.print(f"\n{title}", style="bold")

    @contextmanager
    def asked(self, tool: str, arguments: Mapping[str, JsonValue]) -> Iterator[None]:
        """Show a call, and that it is waited for."""
        said = " ".join(f"{key}={_short(value)}" for key, value in arguments.items())
        self._print(f"> {tool} {said}".rstrip(), "cyan")
        if not self._console.is_terminal:
            yield
            return
        with self._console.status("") as self._status:
            yield
        self._status = None

    def waiting(self, message: str) -> None:
        """Show what a call waits for."""
        if self._status is not None:
            self._status.update(message)
        else:
            self._print(f"  ... {message}", "dim")

    def answered(self, text: str, notes: list[str]) -> None:
        """Show what came of the call."""
        self._print(f"  {_cut(text)}", None)
        for note in notes:
            if note not in self._noted:
                self._print(f"  {_cut(note)}", "dim")
        self._noted = notes

    def news(self, uri: str) -> None:
        """Show that a resource has changed."""
        self._print(f"  * changed: {uri}", "yellow")

    def read(self, uri: str, text: str) -> None:
        """Show the first lines of what a resource says."""
        self._print(f"> resources/read {uri}", "cyan")
        lines = text.splitlines()
        for line in lines[:LINES_SHOWN]:
            self._print(f"  {_cut(line)}", None)
        if len(lines) > LINES_SHOWN:
            self._print(f"  ({len(lines) - LINES_SHOWN} more lines)", "dim")

    def _print(self, line: str, style: str | None) -> None:
        # Other people's words are no markup.
        self._console.print(line, style=style, markup=False)


def _short(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= COLUMNS else f"{line[: COLUMNS - 3]}..."
