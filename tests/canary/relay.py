"""Stands between the bridge and the simulated games and keeps everything that is said."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import ByteReceiveStream, ByteSendStream, SocketAttribute, SocketStream

SHOWN = re.compile(
    rb"(?im)^(?:authorization: bearer|x-api-key:|x-session-id:|x-simulation-secret:) *(\S+?)\r?$"
)
"""Headers that show who we are."""
ASKED = re.compile(rb"[?&](?:session_id|api_key|token)=([^&\s]+)")
IN_PATHS = re.compile(rb"(?m)^[A-Z]+ \S*/(?:ping|status)/([^/?\s]+)")
NAMED = re.compile(
    rb'"(?:password|new_password|old_password|new_password_confirm|password_confirm|api_key|apiKey|'
    rb"access_token|refresh_token|session_id|sessionId|claimUrl|claim_url|claimCode|claim_code|"
    rb'claimToken|token|password_hash|full_key)" *: *"((?:[^"\\]|\\.)*)"'
)
SESSION = re.compile(rb'"session" *: *\{[^{}]*?"id" *: *"([^"]+)"')
SHORTEST = 6


@dataclass
class Record:
    """What was said, in both directions."""

    streams: list[bytearray] = field(default_factory=list)

    def secrets(self) -> set[str]:
        """Return every value that was said where games and clients say secrets."""
        found: set[str] = set()
        for stream in self.streams:
            for look in (SHOWN, ASKED, IN_PATHS, NAMED, SESSION):
                found |= {match.decode("latin-1") for match in look.findall(bytes(stream))}
        return {each for each in found if len(each) >= SHORTEST}


@asynccontextmanager
async def relay(port: int) -> AsyncIterator[tuple[int, Record]]:
    """Pass on what is said to a port of this machine; yields the port to say it to."""
    record = Record()

    async def visited(here: SocketStream) -> None:
        there = await anyio.connect_tcp("127.0.0.1", port)
        async with here, there, anyio.create_task_group() as both:
            both.start_soon(_pass_on, here, there, _stream(record), both.cancel_scope)
            both.start_soon(_pass_on, there, here, _stream(record), both.cancel_scope)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, visited)
        yield listener.extra_attributes[SocketAttribute.local_port](), record
        tasks.cancel_scope.cancel()


def _stream(record: Record) -> bytearray:
    record.streams.append(bytearray())
    return record.streams[-1]


async def _pass_on(
    source: ByteReceiveStream, target: ByteSendStream, kept: bytearray, both: anyio.CancelScope
) -> None:
    try:
        async for data in source:
            kept += data
            await target.send(data)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        pass
    both.cancel()
