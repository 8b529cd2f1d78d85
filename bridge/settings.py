"""What the player has chosen: which games and accounts, which tools, where the games are.

Flags win over environment variables, which win over the settings file, which holds no secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bridge.errors import SettingsError

ToolsMode = Literal["core", "all", "compact"]
Confirm = Literal["never", "destructive", "always"]

DEFAULT_ACCOUNT = "default"
CALL_BUDGET_SECONDS = 45.0
"""Hosts give up on a call after 60 s; ours always answers before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the player can choose; constant for the life of the process."""

    games: tuple[str, ...] = ()
    """The games that are on; all that have an account, else all, where empty."""
    tools: ToolsMode = "core"
    toolsets: tuple[str, ...] = ()
    """Toolsets shown beside the default ones: ``game:toolset``."""
    allow: tuple[str, ...] = ()
    """Toolsets of administrators that may be used: ``game:toolset``, or ``game:admin`` for all."""
    read_only: bool = False
    confirm: Confirm = "destructive"
    structured: bool = False
    accounts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Game -> its accounts, the default one first."""
    urls: Mapping[str, str] = field(default_factory=dict)
    """Game -> where it is, in place of the address in its spec."""
    via: Mapping[str, str] = field(default_factory=dict)
    """Game -> the only upstream to be used."""
    polls: Mapping[str, float] = field(default_factory=dict)
    """Game -> seconds between two polls, for a game that is polled only on request."""
    sandbox: bool = False
    unpaced: frozenset[str] = frozenset()
    """Games whose limits are not kept on our side: a sandbox whose ticks are fast has none."""
    era: Literal["auto", "legacy"] = "auto"
    state_folder: Path = Path()
    """Where the journal and the leases are."""
    call_budget: float = CALL_BUDGET_SECONDS
    """Seconds after which a tool call answers, done or not."""

    def accounts_of(self, game: str) -> tuple[str, ...]:
        """Return the names of a game's accounts, the default one first; never empty."""
        return self.accounts.get(game) or (DEFAULT_ACCOUNT,)


def pairs(values: tuple[str, ...], flag: str) -> dict[str, str]:
    """Return ``game=value`` settings as a table. Raises SettingsError naming the flag."""
    table = {}
    for value in values:
        game, separator, setting = value.partition("=")
        if not (game and separator and setting):
            raise SettingsError(f"{flag} wants GAME=VALUE, not {value!r}.")
        table[game] = setting
    return table
