"""Long results that are read again: what has changed since, instead of all of it once more.

Maps and catalogues hardly change, and a model that asks again pays for every character. Nothing is
kept from it: the whole stands ready for ``bridge_result``. After a while the whole is shown again,
because a conversation may be over and the next one has never seen it.
"""

import difflib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from pydantic import JsonValue

from bridge.protocol.verdict import Done

LONG = 4_000
"""Characters from which a result is worth being remembered."""
REMEMBERED_SECONDS = 600.0
MOST = 32
"""How many results are remembered; the one that was read least lately goes first."""
LITTLE = 4
"""Changes are shown alone when they are at most this part of the whole."""


class Store(Protocol):
    """Keeps a whole result; returns the id to read it by."""

    def __call__(self, content: JsonValue, /, *, untrusted: bool = False) -> str:
        """Return the id; ``untrusted`` if it has other players' words."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A result that was shown whole."""

    done: Done
    at: float


@dataclass(slots=True)
class Repeats:
    """The long results that this process has shown, by call."""

    store: Store
    _read: "OrderedDict[str, _Read]" = field(default_factory=OrderedDict)

    def shortened(self, call: str, done: Done, now: float, *, untrusted: bool) -> tuple[Done, bool]:
        """Return what is new in a result, and whether that has other players' words.

        ``call`` says what was asked, arguments included. A short result, one not seen lately and
        one that has changed much are returned as they are.
        """
        last = self._read.pop(call, None)
        if len(_shown(done)) < LONG:
            return done, untrusted
        if last is None or now - last.at > REMEMBERED_SECONDS:
            self._remember(call, _Read(done, now))
            return done, untrusted
        news = "\n".join(_changes(last.done, done))
        if len(news) > len(_shown(done)) // LITTLE:
            self._remember(call, _Read(done, now))
            return done, untrusted
        self._remember(call, _Read(done, last.at))
        whole = self.store(done.result if done.text is None else done.text, untrusted=untrusted)
        again = f"All of it: bridge_result, id {whole}."
        since = datetime.fromtimestamp(last.at, UTC).strftime("%H:%M:%SZ")
        if not news:
            text = f"Unchanged since you read it at {since}. {again}"
            return replace(done, result=None, text=text), False
        note = f"Only what has changed since {since} is shown. {again}"
        return replace(done, result=None, text=news, notes=(*done.notes, note)), untrusted

    def _remember(self, call: str, read: _Read) -> None:
        self._read[call] = read
        while len(self._read) > MOST:
            self._read.popitem(last=False)


def call_of(name: str, arguments: object) -> str:
    """Return a call as a key, the same however its arguments are ordered."""
    return f"{name} {json.dumps(arguments, sort_keys=True, default=str)}"


def _shown(done: Done) -> str:
    return done.text if done.text is not None else _compact(done.result)


def _changes(old: Done, new: Done) -> Iterator[str]:
    if old.text is None or new.text is None:
        yield from _differences(old.result, new.result, "")
        return
    lines = difflib.unified_diff(old.text.split("\n"), new.text.split("\n"), lineterm="", n=0)
    yield from (line for line in lines if not line.startswith(("---", "+++", "@@")))


def _differences(old: JsonValue, new: JsonValue, path: str) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*old, *(key for key in new if key not in old)):
            yield from _member(old, new, key, f"{path}.{key}" if path else str(key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(min(len(old), len(new))):
            yield from _differences(old[index], new[index], f"{path}[{index}]")
        for index in range(len(old), len(new)):
            yield f"{path}[{index}]: {_compact(new[index])}"
        if len(new) < len(old):
            yield f"{path}: now only {len(new)}, not {len(old)}"
    else:
        yield f"{path or 'all'}: {_compact(new)}"


def _member(
    old: dict[str, JsonValue], new: dict[str, JsonValue], key: str, path: str
) -> Iterator[str]:
    if key not in new:
        yield f"{path}: gone"
    elif key not in old:
        yield f"{path}: {_compact(new[key])}"
    else:
        yield from _differences(old[key], new[key], path)


_compact: Callable[[JsonValue], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":")
).encode
