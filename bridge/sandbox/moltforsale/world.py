"""The simulated Moltforsale, below ``/moltforsale/api/v1``.

Written from the game's documents: skill.md 1.0.11 where it speaks, 0.2.0 for shapes and economy
where it does not. Everything follows from the clock and the seed: whoever turns the clock finds,
at the next request, what the schemers did meanwhile. The switches that make it misbehave are in
``mischief``; the methods below arrange situations that would take long to come about.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal

from starlette.routing import BaseRoute, Route

from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.faults import Faults
from bridge.sandbox.moltforsale.acts import apply_power, write_comment, write_post
from bridge.sandbox.moltforsale.arena import Applicant, Arena
from bridge.sandbox.moltforsale.economy import change_owner, share_pool
from bridge.sandbox.moltforsale.endpoints import Endpoints
from bridge.sandbox.moltforsale.lines import PERSONAS
from bridge.sandbox.moltforsale.mischief import Mischief
from bridge.sandbox.moltforsale.refusals import RefusalError
from bridge.sandbox.moltforsale.rules import POOL_EVERY, POWERS, START_CREDITS
from bridge.sandbox.moltforsale.schemers import Schemers
from bridge.sandbox.moltforsale.shell import Shell
from bridge.sandbox.moltforsale.state import Agent
from bridge.sandbox.moltforsale.wire import Answer, Call


class Moltforsale:
    """The world of Moltforsale; ``schemers`` is how many agents play on their own (0 to 5).

    ``executed`` counts what was applied for agents that are not schemers: by intent type or power
    action, and 'register' and 'claim'; a noop is not counted. ``refused`` counts the error codes
    given out, ``requests`` the requests by method and path.
    """

    def __init__(
        self,
        *,
        clock: WallClock | HandClock | None = None,
        seed: int = 1,
        claim: Literal["on", "off", "auto"] = "on",
        schemers: int = len(PERSONAS),
    ) -> None:
        self.name = "moltforsale"
        self.clock: WallClock | HandClock = WallClock() if clock is None else clock
        self.faults = Faults()
        self.requests: Counter[str] = Counter()
        # The schemers have been at it for a while when the first player arrives.
        born = self.clock.now() - POOL_EVERY
        self._arena = Arena(seed=seed, claim=claim)
        self._schemers = Schemers(self._arena, PERSONAS[:schemers], seed=seed, now=born)
        self._next_pool = (born // POOL_EVERY + 1) * POOL_EVERY
        self._endpoints = Endpoints(
            self._arena,
            now=self.clock.now,
            tick=lambda: self._schemers.tick(self.clock.now()),
        )
        self._mischief = Mischief(self.faults, self._endpoints)
        self.executed = self._endpoints.executed
        self.refused = self._endpoints.refused
        self.simulation_secret = self._endpoints.simulation_secret

    def routes(self) -> Sequence[BaseRoute]:
        """Return one route that takes every path below the mount."""
        return [Route("/{path:path}", Shell(self.answer))]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do nothing: the world catches up with its clock whenever it is asked something."""
        yield

    def answer(self, call: Call) -> Answer:
        """Answer a request, without a network."""
        self.requests[f"{call.method} {call.path}"] += 1
        self._catch_up()
        return self._mischief.answer(call)

    def agent(self, handle: str) -> Agent:
        """Return an agent's live state; raises RefusalError NOT_FOUND."""
        self._catch_up()
        return self._arena.agent(handle)

    def add_agent(self, handle: str, *, balance: int = START_CREDITS) -> str:
        """Register an agent past all limits and return its key."""
        self._catch_up()
        applicant = Applicant(handle=handle, display_name=handle.title(), bio=f"I am {handle}.")
        agent = self._arena.register(applicant, self.clock.now())
        agent.credits = balance
        return agent.api_key

    def set_credits(self, handle: str, amount: int) -> None:
        """Set an agent's balance."""
        self.agent(handle).credits = amount

    def force_power(self, actor: str, action: str, target: str | None = None) -> None:
        """Let a power action take effect now, past cooldowns, shields and costs."""
        struck = None if target is None else self.agent(target)
        apply_power(self._arena, self.agent(actor), action, struck, self.clock.now())

    def force_buy(self, buyer: str, target: str) -> None:
        """Let an agent buy another now, be it on credit."""
        change_owner(self._arena, self.agent(buyer), self.agent(target), self.clock.now())

    def force_post(self, author: str, content: str) -> str:
        """Let an agent post now, past its cooldown, and return the post's id."""
        return write_post(self._arena, self.agent(author), content, self.clock.now()).id

    def force_comment(self, author: str, post_id: str, content: str) -> str:
        """Let an agent comment now, past its cooldown, and return the comment's id."""
        article = self._arena.article(post_id)
        now = self.clock.now()
        return write_comment(self._arena, self.agent(author), article, content, now).id

    def forget_ownership(self, handle: str) -> None:
        """Lose an agent's ownership record, so that buying it fails with OWNERSHIP_NOT_FOUND."""
        self.agent(handle).has_ownership_record = False

    def refuse_next(self, code: str) -> None:
        """Refuse the next request with this code, for codes that a right client never meets."""
        self._mischief.next_refusal = RefusalError(code)

    def require_claim(self, *, required: bool = True) -> None:
        """Make unclaimed agents ineligible to act, as in version 0.2.0."""
        self._arena.claim_required = required

    def ready_in(self, handle: str, kind: str, target: str | None = None) -> float:
        """Return the seconds until time no longer stands against an act.

        The longest of the act's cooldown, the pair's, jail, the target's shield and the hour's
        budget; ``kind`` is an intent type or a power action. STATUS_EXISTS is not counted.
        """
        agent, now = self.agent(handle), self.clock.now()
        waits = [agent.cooldown_left(kind, now), agent.attempts.ready_in(now)]
        if kind != "EXIT_JAIL":
            waits.append(agent.status_left("JAIL", now))
        if target is not None and kind in POWERS:
            struck = self.agent(target)
            waits += [agent.pair_left(struck.id, now), struck.status_left("SHIELD", now)]
        return max(waits)

    def registration_ready_in(self, ip: str = "127.0.0.1") -> float:
        """Return the seconds until an address may try to register again."""
        return self._arena.registration_ready_in(ip, self.clock.now())

    def _catch_up(self) -> None:
        now = self.clock.now()
        while (due := min(self._next_pool, self._schemers.next_wake())) <= now:
            if due == self._next_pool:
                share_pool(self._arena.by_id.values())
                self._next_pool += POOL_EVERY
            else:
                self._schemers.wake()
