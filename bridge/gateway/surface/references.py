"""Names and ids that a model gives, against what its account has seen.

An exact name (case ignored) that belongs to one id only becomes that id, and it is said. Anything
else goes to the game as it is: we may simply not have seen it. When the game then refuses, what
was seen and looks like it becomes a suggestion. Nothing is ever silently rewritten, and nothing
that cannot be undone is rewritten at all.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from bridge.gateway.surface.seen import Seen
from bridge.protocol.verdict import Outcome, Refused
from bridge.spec.model import Command

ALIKE = 0.6
SUGGESTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Arguments in which names have become ids, with a note for each."""

    values: Mapping[str, JsonValue]
    notes: tuple[str, ...] = ()
    refused: Refused | None = None
    """Why an argument must be given as an id."""


@dataclass(frozen=True, slots=True)
class References:
    """What one account's arguments may refer to."""

    seen: Seen
    game: str
    account: str

    def resolve(self, command: Command, values: Mapping[str, JsonValue]) -> Resolved:
        """Return the arguments with exact names turned into ids."""
        changed = dict(values)
        notes = []
        for param, kind, value in _referring(command, values):
            identity = self._id_of(kind, value)
            if identity is None or identity == value:
                continue
            if command.effect == "irreversible":
                return Resolved(values=values, refused=_name_the_id(param, value, identity))
            changed[param] = identity
            notes.append(f"{param} {value!r} is {identity}.")
        return Resolved(values=changed, notes=tuple(notes))

    def suggest(
        self, command: Command, values: Mapping[str, JsonValue], outcome: Outcome
    ) -> Outcome:
        """Return a refusal of the game with what was probably meant; others as they are."""
        if not isinstance(outcome, Refused) or outcome.local:
            return outcome
        suggestions = [
            f"{param}: did you mean {near}?"
            for param, kind, value in _referring(command, values)
            if (near := self._near(kind, value))
        ]
        if not suggestions:
            return outcome
        return replace(outcome, hint=" ".join([*suggestions, outcome.hint]).strip())

    def _id_of(self, kind: str, value: str) -> str | None:
        """Return the one id that a name belongs to; the value itself if it is an id."""
        known = self.seen.names(self.game, self.account, kind)
        if value in known:
            return value
        plain = value.strip().casefold()
        same = {
            identity
            for identity, name in known.items()
            if plain in (name.casefold(), identity.casefold())
        }
        return same.pop() if len(same) == 1 else None

    def _near(self, kind: str, value: str) -> str:
        known = self.seen.names(self.game, self.account, kind)
        if value in known:
            return ""
        words: dict[str, list[str]] = {}
        for identity, name in known.items():
            for word in {identity.casefold(), name.casefold()}:
                words.setdefault(word, []).append(identity)
        near = difflib.get_close_matches(value.casefold(), words, n=SUGGESTED, cutoff=ALIKE)
        ids = list(dict.fromkeys(i for word in near for i in words[word]))[:SUGGESTED]
        return ", ".join(f"{i} ({known[i]})" if known[i] != i else i for i in ids)


def _referring(command: Command, values: Mapping[str, JsonValue]) -> Iterator[tuple[str, str, str]]:
    """Yield the arguments that refer to something: name, kind, and value."""
    for param, value in values.items():
        kind = command.params[param].names
        if kind is not None and isinstance(value, str) and value:
            yield param, kind, value


def _name_the_id(param: str, value: str, identity: str) -> Refused:
    return Refused(
        code="wrong_arguments",
        message=f"{param} must be an id here, since this cannot be undone; {value!r} is a name.",
        hint=f"If you mean it, give {param} as {identity!r}.",
        local=True,
    )
