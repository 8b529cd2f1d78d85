"""The game without a network: a universe, an engine, and the passing of ticks."""

from collections import Counter

from bridge.sandbox.spacemolt.engine import Engine, Settled
from bridge.sandbox.spacemolt.life import markets, others, pirates
from bridge.sandbox.spacemolt.life.death import destroy
from bridge.sandbox.spacemolt.life.ticking import live
from bridge.sandbox.spacemolt.rules import dealers, forum
from bridge.sandbox.spacemolt.rules.everything import all_handlers
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Clock, Push, Universe


class Game:
    """A running game; whoever holds it calls ``tick`` and delivers what it returns."""

    def __init__(
        self,
        *,
        clock: Clock,
        seed: int,
        tick_seconds: float,
        executed: Counter[str],
        lively: bool = True,
    ) -> None:
        self.universe = Universe(clock=clock, seed=seed, tick_seconds=tick_seconds)
        self.engine = Engine(self.universe, all_handlers(), executed)
        self._lively = lively
        others.populate(self.universe)
        markets.open_markets(self.universe)
        dealers.stock_yards(self.universe)
        forum.open_forum(self.universe, others.others(self.universe)[0])
        pirates.station_patrols(self.universe)
        for _ in range(pirates.PIRATES):
            pirates.spawn_pirate(self.universe)

    def tick(self) -> list[Settled]:
        """Let one tick pass; returns the outcomes of the mutations that it settled."""
        self.universe.tick += 1
        settled = self.engine.carry_out()
        live(self.universe, lively=self._lively)
        return settled + self.engine.settle_interruptions()

    def take_pushes(self) -> list[Push]:
        """Return what players must be told, and forget it."""
        pushes, self.universe.pushes = self.universe.pushes, []
        return pushes

    def kill(self, player: Player) -> None:
        """Destroy a player's ship, for a test that wants to see a death."""
        destroy(self.universe, player, cause="accident")
