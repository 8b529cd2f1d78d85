"""Games that have shut this address out, and until when.

Every request made meanwhile prolongs the block, so nothing at all may be sent, by any account of
any process of this user. The time is therefore kept in the state folder, one small file a game.
"""

import contextlib
import math
from dataclasses import dataclass, field
from pathlib import Path

from bridge.errors import Unreachable
from bridge.folders import private_folder
from bridge.protocol.verdict import Refused

CLOSED_AT_MOST_SECONDS = 3600.0
"""A gate that claims to be closed for longer is not believed: clocks change, files are old."""


class NotNow(Unreachable):
    """Nothing may be sent now; ``refused`` says why, and until when."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
        super().__init__(refused.message)


@dataclass(slots=True)
class Gates:
    """The gates of all games, shared by all processes that have the same folder."""

    folder: Path
    _closed: dict[str, float] = field(default_factory=dict)

    def opens_at(self, game: str, now: float) -> float:
        """Return when a game may be spoken to again, minus infinity if it may be now."""
        until = max(self._closed.get(game, -math.inf), self._told_by_others(game))
        return until if now < until <= now + CLOSED_AT_MOST_SECONDS else -math.inf

    def close(self, game: str, until: float) -> None:
        """Let nothing through to a game until then, in this process or another."""
        self._closed[game] = max(until, self._closed.get(game, -math.inf))
        with contextlib.suppress(OSError):
            private_folder(self.folder)
            file = self._file(game)
            fresh = file.with_suffix(".new")
            fresh.write_text(str(self._closed[game]), encoding="ascii")
            fresh.replace(file)

    def _told_by_others(self, game: str) -> float:
        try:
            until = float(self._file(game).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return -math.inf
        return until if math.isfinite(until) else -math.inf

    def _file(self, game: str) -> Path:
        return self.folder / f"{game}.shut-out-until"
