"""``game-bridge token``: who may use ``serve --http``."""

import click

from bridge.cli.options import PLACES, with_options


@click.command(short_help="Let a client use serve --http.")
@click.argument("name", default="default")
@click.option(
    "--share",
    is_flag=True,
    help="It plays with your accounts instead of accounts of its own, which are named after it.",
)
@click.option("--remove", is_flag=True, help="Let it in no longer, from its next request on.")
@click.option("--state", metavar="FOLDER", help="The state folder of the server.")
@with_options(PLACES)
@click.pass_context
def command(
    context: click.Context, /, name: str, *, share: bool, remove: bool, **_: object
) -> None:
    """Make a token for the client NAME and show it, only this once.

    Only a digest of it is kept. A client that has a token already gets a new one, and the old one
    ends. The client sends it with each request: Authorization: Bearer TOKEN

    Its accounts are named like the client. Give it one with: game-bridge login GAME --account NAME
    """
    from bridge.cli.assembly import choose
    from bridge.cli.http import checked_client, clients_file
    from bridge.server.http_clients import HttpClients

    chosen = choose(context.params, every_game=True)
    clients = HttpClients(clients_file(chosen.settings))
    if remove:
        known = clients.remove(name)
        click.echo(f"{name} is let in no longer." if known else f"There is no client {name}.")
        return
    if not share:
        checked_client(name, chosen)
        for game, accounts in chosen.settings.accounts.items():
            if name in accounts:
                click.echo(f"It plays with your account {name} of {game}.", err=True)
    made = clients.add(name, shares_accounts=share)
    click.echo(f"Token of {name}, shown only now:", err=True)
    click.echo(made)
