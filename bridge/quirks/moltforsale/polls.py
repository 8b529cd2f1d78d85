"""What a poll tells: when we may act again, what has changed about us, what became of lost acts."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from bridge.protocol.cooldowns import clock_time
from bridge.protocol.events import NewEvent
from bridge.quirks.hooks import Answered, Learnt, Lesson
from bridge.quirks.moltforsale.happenings import pair_lessons, purchases, take_in
from bridge.quirks.moltforsale.notes import Notes, flag, mapping, number, text
from bridge.quirks.moltforsale.rules import (
    AGREES_SECONDS,
    HOUR,
    LAST_DONE,
    POWERS,
    SOCIAL,
    cooldown_name,
    cooldown_seconds,
    moment,
)

CLOCK_MOVED_SECONDS = 0.25
"""A difference between the clocks that changes by more is a clock that was put right, or goes wrong.
"""
SLACK_SECONDS = 5.0
"""How much earlier than we sent it an act may seem to have happened."""
LONGEST_COOLDOWN = 24 * HOUR
LONGER_AT_MOST = 10
"""So many times as long as documented a cooldown may have become."""

State = Mapping[str, JsonValue]

_ENDED = {
    True: "was carried out",
    False: "was not carried out, as far as the game shows",
    None: "may have been carried out or not: nothing shows it any more",
}

_STATES = (
    ("jailed", "JAIL", "own_jailed", "own_freed"),
    ("shielded", "SHIELD", "own_shielded", "own_unshielded"),
)
"""What we remember it as, the move that causes it, and the events of its beginning and end."""


def learn(notes: Notes, told: Mapping[str, JsonValue], answered: Answered) -> Learnt:
    """Take in the answer to a poll."""
    now = answered.now
    moved = _set_clock(notes, told, answered)
    _note_who(notes, told)
    notes.memory["eligible"] = told.get("eligibleToAct") is not False
    notes.memory["claimed"] = mapping(told.get("agent")).get("claimed") is True
    notes.table("costs").update(_costs(told.get("allowedActions")))
    context = mapping(told.get("context"))
    feed = context.get("feedTop", told.get("feed"))
    events = take_in(notes, feed, now)
    state = mapping(context.get("self"))
    if _is_outdated(notes, answered):
        # It was asked before something that we did since: of the present it says nothing.
        return Learnt(events=tuple(events), clock_moved=moved)
    remaining = seconds_left(notes, told.get("allowedActions"))
    settled = _settle(notes, _Shown(remaining=remaining, state=state, feed=feed, now=now))
    lessons = [*_cooldowns(notes, remaining, state, now), *pair_lessons(notes, now)]
    events += [*_changes(notes, state, now), *(event for event, _ in settled)]
    notes.forget_past(now)
    notes.memory["_polled_at"] = now
    notes.memory.pop("_trouble", None)
    return Learnt(
        events=tuple(events),
        lessons=tuple(lessons),
        notes=tuple(note for _, note in settled),
        clock_moved=moved,
    )


def seconds_left(notes: Notes, actions: JsonValue) -> dict[str, float]:
    """Return the seconds that each act's cooldown still runs.

    The document gives ``cooldownRemaining`` no unit: seconds, unless one of them is so long that
    it must be milliseconds. From then on all of them are, until the game contradicts.
    """
    left = {}
    for action in actions if isinstance(actions, list) else []:
        entry = mapping(action)
        kind, remaining = text(entry.get("type")), number(entry.get("cooldownRemaining"))
        if kind is not None and remaining is not None:
            left[kind] = max(0.0, remaining)
    longest = {kind: LONGER_AT_MOST * (cooldown_seconds(kind) or LONGEST_COOLDOWN) for kind in left}
    if any(value > longest[kind] for kind, value in left.items()):
        notes.memory["_milliseconds"] = True
    unit = 1000 if notes.memory.get("_milliseconds") is True else 1
    return {kind: min(value / unit, longest[kind]) for kind, value in left.items()}


# -- The clock, and who we are ------------------------------------------------------


def _set_clock(notes: Notes, told: Mapping[str, JsonValue], answered: Answered) -> float:
    """Compare the clocks; return by how much ours has moved since the last time.

    The game told its time at some moment between our question and its answer.
    """
    theirs = moment(told.get("now"))
    if theirs is None:
        return 0.0
    before = number(notes.memory.get("offset"))
    earliest = answered.asked_at - theirs - CLOCK_MOVED_SECONDS
    latest = answered.now - theirs + CLOCK_MOVED_SECONDS
    if before is not None and earliest <= before <= latest:
        return 0.0
    offset = round(answered.now - theirs, 3)
    notes.memory["offset"] = offset
    return offset - before if before is not None else 0.0


def _note_who(notes: Notes, told: Mapping[str, JsonValue]) -> None:
    handle = text(mapping(told.get("agent")).get("handle"))
    if handle is None:
        return
    if notes.handle not in (None, handle):
        notes.memory.pop("id", None)
    notes.memory["handle"] = handle
    if notes.own_id is not None:
        notes.name(notes.own_id, handle)


def _is_outdated(notes: Notes, answered: Answered) -> bool:
    acted_at = number(notes.memory.get("_acted_at"))
    return acted_at is not None and answered.asked_at < acted_at <= answered.now


def _costs(actions: JsonValue) -> dict[str, JsonValue]:
    entries = [mapping(action) for action in (actions if isinstance(actions, list) else [])]
    return {
        str(entry["type"]): entry["cost"]
        for entry in entries
        if text(entry.get("type")) is not None and number(entry.get("cost")) is not None
    }


# -- Cooldowns ------------------------------------------------------------------------


def _cooldowns(
    notes: Notes, remaining: Mapping[str, float], state: State, now: float
) -> Iterator[Lesson]:
    for kind, seconds in remaining.items():
        name = cooldown_name(kind)
        if name is not None:
            yield Lesson(cooldown=name, free_at=_exactly(notes, kind, now + seconds, state))


def _exactly(notes: Notes, kind: str, free_at: float, state: State) -> float:
    """Return when a cooldown ends, to the millisecond where the game tells when it began."""
    if kind in SOCIAL:
        began = moment(state.get(LAST_DONE[kind]))
    else:
        began = number(notes.table("done").get(kind))
    if began is None:
        return free_at
    exact = began + cooldown_seconds(kind) + notes.offset
    return exact if abs(exact - free_at) < AGREES_SECONDS else free_at


# -- What has changed about us ----------------------------------------------------------


def _changes(notes: Notes, state: State, now: float) -> Iterator[NewEvent]:
    """Remember our state; yield an event for all that is different from last time."""
    before = dict(notes.table("self"))
    after: dict[str, JsonValue] = {
        "credits": number(state.get("creditsBalance")),
        "jailed": flag(state.get("isJailed")),
        "shielded": flag(state.get("isShielded")),
    }
    notes.memory["self"] = dict(after)
    for key, power, begins, ends in _STATES:
        if after[key] is False and notes.own_id is not None:
            notes.lift_status(notes.own_id, power)
        if after[key] and not before.get(key):
            notes.table("seen_since")[key] = now - notes.offset
            yield _own(begins, now, _circumstances(notes, power))
        elif before.get(key) and after[key] is False:
            yield _own(ends, now, {})
    old, new = number(before.get("credits")), number(after["credits"])
    if old is not None and new is not None and old != new:
        yield _own("own_credits", now, {"from": old, "to": new, "change": new - old})


def _circumstances(notes: Notes, power: str) -> dict[str, JsonValue]:
    status = notes.status(notes.own_id, power)
    if status is None:
        return {}
    until = number(status.get("until"))
    told: dict[str, JsonValue] = {"by": notes.in_words(status.get("by"))}
    return told if until is None else {**told, "until": clock_time(until)}


def _own(kind: str, now: float, data: Mapping[str, JsonValue]) -> NewEvent:
    return NewEvent(kind=kind, at=now, data=data, own=True)


# -- Acts whose answer was lost -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What a poll shows of what we have done."""

    remaining: Mapping[str, float]
    state: State
    feed: JsonValue
    now: float


