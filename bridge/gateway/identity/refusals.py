"""Sign-ins that a game has refused: games lock accounts, so none is tried again with the same.

A refusal is known to every process of the user, because a host that starts its servers again and
again, or a script that calls ``game-bridge call``, would otherwise repeat the login each time.
There it is noted with sixteen bits of a slow hash of the credentials: enough to see that they are
others now, and too little to find out what they are. This process remembers it for good, others
for an hour, since a password may be put right in the game as well.
"""

import hashlib
import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from bridge.credentials import Secrets
from bridge.gateway.shared.notebook import Notebook
from bridge.protocol.cooldowns import CooldownBook
from bridge.protocol.render import Way, credentials_of
from bridge.protocol.verdict import Refused

REMEMBERED_SECONDS: Final = 3600.0
"""How long other processes heed a refusal that names no time."""
ROUNDS: Final = 100_000
MARK_BYTES: Final = 2

Used = Mapping[str, JsonValue]
"""Everything that is known when an auth is signed in to."""


@dataclass(slots=True, eq=False)
class Refusals:
    """The refused sign-ins of one account on one server of a game."""

    way: Way
    account: str
    folder: Path | None
    """The state folder; None tells no other process."""
    secrets: Secrets
    now: Callable[[], float]
    _here: dict[str, tuple[Used, Refused, float]] = field(default_factory=dict, repr=False)
    """Auth -> with what it was refused to this process, how, and until when that holds."""
    _notebook: Notebook = field(init=False)

    def __post_init__(self) -> None:
        spec = self.way.spec
        self._notebook = Notebook(
            folder=self.folder,
            game=spec.game.id,
            account=f"{self.account} {self.way.upstream} sign-ins",
            book=CooldownBook(spec, scopes=()),
            now=self.now,
        )

    async def before(self, auth: str, used: Used) -> Refused | None:
        """Return how a sign-in would be refused again, None if it may be tried."""
        here = self._here.get(auth)
        if here is not None and here[0] == used and here[2] > self.now():
            return self._again(here[1], here[2])
        await self._notebook.look(self._owner())
        match self._notebook.memory.get(auth):
            case {
                "salt": str(salt),
                "mark": str(mark),
                "until": int() | float() as until,
                "code": str(code),
                "message": str(message),
                "hint": str(hint),
                "is_timed": bool(is_timed),
            } if self.now() < until and mark == self._mark(auth, used, salt):
                refused = Refused(code=code, message=message, hint=hint)
                return self._again(replace(refused, wait=0.0) if is_timed else refused, until)
        return None

    async def note(self, auth: str, used: Used, refused: Refused) -> None:
        """Note that a sign-in was refused."""
        now, salt = self.now(), os.urandom(8).hex()
        until = now + refused.wait if refused.wait is not None else math.inf
        self._here[auth] = dict(used), refused, until
        page: dict[str, JsonValue] = {
            "salt": salt,
            "mark": self._mark(auth, used, salt),
            "until": min(until, now + REMEMBERED_SECONDS),
            "code": refused.code,
            "message": self.secrets.redact(refused.message),
            "hint": refused.hint,
            "is_timed": refused.wait is not None,
        }
        await self._notebook.change(
            self._owner(), lambda: self._notebook.memory.update({auth: page})
        )

    async def forget(self, auth: str) -> None:
        """Forget that a sign-in was refused: it has worked, or is to be tried on purpose."""
        self._here.pop(auth, None)
        await self._notebook.look(self._owner())
        if auth in self._notebook.memory:
            await self._notebook.change(
                self._owner(), lambda: self._notebook.memory.pop(auth, None)
            )

    def clear(self) -> None:
        """Forget what was refused to this process: the account is another one now."""
        self._here.clear()

    def _again(self, refused: Refused, until: float) -> Refused:
        wait = None if refused.wait is None else until - self.now()
        return replace(refused, wait=wait, local=True)

    def _owner(self) -> Mapping[str, JsonValue]:
        return {"at": self.way.base_url}

    def _mark(self, auth: str, used: Used, salt: str) -> str:
        slots = sorted(credentials_of(self.way.spec, self.way.spec.auth[auth]))
        shown = json.dumps([used.get(slot) for slot in slots]).encode()
        slow = hashlib.pbkdf2_hmac("sha256", shown, salt.encode(), ROUNDS, MARK_BYTES)
        return slow.hex()
