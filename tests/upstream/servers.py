"""Servers on the loopback that answer as a test says, byte by byte."""

import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

LARGEST_REQUEST = 1_000_000


@dataclass(slots=True, eq=False)
class Visits:
    """Where a server is, and what it was asked."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        """The same for a WebSocket."""
        return f"ws://127.0.0.1:{self.port}"


Answer = Callable[[SocketStream, bytes], Awaitable[None]]
"""Called with each request; a server goes on until the client has gone or it closes itself."""


def says(*parts: bytes, close: bool = False) -> Answer:
    """Return the answer that is sent in these parts."""

    async def answer(stream: SocketStream, _: bytes) -> None:
        for part in parts:
            await stream.send(part)
        if close:
            await stream.aclose()

    return answer


def reply(
    body: bytes = b"{}", *headers: str, status: str = "200 OK", length: int | None = None
) -> bytes:
    """Return an HTTP reply; ``length`` may claim another length than the body has."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


async def upgrade(stream: SocketStream, request: bytes, *headers: str) -> None:
    """Accept a WebSocket handshake (RFC 6455, section 4.2.2)."""
    lines = dict(line.split(": ", 1) for line in request.decode().strip().split("\r\n")[1:])
    key = lines["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest())
    lines_back = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept.decode()}",
    ]
    await stream.send("\r\n".join([*lines_back, *headers, "", ""]).encode())


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Visits]:
    """Serve on a free port for the time of the context."""
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        visits = Visits(listener.extra_attributes[SocketAttribute.local_port]())

        async def serve(stream: SocketStream) -> None:
            visits.connections += 1
            reader = BufferedByteReceiveStream(stream)
            try:
                while True:
                    request = await _request(reader)
                    visits.requests.append(request)
                    await answer(stream, request)
            except (anyio.EndOfStream, anyio.IncompleteRead):
                pass
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                pass
            finally:
                await anyio.aclose_forcefully(stream)

        failed: Exception | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, serve)
            try:
                yield visits
            except Exception as error:  # noqa: BLE001 - passed on, and not as one of a group
                failed = error
            tasks.cancel_scope.cancel()
        if failed is not None:
            raise failed


async def _request(reader: BufferedByteReceiveStream) -> bytes:
    head = await reader.receive_until(b"\r\n\r\n", LARGEST_REQUEST)
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return head + b"\r\n\r\n" + await reader.receive_exactly(int(value))
    return head + b"\r\n\r\n"
