"""What a game tells us without being asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pydantic import JsonValue

from bridge.spec.model import EventSource, GameSpec
from bridge.spec.paths import dig, without_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event that is not yet in the journal."""

    kind: str
    at: float
    """Seconds since the epoch, by our clock."""
    data: Mapping[str, JsonValue] = field(default_factory=dict)
    identity: str | None = None
    """What makes it the same event when it comes twice; None when nothing does."""
    own: bool = False
    """It comes from the bridge or from what this account did itself."""
    untrusted: bool = False
    """It carries other players' words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GameEvent:
    """An event in the journal; ``seq`` grows over all games and accounts and never repeats."""

    seq: int
    game: str
    account: str
    kind: str
    at: float
    data: Mapping[str, JsonValue]
    own: bool = False
    untrusted: bool = False


def kinds_match(kind: str, patterns: Iterable[str]) -> bool:
    """Say whether a kind is among patterns, in which ``*`` stands for any characters."""
    return any(fnmatchcase(kind, pattern) for pattern in patterns)


def is_untrusted(spec: GameSpec, kind: str, command: JsonValue = None) -> bool:
    """Say whether events of a kind, such as the outcome of a command, carry other players' words.

    The feeds that name the kind decide; a feed of everything decides only where no other does,
    and what no feed has is not trusted. An outcome is trusted no more than the command's result.
    """
    if isinstance(command, str) and command in spec.commands and spec.commands[command].untrusted:
        return True
    feeds = [feed for feed in spec.feeds.values() if kinds_match(kind, feed.kinds)]
    naming = [feed for feed in feeds if "*" not in feed.kinds]
    return not feeds or any(feed.untrusted for feed in naming or feeds)


def from_frame(spec: GameSpec, frame: Mapping[str, JsonValue], now: float) -> list[NewEvent]:
    """Return the events of one frame that nobody asked for; an unknown kind is kept."""
    source = next((each for each in spec.events if each.source == "push"), _ANY_FRAME)
    return list(_read(spec, source, dict(frame), now))


def from_reply(spec: GameSpec, body: JsonValue, now: float) -> list[NewEvent]:
    """Return the events that ride on an HTTP reply."""
    sources = [source for source in spec.events if source.source == "reply"]
    return [event for source in sources for event in _read(spec, source, body, now)]


def from_poll(spec: GameSpec, source: EventSource, result: JsonValue, now: float) -> list[NewEvent]:
    """Return the events that a polled query told."""
    return list(_read(spec, source, result, now))


def _read(spec: GameSpec, source: EventSource, body: JsonValue, now: float) -> Iterator[NewEvent]:
    items = dig(body, source.items) if source.items else body
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, Mapping):
            event = _event(spec, source, item, now)
            if not kinds_match(event.kind, source.drop):
                yield event


def _event(
    spec: GameSpec, source: EventSource, item: Mapping[str, JsonValue], now: float
) -> NewEvent:
    named = (dig(dict(item), path) for path in source.kind)
    kind = next((name for name in named if isinstance(name, str) and name), "unknown")
    found = dig(dict(item), source.data) if source.data else dict(item)
    data = found if isinstance(found, Mapping) else {"value": found}
    identity = dig(dict(item), source.identity) if source.identity else None
    return NewEvent(
        kind=kind,
        at=now,
        data=_clean(spec, data),
        identity=f"{kind}:{identity}" if identity is not None else None,
        untrusted=is_untrusted(spec, kind, data.get("command")),
    )


def _clean(spec: GameSpec, data: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    cleaned = without_keys(dict(data), spec.game.redact)
    return cleaned if isinstance(cleaned, Mapping) else {}


_ANY_FRAME = EventSource(source="push")
