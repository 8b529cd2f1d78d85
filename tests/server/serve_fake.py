"""A real process that serves the fake gateway over stdio."""

import gc
import logging
import sys

import anyio

from bridge.server.stdio import serve_stdio
from tests.server.fake_gateway import FakeGateway


async def main() -> None:
    gateway = FakeGateway(close_seconds=float(sys.argv[2]))
    await serve_stdio(gateway, era="legacy" if sys.argv[1] == "legacy" else "auto")
    logging.getLogger("fake").warning("gateway %s", gateway.state)


anyio.run(main)
gc.freeze()  # as the command line does
