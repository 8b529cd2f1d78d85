"""Requests per key: whoever wants to send one waits here until it fits, for a short while.

A key counts by what it is, not by whose account it belongs to: two accounts with one key share
what is left of it.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

import anyio
from pydantic import JsonValue

from bridge.protocol.budgets import Budget
from bridge.protocol.identity import fingerprint
from bridge.protocol.verdict import Refused
from bridge.protocol.wire import HttpReply
from bridge.spec.model import Command, GameSpec

LONGEST_WAIT_SECONDS = 12.0
"""What takes longer is refused, so that a model can do something else meanwhile."""

Key = tuple[str, str, str]
"""A game, a cooldown, and the fingerprint of the credential."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is about to be sent, and by whom."""

    spec: GameSpec
    account: str
    command: Command
    known: Mapping[str, JsonValue] = field(repr=False)


@dataclass(slots=True)
class Ticket:
    """The right to send one request; it must be given back."""

    budgets: list[Budget]
    now: Callable[[], float]
    given_back: Callable[[], None]

    def answered(self, reply: HttpReply) -> None:
        """Give it back with the answer."""
        for budget in self.budgets:
            budget.answer(self.now(), reply.status, reply.headers)
        self.budgets = []

    def over(self) -> None:
        """Give it back, if it was not yet: no answer will come."""
        for budget in self.budgets:
            budget.lose(self.now())
        self.budgets = []
        self.given_back()


@dataclass(slots=True)
class Budgets:
    """What is left of every key of this process."""

    _kept: dict[Key, Budget] = field(default_factory=dict)
    _last_used: dict[tuple[str, str, str], Budget] = field(default_factory=dict)
    """Game, account and cooldown -> what counted at the account's last request."""
    _changed: anyio.Event = field(default_factory=anyio.Event)

    async def ticket(
        self,
        sending: Sending,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> Ticket | Refused:
        """Return the right to send one request, after a short wait if need be."""
        budgets = list(self._of(sending))
        began = now()
        while True:
            waits = [budget.ready_in(now()) for budget in budgets]
            if all(wait == 0 for wait in waits):
                for budget in budgets:
                    budget.take()
                return Ticket(budgets, now, self._tell)
            wait = max((each for each in waits if each is not None), default=0.0)
            left = began + LONGEST_WAIT_SECONDS - now()
            if wait > left or left <= 0:
                return _no_room(sending, max(wait, 1.0))
            if wait > 0:
                await sleep(wait)
            else:
                with anyio.move_on_after(left) as patience:
                    await self._changed.wait()
                if patience.cancelled_caught:
                    return _no_room(sending, 1.0)

    def left(self, game: str, account: str, now: float) -> dict[str, JsonValue]:
        """Return how many requests an account may send now, by cooldown, as far as is known."""
        return {
            cooldown: budget.left(now)
            for (of, by, cooldown), budget in self._last_used.items()
            if (of, by) == (game, account)
        }

    def _of(self, call: Sending) -> Iterator[Budget]:
        game, auth = call.spec.game.id, call.spec.auth_of(call.command)
        for name in call.command.cooldowns:
            cooldown = call.spec.cooldowns[name]
            if cooldown.scope == "key":
                key = (game, name, fingerprint(call.spec, auth, call.known))
                budget = self._kept.setdefault(key, Budget(cooldown.limit, cooldown.seconds))
                self._last_used[game, call.account, name] = budget
                yield budget

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


def _no_room(sending: Sending, wait: float) -> Refused:
    cooldowns = [sending.spec.cooldowns[name] for name in sending.command.cooldowns]
    about = next((each.about for each in cooldowns if each.scope == "key"), "")
    return Refused(
        code="rate_limited",
        message=f"Nothing was sent: the key's requests are used up for now. {about}".strip(),
        hint="Do something else until then. Fewer, larger pages help.",
        wait=wait,
        local=True,
    )
