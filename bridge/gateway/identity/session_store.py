"""Sessions in the vault, where a spec wants that: they are good for other processes too.

What a sign-in keeps and the spec declares as a credential is stored with a mark of whose it is and
where it was made, so that it is never shown to another server, nor used for another account. A
vault that cannot store keeps nobody from playing: the session lives in this process then.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from bridge.credentials import Vault
from bridge.errors import CredentialError
from bridge.protocol.render import Way
from bridge.spec.model import Auth

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SessionStore:
    """The stored sessions of one account."""

    way: Way
    account: str
    vault: Vault
    _dead: set[str] = field(default_factory=set)
    """What the game no longer accepts."""

    def slots(self, auth: str) -> list[str]:
        """Return what a sign-in keeps in the vault."""
        return [name for name in _kept_by(self.way.spec.auth[auth]) if name in self._declared()]

    def taken_out(self, known: dict[str, JsonValue]) -> dict[str, str]:
        """Take what is stored out of the credentials, where it must not be mistaken for one."""
        found = {}
        for auth in self.way.spec.auth:
            for slot in self.slots(auth):
                value = known.pop(slot, None)
                if value is not None:
                    found[slot] = str(value)
        return found

    def read(
        self, auth: str, stored: Mapping[str, str], used: Mapping[str, JsonValue]
    ) -> dict[str, JsonValue]:
        """Return the stored session of an account, empty when there is none that may be good."""
        mark, values = self._mark(auth, used), {}
        for slot in self.slots(auth):
            whose, _, value = stored.get(slot, "").partition(" ")
            if whose != mark or not value or value in self._dead:
                return {}
            self.vault.secrets.add_passing(value)
            values[slot] = value
        return dict(values)

    def is_ours(
        self,
        auth: str,
        stored: Mapping[str, str],
        used: Mapping[str, JsonValue],
        values: Mapping[str, JsonValue],
    ) -> bool:
        """Say whether the vault still has what this process has put there."""
        mark = self._mark(auth, used)
        return all(stored.get(s) == f"{mark} {values.get(s)}" for s in self.slots(auth))

    def bury(self, auth: str, values: Mapping[str, JsonValue]) -> None:
        """Never take these up again: the game does not accept them."""
        self._dead |= {str(values[slot]) for slot in self.slots(auth) if slot in values}

    async def write(
        self, auth: str, used: Mapping[str, JsonValue], values: Mapping[str, JsonValue]
    ) -> bool:
        """Store a session; say whether there is one to store and that went well."""
        mark, stored = self._mark(auth, used), False
        for slot in self.slots(auth):
            if slot in values:
                self.vault.secrets.add_passing(str(values[slot]))
                stored = await self._put(slot, f"{mark} {values[slot]}")
        return stored

    async def forget(self) -> None:
        """Delete every stored session: they have ended."""
        for auth in self.way.spec.auth:
            for slot in self.slots(auth):
                try:
                    await self.vault.forget(self.way.spec.game.id, self.account, slot)
                except CredentialError as error:
                    log.info("The session that has ended cannot be deleted: %s", error)

    async def _put(self, slot: str, value: str) -> bool:
        try:
            await self.vault.put(self.way.spec.game.id, self.account, slot, value)
        except CredentialError as error:
            log.info("The session lives in this process only: %s", error)
            return False
        return True

    def _declared(self) -> Mapping[str, object]:
        return self.way.spec.credentials

    def _mark(self, auth: str, used: Mapping[str, JsonValue]) -> str:
        whose = json.dumps([self.way.base_url, auth, dict(used)], sort_keys=True)
        return hashlib.sha256(whose.encode(errors="replace")).hexdigest()[:16]


def _kept_by(auth: Auth) -> list[str]:
    return [name for step in auth.sign_in for name in step.keep]
