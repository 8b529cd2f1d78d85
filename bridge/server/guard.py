"""Nothing that goes wrong in a handler may leak out of it, or end the server.

The SDK sends ``str(exception)`` to hosts of the older era, and a ``CancelledError`` that belongs to
somebody else ends the connection. Here every handler is wrapped: what nobody foresaw is logged,
with its traceback, and the host is told that it happened and nothing more. What the bridge itself
says is wrong (``BridgeError``) is told in its own words.
"""

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import anyio
import anyio.lowlevel
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR

from bridge.errors import BridgeError
from bridge.server.clean import clean

logger = logging.getLogger(__name__)

Context = ServerRequestContext[Any, Any]
"""What the SDK hands to every handler; the session in it is the way back to the host."""

P = ParamSpec("P")
R = TypeVar("R")


class Unforeseen(Exception):  # noqa: N818 - what it is, not "an error"
    """Something broke that nobody foresaw; it is in the log already."""


async def contained(what: str, work: Awaitable[R]) -> R:
    """Await the work; raise ``Unforeseen`` for what is neither its result nor an error of ours."""
    try:
        return await work
    except (MCPError, BridgeError):
        raise
    except anyio.get_cancelled_exc_class():
        # Raises when it is this request that was cancelled; returns when it was something awaited.
        await anyio.lowlevel.checkpoint_if_cancelled()
        logger.exception("%s awaited something that was cancelled", what)
    except Exception:
        logger.exception("%s failed", what)
    raise Unforeseen(what)


def guarded(
    handler: Callable[Concatenate[Context, P], Awaitable[R]],
) -> Callable[Concatenate[Context, P], Awaitable[R]]:
    """Return the handler with every exception turned into a protocol error."""

    @functools.wraps(handler)
    async def wrapped(context: Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await contained(context.method, handler(context, *args, **kwargs))
        except BridgeError as error:  # tells the next step and holds no secret
            raise MCPError(INTERNAL_ERROR, clean(str(error))) from None
        except Unforeseen:
            message = "Something went wrong inside game-bridge; its log on stderr says what."
            raise MCPError(INTERNAL_ERROR, message) from None

    return wrapped
