"""Who may use the bridge over HTTP: named clients, each with a token that is shown once.

The file keeps a digest of each token, never the token: whoever reads it lets nobody in. A
client sees only its own accounts, which are named after it, unless it was allowed to share the
player's.
"""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from bridge.errors import SettingsError
from bridge.folders import private_folder

PREFIX = "gb_"
TOKEN_BYTES = 32
BEGINNING = 9
"""So many characters of a token are kept as they are, to tell whose token a wrong one resembles;
more than 200 bits of it stay unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpClient:
    """Somebody with a token."""

    name: str
    shares_accounts: bool
    """It plays with the player's accounts instead of accounts of its own."""


@dataclass(frozen=True, slots=True)
class HttpClients:
    """The clients in a file; read anew each time, so that a revoked token ends at once."""

    file: Path

    def add(self, name: str, *, shares_accounts: bool) -> str:
        """Let a client in and return its token, which can be had only now.

        A client of that name gets a new token in place of the old one. Raises SettingsError when
        the file cannot be read or written.
        """
        token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
        entry: JsonValue = {
            "begins": token[:BEGINNING],
            "digest": _digest(token),
            "shares_accounts": shares_accounts,
        }
        self._write({**self._read(), name: entry})
        return token

    def remove(self, name: str) -> bool:
        """Let a client in no longer; say whether it was let in before."""
        clients = self._read()
        known = name in clients
        self._write({key: entry for key, entry in clients.items() if key != name})
        return known

    def names(self) -> list[str]:
        """Return the names of all clients, in order."""
        return sorted(self._read())

    def find(self, token: str) -> HttpClient | None:
        """Return whose token it is, None if it is nobody's."""
        digest = _digest(token)
        found = None
        for name, entry in self._read().items():
            known = entry.get("digest") if isinstance(entry, Mapping) else None
            # Every entry is compared, in constant time, so that time tells nothing.
            if isinstance(known, str) and hmac.compare_digest(known, digest):
                shares = isinstance(entry, Mapping) and entry.get("shares_accounts") is True
                found = HttpClient(name=name, shares_accounts=shares)
        return found

    def beginning(self, token: str) -> str:
        """Return how a token begins if a client's token begins so, else nothing."""
        begins = token[:BEGINNING]
        entries = [entry for entry in self._read().values() if isinstance(entry, Mapping)]
        return begins if any(entry.get("begins") == begins for entry in entries) else ""

    def _read(self) -> dict[str, JsonValue]:
        try:
            clients = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise SettingsError(f"{self.file} cannot be read: {type(error).__name__}.") from error
        return clients if isinstance(clients, dict) else {}

    def _write(self, clients: Mapping[str, JsonValue]) -> None:
        fresh = self.file.with_suffix(".new")
        try:
            private_folder(self.file.parent)
            with contextlib.suppress(FileNotFoundError):
                fresh.unlink()
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(dict(clients), file, indent=1)
            fresh.replace(self.file)
        except OSError as error:
            raise SettingsError(f"{self.file} cannot be written: {error.strerror}.") from error


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", errors="replace")).hexdigest()