def _settle(notes: Notes, shown: _Shown) -> list[tuple[NewEvent, str]]:
    """Say of each act whose answer was lost whether it happened, as far as that shows."""
    settled, open_still = [], []
    for entry in notes.entries("_unsure"):
        unsure = mapping(entry)
        kind, sent_at = str(unsure.get("kind")), number(unsure.get("at")) or 0.0
        happened = _has_happened(notes, unsure, kind, sent_at, shown)
        is_over = shown.now - notes.offset >= sent_at + cooldown_seconds(kind)
        if happened is None and not (is_over and cooldown_name(kind) is not None):
            open_still.append(entry)
        else:
            settled.append(told_of(notes, unsure, shown.now, happened=happened))
    notes.memory["_unsure"] = open_still
    return settled


def _has_happened(
    notes: Notes, unsure: State, kind: str, sent_at: float, shown: _Shown
) -> bool | None:
    """Return whether an act was carried out, None while nothing shows it.

    When we last did something says most. A cooldown says it only until it can have ended again:
    one that does not run any more may have run meanwhile.
    """
    since, present = sent_at - SLACK_SECONDS, shown.now - notes.offset
    last = shown.state.get(LAST_DONE[kind], "") if kind in SOCIAL else ""
    if last is None or moment(last) is not None:
        return (moment(last) or -math.inf) >= since
    if (number(notes.table("done").get(kind)) or -math.inf) >= since:
        return True
    cooldown = cooldown_seconds(kind)
    if kind in shown.remaining and present < sent_at + cooldown:
        began = present - cooldown + shown.remaining[kind]
        return shown.remaining[kind] > 0 and began >= since
    target = notes.id_of(str(mapping(unsure.get("arguments")).get("target_handle")))
    if kind != "BUY" or notes.own_id is None or target is None:
        return None
    # No cooldown shows a purchase; the profile of who was bought does, where the feed does not.
    return True if target in purchases(shown.feed, notes.own_id, since) else None


def told_of(
    notes: Notes, unsure: State, now: float, *, happened: bool | None
) -> tuple[NewEvent, str]:
    """Return what became of an act whose answer was lost, as an event and as a line."""
    arguments = mapping(unsure.get("arguments"))
    command, kind = str(unsure.get("command")), str(unsure.get("kind"))
    if happened:
        notes.memory["_settled"] = {**unsure, "told_at": now}
        target = notes.id_of(str(arguments.get("target_handle")))
        if kind in POWERS and target is not None:
            notes.table("struck")[target] = number(unsure.get("at"))
    whom = text(arguments.get("target_handle"))
    of = f" of {whom}" if whom is not None else ""
    line = f"Your {command}{of}, whose answer was lost, {_ENDED[happened]}."
    data: dict[str, JsonValue] = {"command": command, "happened": happened}
    if whom is not None:
        data["target"] = whom
    return _own("own_act", now, data), line
