"""Carries one HTTP request to a game and its reply back.

The other side is not trusted: redirects are refused (some libraries hand credentials to the new
host), no cookie is kept, what is compressed is unpacked no further than a reply may be long, and a
reply that drips in is given up in time. Requests to this machine never go through a proxy, which
would read what is not encrypted.

Every error of the library becomes one of ours: ``Unreachable`` when nothing can have happened,
``Interrupted`` when it may have.
"""

import json
import zlib
from collections.abc import AsyncIterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Final

import anyio
from pydantic import JsonValue

from bridge.errors import Interrupted, ProtocolViolation, Unreachable
from bridge.protocol.wire import HttpCall, HttpReply, is_too_deep

if TYPE_CHECKING:
    import httpx

LARGEST_REPLY: Final = 8 * 1024 * 1024
"""Bytes of a reply, unpacked, after which it is given up; the largest known has one million."""
CONNECT_SECONDS: Final = 10.0
KEEP_ALIVE_SECONDS: Final = 4.0
"""How long an idle connection is used again: many servers close theirs after 5 seconds, and an
act that is sent at that moment has an unknown fate, which is worse than another handshake."""
DIRECT: Final = ("all://localhost", "all://127.0.0.1", "all://[::1]")
"""What is reached without a proxy, whatever the environment says."""
LARGEST_PORT: Final = 65_535
GZIP_WINDOW: Final = 31
"""As zlib wants it for gzip, whose window is 15."""


class HttpClient:
    """One client per game: connections are kept open, and no cookie is ever kept."""

    def __init__(self, *, user_agent: str = "game-bridge") -> None:
        self._user_agent = user_agent
        self._client: httpx.AsyncClient | None = None

    async def exchange(self, call: HttpCall) -> HttpReply:
        """Send a request and return the reply, whatever its status.

        Raises Unreachable if the request cannot have had an effect, Interrupted if it may have,
        ProtocolViolation if the reply cannot be read.
        """
        import httpx  # noqa: PLC0415 - costs start-up time, and a start may need no network

        try:
            return await self._within(call.timeout + CONNECT_SECONDS, call)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable(f"{_where(call)} cannot be reached: {_plain(error)}.") from error
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            # Its message repeats headers, which hold keys.
            raise Unreachable(f"{_where(call)} cannot be sent: {_plain(error)}.") from None
        except httpx.TimeoutException as error:
            raise Interrupted(
                f"{_where(call)} did not answer within {call.timeout:g} s."
            ) from error
        except httpx.TransportError as error:
            raise Interrupted(f"{_where(call)} broke off: {_plain(error)}.") from error
        except zlib.error as error:
            raise ProtocolViolation(f"{_where(call)}: {_plain(error)}.") from error

    async def _within(self, seconds: float, call: HttpCall) -> HttpReply:
        """Exchange, in that time altogether: a reply that comes byte by byte is never silent."""
        request = self._request(call)
        with anyio.move_on_after(seconds):
            response = await self._opened().send(request, stream=True)
            try:
                return await _reply(response)
            finally:
                await response.aclose()
        raise Interrupted(f"{_where(call)} was not answered in full within {seconds:g} s.")

    def _request(self, call: HttpCall) -> "httpx.Request":
        """Return the request. Raises Unreachable for what none can hold: nothing is sent then."""
        import httpx  # noqa: PLC0415 - the same

        connecting = min(CONNECT_SECONDS, call.timeout)
        try:
            request = self._opened().build_request(
                call.method,
                call.url,
                params=dict(call.query) or None,
                headers=dict(call.headers),
                json=call.body,
                timeout=httpx.Timeout(call.timeout, connect=connecting, pool=connecting),
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise Unreachable(f"{_where(call)} cannot be sent: {_plain(error)}.") from None
        if (request.url.port or 0) > LARGEST_PORT:
            raise Unreachable(f"{_where(call)} cannot be sent: there is no such port.")
        return request

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _opened(self) -> "httpx.AsyncClient":
        if self._client is None:
            import httpx  # noqa: PLC0415 - the same

            self._client = httpx.AsyncClient(
                follow_redirects=False,
                headers={
                    "User-Agent": self._user_agent,
                    "Accept": "application/json",
                    "Accept-Encoding": "gzip",
                },
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                limits=httpx.Limits(max_connections=32, keepalive_expiry=KEEP_ALIVE_SECONDS),
                mounts=dict.fromkeys(DIRECT),
                trust_env=True,
            )
        return self._client


async def _reply(response: "httpx.Response") -> HttpReply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    raw = await _read(response.aiter_raw(), headers.get("content-encoding", ""))
    body, text = _decoded(raw)
    return HttpReply(status=response.status_code, headers=headers, body=body, text=text)


async def _read(chunks: AsyncIterator[bytes], encoding: str) -> bytes:
    unpacking = _unpacking(encoding)
    read = bytearray()
    async for chunk in chunks:
        room = LARGEST_REPLY + 1 - len(read)
        read += chunk if unpacking is None else unpacking.decompress(chunk, room)
        if len(read) > LARGEST_REPLY:
            raise ProtocolViolation(f"The reply is larger than {LARGEST_REPLY // 2**20} MiB.")
    if unpacking is not None and read and not unpacking.eof:
        raise ProtocolViolation("The reply ends in the middle.")
    return bytes(read)


def _unpacking(encoding: str) -> "zlib._Decompress | None":
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(GZIP_WINDOW)
        case _:
            raise ProtocolViolation("The reply is packed in a way that nobody asked for.")


def _decoded(raw: bytes) -> tuple[JsonValue, str | None]:
    if not raw.strip():
        return None, None
    text = raw.decode("utf-8", errors="replace")
    try:
        body: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None, text
    return (None, text) if is_too_deep(body, text) else (body, None)


def _where(call: HttpCall) -> str:
    return f"{call.method} {call.path or '/'}"


def _plain(error: Exception) -> str:
    """Return what went wrong without the address, which may carry a key."""
    return type(error).__name__
