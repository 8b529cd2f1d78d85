"""``game-bridge login``: credentials into the keyring, once the game has accepted them."""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from bridge.cli.options import PLACES, with_options
from bridge.errors import CredentialError, SettingsError

if TYPE_CHECKING:
    from bridge.cli.assembly import Chosen
    from bridge.credentials import Vault
    from bridge.spec.model import GameSpec


@click.command(short_help="Store an account in the keyring.")
@click.argument("game")
@click.argument("values", nargs=-1, metavar="[SLOT=VALUE]...")
@click.option("--account", metavar="NAME", help="For a second account of a game; else 'default'.")
@click.option("--url", metavar="URL", help="Where the game is, if you host it; noted for later.")
@click.option("--stdin", is_flag=True, help="Read lines SLOT=VALUE instead of asking.")
@click.option("--check/--no-check", default=True, help="Whether to ask the game first.")
@click.option("--replace", is_flag=True, help="Give up another secret that is kept there.")
@with_options(PLACES)
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    game: str,
    values: tuple[str, ...],
    account: str | None,
    url: str | None,
    stdin: bool,
    check: bool,
    replace: bool,
    **places: object,
) -> None:
    """Store what opens a game in the keyring of this machine.

    Asks for what the game wants, without showing secrets; what is no secret may be given at once,
    as in: game-bridge login maid username=vex. The game is asked whether it accepts them before
    anything is stored. Secrets are never given on the command line, where other programs and the
    history of your shell would see them: in scripts, use --stdin.

    The keyring may be the only place that has the password of an account: one that is kept already
    gives way to another only where the game accepts that for the same player, or with --replace.
    """
    from bridge.cli.assembly import choose, settings_file
    from bridge.cli.logs import log_to_stderr
    from bridge.cli.settings_file import add_account, checked_name, set_url

    name = checked_name(account)
    chosen = choose(places | {"url": (f"{game}={url}",) if url else ()}, every_game=True)
    log_to_stderr(chosen.secrets)
    spec = spec_of(chosen, game)
    given = _given(spec, values)
    given |= _from_lines(spec, sys.stdin) if stdin else _asked(spec, given)
    accepted = check and _check(context, chosen, spec, name, given)
    _store(chosen, spec, name, given, sure=replace, accepted=accepted)
    file = settings_file(places, os.environ)
    add_account(file, game, name)
    if url is not None:
        set_url(file, game, url)
    click.echo(f"Stored in the keyring: {', '.join(given)} of account {name} in {game}.")


def spec_of(chosen: "Chosen", game: str) -> "GameSpec":
    """Return a game. Raises SettingsError for one that there is not."""
    if game not in chosen.specs:
        raise SettingsError(f"There is no game {game!r}. There are: {', '.join(chosen.specs)}.")
    return chosen.specs[game]


def _given(spec: "GameSpec", values: Iterable[str]) -> dict[str, str]:
    given = {}
    for text in values:
        slot, value = _slot_and_value(spec, text)
        if spec.credentials[slot].secret:
            raise SettingsError(
                f"{slot} is a secret: leave it out here and type it when asked, or use --stdin."
            )
        given[slot] = value
    return given


def _from_lines(spec: "GameSpec", lines: Iterable[str]) -> dict[str, str]:
    texts = (line.rstrip("\r\n") for line in lines)
    return dict(_slot_and_value(spec, text) for text in texts if text.strip())


def _slot_and_value(spec: "GameSpec", text: str) -> tuple[str, str]:
    slot, separator, value = text.partition("=")
    slot = slot.strip()
    if slot not in spec.credentials or not separator or not value:
        # What was typed may be a secret: it is not repeated.
        slots = ", ".join(spec.credentials)
        raise SettingsError(f"Say SLOT=VALUE, where SLOT is one of {slots}.")
    return slot, value


async def _lost(
    vault: "Vault", spec: "GameSpec", account: str, given: Mapping[str, str], *, accepted: bool
) -> list[str]:
    """Return what would be lost: secrets that are kept and, for all we know, somebody else's."""
    kept = {slot: await vault.get(spec.game.id, account, slot) for slot in given}
    names = [slot for slot in given if not spec.credentials[slot].secret]
    if accepted and names and all(kept[slot] == given[slot] for slot in names):
        return []
    return [
        credential.label
        for slot, credential in spec.credentials.items()
        if credential.secret and slot in given and kept[slot] not in (None, given[slot])
    ]


def _asked(spec: "GameSpec", given: Mapping[str, str]) -> dict[str, str]:
    from bridge.cli.credential_check import slots_to_ask

    asked = {}
    for slot in slots_to_ask(spec):
        credential = spec.credentials[slot]
        if slot in given:
            continue
        label = f"{credential.label}{', or nothing' if credential.optional else ''}"
        value = click.prompt(
            label,
            default="" if credential.optional else None,
            show_default=False,
            hide_input=credential.secret,
            err=True,
        )
        if value:
            asked[slot] = str(value)
    return asked


def _check(
    context: click.Context,
    chosen: "Chosen",
    spec: "GameSpec",
    account: str,
    given: Mapping[str, str],
) -> bool:
    """Return whether the game accepts them; end the command if it refuses them."""
    import anyio

    from bridge.cli.credential_check import check_values

    verdict = anyio.run(check_values, chosen, spec, account, given)
    told = chosen.secrets.redact(verdict.told)
    if verdict.reached and not verdict.works:
        click.echo(f"{told} Nothing was stored.", err=True)
        context.exit(1)
    click.echo(told if verdict.works else f"Not checked: {told}", err=True)
    return verdict.works


def _store(
    chosen: "Chosen",
    spec: "GameSpec",
    account: str,
    given: Mapping[str, str],
    *,
    sure: bool,
    accepted: bool,
) -> None:
    import anyio

    from bridge.cli.assembly import vault_of
    from bridge.keyring_vault import KeyringVault

    if not given:
        raise CredentialError("There is nothing to store: nothing was given.")

    async def put() -> list[str]:
        vault = vault_of(chosen.secrets)
        lost = await _lost(KeyringVault(chosen.secrets), spec, account, given, accepted=accepted)
        if lost and not sure:
            raise CredentialError(
                f"Account {account} of {spec.game.title} has another {', '.join(lost)}, which may "
                "be kept nowhere else. Nothing was stored. Store these under another name "
                "(--account NAME), or give that one up (--replace)."
            )
        for slot, value in given.items():
            await vault.put(spec.game.id, account, slot, value)
        return [s for s in given if await vault.source(spec.game.id, account, s) == "environment"]

    for slot in anyio.run(put):
        click.echo(f"An environment variable for {slot} is set, and wins over this.", err=True)
