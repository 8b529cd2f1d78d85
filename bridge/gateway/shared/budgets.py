"""Requests per key: whoever wants to send one waits here until it fits, for a short while.

A key counts by what it is, not by whose account it belongs to: two accounts with one key share
what is left of it, and so do all processes of the user, by a note in the state folder.
"""

import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import anyio
from pydantic import JsonValue

from bridge.gateway.shared.notebook import Notebook
from bridge.protocol.budgets import Budget
from bridge.protocol.cooldowns import CooldownBook
from bridge.protocol.identity import fingerprint
from bridge.protocol.render import auth_chain
from bridge.protocol.verdict import Refused
from bridge.protocol.wire import HttpReply
from bridge.spec.model import Command, GameSpec

LONGEST_WAIT_SECONDS = 12.0
"""What takes longer is refused, so that a model can do something else meanwhile."""
LOOK_SECONDS = 0.2
"""How often it is looked whether another process has got an answer."""

T = TypeVar("T")
Key = tuple[str, str, str]
"""A game, a cooldown, and the fingerprint of the credential."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is about to be sent, and by whom."""

    spec: GameSpec
    account: str
    command: Command
    where: str
    """What tells this server of the game from others."""
    known: Mapping[str, JsonValue] = field(repr=False)


@dataclass(slots=True, eq=False)
class Ledger:
    """One key's budget, as all processes know it."""

    budget: Budget
    notebook: Notebook
    process: str
    """A name for this process that no other one has."""
    where: str

    async def change(self, work: Callable[[Budget, float], T]) -> T:
        """Let ``work`` change the budget as it is now, and keep what it leaves."""

        def on_the_page() -> T:
            now, page = self.notebook.now(), self.notebook.memory
            self.budget.take_over(page, self.process, now)
            result = work(self.budget, now)
            page.update(self.budget.page(self.process, now))
            return result

        return await self.notebook.change({"at": self.where}, on_the_page)


@dataclass(slots=True)
class Ticket:
    """The right to send one request; it must be given back."""

    ledgers: list[Ledger]
    given_back: Callable[[], None]

    async def answered(self, reply: HttpReply) -> None:
        """Give it back with the answer."""
        await self._change(lambda budget, now: budget.answer(now, reply.status, reply.headers))

    async def over(self) -> None:
        """Give it back, if it was not yet: no answer will come."""
        await self._change(lambda budget, now: budget.lose(now))
        self.given_back()

    async def _change(self, work: Callable[[Budget, float], None]) -> None:
        ledgers, self.ledgers = self.ledgers, []
        with anyio.CancelScope(shield=True):
            for ledger in ledgers:
                await ledger.change(work)


@dataclass(slots=True)
class Budgets:
    """What is left of every key."""

    folder: Path | None = None
    """The state folder; None shares nothing with other processes."""
    _kept: dict[Key, Ledger] = field(default_factory=dict)
    _last_used: dict[tuple[str, str, str], Budget] = field(default_factory=dict)
    """Game, account and cooldown -> what counted at the account's last request."""
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _process: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    async def ticket(
        self,
        sending: Sending,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> Ticket | Refused:
        """Return the right to send one request, after a short wait if need be."""
        ledgers = list(self._of(sending, now))
        began, patience = now(), anyio.current_time() + LONGEST_WAIT_SECONDS
        while True:
            wait = await _take(ledgers)
            if wait == 0:
                return Ticket(ledgers, self._tell)
            left = began + LONGEST_WAIT_SECONDS - now()
            if (wait or 0.0) > left or left <= 0 or anyio.current_time() > patience:
                return _no_room(sending, max(wait or 0.0, 1.0))
            if wait is not None:
                await sleep(wait)
            else:
                with anyio.move_on_after(LOOK_SECONDS):
                    await self._changed.wait()

    def left(self, game: str, account: str, now: float) -> dict[str, JsonValue]:
        """Return how many requests an account may send now, by cooldown, as far as is known."""
        return {
            cooldown: budget.left(now)
            for (of, by, cooldown), budget in self._last_used.items()
            if (of, by) == (game, account)
        }

    def _of(self, call: Sending, now: Callable[[], float]) -> Iterator[Ledger]:
        for name in call.command.cooldowns:
            if call.spec.cooldowns[name].scope == "key":
                ledger = self._ledger(call, name, now)
                self._last_used[call.spec.game.id, call.account, name] = ledger.budget
                yield ledger

    def _ledger(self, call: Sending, name: str, now: Callable[[], float]) -> Ledger:
        spec, auth = call.spec, call.spec.auth_of(call.command)
        mark = fingerprint(spec, auth, call.known)
        key = (spec.game.id, name, mark)
        if key not in self._kept:
            cooldown = spec.cooldowns[name]
            # A key cannot be guessed from its mark, but a password could.
            is_a_key = not any(link.sign_in for _, link in auth_chain(spec, auth))
            notebook = Notebook(
                folder=self.folder if is_a_key else None,
                game=spec.game.id,
                account=f"{name} {mark}",
                book=CooldownBook(spec, scopes=()),
                now=now,
            )
            budget = Budget(cooldown.limit, cooldown.seconds)
            self._kept[key] = Ledger(budget, notebook, self._process, call.where)
        return self._kept[key]

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


async def _take(ledgers: list[Ledger]) -> float | None:
    """Count a request in all of them and return 0, or in none and return how long to wait."""
    for number, ledger in enumerate(ledgers):
        wait = await ledger.change(_take_one)
        if wait != 0:
            for taken in ledgers[:number]:
                await taken.change(lambda budget, _: budget.put_back())
            return wait
    return 0.0


def _take_one(budget: Budget, now: float) -> float | None:
    wait = budget.ready_in(now)
    if wait == 0:
        budget.take()
    return wait


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
