"""``game-bridge accounts``: who plays, and where each secret is kept."""

import os
from typing import TYPE_CHECKING

import click

from bridge.cli.options import PLACES, with_options
from bridge.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bridge.cli.assembly import Chosen
    from bridge.credentials import Vault
    from bridge.spec.model import GameSpec


@click.command(short_help="Show accounts and where their secrets are.")
@click.argument("game", required=False)
@click.option("--check", is_flag=True, help="Ask each game whether the account still works.")
@click.option("--default", nargs=2, metavar="GAME NAME", help="Make an account the default one.")
@click.option("--rename", nargs=3, metavar="GAME OLD NEW", help="Give an account another name.")
@with_options(PLACES)
def command(
    *,
    game: str | None,
    check: bool,
    default: tuple[str, str] | None,
    rename: tuple[str, str, str] | None,
    **places: object,
) -> None:
    """Show the accounts of all games, or of one: where each secret is kept, never the secret.

    A secret is kept in the keyring, or in an environment variable, which wins. The first account
    of a game is the one that plays if none is named.
    """
    import anyio

    from bridge.cli.assembly import choose, settings_file
    from bridge.cli.login import spec_of
    from bridge.cli.logs import log_to_stderr
    from bridge.cli.settings_file import make_default

    chosen = choose(places, every_game=True)
    log_to_stderr(chosen.secrets)
    file = settings_file(places, os.environ)
    if default is not None:
        make_default(file, *default)
        click.echo(f"The default account of {default[0]} is {default[1]} now.")
        return
    if rename is not None:
        anyio.run(_rename, chosen, file, *rename)
        click.echo(f"{rename[1]} of {rename[0]} is called {rename[2]} now.")
        return
    specs = {game: spec_of(chosen, game)} if game else chosen.specs
    if not anyio.run(_show, chosen, specs, check):
        click.echo("No accounts yet. To add one: game-bridge login GAME, or register GAME.")
    elif not check:
        click.echo("Whether they still work: game-bridge accounts --check", err=True)


async def _show(chosen: "Chosen", specs: "Mapping[str, GameSpec]", check: bool) -> int:  # noqa: FBT001 - anyio.run passes by place
    """Show the accounts of the games and return how many there are."""
    from bridge.cli.assembly import vault_of
    from bridge.cli.credential_check import check_vault

    vault = vault_of(chosen.secrets)
    shown = 0
    for game, spec in specs.items():
        for number, account in enumerate(chosen.settings.accounts_of(game)):
            kept = await _kept(vault, spec, account)
            if not kept and game not in chosen.settings.accounts:
                continue
            shown += 1
            mark = " (default)" if number == 0 else ""
            click.echo(f"{game} {account}{mark}: {kept or 'nothing is kept for it'}")
            if check:
                verdict = await check_vault(chosen, spec, account, vault)
                click.echo(f"  {chosen.secrets.redact(verdict.told)}")
    return shown


async def _kept(vault: "Vault", spec: "GameSpec", account: str) -> str:
    places = []
    for slot in spec.credentials:
        source = await vault.source(spec.game.id, account, slot)
        if source is not None:
            places.append(f"{slot} in the {source}")
    return ", ".join(places)


async def _rename(chosen: "Chosen", file: "Path", game: str, old: str, new: str) -> None:
    """Move an account's secrets to another name; nothing is deleted before all are stored."""
    from bridge.cli.login import spec_of
    from bridge.cli.settings_file import checked_name, rename_account
    from bridge.keyring_vault import KeyringVault

    checked_name(new)
    # Not what a variable says instead: that stays where it is.
    vault = KeyringVault(chosen.secrets)
    slots = list(spec_of(chosen, game).credentials)
    if any([await vault.source(game, new, slot) == "keyring" for slot in slots]):
        raise CredentialError(f"{game} has an account {new} already. Choose another name.")
    moved = [slot for slot in slots if await vault.source(game, old, slot) == "keyring"]
    for slot in moved:
        value = await vault.get(game, old, slot)
        if value is not None:
            await vault.put(game, new, slot, value)
    for slot in moved:
        await vault.forget(game, old, slot)
    rename_account(file, game, old, new)
