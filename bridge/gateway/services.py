"""What the parts of the gateway share: passed in once, so that tests can pass in their own."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from anyio.abc import TaskGroup

from bridge.credentials import Vault
from bridge.gateway.feeds import Feeds
from bridge.settings import Settings
from bridge.upstream.http import HttpClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The outside world of a player."""

    settings: Settings
    vault: Vault
    feeds: Feeds
    http: HttpClient
    tasks: TaskGroup
    """Owns everything that goes on after a call has answered."""
    now: Callable[[], float]
    """Seconds since the epoch."""
    chance: random.Random = field(default_factory=random.Random)
    gates: dict[str, float] = field(default_factory=dict)
    """Game -> when its whole address may be used again, after the game has shut us out."""
