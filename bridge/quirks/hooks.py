"""Where a game's quirks are plugged in; most games have none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from bridge.quirks import spacemolt

Expand = Callable[[Mapping[str, JsonValue]], list[Mapping[str, JsonValue]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What one game does differently from what its spec can say."""

    expand: Expand = lambda frame: [frame]
    """One pushed frame -> the frames that it stands for."""


_QUIRKS = {"spacemolt": Quirks(expand=spacemolt.expand)}
_NONE = Quirks()


def quirks_of(game: str) -> Quirks:
    """Return the quirks of a game."""
    return _QUIRKS.get(game, _NONE)
