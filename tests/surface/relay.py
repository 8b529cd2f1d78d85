"""Stands between a gateway and its games, and remembers what the games have answered."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.faults import Faults
from bridge.sandbox.server import running

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
OF_ONE_HOP = {"content-length", "transfer-encoding", "connection", "content-encoding", "host"}


@dataclass
class Relay:
    """A world that asks another server."""

    behind: str
    client: httpx.AsyncClient
    bodies: list[str] = field(default_factory=list)
    name: str = "relay"
    clock: WallClock | HandClock = field(default_factory=WallClock)
    faults: Faults = field(default_factory=Faults)
    executed: Counter[str] = field(default_factory=Counter)

    def routes(self) -> list[BaseRoute]:
        return [Route("/{path:path}", self.forward, methods=METHODS)]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        yield

    async def forward(self, request: Request) -> Response:
        headers = {k: v for k, v in request.headers.items() if k not in OF_ONE_HOP}
        path = request.url.path.removeprefix("/relay")
        query = f"?{request.url.query}" if request.url.query else ""
        answer = await self.client.request(
            request.method,
            f"{self.behind}{path}{query}",
            content=await request.body(),
            headers=headers,
        )
        self.bodies.append(answer.text)
        kept = {k: v for k, v in answer.headers.items() if k not in OF_ONE_HOP}
        return Response(answer.content, answer.status_code, kept)


@asynccontextmanager
async def relayed(base: str) -> AsyncIterator[tuple[str, Relay]]:
    """Yield the address of a relay to the server, and the relay."""
    async with httpx.AsyncClient(timeout=20) as client:
        relay = Relay(base, client)
        async with running([relay]) as url:
            yield f"{url}/relay", relay
