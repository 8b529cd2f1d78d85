"""A simulated SpaceMolt that remembers every request and every frame it was sent."""

import json
from dataclasses import dataclass, field

from pydantic import JsonValue
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.sandbox.spacemolt.world import SpaceMolt

SOCKET = "websocket"


@dataclass(slots=True)
class Request:
    """One request, or one frame: ``way`` is the upstream it came over."""

    way: str
    name: str
    """The path below the upstream's address, or the type of the frame."""
    payload: dict[str, JsonValue] = field(default_factory=dict)
    request_id: str = ""
    session: str = ""
    bearer: str = ""
    status: int = 0
    at: float = 0.0
    """By the world's clock."""


class Watched(SpaceMolt):
    """The world, and what was asked of it, oldest first; without ``sockets`` it opens none."""

    def __init__(self, *, tick_seconds: float, limits: bool = False, sockets: bool = True) -> None:
        super().__init__(tick_seconds=tick_seconds, limits=limits, lively=False)
        self.requests: list[Request] = []
        self.connections = 0
        self.sockets = sockets
        self.lines: list[Send] = []
        """Where to speak to each connection behind the world's back."""

    def routes(self) -> list[BaseRoute]:
        """Return the game's routes, with a listener before them."""
        return [Mount("", app=_Listener(self, Router(routes=list(super().routes()))))]

    def asked(self, name: str, way: str = "") -> list[Request]:
        """Return what was asked under a name, over one way if one is named."""
        return [each for each in self.requests if each.name == name and way in ("", each.way)]


class _Listener:
    def __init__(self, world: Watched, app: ASGIApp) -> None:
        self._world = world
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not self._world.sockets:
            await send({"type": "websocket.http.response.start", "status": 503, "headers": []})
            await send({"type": "websocket.http.response.body", "body": b""})
        elif scope["type"] == "websocket":
            self._world.connections += 1
            self._world.lines.append(send)
            await self._app(scope, self._frames(receive), send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)

    def _frames(self, receive: Receive) -> Receive:
        async def heard() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                frame = json.loads(message["text"])
                self._world.requests.append(
                    Request(
                        SOCKET,
                        frame["type"],
                        frame.get("payload") or {},
                        request_id=frame.get("request_id", ""),
                    )
                )
            return message

        return heard

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _request(scope)
        request.at = self._world.clock.now()
        self._world.requests.append(request)
        body = bytearray()

        async def heard() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            if body and not message.get("more_body"):
                request.payload = json.loads(body)
            return message

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
            await send(message)

        await self._app(scope, heard, said)


def _request(scope: Scope) -> Request:
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    way, name = "website", path.removeprefix("/api")
    for version in ("v1", "v2"):
        if path.startswith(f"/api/{version}/"):
            way, name = f"http_{version}", path.removeprefix(f"/api/{version}")
    return Request(
        way,
        name.removeprefix("/"),
        session=headers.get("x-session-id", ""),
        bearer=headers.get("authorization", ""),
    )
