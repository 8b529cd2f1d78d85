"""A keyring in a file, for servers that run as processes of their own in tests."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend

FILE = "MAID_TEST_BOX"


class Box(KeyringBackend):
    """Keeps passwords in the file that the environment names."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return contents().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        _write({**contents(), f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        _write({key: value for key, value in contents().items() if key != f"{service}/{username}"})


def contents(file: str = "") -> dict[str, str]:
    path = Path(file or os.environ[FILE])
    held: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return held


def _write(held: dict[str, str]) -> None:
    Path(os.environ[FILE]).write_text(json.dumps(held))
