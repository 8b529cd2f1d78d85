"""``game-bridge logout``: an account's secrets out of the keyring."""

import os

import click

from bridge.cli.options import PLACES, with_options


@click.command(short_help="Forget an account.")
@click.argument("game")
@click.option("--account", metavar="NAME", help="Which account; 'default' if left out.")
@with_options(PLACES)
def command(*, game: str, account: str | None, **places: object) -> None:
    """Forget an account: delete its secrets from the keyring, and its name from the settings.

    The account in the game stays. A password that only the keyring knew, as after a registration,
    is lost for good.
    """
    import anyio

    from bridge.cli.assembly import choose, settings_file, vault_of
    from bridge.cli.login import spec_of
    from bridge.cli.logs import log_to_stderr
    from bridge.cli.settings_file import checked_name, remove_account

    name = checked_name(account)
    chosen = choose(places, every_game=True)
    log_to_stderr(chosen.secrets)
    slots = list(spec_of(chosen, game).credentials)

    async def forget() -> list[str]:
        vault = vault_of(chosen.secrets)
        for slot in slots:
            await vault.forget(game, name, slot)
        return [slot for slot in slots if await vault.source(game, name, slot) is not None]

    left = anyio.run(forget)
    remove_account(settings_file(places, os.environ), game, name)
    click.echo(f"Forgotten: account {name} in {game}.")
    if left:
        click.echo(f"Environment variables still hold: {', '.join(left)}.", err=True)
