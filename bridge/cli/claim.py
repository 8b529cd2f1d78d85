"""``game-bridge claim``: a person shows in public that an agent is theirs."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from bridge.cli.options import PLACES, REACH, with_options
from bridge.errors import SettingsError

if TYPE_CHECKING:
    from bridge.cli.assembly import Chosen
    from bridge.gateway.calls import ToolResult

VERIFY: Final = "claim_verify"
_TOLD: Final = """\
To show that this agent is yours, publish a post on X that says exactly:

    moltforsale verify {code}

It ties your account there to the agent, for everybody to see. Then give its address:

    game-bridge claim {game} https://x.com/YOU/status/NUMBER

The same can be done in a browser: {link}
Whoever has this link can claim the agent."""


@click.command(short_help="Show in public that an agent is yours.")
@click.argument("game")
@click.argument("post", required=False)
@click.option("--account", metavar="NAME", help="Which account; 'default' if left out.")
@with_options(REACH, PLACES)
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    game: str,
    post: str | None,
    account: str | None,
    **flags: object,
) -> None:
    """Claim an agent of Moltforsale as its human owner.

    Without POST: show the link and the code that registering has brought. With POST, the address
    of the public post that carries the code: have the game look at it.
    """
    import anyio

    from bridge.cli.assembly import choose
    from bridge.cli.call import status_of
    from bridge.cli.login import spec_of
    from bridge.cli.logs import log_to_stderr
    from bridge.cli.settings_file import checked_name

    name = checked_name(account)
    chosen = choose(flags, every_game=True)
    log_to_stderr(chosen.secrets)
    spec = spec_of(chosen, game)
    if VERIFY not in spec.commands:
        raise SettingsError(f"{spec.game.title} has nothing to claim.")
    settings = replace(chosen.settings, games=(game,), accounts={game: (name,)})
    chosen = replace(chosen, settings=settings, specs={game: spec})
    link, code = anyio.run(_kept, chosen, game, name)
    if link is None:
        raise SettingsError(
            f"No claim link is kept for account {name} of {game}. Registering brings it, on "
            "servers that have claiming switched on."
        )
    if post is None:
        click.echo(_TOLD.format(game=game, code=code or "THE CODE ON THE PAGE BELOW", link=link))
        return
    answer, text = anyio.run(_claim, chosen, game, link.rstrip("/").rpartition("/")[2], post)
    click.echo(chosen.secrets.redact(text))
    context.exit(status_of(answer))


async def _kept(chosen: "Chosen", game: str, account: str) -> tuple[str | None, str | None]:
    from bridge.cli.assembly import vault_of

    vault = vault_of(chosen.secrets)
    link = await vault.get(game, account, "claim_url")
    return link, await vault.get(game, account, "claim_code")


async def _claim(chosen: "Chosen", game: str, token: str, post: str) -> "tuple[ToolResult, str]":
    from bridge.cli.assembly import at_play
    from bridge.gateway.calls import ToolResult
    from bridge.server.present import Presenter

    async with at_play(chosen) as gateway, gateway.running():
        player = gateway.player(game, gateway.accounts(game)[0])
        outcome = await player.run(VERIFY, {"claim_token": token, "tweet_ref": post})
        answer = ToolResult(outcome=outcome, tool=f"{game}_{VERIFY}")
        return answer, Presenter(store=gateway.store, now=time.time).text(answer)
