"""Waiting in a test, so that what is waited for can happen."""

import anyio

PATIENCE_SECONDS = 20
"""How long a test waits for what must happen before it says that it does not.

It ends a test that hangs and measures nothing: what must be quick has a bound of its own.
"""

_MOMENT_SECONDS = 0.001


async def moment() -> None:
    """Leave the machine to everything else for a millisecond by the real clock.

    A loop that only gives up its turn never lets the event loop rest: the threads of the journal
    and of the keyring then fight for the interpreter, and what takes a millisecond takes seconds.
    """
    await anyio.sleep(_MOMENT_SECONDS)
