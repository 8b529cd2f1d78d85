"""Carries HTTP to the simulated server and its answers back; decides nothing."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from bridge.sandbox.pipeworks.exchange import (
    Answer,
    Blocked,
    Call,
    Crash,
    Dropped,
    Hung,
    Late,
    Reply,
)


class Answering(Protocol):
    """The world behind the shell."""

    at_restart: list[Callable[[], None]]

    def answer(self, call: Call) -> Answer:
        """Answer one call."""
        ...


class CrashedError(Exception):
    """What an uncaught exception of the real server is; the web server makes it a 500."""


def shell_routes(world: Answering) -> Sequence[BaseRoute]:
    """Return the one route that takes every path and method."""
    return [Route("/{path:path}", _Shell(world))]


class _Shell:
    """Takes requests in turn: while one blocks the server, the others wait."""

    def __init__(self, world: Answering) -> None:
        self._world = world
        self._turn = anyio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = await self._answer(await _call(request))
        if isinstance(answer, Late):
            await anyio.sleep(answer.seconds)
            answer = answer.reply
        match answer:
            case Reply():
                await _response(answer, request)(scope, receive, send)
            case Crash():
                raise CrashedError
            case Dropped() | Hung() | Blocked() | Late():
                await _cut(receive)

    async def _answer(self, call: Call) -> Answer:
        """Return the answer; a request that hangs ends, cut, when the server is restarted."""
        async with self._turn:
            answer = self._world.answer(call)
            while isinstance(answer, Blocked):
                await anyio.sleep(answer.seconds)
                answer = answer.then()
        if isinstance(answer, Hung):
            restarted = anyio.Event()
            self._world.at_restart.append(restarted.set)
            await restarted.wait()
            return Dropped()
        return answer


async def _call(request: Request) -> Call:
    return Call(
        method=request.method,
        path="/" + request.path_params["path"],
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=await request.body(),
    )


def _response(reply: Reply, request: Request) -> Response:
    headers = dict(reply.headers)
    if (where := headers.get("location", "")).startswith("/"):
        headers["location"] = str(request.url.replace(path=request.scope["root_path"] + where))
    return Response(
        reply.encoded(), status_code=reply.status, headers=headers, media_type=reply.media
    )


async def _cut(receive: Receive) -> None:
    """End the connection without a word, and wait until the server has noticed."""
    # ASGI has no word for this; uvicorn's connections hold their transport.
    connection = getattr(receive, "__self__", None)
    transport = getattr(connection, "transport", None)
    if not isinstance(transport, asyncio.Transport):
        raise TypeError("Only uvicorn's connections can be cut")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
