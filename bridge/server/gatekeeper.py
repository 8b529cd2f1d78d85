"""Who is let in over HTTP, before a word of MCP is read.

- A page in a browser sends its Origin: only pages of this machine are let in, and none at all
  where the server listens to others.
- On loopback the Host must be this machine, so that a name that was made to point here does not
  open the door.
- Where the server listens to others, and on loopback from when a client is named, a bearer token
  is needed. Whoever fails too often waits. Failures count by address and by the beginning of the
  token, so that a stranger behind the same proxy cannot shut out those whose tokens begin
  otherwise.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bridge.server.http_clients import HttpClient

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
FAILURES = 10
"""So many wrong tokens of one beginning from one address in a minute."""
WINDOW_SECONDS = 60.0
MOST_KNOCKERS = 10_000

_Knocker = tuple[str, str]
"""An address and the beginning of a token."""


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
    beginning: Callable[[str], str]
    """A token -> its beginning where a client's token begins so, else nothing."""
    needs_token: bool
    has_clients: Callable[[], bool]
    """Whether clients have been named; once they have, a token is needed to the end."""
    now: Callable[[], float]
    _failures: dict[_Knocker, deque[float]] = field(default_factory=dict)

    def admit(self, headers: Mapping[str, str], address: str) -> HttpClient | Denied | None:
        """Return the client, None where no token is needed, or why it is not let in.

        Header names are in lower case.
        """
        stranger = self._comes_from_elsewhere(headers)
        if stranger is not None:
            return stranger
        self.needs_token = self.needs_token or self.has_clients()
        if not self.needs_token:
            return None
        scheme, _, token = headers.get("authorization", "").partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
        knocker = (address, self.beginning(token))
        if self._has_failed_too_often(knocker):
            wait = {"retry-after": str(int(WINDOW_SECONDS))}
            return Denied(status=429, reason="Too many wrong tokens.", headers=wait)
        client = self.find(token) if token else None
        if client is not None:
            return client
        if token:
            self._note_failure(knocker)
        ask = {"www-authenticate": 'Bearer realm="game-bridge"'}
        return Denied(status=401, reason="A bearer token of game-bridge is needed.", headers=ask)

    def _comes_from_elsewhere(self, headers: Mapping[str, str]) -> Denied | None:
        on_loopback = self.host in LOOPBACK
        if on_loopback and _name_of(headers.get("host", "")) not in LOOPBACK:
            return Denied(status=421, reason="This server is reached as 127.0.0.1 or localhost.")
        origin = headers.get("origin")
        # Only the name counts: a page of this machine may come from any port.
        if origin is None or (on_loopback and _name_of(origin.partition("://")[2]) in LOOPBACK):
            return None
        return Denied(status=403, reason="Pages from elsewhere are not let in.")

    def _has_failed_too_often(self, knocker: _Knocker) -> bool:
        failures = self._failures.get(knocker)
        if failures is None:
            return False
        while failures and failures[0] <= self.now() - WINDOW_SECONDS:
            failures.popleft()
        return len(failures) >= FAILURES

    def _note_failure(self, knocker: _Knocker) -> None:
        if len(self._failures) >= MOST_KNOCKERS:
            self._failures.pop(next(iter(self._failures)))
        self._failures.setdefault(knocker, deque(maxlen=FAILURES)).append(self.now())


def _name_of(host: str) -> str:
    """Return a Host header without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
