"""The command line ``game-bridge``: finds the command, and says what is wrong in one line.

Exit status: 0 done, 1 refused or failed, 2 the flags, variables or settings are wrong, 3 nobody
knows yet what came of it (``call`` only).
"""

import difflib
import errno
import gc
import importlib
import signal
import sys
from collections.abc import Mapping
from importlib import metadata
from typing import Final

import click

from bridge.errors import BridgeError, SettingsError

COMMANDS: Final[Mapping[str, str]] = {
    "serve": "serve",
    "token": "token",
    "demo": "demo",
    "call": "call",
    "tools": "tools",
    "games": "games",
    "login": "login",
    "register": "register",
    "claim": "claim",
    "logout": "logout",
    "accounts": "accounts",
    "website": "website",
    "sandbox": "sandbox",
    "doctor": "doctor",
    "check": "check",
    "docs": "docs",
}
"""Every command, in the order of the help, and the module that holds it."""

NOBODY_ANSWERS: Final = (
    "Nobody is there to answer. Run it in a terminal; in scripts give what is asked for with --stdin, "
    "where the command has it (--help), or in an environment variable GAME_BRIDGE_<GAME>_<SLOT>."
)


class Commands(click.Group):
    """Loads a command when it is named, so that none pays for what another needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Return a command, None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"bridge.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named, its name, and the rest; end where there is none."""
        near = difflib.get_close_matches(args[0], COMMANDS, n=1)
        if near and args[0] not in COMMANDS:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what is wrong becomes a message and an exit status."""
        try:
            return super().invoke(ctx)
        except click.Abort as error:
            if sys.stdin.isatty():
                raise
            raise click.ClickException(NOBODY_ANSWERS) from error
        except (BaseExceptionGroup, BridgeError, OSError) as error:
            raise _as_message(error) from error


def _as_message(error: BaseException) -> BaseException:
    """Return what click shows in a line; the first of several errors stands for all of them."""
    match error:
        case BaseExceptionGroup():
            return _as_message(error.exceptions[0])
        case SettingsError():
            return click.UsageError(str(error))
        case BridgeError():
            return click.ClickException(str(error))
        case OSError() if error.errno != errno.EPIPE:  # who closes a pipe wants to hear no more
            return click.ClickException(f"The system said no: {error}.")
        case _:
            return error


def _show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted:
        try:
            click.echo(f"game-bridge {metadata.version('game-bridge')}")
        except metadata.PackageNotFoundError:
            click.echo("game-bridge, run from a checkout that was never installed")
        context.exit()


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def game_bridge() -> None:
    """Let an LLM host play SpaceMolt, Moltforsale, PipeWorks MUD and MAID MUD.

    To see it work, without an account: game-bridge demo.

    To play from a host such as Claude Desktop, let the host start: game-bridge serve. With
    --sandbox it plays simulated games on this machine; without, the real ones, with the accounts
    that login and register have stored.
    """


def main() -> None:
    """Run the command line and exit."""
    if sys.argv[1:2] == ["serve"] and sys.platform != "win32":
        # Until the server listens to signals itself: some hosts start one only to look at it.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sys.exit(0))
    try:
        game_bridge(prog_name="game-bridge")
    finally:
        # A collection of all that was loaded would take longer than the whole rest of the end.
        gc.freeze()
