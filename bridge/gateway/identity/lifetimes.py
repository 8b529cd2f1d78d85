"""Accounts that a game deletes after a while: said when they are made, and replaced afterwards.

Until then a registration never replaces an account that is kept already, unless it is in doubt
whether there is one. What is noted names the account it is about, so that another one that the player stores later is not taken for it.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bridge.credentials import Vault
from bridge.spec.model import Command, GameSpec

EXPIRES: Final = "expires_at"
"""The credential that says when the account ends."""
IN_DOUBT: Final = "in_doubt"
"""Stands behind that, until it is sure that there is such an account."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long one account lives."""

    spec: GameSpec
    account: str
    vault: Vault

    async def is_over(self, now: float) -> bool:
        """Say whether the game must have deleted the account."""
        at, *_ = await self._noted()
        return at.isdigit() and int(at) <= now

    async def is_in_doubt(self) -> bool:
        """Say whether nobody knows if there is such an account: the answer was lost."""
        return IN_DOUBT in await self._noted()

    async def confirm(self) -> None:
        """Heed that there is such an account: it was signed in to. Raises CredentialError."""
        noted = await self._noted()
        if IN_DOUBT in noted:
            await self._put(" ".join(noted[:-1]))

    async def forget_former(self, command: Command) -> None:
        """Delete what was kept of a deleted account, but for what its successor has stored."""
        for slot in self.spec.credentials.keys() - command.stores.keys():
            await self.vault.forget(self.spec.game.id, self.account, slot)

    async def note(self, command: Command, now: float, *, in_doubt: bool = False) -> str | None:
        """Note when an account that was just made, or may be, will end; return it in words."""
        if command.lasts is None or EXPIRES not in self.spec.credentials:
            return None
        at = int(now + command.lasts)
        noted = [str(at), await self._whose(), *([IN_DOUBT] if in_doubt else [])]
        await self._put(" ".join(noted))
        until = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
        hours = round(command.lasts / 3600)
        return f"{self.spec.game.title} deletes this account after {hours} hours, at {until}."

    def slots(self) -> set[str]:
        """Return where it is noted, if the game's accounts end at all."""
        return {EXPIRES} & self.spec.credentials.keys()

    async def _noted(self) -> list[str]:
        """Return what is noted about this account: when it ends, whose it is, what is in doubt."""
        if EXPIRES not in self.spec.credentials:
            return [""]
        noted = await self.vault.get(self.spec.game.id, self.account, EXPIRES)
        at, *rest = (noted or "").split() or [""]
        return [at, *rest] if rest[:1] == [await self._whose()] else [""]

    async def _put(self, noted: str) -> None:
        await self.vault.put(self.spec.game.id, self.account, EXPIRES, noted)

    async def _whose(self) -> str:
        """Return a text that is another one for another account."""
        names = [
            await self.vault.get(self.spec.game.id, self.account, slot)
            for slot, credential in self.spec.credentials.items()
            if not (credential.secret or credential.optional)
        ]
        return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:12]
