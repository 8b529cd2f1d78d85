"""Lines from the host, read by a thread of their own.

A thread that waits in a read cannot be cancelled; it would keep the process alive until the host
closes the pipe. This one is a daemon: when everything else is done, the process ends.
"""

import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import CancelledError
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import ObjectReceiveStream
from anyio.from_thread import BlockingPortal

_CHUNK = 65_536
_WAITING_LINES = 16


@asynccontextmanager
async def lines_from(stdin: int) -> AsyncIterator[ObjectReceiveStream[str]]:
    """Yield the lines of stdin; meanwhile the rest of the process finds nothing there."""
    source, restore = _take(stdin)
    send, receive = anyio.create_memory_object_stream[str](_WAITING_LINES)
    async with BlockingPortal() as portal, receive:

        def read() -> None:
            # The event loop is gone, or nobody wants more lines: either way, reading is over.
            with suppress(RuntimeError, anyio.BrokenResourceError, CancelledError):
                for line in _lines(source):
                    portal.call(send.send, line)
                portal.call(send.aclose)

        threading.Thread(target=read, name="stdin", daemon=True).start()
        try:
            yield receive
        finally:
            restore()
            with anyio.CancelScope(shield=True):
                await portal.stop(cancel_remaining=True)
            send.close()


def _lines(source: int) -> Iterator[str]:
    """Yield the lines as they come; what is not UTF-8 is replaced."""
    parts: list[bytes] = []
    while chunk := os.read(source, _CHUNK):
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            parts.append(end)
            yield b"".join(parts).decode("utf-8", "replace")
            parts = []
        parts.append(rest)
    if last := b"".join(parts):
        yield last.decode("utf-8", "replace")


def _take(stdin: int) -> tuple[int, "_Restore"]:
    """Return a private descriptor of stdin; children inherit an empty one instead."""
    if sys.platform == "win32":  # the console handles there do not follow the descriptors
        return stdin, _Restore(stdin, stdin)
    private = os.dup(stdin)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, stdin)
    os.close(empty)
    return private, _Restore(private, stdin)


class _Restore:
    """Puts stdin back. The private descriptor stays open: the thread may still wait on it."""

    def __init__(self, private: int, stdin: int) -> None:
        self._private = private
        self._stdin = stdin

    def __call__(self) -> None:
        """Put it back."""
        if self._private != self._stdin:
            os.dup2(self._private, self._stdin)
