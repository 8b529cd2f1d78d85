"""Puts simulated games on loopback over real HTTP and WebSocket.

Each world is mounted under its name: ``/spacemolt/...``. ``/_control/{world}`` turns clocks,
switches faults and tells what was executed; it exists for tests and for curious people.
"""

import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from bridge.sandbox.world import World

_LAST_WORDS_SECONDS = 0.1
"""What requests that are under way have for their answers when the server ends."""
_LOOK_SECONDS = 0.002


def create_app(worlds: Sequence[World]) -> Starlette:
    """Return the application that serves the worlds and their control endpoints."""
    by_name = {world.name: world for world in worlds}

    async def control(request: Request) -> JSONResponse:
        world = by_name.get(request.path_params["world"])
        if world is None:
            return JSONResponse({"error": "no such world", "worlds": sorted(by_name)}, 404)
        if request.method == "POST":
            wanted = await request.json()
            world.clock.advance(float(wanted.get("advance", 0)))
            for name, fault in wanted.get("faults", {}).items():
                world.faults.switch_on(name, **fault)
        return JSONResponse(
            {
                "now": world.clock.now(),
                "executed": dict(world.executed),
                "faults": world.faults.active(),
            }
        )

    return Starlette(
        routes=[
            Route("/_control/{world}", control, methods=["GET", "POST"]),
            *(Mount(f"/{world.name}", routes=list(world.routes())) for world in worlds),
        ]
    )


class _EmbeddedServer(uvicorn.Server):
    """A server inside another program, whose signals are that program's business."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = anyio.Event()
        self.leaving = anyio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, and say so."""
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """Serve until it is time to leave; the clock in the headers turns every second."""
        seconds = 0
        while not self.leaving.is_set():
            await self.on_tick(seconds * 10)
            seconds += 1
            with anyio.move_on_after(1):
                await self.leaving.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection; uvicorn's own way sleeps first, whatever there is to wait for."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with anyio.move_on_after(_LAST_WORDS_SECONDS):
            while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
                await anyio.sleep(_LOOK_SECONDS)
        for server in self.servers:
            await server.wait_closed()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


@asynccontextmanager
async def running(
    worlds: Sequence[World], *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[str]:
    """Serve the worlds inside this process; yields the base URL, ``http://127.0.0.1:PORT``.

    Port 0 takes any free one. Raises OSError when the wanted port is taken.
    """
    listener = socket.create_server((host, port))
    # asyncio sets this only on sockets that name their protocol, which this one does not; without
    # it every answer waits 40 ms for an acknowledgement of its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        create_app(worlds),
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
    )
    server = _EmbeddedServer(config)
    async with AsyncExitStack() as alive:
        for world in worlds:
            await alive.enter_async_context(world.running())
        serving = await alive.enter_async_context(anyio.create_task_group())
        serving.start_soon(_serve_to_the_end, server, listener)
        try:
            await server.listening.wait()
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.force_exit = True
            server.leaving.set()


async def _serve_to_the_end(server: _EmbeddedServer, listener: socket.socket) -> None:
    """Serve until the server is told to stop; only so does it close its sockets."""
    with anyio.CancelScope(shield=True):
        await server.serve([listener])
