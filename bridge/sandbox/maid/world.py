"""The simulated MAID: the documented REST API and event stream, with a world that lives.

The mount is the host root of the game's document: ``/api/v1/...``, ``/admin/...``; the
observability port is ``/observability/...``. Credentials to play with are in ``demo``, switches
for misbehaviour in ``faults``.

The document is silent in places. There the simulation does this: unknown parameters and fields
are refused (422); a ban without ``duration_hours`` is for good; five bad logins lock an account
for 15 minutes (403); logging out ends the login, refresh token included; a key that has expired
or was revoked is 401 and its event stream is closed with 1008; requests with a good key count
against it whatever they ask for, other requests are not limited; an announced shutdown is
recorded and never happens.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import anyio
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.faults import Faults
from bridge.sandbox.maid.events import ABRUPT, TYPES
from bridge.sandbox.maid.game import TICKS_PER_SECOND, Game
from bridge.sandbox.maid.life import Life
from bridge.sandbox.maid.routing import respond
from bridge.sandbox.maid.shell import ElsewhereShell, EventShell, HttpShell
from bridge.sandbox.maid.wire import HttpReply, HttpRequest, JsonObject

_GLANCES_PER_TICK = 5


class Maid:
    """One simulated MAID; ``quiet`` keeps it from ticking and living by itself."""

    name: str = "maid"

    def __init__(
        self, *, clock: WallClock | HandClock | None = None, seed: int = 1, quiet: bool = False
    ) -> None:
        self.clock: WallClock | HandClock = clock or WallClock()
        self.faults = Faults()
        self.game = Game(clock=self.clock, faults=self.faults, seed=seed)
        self.executed = self.game.executed
        self._life = Life(self.game)
        self._quiet = quiet

    def routes(self) -> Sequence[BaseRoute]:
        """Return the game's HTTP and WebSocket routes, relative to its mount point."""
        return [
            WebSocketRoute("/api/v1/events", EventShell(self.game)),
            WebSocketRoute("/elsewhere", ElsewhereShell(self.game)),
            Route("/{path:path}", HttpShell(self.game)),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the world alive while the context is open: four ticks a second, other players."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._live)
            yield
            tasks.cancel_scope.cancel()

    def respond(self, request: HttpRequest) -> HttpReply:
        """Answer a request without any network."""
        return respond(self.game, request)

    def tick(self) -> None:
        """Let a quarter of a second's worth of things happen, now."""
        self._life.tick()

    def emit(self, kind: str, data: Mapping[str, object]) -> None:
        """Send an event now; ValueError if MAID has no such type."""
        self.game.hub.emit(kind, data)

    def update(self, values: Mapping[str, JsonObject]) -> None:
        """Send GMCP values (package to data) now; the hero's vitals are kept."""
        vitals = values.get("Char.Vitals", {})
        self.game.hero().vitals.update(
            {name: value for name, value in vitals.items() if isinstance(value, int)}
        )
        self.game.hub.update(values)

    def interrupt(self, code: int = ABRUPT) -> int:
        """Close all event connections now, and say how many; without a code they are just cut."""
        return self.game.hub.interrupt(code)

    def listeners(self) -> int:
        """Return how many event connections are open."""
        return len(self.game.hub.listeners)

    async def _live(self) -> None:
        glances = 0
        while True:
            await anyio.sleep(1 / TICKS_PER_SECOND / _GLANCES_PER_TICK)
            glances += 1
            self.game.hub.strike()
            self._emit_switched()
            if glances % _GLANCES_PER_TICK == 0 and not self._quiet:
                self.tick()

    def _emit_switched(self) -> None:
        for kind in TYPES:
            if self.faults.take(f"emit@{kind}"):
                self.emit(kind, {"number": self.faults.value(f"emit@{kind}")})
