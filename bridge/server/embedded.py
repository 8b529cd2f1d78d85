"""A small web server inside this process, whose signals and end are the process's business."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import anyio
import uvicorn
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LARGEST_BODY = 1024 * 1024

Answer = Callable[
    [str, str, Mapping[str, str], bytes], Awaitable[tuple[int, Mapping[str, str], str]]
]
"""Method, path, headers and body -> status, headers and a page."""


class EmbeddedServer(uvicorn.Server):
    """A server that leaves signals alone and says when it listens."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                interface="asgi3",
                ws="none",
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                # Nobody stands in front of us, so nobody may say whose request it is.
                proxy_headers=False,
            )
        )
        self.listening = anyio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, and say so."""
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


@asynccontextmanager
async def served(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an application while the context is open; the listener is closed after it."""
    # Without it every answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = EmbeddedServer(app)

    async def serve_to_the_end() -> None:
        # Only a server that is told to stop closes its sockets.
        with anyio.CancelScope(shield=True):
            await server.serve([listener])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve_to_the_end)
        try:
            await server.listening.wait()
            yield
        finally:
            server.should_exit = server.force_exit = True


@dataclass(frozen=True, slots=True)
class Embedded:
    """Pages from a function."""

    answer: Answer

    @asynccontextmanager
    async def listening(self, listener: socket.socket) -> AsyncIterator[None]:
        """Serve while the context is open."""
        async with served(self._app, listener):
            yield

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                break
        headers = {name.lower(): value for name, value in request.headers.items()}
        status, told, page = await self.answer(
            request.method, request.url.path, headers, bytes(body)
        )
        await HTMLResponse(page, status, dict(told))(scope, receive, send)
