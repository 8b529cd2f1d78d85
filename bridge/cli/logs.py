"""Logging: to stderr, quiet unless asked, and without secrets."""

import logging
import os
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Final

from bridge.credentials import SecretFilter, Secrets
from bridge.errors import SettingsError

VARIABLE: Final = "GAME_BRIDGE_LOG"
LEVELS: Final = ("debug", "info", "warning", "error")


def log_to_stderr(secrets: Secrets, environment: Mapping[str, str] = os.environ) -> None:
    """Log warnings to stderr, or what ``GAME_BRIDGE_LOG`` says; secrets are cut out of each line.

    What ends the process is logged the same way. Raises SettingsError.
    """
    level = environment.get(VARIABLE) or "warning"
    if level.lower() not in LEVELS:
        raise SettingsError(f"{VARIABLE} wants {' or '.join(LEVELS)}, not {level!r}.")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(SecretFilter(secrets))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_crash


def _log_crash(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__name__).critical("game-bridge failed", exc_info=(kind, error, traceback))
