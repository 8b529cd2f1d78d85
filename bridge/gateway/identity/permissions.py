"""What a credential may not do: learnt from refusals, since most games do not tell otherwise.

A refusal named ``permission_missing`` is told with the permission that the command's spec names.
What a key lacks is remembered and not asked for again, until there is another key. What a login
lacks is not: its role may decide by what, or by whom, the call is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from bridge.protocol.identity import fingerprint
from bridge.protocol.judge import Verdict
from bridge.protocol.render import auth_chain
from bridge.protocol.verdict import Refused
from bridge.spec.model import Command, GameSpec

CODE = "permission_missing"


@dataclass(slots=True)
class Permissions:
    """What one account's credentials were refused."""

    spec: GameSpec
    _lacking: dict[tuple[str, str], Refused] = field(default_factory=dict)
    """The fingerprint of a key and a permission -> how it was refused."""

    def objection(self, command: Command, known: Mapping[str, JsonValue]) -> Refused | None:
        """Return why a call would be refused, None if that is not known."""
        before = self._lacking.get(self._key(command, known))
        if before is None:
            return None
        return replace(
            before,
            hint="Nothing was sent: the same key was refused before. "
            f"With another one it may work: game-bridge login {self.spec.game.id}",
            local=True,
        )

    def heed(self, command: Command, known: Mapping[str, JsonValue], verdict: Verdict) -> Verdict:
        """Return the verdict with the missing permission named, if that is what it is about."""
        refused, permission = verdict.outcome, command.permission
        if not isinstance(refused, Refused) or refused.code != CODE or permission is None:
            return verdict
        told = f"This needs the permission {permission}. The game says: {refused.message}"
        refused = replace(refused, message=told)
        if not any(link.sign_in for _, link in auth_chain(self.spec, self.spec.auth_of(command))):
            self._lacking[self._key(command, known)] = refused
        return replace(verdict, outcome=refused)

    def _key(self, command: Command, known: Mapping[str, JsonValue]) -> tuple[str, str]:
        who = fingerprint(self.spec, self.spec.auth_of(command), known)
        return who, command.permission or ""
