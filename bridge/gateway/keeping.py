"""Secrets that a game hands out once: into the vault first, and out of the result."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from pydantic import JsonValue

from bridge.credentials import Vault, keep_safe
from bridge.protocol.render import needs_account
from bridge.protocol.verdict import Done, Refused
from bridge.spec.model import Command, GameSpec
from bridge.spec.paths import dig, without, without_keys
from bridge.spec.placeholders import fill, names_in

NEW_PASSWORD = "new_password"  # noqa: S105 - the name of a placeholder
PASSWORD_LENGTH = 28
PASSWORD_CHARACTERS = string.ascii_letters + string.digits


def invents_password(command: Command) -> bool:
    """Say whether the command needs a password that the bridge makes up."""
    templates: list[JsonValue] = [
        dict(command.body or {}),
        dict(command.query),
        dict(command.stores),
    ]
    return NEW_PASSWORD in names_in(templates)


def new_password() -> str:
    """Return a password that the games accept: 28 characters without runs or repetitions."""
    while True:
        word = "".join(secrets.choice(PASSWORD_CHARACTERS) for _ in range(PASSWORD_LENGTH))
        if all(abs(ord(a) - ord(b)) > 1 for a, b in pairwise(word)):
            return word


@dataclass(frozen=True, slots=True)
class Keeper:
    """Guards what one account is handed out."""

    spec: GameSpec
    account: str
    vault: Vault

    async def before(self, name: str, command: Command) -> Refused | None:
        """Make sure that what a command will hand out can be kept, and overwrites nothing.

        Raises CredentialError when the vault cannot keep a secret.
        """
        game = self.spec.game.id
        slots = [slot for slot in command.stores if self.spec.credentials[slot].secret]
        if not slots or needs_account(self.spec, command):
            return None
        for slot in slots:
            if await self.vault.get(game, self.account, slot) is not None:
                return Refused(
                    code="already_registered",
                    message=f"The account {self.account!r} already has a "
                    f"{self.spec.credentials[slot].label}.",
                    hint=f"Play with it, or ask the player to run game-bridge logout {game}, "
                    f"or to name another account, before {name}.",
                    local=True,
                )
        await self.vault.probe()
        return None

    async def keep(self, command: Command, values: Mapping[str, JsonValue], done: Done) -> Done:
        """Put what a command stores into the vault and return the outcome without the secrets."""
        slots: dict[str, str] = {}
        result = done.result
        for slot, template in command.stores.items():
            value = fill(template, values) if "{" in template else dig(done.result, template)
            if value is not None:
                slots[slot] = str(value)
            if self.spec.credentials[slot].secret and "{" not in template:
                result = without(result, template)
        warning = await keep_safe(self.vault, self.spec.game.id, self.account, slots)
        kept = [self.spec.credentials[s].label for s in slots if self.spec.credentials[s].secret]
        notes = [f"Kept for you, and never shown: {', '.join(kept)}."] if kept else []
        if warning:
            notes.append(warning)
        result = without_keys(result, self.spec.game.redact)
        return Done(result=result, notes=(*done.notes, *notes))
