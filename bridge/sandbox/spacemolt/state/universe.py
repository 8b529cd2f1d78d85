"""Everything there is: the galaxy, the players, and what lies between them. Pure state, no network.

Whoever changes it also says who must be told: ``pushes`` collects that until somebody delivers it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Protocol

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.dealings import Dealings
from bridge.sandbox.spacemolt.state.drones import Drones
from bridge.sandbox.spacemolt.state.encounters import Encounters
from bridge.sandbox.spacemolt.state.estates import Estates
from bridge.sandbox.spacemolt.state.exchange import Exchange
from bridge.sandbox.spacemolt.state.goods import ship_classes
from bridge.sandbox.spacemolt.state.insurance import Insurance
from bridge.sandbox.spacemolt.state.papers import Papers
from bridge.sandbox.spacemolt.state.places import Base, Galaxy, Place, System
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Module, Ship
from bridge.sandbox.spacemolt.state.society import Society
from bridge.sandbox.spacemolt.state.storage import Locker, Lockers
from bridge.sandbox.spacemolt.state.website import Website
from bridge.sandbox.spacemolt.state.yards import Yards

ACTIONS_KEPT = 500
FIRST_TICK = 109_000


class Clock(Protocol):
    """Where the universe reads the time."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """Something a player must be told without having asked."""

    player_id: str
    kind: str
    data: JsonObject


class Universe:
    """The whole state of the game."""

    def __init__(self, *, clock: Clock, seed: int, tick_seconds: float) -> None:
        self.clock = clock
        self.tick_seconds = tick_seconds
        self.tick = FIRST_TICK
        self.rng = Random(seed)
        self._ids = Random(seed + 1)
        self.galaxy = Galaxy()
        self.players: dict[str, Player] = {}
        self.ships: dict[str, Ship] = {}
        self.exchange = Exchange()
        self.lockers = Lockers()
        self.dealings = Dealings()
        self.encounters = Encounters()
        self.society = Society()
        self.insurance = Insurance()
        self.yards = Yards()
        self.estates = Estates()
        self.drones = Drones()
        self.papers = Papers()
        self.website = Website()
        self.pushes: list[Push] = []
        self.interruptions: dict[str, GameError] = {}
        self.visitor = Player(
            id="",
            username="",
            password="",
            empire="",
            created_at="",
            system_id="",
            place_id="",
            home_base="",
        )

    # Time and names

    def timestamp(self, later: float = 0.0) -> str:
        """Return the time, or a later one by so many seconds, as RFC 3339."""
        moment = datetime.fromtimestamp(self.clock.now() + later, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def after_ticks(self, ticks: int) -> str:
        """Return the time so many ticks from now, as RFC 3339."""
        return self.timestamp(ticks * self.tick_seconds)

    def new_id(self) -> str:
        """Return a fresh id: 32 hexadecimal digits."""
        return f"{self._ids.getrandbits(128):032x}"

    def new_password(self) -> str:
        """Return a fresh password: 64 hexadecimal digits."""
        return f"{self._ids.getrandbits(256):064x}"

    # Finding

    def find_player(self, target: str) -> Player:
        """Return the player of that id or name; raises GameError with ``invalid_target``."""
        if target in self.players:
            return self.players[target]
        wanted = target.casefold()
        for player in self.players.values():
            if player.username.casefold() == wanted:
                return player
        raise GameError("invalid_target", f"There is no pilot '{target}'.")

    def ship_of(self, player: Player) -> Ship:
        """Return the ship that a player flies."""
        return self.ships[player.ship_id]

    def place_of(self, player: Player) -> Place:
        """Return where a player is, or was when a flight began."""
        return self.galaxy.places[player.place_id]

    def system_of(self, player: Player) -> System:
        """Return the system a player is in, or was in when a flight began."""
        return self.galaxy.systems[player.system_id]

    def base_of(self, player: Player) -> Base | None:
        """Return the base where a player is docked."""
        return self.galaxy.bases.get(player.docked_at)

    def locker(self, player: Player, base_id: str = "") -> Locker:
        """Return a player's storage at a base, or where the player is docked."""
        return self.lockers.at(base_id or player.docked_at, player.id)

    def present(self, place_id: str) -> list[Player]:
        """Return the players at a place who are in the game, cloaked or not."""
        return [
            player
            for player in self.players.values()
            if player.place_id == place_id and player.transit is None and player.online
        ]

    def in_system(self, system_id: str) -> list[Player]:
        """Return the players in a system who are in the game."""
        return [p for p in self.players.values() if p.system_id == system_id and p.online]

    # Telling

    def push(self, player: Player, kind: str, data: JsonObject) -> None:
        """Tell one player something."""
        self.pushes.append(Push(player_id=player.id, kind=kind, data=data))

    def push_all(self, players: Iterable[Player], kind: str, data: JsonObject) -> None:
        """Tell several players the same."""
        for player in players:
            self.push(player, kind, dict(data))

    def record(
        self, player: Player, category: str, event: str, summary: str, data: JsonObject
    ) -> None:
        """Write into a player's action log."""
        entry = {
            "id": len(player.actions) + 1,
            "category": category,
            "event_type": event,
            "summary": summary,
            "data": data,
            "created_at": self.timestamp(),
        }
        player.actions.append(entry)
        del player.actions[:-ACTIONS_KEPT]

    # Money and experience

    def earn(self, player: Player, amount: int, *, taxable: str = "") -> None:
        """Give credits; income of a taxable kind is remembered for the tax office."""
        player.credits += amount
        player.stats["credits_earned"] += amount
        if taxable:
            player.taxable[taxable] += amount
            player.stats["credits_earned_taxable"] += amount

    def spend(self, player: Player, amount: int) -> None:
        """Take credits; raises GameError with ``no_credits``."""
        if player.credits < amount:
            raise GameError(
                "no_credits",
                f"That takes {amount} credits and you have {player.credits}.",
                details={"need": amount, "have": player.credits},
            )
        player.credits -= amount
        player.stats["credits_spent"] += amount

    def teach(self, player: Player, skill_id: str, amount: int) -> bool:
        """Give experience and tell of new levels; says whether there was one."""
        reached = player.learn(skill_id, amount)
        for level in reached:
            self.push(
                player,
                "skill_level_up",
                {"skill_id": skill_id, "new_level": level, "xp_gained": amount},
            )
            summary = f"{skill_id} reached level {level}"
            self.record(player, "skill", "level_up", summary, {"level": level})
        return bool(reached)

    # Making

    def new_ship(self, class_id: str, owner_id: str) -> Ship:
        """Build a ship of a class with its own modules, whole and full."""
        ship = Ship(
            id=self.new_id(),
            owner_id=owner_id,
            class_id=class_id,
            created_at=self.timestamp(),
            modules=[self.new_module(kind) for kind in ship_classes()[class_id].modules],
        )
        ship.restore()
        self.ships[ship.id] = ship
        return ship

    def new_module(self, type_id: str) -> Module:
        """Make a module without wear."""
        return Module(id=self.new_id(), type_id=type_id)
