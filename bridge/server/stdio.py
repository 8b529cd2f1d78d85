"""Serving one host over stdin and stdout, from the first line to the last.

The host ends the server by closing stdin, or with SIGTERM or SIGINT. Each of them ends everything
that runs, then the gateway gets a second to close its connections, and the process ends with
status 0. stdout belongs to MCP alone.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Self, cast

import anyio
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage

from bridge.server.app import BridgeServer, build_server
from bridge.server.eras import Era, era_gate
from bridge.server.needs import Playing
from bridge.server.stdin import lines_from

CLOSING_SECONDS = 1.0
"""What the gateway has for closing its connections."""

STUCK_SECONDS = 2.0
"""When the process ends although the host does not take what was written to it."""

logger = logging.getLogger(__name__)


async def serve_stdio(gateway: Playing, *, era: Era = "auto", structured: bool = False) -> None:
    """Serve until stdin ends or a signal comes; the gateway's connections are closed then."""
    server = build_server(gateway, structured=structured)
    with _signals() as signals, _Ending() as ending, anyio.CancelScope() as leaving:
        async with gateway.running():
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(_stop_on_signal, signals, ending, tasks.cancel_scope)
                    await _serve(server, era, ending)
                    tasks.cancel_scope.cancel()
            except* BrokenPipeError:
                logger.info("The host is gone.")
            finally:
                leaving.shield = True
                leaving.deadline = anyio.current_time() + CLOSING_SECONDS
    if leaving.cancelled_caught:
        logger.warning("Connections were not closed within %s s.", CLOSING_SECONDS)


async def _serve(server: BridgeServer, era: Era, ending: "_Ending") -> None:
    onward, gated = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    async with lines_from(sys.stdin.fileno()) as lines:
        # All that the SDK does with its stdin is to iterate over the lines.
        stdin = cast("anyio.AsyncFile[str]", lines)
        async with stdio_server(stdin=stdin) as (incoming, outgoing):
            async with anyio.create_task_group() as tasks:
                replies = outgoing.clone()
                tasks.start_soon(lambda: era_gate(server, incoming, replies, onward, era=era))
                await server.run(gated, outgoing, server.create_initialization_options())
            ending.begin()


async def _stop_on_signal(
    signals: AsyncIterator[int] | None, ending: "_Ending", scope: anyio.CancelScope
) -> None:
    if signals is not None:
        await anext(signals)
        ending.begin()
        scope.cancel()


@contextmanager
def _signals() -> Iterator[AsyncIterator[int] | None]:
    """Yield the signals that mean the end; while it is open, no number of them kills."""
    if sys.platform == "win32":  # event loops there take none: hosts close stdin
        yield None
        return
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        yield signals


class _Ending:
    """Ends the process if a host that reads nothing keeps the last write from finishing."""

    def __init__(self) -> None:
        self._timer = threading.Timer(STUCK_SECONDS, os._exit, args=(0,))
        self._timer.daemon = True

    def begin(self) -> None:
        """Allow the end two seconds from the first time this is called."""
        if self._timer.ident is None:
            self._timer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
