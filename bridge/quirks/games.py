"""The quirks of every game that has some."""

from bridge.quirks import maid, spacemolt
from bridge.quirks.hooks import NO_QUIRKS, Quirks
from bridge.quirks.moltforsale import quirks as moltforsale
from bridge.quirks.pipeworks import quirks as pipeworks

_QUIRKS = {
    "maid": maid.QUIRKS,
    "moltforsale": moltforsale.QUIRKS,
    "pipeworks": pipeworks.QUIRKS,
    "spacemolt": spacemolt.QUIRKS,
}


def quirks_of(game: str) -> Quirks:
    """Return the quirks of a game."""
    return _QUIRKS.get(game, NO_QUIRKS)
