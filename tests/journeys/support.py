"""What journeys through a server process of their own share: a keyring, and how it is started."""

import json
import os
import sys
from pathlib import Path
from typing import Final

from keyring.backend import KeyringBackend
from mcp.client.stdio import StdioServerParameters

ROOT: Final = Path(__file__).resolve().parents[2]
KEYRING: Final = "JOURNEY_KEYRING"
"""The variable that names the keyring's file."""


class FileKeyring(KeyringBackend):
    """Keeps passwords in the file that the environment names, for a process to be looked into."""

    priority = -1.0
    """Never chosen by itself, so that it is nobody's keyring in the process of the tests."""

    def get_password(self, service: str, username: str) -> str | None:
        return kept(Path(os.environ[KEYRING])).get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._all(), f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        self._write({k: v for k, v in self._all().items() if k != f"{service}/{username}"})

    def _all(self) -> dict[str, str]:
        return kept(Path(os.environ[KEYRING]))

    def _write(self, held: dict[str, str]) -> None:
        Path(os.environ[KEYRING]).write_text(json.dumps(held))


def kept(file: Path) -> dict[str, str]:
    """Return what a keyring's file holds."""
    held: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return held


def serving(game: str, url: str, home: Path, *flags: str) -> StdioServerParameters:
    """Return how ``game-bridge serve`` is started for one game, which is at that address."""
    where = ["--game", game, "--url", f"{game}={url}/{game}", "--config", os.devnull]
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "bridge", "serve", *where, "--state", str(home / "state"), *flags],
        env=environment(home),
        cwd=str(home),
    )


def environment(home: Path) -> dict[str, str]:
    """Return the variables with which a process finds this program, and its keyring."""
    return {
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "PYTHON_KEYRING_BACKEND": "tests.journeys.support.FileKeyring",
        KEYRING: str(home / "keyring.json"),
    }
