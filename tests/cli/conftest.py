import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from click.testing import CliRunner, Result
from keyring.backend import KeyringBackend

from bridge.cli.main import game_bridge
from tests.cli import program

Run = Callable[..., Result]


class MemoryKeyring(KeyringBackend):
    """A keyring that lives as long as a test."""

    priority = -1.0
    """Never chosen by itself."""

    def __init__(self, entries: dict[str, str]) -> None:
        self.entries = entries

    def get_password(self, service: str, username: str) -> str | None:
        assert service == "game-bridge"
        return self.entries.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        assert service == "game-bridge"
        self.entries[username] = password

    def delete_password(self, service: str, username: str) -> None:
        assert service == "game-bridge"
        del self.entries[username]


@pytest.fixture
def kept() -> Iterator[dict[str, str]]:
    """Yield what the keyring of the system holds: nothing but what the test stores."""
    before = keyring.get_keyring()
    entries: dict[str, str] = {}
    keyring.set_keyring(MemoryKeyring(entries))
    yield entries
    keyring.set_keyring(before)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Yield a function that runs a command in this process, with a home of its own.

    What a command does to logging is undone.
    """
    root = logging.getLogger()
    before = (root.handlers[:], root.level, warnings.showwarning)
    hooks = (sys.excepthook, sys.unraisablehook, threading.excepthook)
    home = program.environment(tmp_path)
    empty = dict.fromkeys(name for name in os.environ if name not in home)

    def invoke(*arguments: str, typed: str = "", **variables: str) -> Result:
        return CliRunner().invoke(
            game_bridge,
            arguments,
            input=typed,
            env=home | empty | variables,
            prog_name="game-bridge",
        )

    yield invoke
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level, warnings.showwarning = before
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
