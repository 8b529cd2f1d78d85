"""Listening to an event stream: who may, to what, and what was missed. Pure.

- Kinds are subscribed to only for feeds that somebody follows; those of a feed marked
  ``on_request`` only for that feed itself, not for one that has everything.
- What was sent while nobody listened is lost. Every stretch of time in which a kind did not reach
  us ends in one ``bridge.gap``, whether the connection was lost or nobody had asked.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from pydantic import JsonValue

from bridge.protocol.events import NewEvent, kinds_match
from bridge.protocol.render import Way, auth_chain
from bridge.spec.model import GameSpec, WebSocketUpstream
from bridge.spec.parts import Subscription
from bridge.spec.placeholders import fill, fill_json, names_in

GAP = "bridge.gap"
SNAPSHOT = "bridge.snapshot"
REFUSED = "bridge.refused"


@dataclass(frozen=True, slots=True)
class Handshake:
    """What opens a stream. Its ``repr`` shows nothing: the address may carry a key."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def wanted_kinds(spec: GameSpec, feeds: Collection[str]) -> frozenset[str]:
    """Return the kinds to subscribe to while these feeds are followed."""
    return frozenset(
        kind
        for subscription in spec.subscriptions
        for kind in subscription.kinds
        if any(_asks_for(spec, feed, kind) for feed in feeds)
    )


def missing_credential(way: Way, known: Mapping[str, JsonValue]) -> str | None:
    """Return the first credential that the handshake needs and that is not there."""
    for name in _shown_in(way):
        if not known.get(name):
            return name
    return None


def handshake(way: Way, known: Mapping[str, JsonValue], kinds: Collection[str]) -> Handshake:
    """Return what opens the stream. Raises MissingValue without the credential."""
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    for _, link in auth_chain(way.spec, stream_of(way).auth):
        if link.show is not None and link.show.query is not None:
            query[link.show.query] = fill(link.show.value, known)
        if link.show is not None and link.show.header is not None:
            headers[link.show.header] = fill(link.show.value, known)
    for subscription in way.spec.subscriptions:
        wanted = part_of(subscription, kinds)
        if subscription.query is not None and wanted:
            query[subscription.query] = ",".join(wanted)
    return Handshake(
        f"{way.base_url}?{urlencode(query, safe=',')}" if query else way.base_url, headers
    )


def subscribe_frame(subscription: Subscription, kinds: Collection[str]) -> dict[str, JsonValue]:
    """Return the frame that asks for these kinds in place of those before."""
    named: list[JsonValue] = list(part_of(subscription, kinds))
    filled = fill_json(subscription.frame, {"kinds": named})
    return filled if isinstance(filled, dict) else {}


def granted(
    subscription: Subscription, asked: Collection[str], answer: Mapping[str, JsonValue]
) -> frozenset[str]:
    """Return the kinds that an acknowledgement grants: those it names, all where it names none."""
    key = next((key for key, value in subscription.frame.items() if value == "{kinds}"), "")
    named = answer.get(key)
    mine = part_of(subscription, asked)
    return frozenset(mine).intersection(named if isinstance(named, list) else mine)


def part_of(subscription: Subscription, kinds: Collection[str]) -> list[str]:
    """Return those of the kinds that the subscription offers, in its order."""
    return [kind for kind in subscription.kinds if kind in kinds]


def stream_of(way: Way) -> WebSocketUpstream:
    """Return the upstream. Raises TypeError if it is no event stream."""
    there = way.spec.upstream[way.upstream]
    if not isinstance(there, WebSocketUpstream) or there.dialect != "event_stream":
        raise TypeError(f"{way.upstream} is not an event stream")
    return there


@dataclass(slots=True)
class Hearing:
    """Which kinds reach us now, and since when the others do not."""

    heard: frozenset[str] = frozenset()
    _deaf: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Kind -> since when it is not heard, and why."""
    _unkept_since: float | None = None
    """Since when what is heard cannot be kept."""

    def unheard_of(self, kinds: Collection[str]) -> frozenset[str]:
        """Return those of the kinds that were neither heard nor missed so far."""
        return frozenset(kinds) - self.heard - self._deaf.keys()

    def miss(self, kinds: Collection[str], since: float, reason: str) -> None:
        """Note that kinds have not been heard since then."""
        self._deaf.update(dict.fromkeys(kinds, (since, reason)))

    def lose(self, since: float, reason: str) -> None:
        """Note that nothing is heard any more."""
        self.settle((), since, reason)

    def fail_to_keep(self, events: Collection[NewEvent]) -> None:
        """Note that these could not be kept, nor what they tell of what was missed before."""
        if self._unkept_since is None and events:
            self._unkept_since = min(_began(event) for event in events)

    def unkept(self, now: float) -> list[NewEvent]:
        """Return the gap that what could not be kept leaves when it ends now, or nothing."""
        if self._unkept_since is None:
            return []
        return [_gap(self._unkept_since, now, "the bridge could not write it down")]

    def keep_again(self) -> None:
        """Note that the gap is kept."""
        self._unkept_since = None

    def settle(self, kinds: Collection[str], now: float, reason: str) -> list[NewEvent]:
        """Note that exactly these kinds are heard from now on; return the gaps that end here.

        ``reason`` is why the others no longer are.
        """
        for kind in self.heard.difference(kinds):
            self._deaf[kind] = (now, reason)
        self.heard = frozenset(kinds)
        ended = dict.fromkeys(self._deaf.pop(kind) for kind in sorted(kinds) if kind in self._deaf)
        return [_gap(since, now, why) for since, why in sorted(ended)]


def _began(event: NewEvent) -> float:
    since = event.data.get("from") if event.own and event.kind == GAP else None
    return datetime.fromisoformat(since).timestamp() if isinstance(since, str) else event.at


def _gap(since: float, now: float, reason: str) -> NewEvent:
    data: dict[str, JsonValue] = {
        "from": _stamp(since),
        "to": _stamp(now),
        "reason": reason,
        "note": "What happened meanwhile was not told and cannot be had.",
    }
    return NewEvent(kind=GAP, at=now, data=data, own=True)


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _asks_for(spec: GameSpec, feed: str, kind: str) -> bool:
    followed = spec.feeds[feed]
    if not kinds_match(kind, followed.kinds):
        return False
    return followed.on_request or not any(
        other.on_request and kinds_match(kind, other.kinds) for other in spec.feeds.values()
    )


def _shown_in(way: Way) -> Iterator[str]:
    for _, link in auth_chain(way.spec, stream_of(way).auth):
        if link.show is not None:
            yield from names_in(link.show.value)
