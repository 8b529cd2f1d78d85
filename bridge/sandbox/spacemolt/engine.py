"""Carries out commands: queries at once, mutations one per player and tick.

A mutation is accepted, waits for the next tick, and is carried out there. If it needs the ship
docked or undocked and the ship is not, that takes a tick of its own and the outcome says so. A
flight is settled when it arrives. The engine never waits and never sends; it returns what happened.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.checking import check
from bridge.sandbox.spacemolt.rules.flight import arrive, dock_now, undock_now
from bridge.sandbox.spacemolt.shapes import Arguments, GameError, JsonObject
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.table import Command, commands
from bridge.sandbox.spacemolt.turn import Handler, Turn

FLIGHTS = frozenset({"travel", "jump"})


@dataclass(slots=True, kw_only=True)
class Ticket:
    """A mutation that was accepted; ``notes`` become part of its outcome."""

    number: int
    player: Player
    command: Command
    arguments: Arguments
    notes: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The outcome of a mutation: the type and the payload of the frame that tells it."""

    ticket: Ticket
    type: str
    payload: JsonObject

    @property
    def succeeded(self) -> bool:
        """Say whether it was carried out."""
        return self.type == "action_result"


class Engine:
    """The rules of accepting and carrying out commands."""

    def __init__(
        self, universe: Universe, handlers: Mapping[str, Handler], executed: Counter[str]
    ) -> None:
        self.universe = universe
        self._handlers = handlers
        self._executed = executed
        self._queue: dict[str, Ticket] = {}
        self._under_way: dict[str, Ticket] = {}
        self._issued = 0

    def find(self, name: str) -> Command:
        """Return a command by name; raises GameError with ``unknown_command``."""
        command = commands().get(name)
        if command is None:
            raise GameError("unknown_command", f"Unknown command '{name[:60]}'. Try get_commands.")
        return command

    def accept(self, player: Player | None, name: str, payload: JsonObject) -> JsonObject | Ticket:
        """Answer a query, or queue a mutation and return its ticket; raises GameError."""
        command = self.find(name)
        if command.auth and player is None:
            raise GameError("not_authenticated", "You must login first.")
        arguments = check(command, payload)
        actor = player or self.universe.visitor
        actor.last_active = self.universe.timestamp()
        if command.waits_for_tick(payload):
            return self._enqueue(actor, command, arguments)
        turn = Turn(universe=self.universe, player=actor, arguments=arguments)
        answer = self._handlers[name](turn)
        self._executed[name] += 1
        return answer

    def _enqueue(self, player: Player, command: Command, arguments: Arguments) -> Ticket:
        if player.id in self._queue:
            pending = self._queue[player.id].command.name
            raise GameError(
                "action_queued",
                f"'{pending}' is still waiting for its tick. One action per tick.",
                details={"pending_command": pending},
            )
        if player.transit and not command.in_flight:
            raise _in_flight(player, command, self.universe.tick)
        self._issued += 1
        ticket = Ticket(number=self._issued, player=player, command=command, arguments=arguments)
        self._queue[player.id] = ticket
        return ticket

    def has_pending(self, player: Player) -> bool:
        """Say whether a mutation of this player is not settled yet."""
        return player.id in self._queue or player.id in self._under_way

    def carry_out(self) -> list[Settled]:
        """Carry out what is queued and land what arrives at this tick; returns the outcomes."""
        settled = self._landings()
        for ticket in list(self._queue.values()):
            outcome = self._attempt(ticket)
            if outcome is not None:
                settled.append(outcome)
        return settled

    def settle_interruptions(self) -> list[Settled]:
        """Fail what is open for players whose plans the world has crossed; returns the outcomes."""
        settled = []
        for player_id, reason in self.universe.interruptions.items():
            for book in (self._queue, self._under_way):
                ticket = book.pop(player_id, None)
                if ticket is not None:
                    settled.append(self._failure(ticket, reason))
        self.universe.interruptions.clear()
        return settled

    def _landings(self) -> list[Settled]:
        arrived = [
            player
            for player in self.universe.players.values()
            if player.transit and player.transit.arrives <= self.universe.tick
        ]
        settled = []
        for player in arrived:
            result = arrive(self.universe, player)
            ticket = self._under_way.pop(player.id, None)
            if ticket is not None:
                settled.append(self._success(ticket, result))
        return settled

    def _attempt(self, ticket: Ticket) -> Settled | None:
        try:
            if self._change_berth(ticket):
                return None
            turn = Turn(universe=self.universe, player=ticket.player, arguments=ticket.arguments)
            result = self._handlers[ticket.command.name](turn)
        except GameError as reason:
            self._queue.pop(ticket.player.id, None)
            return self._failure(ticket, reason)
        self._executed[ticket.command.name] += 1
        self._queue.pop(ticket.player.id, None)
        if ticket.command.name in FLIGHTS and ticket.player.transit:
            self._under_way[ticket.player.id] = ticket
            return None
        return self._success(ticket, result)

    def _change_berth(self, ticket: Ticket) -> bool:
        """Dock or undock first where the command needs it; says whether that took this tick."""
        needs, player = ticket.command.needs, ticket.player
        if needs == "docked" and not player.docked_at:
            dock_now(self.universe, player)
            ticket.notes["auto_docked"] = True
            return True
        if needs == "undocked" and player.docked_at:
            undock_now(self.universe, player)
            ticket.notes["auto_undocked"] = True
            return True
        return False

    def _success(self, ticket: Ticket, result: JsonObject) -> Settled:
        payload: JsonObject = {
            "command": ticket.command.name,
            "tick": self.universe.tick,
            "result": result,
            **ticket.notes,
        }
        return Settled(ticket=ticket, type="action_result", payload=payload)

    def _failure(self, ticket: Ticket, reason: GameError) -> Settled:
        payload: JsonObject = {
            "command": ticket.command.name,
            "tick": self.universe.tick,
            **reason.as_payload(),
            **ticket.notes,
        }
        return Settled(ticket=ticket, type="action_error", payload=payload)


def _in_flight(player: Player, command: Command, tick: int) -> GameError:
    assert player.transit
    left = max(1, player.transit.arrives - tick)
    if command.name == "jettison":
        return GameError("in_transit", f"Not in flight. You arrive in {left} ticks.")
    return GameError("already_traveling", f"You are in flight and arrive in {left} ticks.")
