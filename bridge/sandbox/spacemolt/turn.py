"""One command of one player at the moment it is carried out, and the register of who does it."""

from collections.abc import Callable
from dataclasses import dataclass

from bridge.sandbox.spacemolt.shapes import Arguments, GameError, JsonObject
from bridge.sandbox.spacemolt.state.places import Base, Place, System
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Ship
from bridge.sandbox.spacemolt.state.universe import Universe


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who does what, where."""

    universe: Universe
    player: Player
    arguments: Arguments

    @property
    def ship(self) -> Ship:
        """Return the ship that the player flies."""
        return self.universe.ship_of(self.player)

    @property
    def place(self) -> Place:
        """Return where the player is."""
        return self.universe.place_of(self.player)

    @property
    def system(self) -> System:
        """Return the system the player is in."""
        return self.universe.system_of(self.player)

    @property
    def base(self) -> Base:
        """Return the base where the player is docked; raises GameError with ``not_docked``."""
        base = self.universe.base_of(self.player)
        if base is None:
            raise GameError("not_docked", "You must be docked at a base. Call dock first.")
        return base

    def base_with(self, service: str) -> Base:
        """Return the base where the player is docked, if it has the service."""
        base = self.base
        if service not in base.services:
            raise GameError("no_service", f"{base.name} has no {service.replace('_', ' ')}.")
        return base

    def text(self, name: str, default: str = "") -> str:
        """Return a string parameter."""
        return self.arguments.text(name, default)

    def number(self, name: str, default: int = 0) -> int:
        """Return an integer parameter."""
        return self.arguments.number(name, default)


Handler = Callable[[Turn], JsonObject]


class Handlers(dict[str, Handler]):
    """Who carries out which command; used as a decorator with the command's name."""

    def __call__(self, name: str) -> Callable[[Handler], Handler]:
        """Return a decorator that registers a function for a command."""

        def register(handler: Handler) -> Handler:
            self[name] = handler
            return handler

        return register
