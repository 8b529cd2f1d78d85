"""Carries calls between the network and the simulated service, and decides nothing."""

from collections.abc import Callable
from contextlib import suppress

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bridge.sandbox.moltforsale.wire import Answer, Call


class Shell:
    """The ASGI application around a function from call to answer."""

    def __init__(self, answer: Callable[[Call], Answer]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read one request and answer it."""
        request = Request(scope, receive)
        answer = self._answer(await _read(request))
        await anyio.sleep(answer.delay)
        if answer.lost:
            await _hang_up(send)
        else:
            await _response(answer, scope["root_path"])(scope, receive, send)


async def _read(request: Request) -> Call:
    # The path as sent: an encoded slash belongs to a handle, not to the route.
    path = request.scope["raw_path"].decode("latin-1").removeprefix(request.scope["root_path"])
    return Call(
        method=request.method,
        path=path,
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=await request.body(),
        ip=request.client.host if request.client else "",
    )


def _response(answer: Answer, root_path: str) -> Response:
    headers = dict(answer.headers)
    if headers.get("location", "").startswith("/"):
        headers["location"] = root_path + headers["location"]
    content_type = answer.content_type()
    if content_type is not None:
        headers["content-type"] = content_type
    return Response(answer.body(), answer.status, headers)


async def _hang_up(send: Send) -> None:
    # No ASGI message closes a connection without an answer. A status that does not exist makes
    # the server give up after it noted the start of a response: it writes nothing, and closes.
    with suppress(KeyError):
        await send({"type": "http.response.start", "status": 0, "headers": []})
