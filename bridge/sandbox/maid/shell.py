"""The network around the simulated MAID: turns sockets into values and back, nothing else."""

import asyncio
from dataclasses import dataclass

import anyio
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bridge.sandbox.maid import faults, routing
from bridge.sandbox.maid.events import ABRUPT, Hub, Listener
from bridge.sandbox.maid.game import Game
from bridge.sandbox.maid.wire import HttpRequest


@dataclass(frozen=True, slots=True)
class HttpShell:
    """Answers every HTTP request below the mount."""

    game: Game

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        incoming = Request(scope, receive)
        request = await _value(incoming)
        name = routing.endpoint_name(request)
        if faults.struck(self.game.faults, "drop_before", name) is not None:
            await _hang_up(receive)
            return
        reply = routing.respond(self.game, request)
        delay = faults.struck(self.game.faults, "delay_reply", name)
        if delay is not None:
            await anyio.sleep(delay)
        if faults.struck(self.game.faults, "drop_reply_after", name) is not None:
            await _hang_up(receive)
            return
        response = Response(reply.body, reply.status, dict(reply.headers))
        await response(scope, receive, send)


@dataclass(frozen=True, slots=True)
class EventShell:
    """Carries the event stream."""

    game: Game

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until either side ends it."""
        socket = WebSocket(scope, receive, send)
        await socket.receive()
        raw = socket.query_params.get("api_key") or socket.headers.get("x-api-key")
        key = self.game.keys.find(raw, self.game.now())
        if await self._refused(socket, bad_key=bool(raw) and key is None):
            return
        self.game.executed["events_connect"] += 1
        if key is not None:
            key.last_used = self.game.now()
        hub = self.game.hub
        # before it is accepted, so that a client that is in misses nothing
        listener = hub.connect(key.key_id if key else None, socket.query_params.get("types"))
        try:
            await socket.accept()
            await _Conversation(hub, socket, listener).hold()
        finally:
            hub.leave(listener)
        if socket.client_state is not WebSocketState.CONNECTED:
            return
        if listener.close_code:
            await socket.close(listener.close_code)
        else:
            _cut(receive)

    async def _refused(self, socket: WebSocket, *, bad_key: bool) -> bool:
        switches = self.game.faults
        if faults.struck(switches, "redirect", "events") is not None:
            away = Response(status_code=307, headers={"location": faults.elsewhere(_base(socket))})
            await socket.send_denial_response(away)
            return True
        if switches.take("handshake_403") or bad_key:
            await socket.close()
            return True
        return False


class _Conversation:
    """One open event connection: reads, writes, and ends when either side wants."""

    def __init__(self, hub: Hub, socket: WebSocket, listener: Listener) -> None:
        self._hub = hub
        self._socket = socket
        self._listener = listener
        self._news = anyio.Event()
        self._over = anyio.Event()

    async def hold(self) -> None:
        """Return when the listener is to be closed, or has gone."""
        self._listener.wake = self._wake
        self._wake()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._read)
            tasks.start_soon(self._write)
            await self._over.wait()
            tasks.cancel_scope.cancel()

    def _wake(self) -> None:
        self._news.set()
        if self._listener.close_code is not None:
            self._over.set()

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                self._listener.close(ABRUPT)
                return
            self._hub.receive(self._listener, message.get("text") or "")

    async def _write(self) -> None:
        while True:
            self._news = anyio.Event()
            while self._listener.outbox:
                try:
                    await self._socket.send_text(self._listener.outbox.popleft())
                except WebSocketDisconnect:
                    self._listener.close(ABRUPT)
                    return
            await self._news.wait()


@dataclass(frozen=True, slots=True)
class ElsewhereShell:
    """Counts who followed a redirected handshake, and lets nobody in."""

    game: Game

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse one connection."""
        socket = WebSocket(scope, receive, send)
        await socket.receive()
        faults.count_follower(self.game.executed, socket.headers, socket.url.query)
        await socket.close()


def _base(connection: HTTPConnection) -> str:
    mount = connection.scope.get("root_path", "")
    return f"{connection.url.scheme}://{connection.url.netloc}{mount}"


async def _value(incoming: Request) -> HttpRequest:
    return HttpRequest(
        method=incoming.method,
        path=f"/{incoming.path_params['path']}",
        base=_base(incoming),
        query=tuple(incoming.query_params.multi_items()),
        headers=dict(incoming.headers),
        body=await incoming.body(),
    )


async def _hang_up(receive: Receive) -> None:
    """End an HTTP connection without a word, and wait until the server has noticed."""
    _cut(receive)
    while (await receive())["type"] != "http.disconnect":
        pass


def _cut(receive: Receive) -> None:
    # ASGI has no word for this; uvicorn's connections hold their transport.
    connection = getattr(receive, "__self__", None)
    transport = getattr(connection, "transport", None)
    if not isinstance(transport, asyncio.Transport):
        raise TypeError("Only uvicorn's connections can be cut")
    transport.abort()
