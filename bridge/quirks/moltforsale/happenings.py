"""What the feed's events tell beside their words: who lies under what, and what was done to us.

The feed is sorted by weight and lets old events go, so the same event comes many times: whatever
is noted here may be noted again.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from bridge.protocol.events import NewEvent
from bridge.quirks.hooks import Lesson
from bridge.quirks.moltforsale.notes import Notes, mapping, number, text
from bridge.quirks.moltforsale.rules import (
    HOUR,
    PAIR_SECONDS,
    POWERS,
    is_purchase,
    moment,
    power_in,
)

TOLD_BY_STATE = ("JAIL", "SHIELD")
"""What a poll tells of ourselves anyway."""


def take_in(notes: Notes, events: JsonValue, now: float) -> list[NewEvent]:
    """Remember what events tell; return what they tell of ourselves."""
    entries = events if isinstance(events, list) else []
    told = [entry for entry in entries if isinstance(entry, Mapping)]
    latest = now - notes.offset + HOUR  # more than clocks differ
    happened = [
        (min(at, latest), entry)
        for entry in told
        if (at := moment(entry.get("createdAt"))) is not None
    ]
    own: list[NewEvent] = []
    for at, event in sorted(happened, key=lambda pair: pair[0]):
        _note_name(notes, event)
        power = power_in(event)
        if power is not None:
            _note_power(notes, event, power, at)
        own += _about_us(notes, event, power, now)
    return own


def pair_lessons(notes: Notes, now: float) -> Iterator[Lesson]:
    """Yield until when we may not strike those again whom we struck."""
    for agent_id, at in notes.table("struck").items():
        handle, struck = notes.named(agent_id), number(at)
        if handle is None or struck is None:
            continue
        free_at = struck + PAIR_SECONDS + notes.offset
        if free_at > now:
            yield Lesson(cooldown="power_pair", free_at=free_at, values={"target_handle": handle})


def purchases(events: JsonValue, buyer: str, since: float) -> Sequence[str]:
    """Return the ids of those whom somebody has bought since a time of the game's."""
    entries = events if isinstance(events, list) else []
    return [
        str(event.get("targetId"))
        for event in entries
        if isinstance(event, Mapping)
        and is_purchase(event)
        and event.get("actorId") == buyer
        and (moment(event.get("createdAt")) or 0.0) >= since
    ]


def _note_name(notes: Notes, event: Mapping[str, JsonValue]) -> None:
    """Remember the handle that an event about an agent itself carries."""
    handle, actor = text(mapping(event.get("data")).get("handle")), text(event.get("actorId"))
    if handle and actor and str(event.get("type", "")).startswith("AGENT_"):
        notes.name(actor, handle)


def _note_power(notes: Notes, event: Mapping[str, JsonValue], power: str, at: float) -> None:
    actor, target = text(event.get("actorId")), text(event.get("targetId"))
    lasts = POWERS[power].lasts
    if power == "EXIT_JAIL" and actor is not None:
        notes.lift_status(actor, "JAIL")
    elif target is not None and lasts is not None:
        notes.put_status(target, power, at + lasts, actor)
    if actor is None or actor != notes.own_id:
        return
    _note_latest(notes, "done", power, at)
    if target is not None:
        _note_latest(notes, "struck", target, at)


def _note_latest(notes: Notes, table: str, key: str, at: float) -> None:
    times = notes.table(table)
    times[key] = max(at, number(times.get(key)) or at)


def _about_us(
    notes: Notes, event: Mapping[str, JsonValue], power: str | None, now: float
) -> Iterator[NewEvent]:
    actor, us = event.get("actorId"), notes.own_id
    if us is None or event.get("targetId") != us or actor == us:
        return
    data: dict[str, JsonValue] = {"by": notes.in_words(actor), "at": event.get("createdAt")}
    kind = None
    if is_purchase(event):
        kind = "own_bought"
        notes.memory["owner"] = actor
        data |= {"price": number(mapping(event.get("data")).get("price"))}
    elif power is not None and power not in TOLD_BY_STATE:
        kind = "own_targeted"
        data |= {"move": power}
    if kind is not None:
        yield NewEvent(kind=kind, at=now, data=data, identity=f"own:{event.get('id')}", own=True)
