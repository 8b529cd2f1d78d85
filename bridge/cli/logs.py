"""Logging: to stderr, quiet unless asked, and without secrets.

Whatever ends the process, a thread or a task is logged the same way, since Python itself would
print it as it is.
"""

import logging
import os
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Final

from bridge.credentials import SecretFilter, Secrets
from bridge.errors import SettingsError

_log = logging.getLogger(__name__)

VARIABLE: Final = "GAME_BRIDGE_LOG"
LEVELS: Final = ("debug", "info", "warning", "error")
WIRE_LOGGERS: Final = ("httpcore", "websockets")
"""They show what crosses the wire shortened in the middle: part of a secret, which cannot be
recognised any more. So they are never asked for more than ``info``."""


def log_to_stderr(secrets: Secrets, environment: Mapping[str, str] = os.environ) -> None:
    """Log warnings to stderr, or what ``GAME_BRIDGE_LOG`` says; secrets are cut out of each line.

    Raises SettingsError.
    """
    level = environment.get(VARIABLE) or "warning"
    if level.lower() not in LEVELS:
        raise SettingsError(f"{VARIABLE} wants {' or '.join(LEVELS)}, not {level!r}.")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(SecretFilter(secrets))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(capture=True)
    for name in WIRE_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level.upper())))
    sys.excepthook = _log_crash
    threading.excepthook = _log_crash_of_a_thread
    sys.unraisablehook = _log_unraisable


def _log_crash(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _log.critical("game-bridge failed", exc_info=(kind, error, traceback))


def _log_crash_of_a_thread(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None and not issubclass(crash.exc_type, SystemExit):
        told = (crash.exc_type, crash.exc_value, crash.exc_traceback)
        _log.critical("A thread of game-bridge failed", exc_info=told)


def _log_unraisable(crash: "sys.UnraisableHookArgs") -> None:
    told = crash.exc_value
    _log.error("Ignored: %s", crash.err_msg or "an exception in a finalizer", exc_info=told)
