"""Secrets that a game hands out once: into the vault first, and out of the result."""

import logging
import secrets
import string
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from itertools import chain, pairwise, repeat

import anyio
from pydantic import JsonValue

from bridge.credentials import Vault, keep_safe
from bridge.errors import CredentialError
from bridge.gateway.identity.foreseen import Foreseen, Former
from bridge.gateway.identity.handouts import handed_out
from bridge.gateway.identity.lifetimes import Lifetime
from bridge.gateway.identity.spares import NEW_PASSWORD, Spares
from bridge.protocol.render import needs_account
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.spec.model import Command, GameSpec
from bridge.spec.paths import dig, without, without_keys
from bridge.spec.placeholders import fill, names_in

STORE_AGAIN_SECONDS = (5.0, 10.0, 20.0, 40.0)
"""Pauses between tries to store what is held in memory only; the last one goes on for ever."""
PASSWORD_LENGTH = 28
PASSWORD_CHARACTERS = string.ascii_letters + string.digits

log = logging.getLogger(__name__)


def inventions(command: Command) -> dict[str, JsonValue]:
    """Return the values that a command needs and the bridge makes up: a new password, or none."""
    templates: list[JsonValue] = [
        dict(command.body or {}),
        dict(command.query),
        dict(command.stores),
    ]
    return {NEW_PASSWORD: new_password()} if NEW_PASSWORD in names_in(templates) else {}


def new_password() -> str:
    """Return a password that the games accept: 28 characters without runs or repetitions."""
    while True:
        word = "".join(secrets.choice(PASSWORD_CHARACTERS) for _ in range(PASSWORD_LENGTH))
        if all(abs(ord(a) - ord(b)) > 1 for a, b in pairwise(word)):
            return word


async def store_later(
    vault: Vault, *, sleep: Callable[[float], Awaitable[None]] = anyio.sleep
) -> None:
    """Try until everything is stored that a game has handed out; at once when it is already."""
    pauses = chain(STORE_AGAIN_SECONDS, repeat(STORE_AGAIN_SECONDS[-1]))
    while (problem := await vault.store_held()) is not None:
        log.warning("A secret is in memory only. %s", problem)
        await sleep(next(pauses))


@dataclass(frozen=True, slots=True)
class Keeper:
    """Guards what one account is handed out."""

    spec: GameSpec
    account: str
    vault: Vault
    now: Callable[[], float]
    """Seconds since the epoch."""

    async def around(
        self,
        name: str,
        command: Command,
        values: Mapping[str, JsonValue],
        carry: Callable[[], Awaitable[Outcome]],
    ) -> Outcome:
        """Carry a command out, once it is sure that nothing it hands out can be lost.

        ``values`` are its arguments and what was made up for it.
        """
        former: Former = {}
        try:
            refused = await self._before(name, command)
            if refused is None:
                await self._spares().before(command, values)
                former = await self._foreseen().before(command, values, self.now())
        except CredentialError as error:
            hint = "Nothing was sent. Ask the player to put that right first."
            return Refused(code="no_vault", message=str(error), hint=hint, local=True)
        if refused is not None:
            return refused
        outcome = await carry()
        try:
            outcome = await self._spares().after(command, values, outcome)
            return await self._foreseen().after(command, former, outcome)
        except CredentialError as error:
            return replace(outcome, notes=(*outcome.notes, str(error)))

    async def _before(self, name: str, command: Command) -> Refused | None:
        """Make sure that what a command will hand out can be kept, and overwrites nothing.

        Raises CredentialError when the vault cannot keep a secret.
        """
        game = self.spec.game.id
        slots = [slot for slot in command.stores if self.spec.credentials[slot].secret]
        if not slots:
            return None
        for slot in () if await self._may_replace(command) else slots:
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

    async def _may_replace(self, command: Command) -> bool:
        """Say whether what a command stores may take the place of what is kept."""
        lifetime = self._lifetime()
        return (
            needs_account(self.spec, command)
            or await lifetime.is_over(self.now())
            or await lifetime.is_in_doubt()
        )

    async def keep(self, command: Command, values: Mapping[str, JsonValue], done: Done) -> Done:
        """Put what a command stores into the vault and return the outcome without the secrets."""
        slots: dict[str, str] = {}
        result, foreseen = done.result, self._foreseen()
        for slot, template in command.stores.items():
            value: JsonValue
            if "{" in template:
                value = fill(template, values)
            elif self.spec.credentials[slot].secret:
                value = handed_out(template, done.result)
                result = without(result, template)
            else:
                value = dig(done.result, template)
            if value is not None and not foreseen.covers(command):
                slots[slot] = await foreseen.beside_others(slot, str(value))
        is_new = not needs_account(self.spec, command)
        if is_new and await self._lifetime().is_over(self.now()):
            await self._lifetime().forget_former(command)
        warning = await keep_safe(self.vault, self.spec.game.id, self.account, slots)
        lifetime = await self._lifetime().note(command, self.now())
        names = command.stores if foreseen.covers(command) else slots
        stored = [self.spec.credentials[slot] for slot in names]
        kept = [each.label for each in stored if each.secret]
        notes = [f"Kept for you, and never shown: {', '.join(kept)}."] if kept else []
        notes += [line for line in (lifetime, warning) if line]
        result = without_keys(result, self.spec.game.redact)
        return Done(result=result, notes=(*done.notes, *notes))

    def _foreseen(self) -> Foreseen:
        return Foreseen(self.spec, self.account, self.vault)

    def _lifetime(self) -> Lifetime:
        return Lifetime(self.spec, self.account, self.vault)

    def _spares(self) -> Spares:
        return Spares(self.spec, self.account, self.vault)
