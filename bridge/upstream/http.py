"""Carries one HTTP request to a game and its reply back.

Redirects are refused (some libraries hand credentials to the new host), replies are read up to a
bound, and every error of the library becomes one of ours: ``Unreachable`` when nothing can have
happened, ``Interrupted`` when it may have.
"""

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from pydantic import JsonValue

from bridge.errors import Interrupted, ProtocolViolation, Unreachable
from bridge.protocol.wire import HttpCall, HttpReply

if TYPE_CHECKING:
    import httpx

LARGEST_REPLY = 32 * 1024 * 1024
"""Bytes of a reply, decompressed, after which it is given up."""
CONNECT_SECONDS = 10.0
READ_METHODS = frozenset({"GET", "HEAD"})


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

        timeout = httpx.Timeout(call.timeout, connect=min(CONNECT_SECONDS, call.timeout))
        try:
            async with self._opened().stream(
                call.method,
                call.url,
                params=dict(call.query) or None,
                headers=dict(call.headers),
                json=call.body,
                timeout=timeout,
            ) as response:
                return await _reply(response)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable(f"{_where(call)} cannot be reached: {_plain(error)}.") from error
        except httpx.TimeoutException as error:
            raise Interrupted(
                f"{_where(call)} did not answer within {call.timeout:g} s."
            ) from error
        except httpx.TransportError as error:
            raise Interrupted(f"{_where(call)} broke off: {_plain(error)}.") from error
        except (httpx.InvalidURL, httpx.DecodingError, ValueError) as error:
            raise ProtocolViolation(f"{_where(call)}: {_plain(error)}.") from error

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
                headers={"User-Agent": self._user_agent, "Accept": "application/json"},
                limits=httpx.Limits(max_connections=32, keepalive_expiry=20.0),
                trust_env=True,
            )
        return self._client


async def _reply(response: "httpx.Response") -> HttpReply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    raw = await _read(response.aiter_bytes())
    body, text = _decoded(raw)
    return HttpReply(status=response.status_code, headers=headers, body=body, text=text)


async def _read(chunks: AsyncIterator[bytes]) -> bytes:
    read = bytearray()
    async for chunk in chunks:
        read += chunk
        if len(read) > LARGEST_REPLY:
            raise ProtocolViolation(f"The reply is larger than {LARGEST_REPLY // 2**20} MiB.")
    return bytes(read)


def _decoded(raw: bytes) -> tuple[JsonValue, str | None]:
    if not raw.strip():
        return None, None
    text = raw.decode("utf-8", errors="replace")
    try:
        body: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None, text
    return body, None


def _where(call: HttpCall) -> str:
    return f"{call.method} {call.path or '/'}"


def _plain(error: Exception) -> str:
    """Return what went wrong without the address, which may carry a key."""
    return type(error).__name__
