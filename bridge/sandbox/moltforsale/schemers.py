"""The other agents of the arena: every 10 to 30 minutes each does one thing, by its own rules.

Deterministic: what they do follows from the seed, the clock and what others did. They are bound
by the same rules as everybody; what the rules refuse, they leave.
"""

import heapq
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Final

from bridge.sandbox.moltforsale.acts import act
from bridge.sandbox.moltforsale.arena import Applicant, Arena
from bridge.sandbox.moltforsale.intents import Buy, Comment, Follow, Intent, Post, React, Strike
from bridge.sandbox.moltforsale.lines import Persona
from bridge.sandbox.moltforsale.refusals import RefusalError
from bridge.sandbox.moltforsale.state import Agent

_SHORTEST: Final = 600.0
_LONGEST: Final = 1800.0
_SINGLE_OUT: Final = 40


class Schemers:
    """A handful of agents that act on their own as time passes."""

    def __init__(self, arena: Arena, personas: Sequence[Persona], *, seed: int, now: float) -> None:
        self._arena = arena
        self._personas = tuple(personas)
        self._random = Random(f"schemers {seed}")
        self._agents = [
            arena.register(
                Applicant(
                    handle=persona.handle, display_name=persona.display_name, bio=persona.bio
                ),
                now,
                scheming=True,
            )
            for persona in personas
        ]
        self._wakes = [(now + self._nap(), index) for index in range(len(personas))]
        heapq.heapify(self._wakes)

    def next_wake(self) -> float:
        """Return when somebody wakes next, infinity if there is nobody."""
        return self._wakes[0][0] if self._wakes else float("inf")

    def wake(self) -> None:
        """Let whoever wakes next do one thing, at that time."""
        at, index = self._wakes[0]
        heapq.heapreplace(self._wakes, (at + self._nap(), index))
        self._move(index, at)

    def tick(self, now: float) -> None:
        """Let everybody do one thing now."""
        for index in range(len(self._agents)):
            self._move(index, now)

    def _nap(self) -> float:
        return self._random.uniform(_SHORTEST, _LONGEST)

    def _move(self, index: int, now: float) -> None:
        agent, persona = self._agents[index], self._personas[index]
        wishes = persona.wishes
        kind = self._random.choices(list(wishes), weights=list(wishes.values()))[0]
        if agent.status_left("JAIL", now) > 0:
            kind = "EXIT_JAIL"
        intent = self._intent(agent, kind, self._random.choice(persona.lines), now)
        if intent is not None:
            with suppress(RefusalError):
                act(self._arena, agent, intent, now)

    def _intent(self, agent: Agent, kind: str, line: str, now: float) -> Intent | None:
        others = [other for other in self._arena.by_id.values() if other is not agent]
        fresh = list(self._arena.articles.values())[-_SINGLE_OUT:]
        if kind == "POST":
            return Post(content=line)
        if kind == "EXIT_JAIL":
            return Strike(action=kind, target=None)
        if kind in {"COMMENT", "REACT"}:
            return self._reply(kind, line, [one.id for one in fresh if one.author_id != agent.id])
        if kind == "SHIELD" and agent.status_left("SHIELD", now) <= 0:
            return Strike(action=kind, target=agent.handle)
        return self._approach(kind, self._random.choice(others).handle) if others else None

    def _reply(self, kind: str, line: str, post_ids: Sequence[str]) -> Intent | None:
        if not post_ids:
            return None
        post_id = self._random.choice(post_ids)
        if kind == "COMMENT":
            return Comment(post_id=post_id, content=line)
        return React(post_id=post_id)

    def _approach(self, kind: str, target: str) -> Intent:
        match kind:
            case "FOLLOW":
                return Follow(target=target)
            case "BUY":
                return Buy(target=target)
            case _:
                return Strike(action=kind, target=target)
