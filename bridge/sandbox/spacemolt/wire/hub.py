"""Who listens for whom: connections and sessions, and the mutations they wait for."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Protocol

from bridge.sandbox.spacemolt.engine import Settled, Ticket
from bridge.sandbox.spacemolt.state.universe import Push


class Listener(Protocol):
    """Somebody who wants to hear what a player is told."""

    def hear(self, push: Push) -> None:
        """Take a push."""
        ...


class Hub:
    """Passes pushes to listeners, and outcomes to whoever gave the order."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)
        self._waiting: dict[int, Callable[[Settled], None]] = {}

    def listen(self, player_id: str, listener: Listener) -> None:
        """Pass a player's pushes to a listener from now on."""
        self._listeners[player_id].append(listener)

    def forget(self, player_id: str, listener: Listener) -> None:
        """Pass nothing more to a listener."""
        if listener in self._listeners[player_id]:
            self._listeners[player_id].remove(listener)

    def is_heard(self, player_id: str) -> bool:
        """Say whether anybody listens for a player."""
        return bool(self._listeners[player_id])

    def expect(self, ticket: Ticket, told: Callable[[Settled], None]) -> None:
        """Call back with the outcome of a mutation."""
        self._waiting[ticket.number] = told

    def deliver(self, settled: Iterable[Settled], pushes: Iterable[Push]) -> None:
        """Tell everybody what happened: outcomes first, then pushes, each in order."""
        for outcome in settled:
            told = self._waiting.pop(outcome.ticket.number, None)
            if told is not None:
                told(outcome)
        for push in pushes:
            for listener in tuple(self._listeners[push.player_id]):
                listener.hear(push)
