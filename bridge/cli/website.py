"""``game-bridge website``: the player's account at SpaceMolt's website.

The website wants the token of its own login. It is good for a short time only, so it is asked for
each time and kept nowhere, unless an environment variable or the keyring has one.
"""

import contextlib
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

import click
from pydantic import JsonValue

from bridge.cli.options import PLACES, REACH, with_options
from bridge.errors import SettingsError

if TYPE_CHECKING:
    from bridge.cli.assembly import Chosen
    from bridge.credentials import Vault
    from bridge.gateway.calls import ToolResult

T = TypeVar("T")

GAME: Final = "spacemolt"
TOKEN: Final = "website_token"  # noqa: S105 - the name of a slot
PLAYERS: Final = "registration_code"


@click.group(short_help="Your SpaceMolt account at the website.")
def command() -> None:
    """Look after your SpaceMolt account at the website: players, registration code, passwords.

    Each asks for the token of your login there, which your browser sends as Authorization: Bearer
    TOKEN. In scripts, set GAME_BRIDGE_SPACEMOLT_WEBSITE_TOKEN.
    """


@command.command()
@with_options(REACH, PLACES)
@click.pass_context
def profile(context: click.Context, /, **flags: object) -> None:
    """Show your own profile."""
    _show(context, flags, "profile")


@command.command()
@with_options(REACH, PLACES)
@click.pass_context
def code(context: click.Context, /, **flags: object) -> None:
    """Show your registration code and the players that are linked to it."""
    _show(context, flags, PLAYERS)


@command.command("rotate-code")
@click.confirmation_option(prompt="The old code will register nobody any more. Go on?")
@with_options(REACH, PLACES)
@click.pass_context
def rotate_code(context: click.Context, /, **flags: object) -> None:
    """Replace your registration code by a new one."""
    _show(context, flags, "rotate_code")


@command.command()
@click.argument("name")
@with_options(REACH, PLACES)
@click.pass_context
def player(context: click.Context, /, *, name: str, **flags: object) -> None:
    """Show one of your players, by name or id."""
    _show(context, flags, "player", name)


@command.command()
@click.argument("name")
@with_options(REACH, PLACES)
@click.pass_context
def log(context: click.Context, /, *, name: str, **flags: object) -> None:
    """Show the captain's log of one of your players, by name or id."""
    _show(context, flags, "player_log", name)


@command.command("reset-password")
@click.argument("name")
@click.option("--account", metavar="NAME", help="The account to keep the password under.")
@with_options(REACH, PLACES)
@click.pass_context
def reset_password(
    context: click.Context, /, *, name: str, account: str | None, **flags: object
) -> None:
    """Give one of your players a new password and keep it in the keyring.

    The player is named by name or id. The old password is worth nothing at once. The new one is
    never shown; it is kept under the account that plays this player, else under the one that you
    name with --account.
    """
    from bridge.cli.assembly import settings_file
    from bridge.cli.call import status_of
    from bridge.cli.settings_file import add_account, checked_name

    wanted = checked_name(account) if account else None

    async def work(visit: "_Visit") -> "tuple[ToolResult, str, str]":
        player_id, username = await visit.player(name)
        account = await _account_for(visit, username, wanted)
        answer, text = await visit.ask("reset_password", {"player_id": player_id}, account)
        return answer, text, account

    answer, text, kept_under = _visited(flags, work)
    click.echo(text)
    if status_of(answer) == 0:
        add_account(settings_file(flags, os.environ), GAME, kept_under)
        click.echo(f"The new password is kept under account {kept_under} of {GAME}.", err=True)
    context.exit(status_of(answer))


