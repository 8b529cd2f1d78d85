"""Staying known to a game: one sign-in at a time, renewed before the game forgets us.

A session is lost when the game says so. Whoever noticed names the session they used; if it has
been renewed meanwhile, nothing more is done, so 32 calls that fail together renew once. A sign-in
that was refused is not tried again until the credentials change: games lock accounts.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import anyio
from pydantic import JsonValue

from bridge.credentials import Secrets, Vault
from bridge.protocol.render import Way, auth_chain, kept_secrets
from bridge.protocol.session import Answered, Asked, Flow, SignedIn, renew, sign_in
from bridge.protocol.verdict import Refused

RENEW_AT = 0.85
"""The part of a session's life after which it is renewed."""

Carry = Callable[[Asked], Awaitable[Answered]]


async def drive(flow: Flow, carry: Carry) -> SignedIn | Refused:
    """Carry a flow's requests and replies until it says what it learnt."""
    try:
        asked = next(flow)
        while True:
            asked = flow.send(await carry(asked))
    except StopIteration as end:
        learnt: SignedIn | Refused = end.value
        return learnt


async def credentials(way: Way, account: str, vault: Vault) -> dict[str, JsonValue]:
    """Return every credential of the account that the vault has. Raises CredentialError."""
    game = way.spec.game.id
    found: dict[str, JsonValue] = {}
    for slot in way.spec.credentials:
        value = await vault.get(game, account, slot)
        if value is not None:
            found[slot] = value
    return found


def hide(way: Way, learnt: SignedIn, secrets: Secrets) -> None:
    """Make known as secret what a sign-in has brought to show who we are."""
    for name in kept_secrets(way.spec) & learnt.kept.keys():
        secrets.add_passing(str(learnt.kept[name]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What shows who we are, good for a number of calls."""

    known: Mapping[str, JsonValue] = field(repr=False)
    generation: int
    """Grows with every sign-in; names the session that a call has used."""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Kept:
    values: Mapping[str, str]
    fresh_until: float | None


@dataclass(slots=True)
class Sessions:
    """The sessions of one account over one HTTP upstream."""

    way: Way
    account: str
    vault: Vault
    carry: Carry
    now: Callable[[], float]
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _refused: dict[str, tuple[Mapping[str, JsonValue], Refused]] = field(default_factory=dict)
    _generation: int = 0
    _lock: anyio.Lock = field(default_factory=anyio.Lock)

    async def session(self, auth: str | None) -> Session | Refused:
        """Return a session for an auth, signing in or renewing where that is needed.

        Raises CredentialError, Unreachable, Interrupted or ProtocolViolation.
        """
        known = await credentials(self.way, self.account, self.vault)
        async with self._lock:
            for name, link in auth_chain(self.way.spec, auth):
                if link.sign_in:
                    refused = await self._sign_in_once(name, known)
                    if refused is not None:
                        self._doubt()
                        return refused
                    known |= self._kept[name].values
                    self._touch(name)
            return Session(known=known, generation=self._generation)

    async def lost(self, auth: str | None, generation: int) -> None:
        """Forget what the game no longer accepts, unless it has been renewed meanwhile."""
        self._doubt()
        async with self._lock:
            if generation == self._generation:
                for name, _ in auth_chain(self.way.spec, auth):
                    kept = self._kept.get(name)
                    if kept is not None:
                        kept.fresh_until = float("-inf")

    def _doubt(self) -> None:
        """See to it that another secret, stored meanwhile by the player, is noticed at once."""
        self.vault.doubt(self.way.spec.game.id, self.account)

    def forget(self) -> None:
        """Forget every session, for instance because the credentials have changed."""
        self._kept.clear()
        self._refused.clear()

    def kept(self) -> dict[str, JsonValue]:
        """Return what all sign-ins have kept, for a farewell at shutdown."""
        return {key: value for kept in self._kept.values() for key, value in kept.values.items()}

    async def _sign_in_once(self, name: str, known: Mapping[str, JsonValue]) -> Refused | None:
        kept = self._kept.get(name)
        if kept is not None and (kept.fresh_until is None or kept.fresh_until > self.now()):
            return None
        before = self._refused.get(name)
        if before is not None and before[0] == known:
            return before[1]
        learnt = await self._renewed(name, known, kept)
        if isinstance(learnt, Refused):
            learnt = await drive(sign_in(self.way, name, known), self.carry)
        if isinstance(learnt, Refused):
            if learnt.wait is None:
                self._refused[name] = (dict(known), learnt)
            return learnt
        hide(self.way, learnt, self.vault.secrets)
        self._refused.pop(name, None)
        self._generation += 1
        values = {**(kept.values if kept is not None else {}), **learnt.kept}
        self._kept[name] = _Kept(values, self._fresh_until(learnt.lifetime))
        return None

    async def _renewed(
        self, name: str, known: Mapping[str, JsonValue], kept: _Kept | None
    ) -> SignedIn | Refused:
        if kept is not None:
            flow = renew(self.way, name, {**known, **kept.values})
            if flow is not None:
                return await drive(flow, self.carry)
        return Refused(code="no_renewal", message="There is nothing to renew.", local=True)

    def _fresh_until(self, lifetime: float | None) -> float | None:
        return None if lifetime is None else self.now() + lifetime * RENEW_AT

    def _touch(self, name: str) -> None:
        """Count the time until the game forgets us from the last call."""
        idle = self.way.spec.auth[name].idle_timeout
        if idle is not None:
            self._kept[name].fresh_until = self.now() + idle * RENEW_AT
