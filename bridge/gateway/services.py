"""What the parts of the gateway share: passed in once, so that tests can pass in their own."""

import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVarTuple

import anyio
from anyio.abc import TaskGroup

from bridge.credentials import Vault
from bridge.errors import BridgeError
from bridge.gateway.feeds import Feeds
from bridge.gateway.shared.budgets import Budgets
from bridge.gateway.shared.gates import Gates
from bridge.gateway.shared.notebook import Notebook
from bridge.settings import Settings
from bridge.upstream.http import HttpClient

T = TypeVarTuple("T")
log = logging.getLogger(__name__)


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
    gates: Gates
    """Which games have shut this address out."""
    budgets: Budgets = field(default_factory=Budgets)
    """What is left of each key's requests."""
    addresses: dict[str, Notebook] = field(default_factory=dict)
    """Game -> what counts for all its accounts behind this address."""
    chance: random.Random = field(default_factory=random.Random)
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    """Waits so many seconds, by the same clock as ``now``."""

    def start(self, what: str, work: Callable[[*T], Awaitable[object]], *of: *T) -> None:
        """Do something in the background; a breakdown is logged and ends nothing else."""
        self.tasks.start_soon(_contained, what, work, of)


async def _contained(what: str, work: Callable[[*T], Awaitable[object]], of: tuple[*T]) -> None:
    try:
        await work(*of)
    except BridgeError as error:
        log.warning("%s broke down: %s", what, error)
    except Exception:
        log.exception("%s broke down", what)
