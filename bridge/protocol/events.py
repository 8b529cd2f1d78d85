"""What a game tells us without being asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue


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
