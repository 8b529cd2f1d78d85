"""A player of the simulated game that needs no network."""

from typing import Any

from bridge.sandbox.spacemolt import accounts
from bridge.sandbox.spacemolt.engine import Settled, Ticket
from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.life.endowment import endow
from bridge.sandbox.spacemolt.shapes import Arguments, GameError, JsonObject
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Ship

PATIENCE = 40


class Pilot:
    """Asks and orders as one player, and lets ticks pass until an order is settled."""

    def __init__(self, game: Game, name: str, empire: str = "solarian") -> None:
        self.game = game
        self.player: Player = accounts.register(
            game.universe,
            Arguments({"username": name, "empire": empire, "registration_code": "sandbox"}),
        )
        accounts.arrive(game.universe, self.player)

    @property
    def id(self) -> str:
        return self.player.id

    @property
    def ship(self) -> Ship:
        return self.game.universe.ship_of(self.player)

    def endowed(self) -> "Pilot":
        """Become rich at once."""
        endow(self.game.universe, self.player)
        return self

    def ask(self, command: str, /, **payload: Any) -> JsonObject:
        """Return the answer to something that is answered at once."""
        answer = self.game.engine.accept(self.player, command, payload)
        assert not isinstance(answer, Ticket)
        return answer

    def order(self, command: str, /, **payload: Any) -> Ticket:
        """Queue a mutation."""
        ticket = self.game.engine.accept(self.player, command, payload)
        assert isinstance(ticket, Ticket)
        return ticket

    def settle(self, command: str, /, **payload: Any) -> Settled:
        """Order something and let ticks pass until it is settled."""
        ticket = self.order(command, **payload)
        for _ in range(PATIENCE):
            for settled in self.game.tick():
                if settled.ticket is ticket:
                    return settled
        raise AssertionError(f"{command} was never settled")

    def do(self, command: str, /, **payload: Any) -> JsonObject:
        """Order something; returns its result, or raises what the game said against it."""
        settled = self.settle(command, **payload)
        if not settled.succeeded:
            raise GameError(settled.payload["code"], settled.payload["message"])
        result: JsonObject = settled.payload["result"]
        return result

    def say(self, command: str, /, **payload: Any) -> JsonObject:
        """Ask or order, whichever the command is; returns the result."""
        outcome = self.game.engine.find(command)
        if outcome.waits_for_tick(payload):
            return self.do(command, **payload)
        return self.ask(command, **payload)

    def told(self, kind: str = "") -> list[JsonObject]:
        """Take what the player was told, all or of one kind; what others were told is lost."""
        return [
            push.data
            for push in self.game.take_pushes()
            if push.player_id == self.id and kind in ("", push.kind)
        ]

    def fly(self, place: str) -> None:
        """Travel somewhere within the system."""
        self.do("travel", target_poi=place)
