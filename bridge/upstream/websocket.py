"""Carries text over a WebSocket to a game and back.

Redirects are refused: the library would follow up to ten and hand our headers to the new host.
"""

import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio

from bridge.errors import Interrupted, ProtocolViolation, Unreachable

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

LARGEST_MESSAGE = 8 * 1024 * 1024
"""Bytes of one message, after which the connection is closed."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MESSAGES_AHEAD = 4
"""How many frames are read before they are wanted; each may have the largest size."""
OPEN_SECONDS = 10.0
PING_SECONDS = 20.0
CLOSE_SECONDS = 0.5
LOOK_SECONDS = 1.0
"""How often it is made sure that a silent connection is not half closed."""

USUAL_WAIT_SECONDS = 10.0
"""For whoever connects too often and is not told how long to wait."""
_WAIT = re.compile(r"retry_after\W{1,2}([0-9]{1,6}(?:\.[0-9]+)?)")

# At debug level the library writes down whole requests, whose address may carry a key.
_wire_log = logging.getLogger(f"{__name__}.wire")
_wire_log.setLevel(logging.INFO)


class Closed(Interrupted):
    """The connection is closed; ``code`` and ``reason`` say why as far as the game told."""

    def __init__(self, code: int | None, reason: str) -> None:
        self.code = code
        self.reason = reason
        told_wait = _WAIT.search(reason)
        self.wait = float(told_wait[1]) if told_wait else None
        """Seconds for which the game wants no connection, where the reason says so."""
        told = f" ({code}{': ' + reason if reason else ''})" if code is not None else ""
        super().__init__(f"The game's connection was closed{told}.")


@dataclass(frozen=True, slots=True)
class Socket:
    """One open connection."""

    _connection: "ClientConnection"

    async def send(self, text: str) -> None:
        """Send one message. Raises Closed."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - loaded on first use

        try:
            await self._connection.send(text)
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def receive(self) -> str:
        """Return the next message as text. Raises Closed."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - loaded on first use
        from websockets.protocol import State  # noqa: PLC0415 - the same

        while True:
            try:
                with anyio.move_on_after(LOOK_SECONDS):
                    return _text(await self._connection.recv())
            except ConnectionClosed as error:
                raise _closed(error) from error
            if self._connection.state is not State.OPEN:
                # The game does not hang up as it should, and the library would wait for ever.
                self._connection.transport.abort()


@asynccontextmanager
async def connect(url: str, *, headers: Mapping[str, str] | None = None) -> AsyncIterator[Socket]:
    """Open a connection for the time of the context.

    Raises Unreachable if it cannot be had, Rejected if we are not wanted, ProtocolViolation if
    what answers is no WebSocket or wants us elsewhere.
    """
    connection = await _opened(url, dict(headers or {}))
    try:
        yield Socket(connection)
    finally:
        with anyio.move_on_after(CLOSE_SECONDS, shield=True):
            await connection.close()
        # Else the socket of a game that does not hang up would stay open.
        connection.transport.abort()


class Rejected(Unreachable):
    """The handshake was refused because of who we are; trying again does not help."""


class Throttled(Unreachable):
    """The handshake was refused because we knock too often; ``wait`` is in seconds."""

    def __init__(self, wait: float) -> None:
        self.wait = wait
        super().__init__(f"The game takes no connection for {wait:g} s (HTTP 429).")


async def _opened(url: str, headers: Mapping[str, str]) -> "ClientConnection":
    from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI  # noqa: PLC0415 - loaded on first use

    try:
        return await _handshake(url, headers)
    except InvalidStatus as error:
        answer = error.response
        raise _not_opened(answer.status_code, answer.headers.get("Retry-After", "")) from error
    except (OSError, TimeoutError) as error:
        raise Unreachable(f"The game cannot be reached: {type(error).__name__}.") from error
    except (InvalidURI, ValueError):
        # Its message is the whole address.
        raise ProtocolViolation("The address of the game is no WebSocket address.") from None
    except (InvalidHandshake, EOFError) as error:
        raise ProtocolViolation(
            f"The game did not open a WebSocket: {type(error).__name__}."
        ) from error


async def _handshake(url: str, headers: Mapping[str, str]) -> "ClientConnection":
    from websockets.asyncio.client import connect as open_connection  # noqa: PLC0415 - loaded on first use

    class PinnedConnect(open_connection):
        """Stays with the host it was given."""

        def process_redirect(self, exc: Exception) -> Exception | str:
            """Refuse to follow."""
            return exc

    return await PinnedConnect(
        url,
        additional_headers=headers,
        open_timeout=OPEN_SECONDS,
        ping_interval=PING_SECONDS,
        ping_timeout=PING_SECONDS,
        close_timeout=CLOSE_SECONDS,
        max_size=LARGEST_MESSAGE,
        max_queue=MESSAGES_AHEAD,
        user_agent_header="game-bridge",
        logger=_wire_log,
        # A proxy would read what is not encrypted, and to this machine nothing is.
        proxy=None if urlsplit(url).hostname in LOOPBACK else True,
    )


def _not_opened(status: int, wait: str) -> ProtocolViolation | Unreachable:
    """Return what it means that the handshake was answered with this status."""
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return Throttled(float(wait) if re.fullmatch("[0-9]{1,6}", wait) else USUAL_WAIT_SECONDS)
    if status in (401, 403):
        return Rejected(f"The game refused the connection (HTTP {status}).")
    answered = f"The game did not open the connection (HTTP {status})."
    if status < 400:  # noqa: PLR2004 - a page, or the way to another host
        return ProtocolViolation(answered)
    return Unreachable(answered)


def _text(message: str | bytes) -> str:
    return message if isinstance(message, str) else message.decode("utf-8", errors="replace")


def _closed(error: Exception) -> Closed:
    received = getattr(error, "rcvd", None)
    if received is None:
        return Closed(None, "")
    return Closed(received.code, received.reason)
