"""Serves MCP over Streamable HTTP at ``/mcp``, in both eras.

Each client that has a token of its own plays with its own accounts, behind a server of its own;
what one sees, another does not.
"""

import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskGroup, TaskStatus
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.errors import SettingsError
from bridge.server.app import build_server
from bridge.server.embedded import served
from bridge.server.gatekeeper import LOOPBACK, Denied, Gatekeeper
from bridge.server.http_clients import HttpClient, HttpClients
from bridge.server.needs import Playing

PATH = "/mcp"
LARGEST_REQUEST = 4 * 1024 * 1024

GatewayOf = Callable[[HttpClient | None], Playing]
"""A client, or None for the player -> the gateway with that one's accounts."""


@dataclass(slots=True, kw_only=True)
class _House:
    """The servers of all clients behind one door."""

    gatekeeper: Gatekeeper
    clients: HttpClients
    gateway_of: GatewayOf
    structured: bool
    tasks: TaskGroup
    """Owns the servers, each in a task of its own."""
    _apps: dict[str, ASGIApp] = field(default_factory=dict)
    _lock: anyio.Lock = field(default_factory=anyio.Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        admitted = self.gatekeeper.admit(headers, (scope.get("client") or ("", 0))[0])
        if isinstance(admitted, Denied):
            denied = PlainTextResponse(admitted.reason, admitted.status, dict(admitted.headers))
            await denied(scope, receive, send)
            return
        app = await self._app_of(admitted)
        await app(scope, receive, send)

    async def _app_of(self, client: HttpClient | None) -> ASGIApp:
        """Return the server of a client, started when the client first comes."""
        # Who shares the player's accounts shares the server too: one connection per account.
        name = "" if client is None or client.shares_accounts else client.name
        async with self._lock:
            if name not in self._apps:
                self._apps[name] = await self.tasks.start(self._keep, client)
            return self._apps[name]

    async def _keep(
        self, client: HttpClient | None, *, task_status: TaskStatus[ASGIApp] = TASK_STATUS_IGNORED
    ) -> None:
        """Run a client's server until the whole house is closed."""
        gateway = self.gateway_of(client)
        async with gateway.running():
            server = build_server(
                gateway,
                structured=self.structured,
                near=is_loopback(self.gatekeeper.host),
            )
            app = server.streamable_http_app(
                streamable_http_path=PATH,
                max_request_body_size=LARGEST_REQUEST,
                # The door has been checked above, for every client alike.
                transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
            )
            async with app.router.lifespan_context(app):
                task_status.started(app)
                await anyio.sleep_forever()


@asynccontextmanager
async def listening(
    gateway_of: GatewayOf,
    clients: HttpClients,
    *,
    host: str,
    port: int,
    structured: bool = False,
) -> AsyncIterator[str]:
    """Serve while the context is open; yields the address of the endpoint.

    Raises SettingsError when the port cannot be had.
    """
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise SettingsError(f"--http {host}:{port}: {error.strerror}.") from error
    async with anyio.create_task_group() as tasks:
        house = _House(
            gatekeeper=_gatekeeper(clients, host),
            clients=clients,
            gateway_of=gateway_of,
            structured=structured,
            tasks=tasks,
        )
        async with served(house, listener):
            yield f"http://{_shown(host)}:{listener.getsockname()[1]}{PATH}"
        tasks.cancel_scope.cancel()


async def serve_http(
    gateway_of: GatewayOf,
    clients: HttpClients,
    *,
    host: str,
    port: int,
    structured: bool,
    say: Callable[[str], None],
) -> None:
    """Serve until a signal comes; ``say`` tells the player where. Raises SettingsError."""
    async with listening(
        gateway_of, clients, host=host, port=port, structured=structured
    ) as address:
        say(f"Serving MCP at {address}")
        if sys.platform == "win32":  # event loops there take no signals: Ctrl-C interrupts
            await anyio.sleep_forever()
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            await anext(signals)


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a server that listens there."""
    return host in LOOPBACK


def _gatekeeper(clients: HttpClients, host: str) -> Gatekeeper:
    return Gatekeeper(
        host=host,
        find=clients.find,
        beginning=clients.beginning,
        needs_token=not is_loopback(host),
        has_clients=lambda: bool(clients.names()),
        now=time.monotonic,
    )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
