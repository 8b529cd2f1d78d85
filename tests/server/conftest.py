from collections.abc import AsyncIterator

import pytest
from mcp.server.connection import Connection
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from mcp.shared.direct_dispatcher import create_direct_dispatcher_pair

from bridge.server.guard import Context


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def context() -> AsyncIterator[Context]:
    """Yield what a handler is called with, of a host of the older era that nothing reaches."""
    _, outbound = create_direct_dispatcher_pair()
    connection = Connection.for_loop(outbound)
    yield ServerRequestContext(
        session=ServerSession(outbound, connection),  # type: ignore[arg-type] # never sends
        lifespan_context=None,
        protocol_version="2025-11-25",
        method="test",
    )
    outbound.close()
