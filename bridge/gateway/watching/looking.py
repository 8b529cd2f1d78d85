"""Looking at the place an account is in, for what is new there: lines, company, the place itself.

Where it is and what is said there are two queries, so the first is made before and after the
second, and no act of our own comes between. What was seen last is noted where every process of the
user can read it, so that none tells again what another has told.
"""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from bridge.gateway.player import Player
from bridge.protocol import tails
from bridge.protocol.events import NewEvent
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.quirks.hooks import SPOKEN, Memory
from bridge.spec.model import EventSource
from bridge.spec.parts import Tail
from bridge.spec.paths import dig
from bridge.spec.placeholders import MissingValue, fill

LAST: Final = "last_look"
LOOKED: Final = "_looked"
TRIES: Final = 3
"""Looks in a row that may fail because somebody else moves the character about."""

_RESTLESS: Final = Refused(code="restless", message="The place changes faster than it is seen.")
_SENSELESS: Final = Refused(code="unreadable", message="The answers make no sense.")


async def look(player: Player, source: EventSource, tail: Tail) -> Outcome | None:
    """Look once, and record what is new; return what stood in the way, None if nothing did.

    Raises BridgeError when the journal cannot be used.
    """
    for _ in range(TRIES):
        async with player.turn:
            seen = await _seen(player, source, tail)
        if not isinstance(seen, tails.Look):
            return seen
        if seen.place:
            await _record(player, tail, seen)
            return None
    return _RESTLESS


async def _record(player: Player, tail: Tail, seen: tails.Look) -> None:
    own = _filled(tail.own, player.knowledge.who())
    told = await player.knowledge.remember(lambda memory: _news(memory, tail, seen, own))
    await player.services.feeds.record(player.spec.game.id, player.account, told)


async def _seen(player: Player, source: EventSource, tail: Tail) -> tails.Look | Outcome:
    """Return a look, one without a place if the place changed meanwhile, or why there is none."""
    at = player.services.now()
    told: list[JsonValue] = []
    for query in (tail.beside, source.command or "", tail.beside):
        outcome = await player.run(query, {})
        if not isinstance(outcome, Done):
            return outcome
        told.append(outcome.result)
    before, lines, after = told
    whose = _filled(tail.whose, player.knowledge.who())
    seen = tails.look(tail, whose or "", after, dig(lines, source.items or ""), at)
    if seen is None or whose is None:
        return _SENSELESS
    if dig(before, tail.place) != seen.place:
        return tails.Look(whose=whose, place="", lines=(), at=at)
    return seen


def _news(memory: Memory, tail: Tail, seen: tails.Look, own: str | None) -> list[NewEvent]:
    last, spoken = memory.get(LAST), memory.get(SPOKEN)
    known = tails.Known(
        last=last if isinstance(last, Mapping) else {},
        looked=memory.get(LOOKED) is True,
        own=own,
        spoken=spoken if isinstance(spoken, int) else 0,
    )
    if tails.is_outdated(seen, known.last):
        return []
    memory[LAST] = dict(tails.kept(seen, known.last))
    memory[LOOKED] = True
    return tails.events(tail, seen, known)


def _filled(template: str | None, values: Mapping[str, JsonValue]) -> str | None:
    """Return a text with what is known, None as long as something is missing."""
    try:
        return fill(template, values) if template is not None else None
    except MissingValue:
        return None
