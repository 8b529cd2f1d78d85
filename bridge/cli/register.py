"""``game-bridge register``: a new account, its secrets straight into the keyring."""

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from pydantic import JsonValue

from bridge.cli.options import PLACES, REACH, with_options
from bridge.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from bridge.cli.assembly import Chosen
    from bridge.credentials import Vault
    from bridge.gateway.calls import ToolResult
    from bridge.spec.model import GameSpec

REGISTER = "register"
AGAIN_SECONDS = 5.0


@click.command(short_help="Create an account in a game.")
@click.argument("game")
@click.argument("arguments", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--account", metavar="NAME", help="For a second account of a game; else 'default'.")
@with_options(REACH, PLACES)
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    game: str,
    arguments: tuple[str, ...],
    account: str | None,
    **flags: object,
) -> None:
    """Create an account in a game and keep its password or key in the keyring.

    The arguments are those of the game's register tool, for instance: game-bridge register
    spacemolt username=Vex empire=solarian registration_code=CODE. Where a game has several, the
    arguments say which is meant: game-bridge register pipeworks character_name=Wanda makes a guest.
    The secret that the game hands out is stored before anything is shown, and never shown.
    """
    import anyio

    from bridge.cli.assembly import choose, settings_file
    from bridge.cli.call import parsed, status_of
    from bridge.cli.login import spec_of
    from bridge.cli.logs import log_to_stderr
    from bridge.cli.settings_file import add_account, checked_name

    name = checked_name(account)
    chosen = choose(flags, every_game=True)
    log_to_stderr(chosen.secrets)
    spec = spec_of(chosen, game)
    wanted = parsed(arguments)
    registration = registration_of(spec, wanted)
    if registration is None:
        raise SettingsError(
            f"{spec.game.title} has no registration. Ask its host for credentials, then run: "
            f"game-bridge login {game}"
        )
    settings = replace(chosen.settings, games=(game,), accounts={game: (name,)}, allow=(game,))
    chosen = replace(chosen, settings=settings, specs={game: spec})
    answer, text = anyio.run(_register, chosen, f"{game}_{registration}", wanted)
    click.echo(chosen.secrets.redact(text))
    if status_of(answer) == 0:
        add_account(settings_file(flags, os.environ), game, name)
        click.echo(f"This is account {name} of {game} now.", err=True)
    context.exit(status_of(answer))


async def store_held(
    vault: "Vault", sleep: "Callable[[float], Awaitable[None]] | None" = None
) -> None:
    """Go on trying to store what the game has handed out: this process is all that has it."""
    import anyio

    while (problem := await vault.store_held()) is not None:
        click.echo(
            f"The account exists, but its secret is not stored yet. {problem} It is tried again "
            "every few seconds. Ctrl-C gives up, and loses the account.",
            err=True,
        )
        await (sleep or anyio.sleep)(AGAIN_SECONDS)


def registration_of(spec: "GameSpec", arguments: "Iterable[str]") -> str | None:
    """Return the command that makes an account out of these arguments, None if there is none."""
    from bridge.protocol.render import needs_account

    known = {
        name: {each for param in command.params for each in (param, *command.params[param].aliases)}
        for name, command in spec.commands.items()
        if command.offered and command.stores and not needs_account(spec, command)
    }
    given = set(arguments)
    fitting = [name for name in known if given <= known[name]] or list(known)
    return REGISTER if REGISTER in fitting else next(iter(fitting), None)


async def _register(
    chosen: "Chosen", tool: str, arguments: dict[str, JsonValue]
) -> "tuple[ToolResult, str]":
    from bridge.cli.assembly import at_play
    from bridge.server.present import Presenter

    async with at_play(chosen) as gateway, gateway.running():
        answer = await gateway.call(tool, arguments)
        await store_held(gateway.vault)
        return answer, Presenter(store=gateway.store, now=time.time).text(answer)
