"""What a command will have stored is stored before it is sent, where that is known by then.

A user name that the caller chose and a password that the bridge made up need no answer. Kept first,
they are not lost when the answer is: whether there is an account shows when it is signed in to.
Until then it may be replaced by another registration. What the game refuses is taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from bridge.credentials import Vault
from bridge.gateway.identity.lifetimes import Lifetime
from bridge.gateway.identity.spares import Spares
from bridge.protocol.render import credentials_in_use, needs_account
from bridge.protocol.verdict import Outcome, Refused, Unknown
from bridge.spec.model import Command, GameSpec
from bridge.spec.placeholders import fill

MOST_LINES = 20
"""So many values of one kind are kept for the player, a line each: some keyrings hold no more."""

Former = Mapping[str, str | None]
"""What was kept before."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What is known of an account before the game answers."""

    spec: GameSpec
    account: str
    vault: Vault

    def covers(self, command: Command) -> bool:
        """Say whether all that a command stores is known before it is sent."""
        stores = command.stores
        secret = any(self.spec.credentials[slot].secret for slot in stores)
        known = all("{" in template for template in stores.values())
        return secret and known and not Spares(self.spec, self.account, self.vault).cover(command)

    async def before(self, command: Command, values: Mapping[str, JsonValue], now: float) -> Former:
        """Store what is known; return what was kept before. Raises CredentialError."""
        if not self.covers(command):
            return {}
        game, lifetime = self.spec.game.id, Lifetime(self.spec, self.account, self.vault)
        is_new = not needs_account(self.spec, command)
        replaces = is_new and await lifetime.is_over(now)
        slots = self.spec.credentials if replaces else {*command.stores, *lifetime.slots()}
        former = {slot: await self.vault.get(game, self.account, slot) for slot in slots}
        if replaces:
            await lifetime.forget_former(command)
        for slot, template in command.stores.items():
            value = await self.beside_others(slot, fill(template, values))
            await self.vault.put(game, self.account, slot, value)
        if is_new:
            await lifetime.note(command, now, in_doubt=True)
        return former

    async def after(self, command: Command, former: Former, outcome: Outcome) -> Outcome:
        """Take back what the game has refused; say what is kept where nobody knows."""
        game = self.spec.game.id
        match outcome:
            case Refused():
                for slot, value in former.items():
                    if value is not None:
                        await self.vault.put(game, self.account, slot, value)
                    elif await self.vault.get(game, self.account, slot) is not None:
                        await self.vault.forget(game, self.account, slot)
            case Unknown() if former:
                labels = [self.spec.credentials[slot].label for slot in command.stores]
                note = f"Kept, in case it happened: {', '.join(labels)}."
                return replace(outcome, notes=(*outcome.notes, note))
            case _:
                pass
        return outcome

    async def beside_others(self, slot: str, value: str) -> str:
        """Return what to store; what is kept for the player only never takes another's place."""
        if slot in credentials_in_use(self.spec):
            return value
        if self.spec.credentials[slot].secret:
            self.vault.secrets.add(value)
        kept = await self.vault.get(self.spec.game.id, self.account, slot)
        return "\n".join([*(kept or "").splitlines(), value][-MOST_LINES:])
