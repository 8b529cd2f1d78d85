"""Results and events as a model reads them best: handles in the place of ids, nothing twice.

Acts name agents by handle, events by id, and no endpoint turns one into the other. So an id that
we have seen a handle for is replaced; any other stays.
"""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from bridge.protocol.events import NewEvent
from bridge.quirks.hooks import Memory
from bridge.quirks.moltforsale.notes import Notes, mapping, number, text
from bridge.quirks.moltforsale.polls import seconds_left

IDS = {"actorId": "actor", "targetId": "target", "authorId": "author", "ownedById": "ownedBy"}
"""Members that hold an agent's id -> the member that holds its handle."""
DEEPEST = 20


def show(memory: Memory, command: str, result: JsonValue) -> JsonValue:
    """Return a result as it is shown."""
    notes = Notes(memory)
    if command == "poll" and isinstance(result, Mapping):
        return _poll(notes, result)
    if command == "feed" and isinstance(result, list):
        return _feed(notes, result)
    return _named(notes, result)


def retell(memory: Memory, event: NewEvent) -> NewEvent:
    """Return an event of the feed with the handles of those in it."""
    data = _named(Notes(memory), dict(event.data))
    return replace(event, data=data) if isinstance(data, Mapping) else event


def _poll(notes: Notes, result: Mapping[str, JsonValue]) -> JsonValue:
    context = mapping(result.get("context"))
    feed = context.get("feedTop", result.get("feed"))
    shown = {k: v for k, v in result.items() if k not in ("context", "feed", "allowedActions")}
    return {
        **shown,
        "self": context.get("self"),
        "acts": _acts(notes, result.get("allowedActions")),
        "feedTop": _feed(notes, feed if isinstance(feed, list) else []),
    }


def _acts(notes: Notes, actions: JsonValue) -> JsonValue:
    """Return in a few words what each act costs and how long its cooldown runs."""
    waits = seconds_left(notes, actions)
    shown: dict[str, JsonValue] = {}
    for action in actions if isinstance(actions, list) else []:
        entry = mapping(action)
        kind = text(entry.get("type"))
        if kind is None:
            continue
        cost, wait = number(entry.get("cost")), waits.get(kind, 0.0)
        price = "price and fee" if entry.get("cost") is None else f"{cost or 0:g} credits"
        free = "" if cost == 0 else f"{price}, "
        shown[kind.lower()] = free + (f"in {wait:.0f} s" if wait > 0 else "ready")
    return shown


def _feed(notes: Notes, events: list[JsonValue]) -> list[JsonValue]:
    # The id of an event is of no use: a post is named by its postId.
    entries = [
        {k: v for k, v in event.items() if k != "id"} if isinstance(event, Mapping) else event
        for event in events
    ]
    return [_named(notes, entry) for entry in entries]


def _named(notes: Notes, value: JsonValue, depth: int = 0) -> JsonValue:
    if depth > DEEPEST:
        return value
    if isinstance(value, list):
        return [_named(notes, member, depth + 1) for member in value]
    if not isinstance(value, Mapping):
        return value
    shown: dict[str, JsonValue] = {}
    for key, member in value.items():
        handle = notes.named(member) if key in IDS else None
        if handle is not None:
            shown[IDS[key]] = handle
        else:
            shown[key] = _named(notes, member, depth + 1)
    return shown
