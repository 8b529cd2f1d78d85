"""What a player must bring to get in, and taking it in from somewhere that is no tool call.

Passwords and keys are never arguments of tools. Where the host can open a page, the player types
them there, and they go straight into the vault.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from bridge.credentials import Vault
from bridge.gateway.rules import changes_nothing
from bridge.protocol.render import auth_chain, credentials_of
from bridge.protocol.verdict import Outcome, Refused
from bridge.settings import Confirm
from bridge.spec.model import Command, GameSpec

NO_CREDENTIALS = "no_credentials"
"""The code of a refusal because the vault has nothing to sign in with."""

Ask = Callable[[str], Awaitable[bool]]
"""Puts a question to the player, who says yes or no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that the player must bring."""

    slot: str
    label: str
    secret: bool
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is missing to sign in to an account."""

    game: str
    title: str
    account: str
    fields: Sequence[Field]


def lacks_credentials(outcome: Outcome) -> bool:
    """Say whether a call was refused because there was nothing to sign in with."""
    return isinstance(outcome, Refused) and outcome.code == NO_CREDENTIALS


def wanted(spec: GameSpec, account: str, command: Command) -> Wanted:
    """Return what the player must bring for a command to be sent."""
    slots = {
        slot: spec.credentials[slot]
        for _, link in auth_chain(spec, spec.auth_of(command))
        for slot in credentials_of(spec, link)
    }
    fields = [
        Field(
            slot=slot,
            label=credential.label,
            secret=credential.secret,
            # In a game with several kinds of account all are optional; here this one is wanted.
            optional=credential.optional and any(not each.optional for each in slots.values()),
        )
        for slot, credential in spec.credentials.items()
        if slot in slots
    ]
    return Wanted(game=spec.game.id, title=spec.game.title, account=account, fields=fields)


async def take(vault: Vault, what: Wanted, brought: Mapping[str, str]) -> list[str]:
    """Store what the player brought; return the labels of what is still missing.

    Nothing is stored unless all is there. Raises CredentialError.
    """
    values = {each.slot: brought.get(each.slot, "").strip() for each in what.fields}
    missing = [each.label for each in what.fields if not each.optional and not values[each.slot]]
    if not missing:
        for slot, value in values.items():
            if value:
                await vault.put(what.game, what.account, slot, value)
    return missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Whether the player must be asked before something is done."""

    confirm: Confirm
    ask: Ask | None = field(default=None, repr=False)
    """None where the host cannot ask: then nothing is asked."""

    async def withheld(
        self, tool: str, command: Command, arguments: Mapping[str, JsonValue]
    ) -> Refused | None:
        """Return a refusal if the player, being asked, did not agree."""
        if self.ask is None or not self._concerns(command, arguments):
            return None
        given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        undone = " It cannot be undone." if command.effect == "irreversible" else ""
        if await self.ask(f"Allow {tool}({given})?{undone}"):
            return None
        return Refused(
            code="not_confirmed",
            message=f"The player did not agree to {tool}.",
            hint="Nothing was sent. Ask the player what to do instead.",
            local=True,
        )

    def _concerns(self, command: Command, arguments: Mapping[str, JsonValue]) -> bool:
        match self.confirm:
            case "never":
                return False
            case "destructive":
                return command.effect == "irreversible" or command.confirm
            case "always":
                return not changes_nothing(command, arguments)
