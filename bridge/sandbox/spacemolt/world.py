"""SpaceMolt, simulated: a small living galaxy behind the documented protocols of v0.327.2.

Any registration code but ``invalid`` is accepted; the usual one is ``sandbox``. The names of the
faults are in ``mischief``. The methods whose names begin with ``pilot_`` make another pilot do
something at once, so that a test need not wait for it.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import anyio
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.faults import Faults
from bridge.sandbox.spacemolt import accounts, mischief
from bridge.sandbox.spacemolt.engine import Settled
from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.life import others
from bridge.sandbox.spacemolt.life.endowment import endow
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.website import DEFAULT_CODE, FIRST_BEARER
from bridge.sandbox.spacemolt.wire.api_v1 import DeskV1
from bridge.sandbox.spacemolt.wire.api_v2 import DeskV2
from bridge.sandbox.spacemolt.wire.dialogue import GOING_AWAY, Dialogue
from bridge.sandbox.spacemolt.wire.http import Counters
from bridge.sandbox.spacemolt.wire.hub import Hub
from bridge.sandbox.spacemolt.wire.limits import Limits
from bridge.sandbox.spacemolt.wire.sessions import Session
from bridge.sandbox.spacemolt.wire.socket import serve

__all__ = ["DEFAULT_CODE", "FIRST_BEARER", "SpaceMolt"]


class SpaceMolt:
    """The world.

    ``limits`` switches the limits per minute; ``lively`` whether pilots and pirates act on their
    own; ``idle_seconds`` closes a silent WebSocket after so long by the world's clock (the server
    cannot see pongs, so this is off unless asked for).
    """

    name = "spacemolt"

    def __init__(
        self,
        *,
        clock: WallClock | HandClock | None = None,
        tick_seconds: float = 10.0,
        seed: int = 1,
        limits: bool = True,
        lively: bool = True,
        idle_seconds: float | None = None,
    ) -> None:
        self.clock = clock or WallClock()
        self.faults = Faults()
        self.executed: Counter[str] = Counter()
        self.tick_seconds = tick_seconds
        self.limits = Limits(self.clock, enabled=limits)
        self.hub = Hub()
        self.game = Game(
            clock=self.clock,
            seed=seed,
            tick_seconds=tick_seconds,
            executed=self.executed,
            lively=lively,
        )
        self.desk_v1, self.desk_v2 = DeskV1(self), DeskV2(self)
        self._idle_seconds = idle_seconds
        self._ticked = anyio.Event()
        self._dialogues: dict[str, Dialogue] = {}

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, relative to where the world is mounted."""

        async def socket(websocket: WebSocket) -> None:
            await serve(self, websocket)

        return [WebSocketRoute("/ws", socket), *Counters(self).routes()]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tick every ``tick_seconds`` of real time while the context is open."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._tick_for_ever)
            yield
            tasks.cancel_scope.cancel()

    async def _tick_for_ever(self) -> None:
        due = anyio.current_time()
        while True:
            # After a pause of the whole process the missed ticks are not made up for.
            due = max(due + self.tick_seconds, anyio.current_time())
            await anyio.sleep_until(due)
            self.tick()

    def tick(self) -> list[Settled]:
        """Let one tick pass, and tell everybody; returns the outcomes."""
        self._act_on_faults()
        settled = self.game.tick()
        self.deliver(settled)
        self._close_idle()
        self.desk_v1.sweep()
        self.desk_v2.sweep()
        passed, self._ticked = self._ticked, anyio.Event()
        passed.set()
        return settled

    async def next_tick(self) -> None:
        """Wait until the next tick has passed."""
        await self._ticked.wait()

    def deliver(self, settled: Iterable[Settled]) -> None:
        """Pass outcomes and waiting pushes to whoever listens."""
        self.hub.deliver(settled, self.game.take_pushes())

    # Signing in and out

    def sign_on(self, player: Player, dialogue: Dialogue) -> JsonObject | None:
        """Make this the account's connection; returns the ``reconnected`` push if one is due."""
        older = self._dialogues.pop(player.id, None)
        if older is not None:
            self.hub.forget(player.id, older)
            older.replaced()
        self._dialogues[player.id] = dialogue
        self.hub.listen(player.id, dialogue)
        return accounts.arrive(self.game.universe, player)

    def sign_off(self, player: Player, dialogue: Dialogue) -> None:
        """Note that a connection is gone; the player leaves with the last one."""
        self.hub.forget(player.id, dialogue)
        if self._dialogues.get(player.id) is dialogue:
            del self._dialogues[player.id]
        self._leave_if_unheard(player)

    def leave_session(self, session: Session) -> None:
        """Note that an HTTP session is over; the player leaves with the last listener."""
        if session.player is not None:
            self.hub.forget(session.player.id, session)
            self._leave_if_unheard(session.player)

    def _leave_if_unheard(self, player: Player) -> None:
        if not self.hub.is_heard(player.id):
            accounts.leave(self.game.universe, player)
            self.deliver([])

    # For tests and for curious people

    def player(self, username: str) -> Player:
        """Return a player by name, to look at or to change; raises GameError."""
        return self.game.universe.find_player(username)

    def close_connections(
        self, *, code: int = 1000, reason: str = GOING_AWAY, username: str = ""
    ) -> None:
        """Close every WebSocket that is signed in, or one player's, from the server's side."""
        for dialogue in list(self._dialogues.values()):
            if not username or (dialogue.player and dialogue.player.username == username):
                dialogue.close(code, reason)

    def pilot_chats(self, username: str, content: str = "", channel: str = "private") -> None:
        """Let another pilot say something to a player, at once."""
        others.speak(self.game.universe, self.player(username), content, channel)
        self.deliver([])

    def pilot_scans(self, username: str) -> None:
        """Let another pilot scan a player, at once."""
        others.look_at(self.game.universe, self.player(username))
        self.deliver([])

    def pilot_attacks(self, username: str) -> None:
        """Let the raider attack a player, who is undocked for it; shots fall from the next tick."""
        others.assault(self.game.universe, self.player(username))
        self.deliver([])

    def pilot_offers_trade(self, username: str) -> str:
        """Let another pilot offer a player a trade, at once; returns the trade's id."""
        offer = others.propose(self.game.universe, self.player(username))
        self.deliver([])
        return offer.id

    def kill(self, username: str) -> None:
        """Destroy a player's ship, at once."""
        self.game.kill(self.player(username))
        self.deliver([])

    def endow(self, username: str) -> None:
        """Make a player rich at once: credits, skills, tools, goods, a faction with facilities."""
        endow(self.game.universe, self.player(username))
        self.deliver([])

    def _act_on_faults(self) -> None:
        if mischief.strikes(self.faults, "close_1000", value=1):
            self.close_connections()
        deeds = {
            "pilot_chat": self.pilot_chats,
            "pilot_scan": self.pilot_scans,
            "pilot_attack": self.pilot_attacks,
            "pilot_trade": self.pilot_offers_trade,
            "kill": self.kill,
        }
        for name, deed in deeds.items():
            if not self.faults.active().get(name) or not self._online():
                continue
            self.faults.take(name)
            for username in self._online():
                try:
                    deed(username)
                except GameError:
                    continue

    def _online(self) -> list[str]:
        players = self.game.universe.players.values()
        return [player.username for player in players if player.online and not player.automatic]

    def _close_idle(self) -> None:
        if self._idle_seconds is None:
            return
        for dialogue in list(self._dialogues.values()):
            if self.clock.now() - dialogue.last_heard > self._idle_seconds:
                dialogue.close(1000, "idle")
