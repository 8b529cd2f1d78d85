"""What every simulated game offers to the server that puts it on loopback."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from starlette.routing import BaseRoute

from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.faults import Faults


class World(Protocol):
    """One simulated game.

    ``executed`` counts what really happened in it, by command, so that a test can prove that
    nothing happened twice.
    """

    name: str
    clock: WallClock | HandClock
    faults: Faults
    executed: Counter[str]

    def routes(self) -> Sequence[BaseRoute]:
        """Return the game's HTTP and WebSocket routes, relative to its mount point."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """Keep the world alive (ticks, other pilots) while the context is open."""
        ...
