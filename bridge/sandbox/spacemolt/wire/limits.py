"""The limits of the public server: sign-ins per address, chat per account, documents per address.

Thirty sessions, logins and registrations a minute and address, together; going on regardless puts
the address out for two minutes, then four, up to thirty.
"""

from collections import defaultdict, deque

from bridge.sandbox.spacemolt.shapes import GameError
from bridge.sandbox.spacemolt.state.universe import Clock

MINUTE = 60.0
SIGN_INS = 30
CHATS = 20
DOCUMENTS = 1
LOG_LINES = 30
REJECTIONS = 10
FIRST_TIMEOUT = 120.0
LONGEST_TIMEOUT = 1800.0


class Limits:
    """Counts what happened in the last minute; does nothing unless ``enabled``."""

    def __init__(self, clock: Clock, *, enabled: bool) -> None:
        self._clock = clock
        self.enabled = enabled
        self._seen: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._rejected: defaultdict[str, int] = defaultdict(int)
        self._out_until: dict[str, float] = {}
        self._out_for: dict[str, float] = {}
        self._last_timeout: dict[str, float] = {}

    def sign_in(self, address: str) -> None:
        """Count a session, a login or a registration; raises GameError when it is too many."""
        self._count("sign_in", address, SIGN_INS)

    def chat(self, player_id: str) -> None:
        """Count a chat message; raises GameError when it is too many."""
        self._count("chat", player_id, CHATS)

    def document(self, name: str, address: str) -> None:
        """Count the fetching of an API document; raises GameError when it is too many."""
        self._count(name, address, DOCUMENTS)

    def log_line(self, session_id: str) -> None:
        """Count a line for the developers' log; raises GameError when it is too many."""
        self._count("agentlogs", session_id, LOG_LINES)

    def put_out(self, address: str, seconds: float) -> None:
        """Put an address out for so many seconds."""
        self._out_for[address] = seconds
        self._out_until[address] = self._clock.now() + seconds

    def check_address(self, address: str) -> None:
        """Raise GameError with ``ip_timed_out`` while an address is out; asking prolongs it."""
        if self._out_until.get(address, 0.0) <= self._clock.now():
            return
        # Whoever asks while he is out begins to wait anew.
        seconds = self._out_for[address]
        self.put_out(address, seconds)
        raise GameError(
            "ip_timed_out",
            f"Too many requests from this address. Wait {seconds:.0f} seconds.",
            wait_seconds=round(seconds, 1),
        )

    def _count(self, what: str, who: str, most: int) -> None:
        if not self.enabled:
            return
        now, seen = self._clock.now(), self._seen[what, who]
        while seen and seen[0] <= now - MINUTE:
            seen.popleft()
        if len(seen) < most:
            seen.append(now)
            return
        if what == "sign_in":
            self._reject(who)
        wait = round(seen[0] + MINUTE - now, 1)
        raise GameError("rate_limited", f"Too many: at most {most} a minute.", wait_seconds=wait)

    def _reject(self, address: str) -> None:
        self._rejected[address] += 1
        if self._rejected[address] < REJECTIONS:
            return
        self._rejected[address] = 0
        seconds = min(2 * self._last_timeout.get(address, FIRST_TIMEOUT / 2), LONGEST_TIMEOUT)
        self._last_timeout[address] = seconds
        self.put_out(address, seconds)
