"""``game-bridge doctor``: says whether everything is here that playing needs."""

from typing import TYPE_CHECKING

import click

from bridge.cli.options import PLACES, REACH, SANDBOX, with_options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bridge.cli.assembly import Chosen
    from bridge.credentials import Vault
    from bridge.gateway.gateway import Gateway

MARKS = {True: "well", False: "NOT WELL", None: "left alone"}
Finding = tuple[bool | None, str, str]
"""Whether it is well (None: not looked at), what it is, and what is to be said about it."""


@click.command(short_help="Check what playing needs, and ask servers how they are.")
@click.option("--game", multiple=True, metavar="GAME", help="Only this game. May be repeated.")
@with_options(SANDBOX, REACH, PLACES)
@click.pass_context
def command(context: click.Context, /, **_flags: object) -> None:
    """Check what playing needs: the state folder, the keyring, the accounts.

    Of a server with a port for machines (MAID) it asks how the server is, if you play there or
    name it; that port is only ever asked on this computer. Nothing is changed and no game is entered. The exit status is 1 if
    something is not well.
    """
    import anyio

    from bridge.cli.assembly import at_play, choose
    from bridge.cli.logs import log_to_stderr

    chosen = choose(context.params)
    log_to_stderr(chosen.secrets)

    async def examine() -> bool:
        well = True
        async with at_play(chosen) as gateway:
            async for found, what, told in _findings(chosen, gateway, context.params["game"]):
                click.echo(f"{MARKS[found]:<11}{what:<30}{told}")
                well = well and found is not False
        return well

    if not anyio.run(examine):
        context.exit(1)


async def _findings(
    chosen: "Chosen", gateway: "Gateway", named: "Sequence[str]"
) -> "AsyncIterator[Finding]":
    from bridge.errors import BridgeError

    yield True, "specs", f"{len(chosen.specs)} games: {', '.join(chosen.specs)}"
    try:
        await gateway.journal.position()
    except BridgeError as error:
        yield False, "state folder", str(error)
    else:
        yield True, "state folder", str(gateway.settings.state_folder)
    try:
        await gateway.vault.probe()
    except BridgeError as error:
        yield False, "keyring", str(error)
    else:
        yield True, "keyring", "keeps what it is given"
    for game in chosen.specs:
        async for finding in _of_a_game(game, gateway, is_named=game in named):
            yield finding


async def _of_a_game(game: str, gateway: "Gateway", *, is_named: bool) -> "AsyncIterator[Finding]":
    from bridge.gateway.doctor import examine
    from bridge.upstream.http import HttpClient

    is_played = is_named or game in gateway.settings.urls or game in gateway.settings.accounts
    for account in gateway.accounts(game):
        finding = await _of_an_account(game, account, gateway.vault, gateway)
        is_played = is_played or finding[0] is True
        yield finding
    if not is_played:
        return
    http = HttpClient()
    try:
        for probe in await examine(gateway.specs[game], gateway.settings, http):
            yield probe.well, f"{game} {probe.name}", probe.told
    finally:
        await http.close()


async def _of_an_account(game: str, account: str, vault: "Vault", gateway: "Gateway") -> Finding:
    kept = []
    for slot, credential in gateway.specs[game].credentials.items():
        source = await vault.source(game, account, slot)
        if source is not None and credential.secret:
            kept.append(f"{slot} in {source}")
    told = ", ".join(kept) or f"no secret is kept: game-bridge login {game}"
    return (True if kept else None), f"{game} account {account}", told
