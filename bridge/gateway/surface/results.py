"""Results that were too long to be shown whole, kept for a while to be read in parts."""

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from pydantic import JsonValue

from bridge.gateway.surface.picking import picked
from bridge.gateway.surface.weight import MOST_TOKENS, characters_for

KEPT = 40
"""How many results are kept; the oldest goes first."""
PART = 16_000
"""Characters of one part, at most."""
PART_TOKENS = MOST_TOKENS - 400
"""Tokens of one part, about: the mark of other players' words and news come on top."""
MATCHES = 20
AROUND = 160
"""Characters shown on each side of a match."""


@dataclass(slots=True)
class Results:
    """The long results of this process, by id."""

    redact: Callable[[str], str] = str
    """Cuts out what has become known as a secret since a result was stored."""
    _texts: "OrderedDict[str, str]" = field(default_factory=OrderedDict)
    _untrusted: set[str] = field(default_factory=set)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    def store(self, whole: JsonValue, *, untrusted: bool = False) -> str:
        """Keep a result and return its id; ``untrusted`` if it has other players' words."""
        text = _written(whole)
        result_id = f"r{next(self._ids)}"
        self._texts[result_id] = text
        if untrusted:
            self._untrusted.add(result_id)
        while len(self._texts) > KEPT:
            self._texts.popitem(last=False)
        return result_id

    def is_untrusted(self, result_id: str) -> bool:
        """Say whether a result carries other players' words."""
        return result_id in self._untrusted

    def text(self, result_id: str) -> str | None:
        """Return a whole result, None if it is not kept."""
        text = self._texts.get(result_id)
        return None if text is None else self.redact(text)

    def part(
        self, result_id: str, path: str | None, offset: int, limit: int
    ) -> dict[str, JsonValue]:
        """Return a slice of a result, or of what stands at a path in it.

        Raises LookupError, saying what is there, when there is nothing.
        """
        text = self._known(result_id)
        if path:
            text = _at(text, path)
        shown = text[offset : offset + min(limit, PART)]
        end = offset + characters_for(shown, PART_TOKENS)
        return {
            "text": text[offset:end],
            "offset": offset,
            "total": len(text),
            "next_offset": end if end < len(text) else None,
        }

    def search(self, result_id: str, words: str) -> dict[str, JsonValue]:
        """Return where words stand in a result, with what is around them."""
        text = self._known(result_id)
        lower, wanted = text.lower(), words.lower()
        found: list[JsonValue] = []
        at = lower.find(wanted)
        while at >= 0 and len(found) < MATCHES:
            found.append({"offset": at, "text": text[max(0, at - AROUND) : at + AROUND]})
            at = lower.find(wanted, at + len(wanted) + AROUND)
        return {"matches": found, "more": at >= 0}

    def _known(self, result_id: str) -> str:
        text = self.text(result_id)
        if text is None:
            kept = ", ".join(self._texts) or "none"
            raise LookupError(f"There is no result {result_id!r}; kept are: {kept}.")
        return text


def _at(text: str, path: str) -> str:
    try:
        whole = json.loads(text)
    except ValueError as error:
        raise LookupError("This result is plain text: read it by offset.") from error
    return _written(picked(whole, path))


def _written(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
