"""What ``serve --http`` and ``token`` share: where clients are kept, and what each may see."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bridge.errors import SettingsError
from bridge.settings import DEFAULT_ACCOUNT, Settings
from bridge.settings_sources import ACCOUNT_NAME

if TYPE_CHECKING:
    from bridge.cli.assembly import Chosen
    from bridge.gateway.gateway import Gateway
    from bridge.server.http_clients import HttpClient

CLIENTS: Final = "http-clients.json"
FIRST_CLIENT: Final = "default"
LARGEST_PORT: Final = 65535


async def serve_over_http(gateway: "Gateway", where: str) -> None:
    """Listen until a signal comes. Raises SettingsError."""
    from bridge.server.http import is_loopback, serve_http
    from bridge.server.http_clients import HttpClients

    host, port = host_and_port(where)
    clients = HttpClients(clients_file(gateway.settings))
    if not is_loopback(host) and not clients.names():
        token = clients.add(FIRST_CLIENT, shares_accounts=True)
        click.echo(f"Token of the client {FIRST_CLIENT!r}, shown only now: {token}", err=True)

    def gateway_of(client: "HttpClient | None") -> "Gateway":
        return gateway_for(gateway, client)

    await serve_http(
        gateway_of,
        clients,
        host=host,
        port=port,
        structured=gateway.settings.structured,
        say=lambda line: click.echo(line, err=True),
    )


def gateway_for(gateway: "Gateway", client: "HttpClient | None") -> "Gateway":
    """Return a gateway with a client's accounts: its own, unless it shares the player's."""
    if client is None or client.shares_accounts:
        return gateway
    from bridge.credentials import EnvironmentVault
    from bridge.gateway.gateway import Gateway

    vault = gateway.vault
    own = dict.fromkeys(gateway.specs, (client.name,))
    return Gateway(
        specs=gateway.specs,
        settings=replace(gateway.settings, accounts=own),
        vault=vault.of_others() if isinstance(vault, EnvironmentVault) else vault,
        journal=gateway.journal,
    )


def checked_client(name: str, chosen: "Chosen") -> None:
    """Make sure that accounts of a client's own can be named after it. Raises SettingsError."""
    from bridge.credentials import variables

    if not ACCOUNT_NAME.fullmatch(name):
        raise SettingsError(f"{name!r} cannot name a client. Letters, digits, - and _ can.")
    if name == DEFAULT_ACCOUNT:
        raise SettingsError(
            f"Accounts named {name} are yours. Let the client play with them (--share), or give "
            "it another name, such as: game-bridge token laptop"
        )
    for game, spec in chosen.specs.items():
        yours = {variables(game, name, slot)[1] for slot in spec.credentials}
        if yours & {variables(game, name, slot)[0] for slot in spec.credentials}:
            raise SettingsError(f"{name} means something in {game}. Choose another name.")


def clients_file(settings: Settings) -> Path:
    """Return where the clients are kept."""
    return settings.state_folder / CLIENTS


def host_and_port(where: str) -> tuple[str, int]:
    """Return both parts of ``HOST:PORT``. Raises SettingsError."""
    host, separator, port = where.rpartition(":")
    if not separator or not host or not port.isdigit() or int(port) > LARGEST_PORT:
        raise SettingsError(f"--http wants HOST:PORT, such as 127.0.0.1:8080, not {where!r}.")
    return host.strip("[]"), int(port)