@dataclass(frozen=True, slots=True)
class _Visit:
    """One visit to the website."""

    chosen: "Chosen"
    vault: "Vault"

    async def ask(
        self, command: str, arguments: Mapping[str, JsonValue], account: str
    ) -> "tuple[ToolResult, str]":
        """Call a tool of the website's toolset for an account; return the text, too."""
        from bridge.cli.assembly import JOURNAL, gateway_of
        from bridge.cli.register import store_held
        from bridge.journal import Journal
        from bridge.server.present import Presenter

        settings = replace(self.chosen.settings, accounts={GAME: (account,)})
        chosen = replace(self.chosen, settings=settings)
        async with Journal(settings.state_folder / JOURNAL) as journal:
            gateway = gateway_of(chosen, self.vault, journal)
            async with gateway.running():
                answer = await gateway.call(f"{GAME}_website_{command}", arguments)
                await store_held(gateway.vault)
                text = Presenter(store=gateway.store, now=time.time).text(answer)
        return answer, chosen.secrets.redact(text)

    async def player(self, name: str) -> tuple[str, str]:
        """Return id and name of a linked player. Raises SettingsError if there is none such."""
        from bridge.protocol.verdict import Done

        answer, text = await self.ask(PLAYERS, {}, self.first_account())
        outcome = answer.outcome
        if not isinstance(outcome, Done) or not isinstance(outcome.result, Mapping):
            raise SettingsError(text)
        told = outcome.result.get("players")
        players = (
            [each for each in told if isinstance(each, Mapping)] if isinstance(told, list) else []
        )
        for each in players:
            identity, username = str(each.get("player_id")), str(each.get("username"))
            if name in (identity, username) or name.casefold() == username.casefold():
                return identity, username
        there = ", ".join(str(each.get("username")) for each in players) or "none"
        raise SettingsError(f"No player {name!r} is linked to your account. There are: {there}.")

    def first_account(self) -> str:
        return self.chosen.settings.accounts_of(GAME)[0]


def _show(
    context: click.Context, flags: Mapping[str, object], command: str, name: str | None = None
) -> None:
    from bridge.cli.call import status_of

    async def work(visit: _Visit) -> "tuple[ToolResult, str]":
        arguments = {} if name is None else {"player_id": (await visit.player(name))[0]}
        return await visit.ask(command, arguments, visit.first_account())

    answer, text = _visited(flags, work)
    click.echo(text)
    context.exit(status_of(answer))


def _visited(flags: Mapping[str, object], work: Callable[[_Visit], Awaitable[T]]) -> T:
    """Do something at the website, with the token that it wants."""
    import anyio

    from bridge.cli.assembly import choose, vault_of
    from bridge.cli.login import spec_of
    from bridge.cli.logs import log_to_stderr
    from bridge.credentials import NoBackend, variables

    chosen = choose(flags, every_game=True)
    log_to_stderr(chosen.secrets)
    spec = spec_of(chosen, GAME)
    settings = replace(chosen.settings, games=(GAME,), allow=(f"{GAME}:website",))
    chosen = replace(chosen, settings=settings, specs={GAME: spec})
    account = chosen.settings.accounts_of(GAME)[0]
    token = None
    with contextlib.suppress(NoBackend):
        token = anyio.run(vault_of(chosen.secrets).get, GAME, account, TOKEN)
    if token is None:
        token = str(click.prompt(spec.credentials[TOKEN].label, hide_input=True, err=True))
    environment = {**os.environ, variables(GAME, account, TOKEN)[1]: token}
    return anyio.run(work, _Visit(chosen, vault_of(chosen.secrets, environment)))


async def _account_for(visit: _Visit, username: str, wanted: str | None) -> str:
    """Return the account that a player's password is kept under.

    Raises SettingsError where it would replace the password of another player.
    """
    players = {
        account: await visit.vault.get(GAME, account, "username")
        for account in visit.chosen.settings.accounts_of(GAME)
    }
    same = [a for a, name in players.items() if name and name.casefold() == username.casefold()]
    account = wanted or next(iter([*same, *(a for a, name in players.items() if not name)]), None)
    if account is None:
        raise SettingsError(f"No account plays {username} yet. Name one for it with --account.")
    other = await visit.vault.get(GAME, account, "username")
    if other and other.casefold() != username.casefold():
        raise SettingsError(f"Account {account} plays {other}. Name another one with --account.")
    return account
