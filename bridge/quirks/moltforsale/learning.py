"""What an answer teaches: polls, profiles, the feed, and what came of our own acts."""

from collections.abc import Mapping

from pydantic import JsonValue

from bridge.protocol.events import NewEvent
from bridge.protocol.verdict import Done, Outcome, Refused, Unknown
from bridge.quirks.hooks import Answered, Learnt, Lesson, Memory
from bridge.quirks.moltforsale import polls
from bridge.quirks.moltforsale.happenings import pair_lessons, take_in
from bridge.quirks.moltforsale.notes import (
    GUESSED,
    Notes,
    Table,
    cost_of,
    mapping,
    number,
    text,
)
from bridge.quirks.moltforsale.rules import (
    ACTS,
    HOUR,
    PAIR_SECONDS,
    POWERS,
    cooldown_name,
    cooldown_seconds,
    price_and_fee,
)

TRY_AGAIN_SECONDS = 600.0
"""How long nothing is sent when the hour's acts are used up and not all of them were ours."""
MOST_UNSURE = 20


def learn(memory: Memory, answered: Answered) -> Learnt:
    """Remember what an answer tells."""
    notes = Notes(memory)
    outcome = answered.outcome
    if answered.command in ACTS:
        return _from_act(notes, answered)
    match answered.command, outcome:
        case "poll", Done(result=dict() as told):
            return polls.learn(notes, told, answered)
        case "poll", _:
            memory["_trouble"] = _trouble(outcome, answered.now)
        case (("agent" | "me"), Done(result=dict() as told)):
            return _from_profile(notes, told, answered)
        case "agent", _:
            _note_no_profile(notes, answered)
        case "feed", Done(result=list() as told):
            return Learnt(events=tuple(take_in(notes, told, answered.now)))
    return Learnt()


# -- Profiles -------------------------------------------------------------------------


def _from_profile(notes: Notes, told: Mapping[str, JsonValue], answered: Answered) -> Learnt:
    agent_id, handle = text(told.get("id")), text(told.get("handle"))
    if agent_id is None or handle is None:
        return Learnt()
    notes.name(agent_id, handle)
    owner = text(mapping(told.get("ownership")).get("ownedById"))
    state = mapping(told.get("state"))
    profile: Table = {
        "id": agent_id,
        "handle": handle,
        "owner": owner,
        "jailed": state.get("isJailed") is True,
        "shielded": state.get("isShielded") is True,
        "price": number(mapping(told.get("market")).get("price")),
        "buys": number(mapping(told.get("market")).get("buyCount")),
    }
    asked = text(answered.arguments.get("handle")) or handle
    for name in {handle, asked}:
        notes.keep_profile(name, profile, answered.now)
    for key, power in (("jailed", "JAIL"), ("shielded", "SHIELD")):
        if not profile[key]:
            notes.lift_status(agent_id, power)
    events: list[NewEvent] = []
    if answered.command == "me" or handle in (notes.handle, answered.known.get("handle")):
        notes.memory["id"], notes.memory["handle"] = agent_id, handle
        events += _new_owner(notes, owner, answered.now)
    settled = _settle_purchases(notes, profile, answered.now)
    return Learnt(
        events=(*events, *(event for event, _ in settled)),
        lessons=tuple(pair_lessons(notes, answered.now)),
        notes=tuple(line for _, line in settled),
    )


def _new_owner(notes: Notes, owner: str | None, now: float) -> list[NewEvent]:
    """Return the event that we were bought, unless the feed has told it."""
    known = "owner" in notes.memory
    before, notes.memory["owner"] = notes.memory.get("owner"), owner
    if not known or owner in (None, before):
        return []
    return [NewEvent(kind="own_bought", at=now, data={"by": notes.in_words(owner)}, own=True)]


def _settle_purchases(notes: Notes, profile: Table, now: float) -> list[tuple[NewEvent, str]]:
    """Say of a purchase whose answer was lost whether the agent is ours now."""
    settled, open_still = [], []
    for entry in notes.entries("_unsure"):
        unsure = mapping(entry)
        bought = unsure.get("kind") == "BUY" and notes.own_id is not None
        target = mapping(unsure.get("arguments")).get("target_handle")
        if bought and target == profile["handle"]:
            happened = _was_bought(notes, unsure, profile)
            settled.append(polls.told_of(notes, unsure, now, happened=happened))
        else:
            open_still.append(entry)
    notes.memory["_unsure"] = open_still
    return settled


def _was_bought(notes: Notes, unsure: Mapping[str, JsonValue], profile: Table) -> bool | None:
    """Return whether we have bought an agent, None if it was bought by others since as well."""
    before, after = number(unsure.get("buys")), number(profile["buys"])
    ours = profile["owner"] == notes.own_id
    if before is None or after is None:
        return ours
    if after <= before:
        return False
    return True if ours else False if after == before + 1 else None


