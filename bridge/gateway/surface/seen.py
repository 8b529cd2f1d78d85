"""What an account has seen in a game: ids and names of systems, items, ships, players, ...

Read out of every result by how games name things: ``system_id`` beside ``system_name``, and lists
called ``pois`` of objects with an ``id`` and a ``name``. Kept in memory, bounded per kind.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

MOST_PER_KIND = 5_000
MOST_SHOWN = 100
DEEPEST = 12

_NAMED_BY = {
    "player": ["player_name", "username"],
    # A ship without a name of its own is called by its class, as long as that says which.
    "ship": ["ship_name", "custom_name", "name", "class_name"],
}

Pair = tuple[str, str, str]
"""A kind, an id, and the name that belongs to it (the id again where there is none)."""


@dataclass(slots=True)
class Seen:
    """Ids and names by game, account and kind."""

    _names: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=dict)

    def note(self, game: str, account: str, result: JsonValue) -> None:
        """Remember every id and name in a result."""
        for kind, identity, name in _pairs(result, "", 0):
            known = self._names.setdefault((game, account, kind), {})
            if identity in known or len(known) < MOST_PER_KIND:
                known[identity] = name if name != identity else known.get(identity, name)

    def names(self, game: str, account: str, kind: str) -> Mapping[str, str]:
        """Return the names of a kind by id."""
        return self._names.get((game, account, kind), {})

    def beginning_with(self, game: str, account: str, kind: str, prefix: str) -> Sequence[str]:
        """Return up to 100 ids of a kind whose id or name begins like that, in order."""
        start = prefix.lower()
        found = (
            identity
            for identity, name in self.names(game, account, kind).items()
            if identity.lower().startswith(start) or name.lower().startswith(start)
        )
        return sorted(found)[:MOST_SHOWN]


def _pairs(value: JsonValue, kind: str, depth: int) -> Iterator[Pair]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for member in value:
            yield from _pairs(member, kind, depth + 1)
    elif isinstance(value, Mapping):
        yield from _own_pair(value, kind)
        for key, member in value.items():
            if key.endswith("_id") and isinstance(member, str) and member:
                kind = key.removesuffix("_id")
                yield kind, member, _name_beside(value, kind) or member
            else:
                yield from _pairs(member, _singular(key), depth + 1)


def _name_beside(value: Mapping[str, JsonValue], kind: str) -> str | None:
    """Return the name that stands beside an id of a kind, None where there is none."""
    keys = [f"{kind}_name"] if "id" in value else [f"{kind}_name", "name"]
    keys = _NAMED_BY.get(kind, keys)
    names = (value.get(key) for key in keys)
    return next((name for name in names if isinstance(name, str) and name), None)


def _own_pair(value: Mapping[str, JsonValue], kind: str) -> Iterator[Pair]:
    identity = value.get("id")
    if kind and isinstance(identity, str) and identity:
        name = value.get("name") or value.get("username") or value.get("handle")
        yield kind, identity, name if isinstance(name, str) else identity


def _singular(key: str) -> str:
    if key.endswith("ies"):
        return f"{key.removesuffix('ies')}y"
    return key.removesuffix("s")
