"""What a credential may not do: learnt from refusals, since most games do not tell otherwise.

A refusal named ``permission_missing`` is told with the permission that the command's spec names.
What a key lacks is remembered and not asked for again, until there is another key. What a login
lacks is not: its role may decide by what, or by whom, the call is about. Nor is what a proxy says,
or a refusal of what the key was allowed before: that is about this one call.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from bridge.protocol.identity import fingerprint
from bridge.protocol.judge import Verdict
from bridge.protocol.render import auth_chain
from bridge.protocol.verdict import Done, Refused
from bridge.spec.model import Command, GameSpec

CODE = "permission_missing"
ONLY_THIS = "forbidden"


@dataclass(slots=True)
class Permissions:
    """What one account's credentials were refused."""

    spec: GameSpec
    _lacking: dict[tuple[str, str], Refused] = field(default_factory=dict)
    """The fingerprint of a key and a permission -> how it was refused."""
    _proven: set[tuple[str, str]] = field(default_factory=set)
    """What was allowed."""

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
        if permission is None:
            return verdict
        key = self._key(command, known)
        if isinstance(refused, Done):
            self._proven.add(key)
        if not isinstance(refused, Refused) or refused.code != CODE:
            return verdict
        if key in self._proven:
            return replace(verdict, outcome=_only_this(refused, permission))
        told = f"This needs the permission {permission}. The game says: {refused.message}"
        refused = replace(refused, message=told)
        chain = auth_chain(self.spec, self.spec.auth_of(command))
        if _is_from_the_game(verdict) and not any(link.sign_in for _, link in chain):
            self._lacking[key] = refused
        return replace(verdict, outcome=refused)

    def _key(self, command: Command, known: Mapping[str, JsonValue]) -> tuple[str, str]:
        who = fingerprint(self.spec, self.spec.auth_of(command), known)
        return who, command.permission or ""


def _only_this(refused: Refused, permission: str) -> Refused:
    return replace(
        refused,
        code=ONLY_THIS,
        hint=f"What is in use here has the permission {permission}: it has worked before. So the "
        "game refuses only this. Read its message.",
    )


def _is_from_the_game(verdict: Verdict) -> bool:
    return "json" in verdict.headers.get("content-type", "").lower()
