"""Passwords in doubt: a new one is kept beside the old one until the game has answered.

It is in the vault before it is sent, so that no lost answer and no crash can lose an account. Once
the game has taken it, it is the password; once the game has refused it, it is forgotten; in
between both are kept, and signing in tries the old one first, then the newer ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from pydantic import JsonValue

from bridge.credentials import Vault
from bridge.protocol.render import needs_account
from bridge.protocol.verdict import Done, Outcome, Refused, Unknown
from bridge.spec.model import Command, GameSpec

NEW_PASSWORD: Final = "new_password"  # noqa: S105 - the name of a placeholder
MOST_KEPT: Final = 3
"""Passwords in doubt that are kept of one account: every further sign-in tries one more."""


@dataclass(frozen=True, slots=True)
class Spares:
    """The passwords in doubt of one account."""

    spec: GameSpec
    account: str
    vault: Vault

    async def before(self, command: Command, invented: Mapping[str, JsonValue]) -> None:
        """Keep the new password that a command is about to send. Raises CredentialError."""
        word = str(invented.get(NEW_PASSWORD, ""))
        for _, spare in self._slots(command):
            self.vault.secrets.add(word)
            await self._put(spare, [*await self._kept(spare), word][-MOST_KEPT:])

    async def after(
        self, command: Command, invented: Mapping[str, JsonValue], outcome: Outcome
    ) -> Outcome:
        """Forget what is no longer in doubt; say so in the outcome if something still is."""
        slots = self._slots(command)
        word = str(invented.get(NEW_PASSWORD, ""))
        for _, spare in slots:
            match outcome:
                case Done() if await self.vault.store_held() is None:
                    await self._put(spare, [])
                case Refused():
                    await self._put(spare, [w for w in await self._kept(spare) if w != word])
                case _:
                    pass
        if slots and isinstance(outcome, Unknown):
            label = self.spec.credentials[slots[0][0]].label
            note = f"{label}: the old and the new one are kept; signing in finds the right one."
            return replace(outcome, notes=(*outcome.notes, note))
        return outcome

    def cover(self, command: Command) -> bool:
        """Say whether a command changes a credential that has a spare."""
        return bool(self._slots(command))

    def _slots(self, command: Command) -> list[tuple[str, str]]:
        """Return the credentials that a command changes, each with its spare."""
        if not needs_account(self.spec, command):
            return []
        return [
            (slot, spare)
            for slot, template in command.stores.items()
            if template == f"{{{NEW_PASSWORD}}}"
            and (spare := self.spec.credentials[slot].spare) is not None
        ]

    async def _kept(self, spare: str) -> list[str]:
        return words_in(await self.vault.get(self.spec.game.id, self.account, spare))

    async def _put(self, spare: str, words: list[str]) -> None:
        game = self.spec.game.id
        if words:
            await self.vault.put(game, self.account, spare, " ".join(words))
        elif await self.vault.get(game, self.account, spare) is not None:
            await self.vault.forget(game, self.account, spare)


def words_in(stored: JsonValue) -> list[str]:
    """Return the passwords that a spare holds, the oldest first."""
    return str(stored).split() if stored is not None else []