def _note_no_profile(notes: Notes, answered: Answered) -> None:
    handle = str(answered.arguments.get("handle"))
    notes.keep_profile(handle, {"trouble": _trouble(answered.outcome, answered.now)}, answered.now)


def _trouble(outcome: Outcome, now: float) -> Table:
    """Return why a query had no answer, to be told when a call depends on it."""
    match outcome:
        case Refused(code=code, message=message, hint=hint, wait=wait):
            return {"code": code, "message": message, "hint": hint, "wait": wait, "at": now}
        case Unknown(reason=reason):
            return {"code": "no_answer", "message": reason, "hint": "", "wait": None, "at": now}
        case _:
            message = "The game answered in a way that the bridge does not understand."
            return {"code": "unreadable", "message": message, "hint": "", "wait": None, "at": now}


# -- Our own acts -----------------------------------------------------------------------


def _from_act(notes: Notes, answered: Answered) -> Learnt:
    kind = answered.command.upper()
    target = text(answered.arguments.get("target_handle"))
    outcome = answered.outcome
    if isinstance(outcome, Refused):
        return Learnt() if outcome.local else _from_refusal(notes, kind, target, answered)
    present = answered.now - notes.offset
    known = notes.profile(target, answered.asked_at) if target is not None else None
    notes.memory["_acted_at"] = answered.now
    if isinstance(outcome, Done):
        _pay(notes, kind, target, answered.now)
    if kind in POWERS or kind == "BUY" or isinstance(outcome, Unknown):
        notes.outdated()
        if target is not None:
            notes.forget_profile(target)
    if isinstance(outcome, Unknown):
        sent_at = answered.asked_at - notes.offset
        unsure: Table = {"command": answered.command, "kind": kind, "at": sent_at}
        unsure["arguments"] = dict(answered.arguments)
        unsure["buys"] = (known or {}).get("buys")
        notes.memory["_unsure"] = [*notes.entries("_unsure"), unsure][-MOST_UNSURE:]
    elif isinstance(outcome, Done) and kind in POWERS:
        _note_power(notes, kind, target, present)
    return Learnt()


def _pay(notes: Notes, kind: str, target: str | None, now: float) -> None:
    """Count what an act of ours has cost, so that only other changes are news."""
    balance = number(notes.table("self").get("credits"))
    cost = cost_of(notes, kind)
    if kind == "BUY" and target is not None:
        price = number((notes.profile(target, now) or {}).get("price"))
        cost = price_and_fee(price) if price is not None else None
    if balance is not None and cost is not None:
        notes.table("self")["credits"] = balance - cost


def _note_power(notes: Notes, kind: str, target: str | None, present: float) -> None:
    notes.table("done")[kind] = present
    agent_id = notes.id_of(target) if target is not None else None
    lasts = POWERS[kind].lasts
    if agent_id is not None:
        notes.table("struck")[agent_id] = present
        if lasts is not None:
            notes.put_status(agent_id, kind, present + lasts, notes.own_id)
    if kind == "EXIT_JAIL" and notes.own_id is not None:
        notes.lift_status(notes.own_id, "JAIL")


def _from_refusal(notes: Notes, kind: str, target: str | None, answered: Answered) -> Learnt:
    """Take the game's word against what we thought; the next poll says it exactly."""
    assert isinstance(answered.outcome, Refused)
    code, now = answered.outcome.code, answered.now
    notes.outdated()
    if code.startswith("COOLDOWN_"):
        notes.memory.pop("_milliseconds", None)
    if target is not None:
        notes.forget_profile(target)
    if code == "NOT_CLAIMED":
        notes.memory["eligible"] = False
    agent_id = notes.id_of(target) if target is not None else None
    if code == "STATUS_EXISTS" and agent_id is not None and kind in POWERS:
        # Nothing says since when, and of some not even how long: it is tried again later.
        believed = HOUR if POWERS[kind].lasts is not None else 24 * HOUR
        notes.put_status(agent_id, kind, now - notes.offset + believed, GUESSED)
    if answered.outcome.wait is not None:
        return Learnt()
    lesson = _lesson(code, kind, target, now)
    return Learnt(lessons=(lesson,) if lesson is not None else ())


def _lesson(code: str, kind: str, target: str | None, now: float) -> Lesson | None:
    """Return how long at most a refusal holds back what was tried."""
    name = cooldown_name(kind)
    if code.startswith("COOLDOWN_") and name is not None:
        return Lesson(cooldown=name, free_at=now + cooldown_seconds(kind))
    if code == "PAIR_COOLDOWN" and target is not None:
        values: Mapping[str, JsonValue] = {"target_handle": target}
        return Lesson(cooldown="power_pair", free_at=now + PAIR_SECONDS, values=values)
    if code == "RATE_LIMIT_ACT":
        return Lesson(cooldown="acts_per_hour", free_at=now + TRY_AGAIN_SECONDS)
    return None
