"""Who is let in over HTTP, before a word of MCP is read.

- A page in a browser sends its Origin: only pages of this machine are let in, and none at all
  where the server listens to others.
- On loopback the Host must be this machine, so that a name that was made to point here does not
  open the door.
- Where the server listens to others, and on loopback wherever clients have been named, a bearer
  token is needed. Whoever fails too often waits.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bridge.server.http_clients import HttpClient

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
FAILURES = 10
"""So many wrong tokens from one address in a minute."""
WINDOW_SECONDS = 60.0
MOST_ADDRESSES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """The answer to somebody who is not let in."""

    status: int
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Gatekeeper:
    """Decides about each request."""

    host: str
    """Where the server listens."""
    find: Callable[[str], HttpClient | None]
    """A token -> its client, None for a wrong one."""
    needs_token: bool
    now: Callable[[], float]
    _failures: dict[str, deque[float]] = field(default_factory=dict)

    def admit(self, headers: Mapping[str, str], address: str) -> HttpClient | Denied | None:
        """Return the client, None where no token is needed, or why it is not let in.

        Header names are in lower case.
        """
        stranger = self._comes_from_elsewhere(headers)
        if stranger is not None:
            return stranger
        if not self.needs_token:
            return None
        if self._has_failed_too_often(address):
            wait = {"retry-after": str(int(WINDOW_SECONDS))}
            return Denied(status=429, reason="Too many wrong tokens.", headers=wait)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        client = self.find(token.strip()) if scheme.lower() == "bearer" and token else None
        if client is not None:
            return client
        if token:
            self._note_failure(address)
        ask = {"www-authenticate": 'Bearer realm="game-bridge"'}
        return Denied(status=401, reason="A bearer token of game-bridge is needed.", headers=ask)

    def _comes_from_elsewhere(self, headers: Mapping[str, str]) -> Denied | None:
        on_loopback = self.host in LOOPBACK
        if on_loopback and _name_of(headers.get("host", "")) not in LOOPBACK:
            return Denied(status=421, reason="This server is reached as 127.0.0.1 or localhost.")
        origin = headers.get("origin")
        if origin is None or (on_loopback and _name_of(urlsplit(origin).netloc) in LOOPBACK):
            return None
        return Denied(status=403, reason="Pages from elsewhere are not let in.")

    def _has_failed_too_often(self, address: str) -> bool:
        failures = self._failures.get(address)
        if failures is None:
            return False
        while failures and failures[0] <= self.now() - WINDOW_SECONDS:
            failures.popleft()
        return len(failures) >= FAILURES

    def _note_failure(self, address: str) -> None:
        if len(self._failures) >= MOST_ADDRESSES:
            self._failures.pop(next(iter(self._failures)))
        self._failures.setdefault(address, deque(maxlen=FAILURES)).append(self.now())


def _name_of(host: str) -> str:
    """Return a Host header without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
