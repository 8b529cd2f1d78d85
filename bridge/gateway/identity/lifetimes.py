"""Accounts that a game deletes after a while: said when they are made, and replaced afterwards.

Until then a registration never replaces an account that is kept already. What is noted names the
account it is about, so that another one that the player stores later is not taken for it.
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


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long one account lives."""

    spec: GameSpec
    account: str
    vault: Vault

    async def is_over(self, now: float) -> bool:
        """Say whether the game must have deleted the account."""
        if EXPIRES not in self.spec.credentials:
            return False
        noted = await self.vault.get(self.spec.game.id, self.account, EXPIRES)
        at, _, whose = (noted or "").partition(" ")
        return at.isdigit() and int(at) <= now and whose == await self._whose()

    async def forget_former(self, command: Command) -> None:
        """Delete what was kept of a deleted account, but for what its successor has stored."""
        for slot in self.spec.credentials.keys() - command.stores.keys():
            await self.vault.forget(self.spec.game.id, self.account, slot)

    async def note(self, command: Command, now: float) -> str | None:
        """Note when the account that was just made will end; return it in words."""
        if command.lasts is None or EXPIRES not in self.spec.credentials:
            return None
        at = int(now + command.lasts)
        noted = f"{at} {await self._whose()}"
        await self.vault.put(self.spec.game.id, self.account, EXPIRES, noted)
        until = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
        hours = round(command.lasts / 3600)
        return f"{self.spec.game.title} deletes this account after {hours} hours, at {until}."

    async def _whose(self) -> str:
        """Return a text that is another one for another account."""
        names = [
            await self.vault.get(self.spec.game.id, self.account, slot)
            for slot, credential in self.spec.credentials.items()
            if not (credential.secret or credential.optional)
        ]
        return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:12]
