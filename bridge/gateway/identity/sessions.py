"""Staying known to a game: one sign-in at a time, renewed before the game forgets us.

- A session is lost when the game says so. Whoever noticed names the session they used; if it has
  been renewed meanwhile, nothing more is done, so 32 calls that fail together renew once.
- A sign-in builds on the one before it, and on credentials that are no secret, such as the name
  of a character. When one of them has changed, it is made anew.
- A sign-in that was refused is not tried again until the credentials change: games lock accounts.
- Where the spec says so, a session that is lost again soon after it was renewed belongs to a
  fight over the account with another client. It is left alone for a while then.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from pydantic import JsonValue

from bridge.credentials import NoBackend, Secrets, Vault
from bridge.gateway.identity.lifetimes import Lifetime
from bridge.gateway.identity.refusals import Refusals
from bridge.gateway.identity.session_store import SessionStore
from bridge.gateway.identity.spares import words_in
from bridge.gateway.identity.standoffs import Standoffs
from bridge.protocol.render import Way, auth_chain, credentials_of, kept_secrets
from bridge.protocol.session import (
    NOTHING_CHOSEN,
    Answered,
    Asked,
    Flow,
    Lost,
    SignedIn,
    renew,
    sign_in,
)
from bridge.protocol.verdict import Refused

RENEW_AT = 0.85
"""The part of a session's life after which it is renewed."""
LOCKED_SECONDS = 60.0
"""Who has to wait for so long to sign in is locked out; in less time a server may be back."""

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
    """What one sign-in has brought."""

    number: int
    """Which sign-in it was."""
    base: int
    """The sign-in that it builds on, 0 for none."""
    values: Mapping[str, JsonValue]
    used: Mapping[str, JsonValue]
    """The credentials it was made with, those that are no secret."""
    fresh_until: float | None = None
    is_lost: bool = False
    is_stored: bool = False
    is_taken_up: bool = False
    """Another process, or another run, has signed in, and only the session is known."""


@dataclass(slots=True)
class Sessions:
    """The sessions of one account over one HTTP upstream."""

    way: Way
    account: str
    vault: Vault
    carry: Carry
    now: Callable[[], float]
    folder: Path | None = None
    """The state folder; None tells other processes nothing."""
    _store: SessionStore = field(init=False)
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _refusals: Refusals = field(init=False)
    _standoffs: Standoffs = field(init=False)
    _generation: int = 0
    _closed: bool = False
    _lock: anyio.Lock = field(default_factory=anyio.Lock)

    def __post_init__(self) -> None:
        self._store = SessionStore(self.way, self.account, self.vault)
        self._refusals = Refusals(self.way, self.account, self.folder, self.vault.secrets, self.now)
        self._standoffs = Standoffs(self.way.spec, self.now)

    async def session(self, auth: str | None) -> Session | Refused:
        """Return a session for an auth, signing in or renewing where that is needed.

        Raises CredentialError, Unreachable, Interrupted or ProtocolViolation.
        """
        known = await self._credentials(auth)
        stored = self._store.taken_out(known)
        async with self._lock:
            found = await self._signed_in_to_all(auth, dict(known), stored)
            if isinstance(found, Lost):
                # A session from the vault, or one that has ended since, shows only now that it has.
                self._mark_lost(auth, self._generation, None, stored)
                found = self.rests() or await self._signed_in_to_all(auth, dict(known), stored)
            elif isinstance(found, Refused) and found.code == NOTHING_CHOSEN and self._left(auth):
                found = await self._signed_in_to_all(auth, dict(known), stored)
            if isinstance(found, Refused):
                self._doubt()
            return found

    async def _credentials(self, auth: str | None) -> dict[str, JsonValue]:
        try:
            return await credentials(self.way, self.account, self.vault)
        except NoBackend:
            if auth is not None:
                raise
            return {}  # what everybody may ask needs no keyring

    async def _signed_in_to_all(
        self, auth: str | None, known: dict[str, JsonValue], stored: Mapping[str, str]
    ) -> Session | Refused:
        base = 0
        for name, link in auth_chain(self.way.spec, auth):
            if link.sign_in:
                refused = await self._sign_in_once(name, known, stored, base)
                if refused is not None:
                    return refused
                known |= self._kept[name].values
                base = self._kept[name].number
                self._touch(name)
        return Session(known=known, generation=self._generation)

    async def lost(
        self, auth: str | None, generation: int, only: str | None = None
    ) -> Refused | None:
        """Forget what the game no longer accepts, unless it has been renewed meanwhile.

        ``only`` names the one auth that is lost, if it is not all that the call needed. Returns why
        it must not be signed in to again for now, None if it may.
        """
        self._doubt()
        known = await credentials(self.way, self.account, self.vault)
        stored = self._store.taken_out(known)
        async with self._lock:
            self._mark_lost(auth, generation, only, stored)
            return self.rests()

    def _mark_lost(
        self, auth: str | None, generation: int, only: str | None, stored: Mapping[str, str]
    ) -> None:
        for name, _ in auth_chain(self.way.spec, auth):
            kept = self._kept.get(name)
            if kept is None or only not in (None, name) or kept.number > generation:
                continue
            if not kept.is_lost and not self._is_over_by_ours(name, kept, stored):
                self._standoffs.lost(name, kept.used)
            kept.is_lost = True
            self._store.bury(name, kept.values)

    def rests(self) -> Refused | None:
        """Return why the game is not signed in to for now, None if it is when needed."""
        return self._standoffs.any_rest()

    def stands_back(self) -> Refused | None:
        """Return why nobody who only listens may sign in, None if they may."""
        return self._standoffs.lost_last() if self.number() is None else None

    async def signed_in(self, auth: str) -> None:
        """Heed that a command has signed in to an auth, with what is stored by now."""
        known = await credentials(self.way, self.account, self.vault)
        chain = auth_chain(self.way.spec, auth)[:-1]
        before = [name for name, _ in chain if name in self._kept]
        base = self._kept[before[-1]].number if before else 0
        await self._refusals.forget(auth)
        self._refusals.clear()
        self._standoffs.clear()
        self._keep(auth, {}, self._used(auth, known), base)

    async def pardon(self) -> None:
        """Let every sign-in be tried that was refused, here or in another process."""
        for auth in self.way.spec.auth:
            await self._refusals.forget(auth)

    async def ended(self) -> None:
        """Forget every session: we have signed off."""
        self._kept.clear()
        await self._store.forget()

    def close(self) -> None:
        """Sign in no more: the bridge is being stopped."""
        self._closed = True

    def _doubt(self) -> None:
        """See to it that another secret, stored meanwhile by the player, is noticed at once."""
        self.vault.doubt(self.way.spec.game.id, self.account)

    def forget(self) -> None:
        """Forget every session: the account is another one now."""
        self._kept.clear()
        self._refusals.clear()
        self._standoffs.clear()

    def kept(self) -> dict[str, JsonValue]:
        """Return what all sign-ins have kept and the game may still accept."""
        good = [kept for kept in self._kept.values() if not kept.is_lost]
        return {key: value for kept in good for key, value in kept.values.items()}

    def number(self) -> int | None:
        """Return what tells the session that is open from those before, None if none is."""
        is_open = any(not kept.is_lost for kept in self._kept.values())
        return self._generation if is_open else None

    def public(self, known: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return the kept values that are no secret and belong to these credentials."""
        found: dict[str, JsonValue] = {}
        for name, kept in self._kept.items():
            if kept.used == self._used(name, known):
                names = self.way.spec.auth[name].public
                found |= {each: kept.values[each] for each in names if each in kept.values}
        return found

    async def _sign_in_once(
        self, name: str, known: dict[str, JsonValue], stored: Mapping[str, str], base: int
    ) -> Refused | None:
        used = self._used(name, known)
        kept = self._kept.get(name)
        if kept is not None and (kept.base, kept.used) != (base, used):
            kept = None
        if kept is not None and self._is_good(kept):
            return None
        if self._closed:
            return _LEAVING
        values = self._store.read(name, stored, used)
        if values:
            self._take_up(kept, self._keep(name, values, used, base))
            return None
        rests = self._standoffs.rest_of(name, used)
        if rests is not None:
            return rests
        learnt = await self._renewed(name, known, kept) or await self._signed_in(name, known)
        if isinstance(learnt, Refused):
            return learnt
        hide(self.way, learnt, self.vault.secrets)
        await Lifetime(self.way.spec, self.account, self.vault).confirm()
        if kept is not None and kept.is_lost:
            self._standoffs.renewed(name, used)
        values = {**(kept.values if kept is not None else {}), **learnt.kept}
        now = self._keep(name, values, used, base)
        now.fresh_until = self._fresh_until(learnt.lifetime)
        now.is_stored = await self._store.write(name, used, learnt.kept)
        return None

    def _left(self, auth: str | None) -> bool:
        """Leave the session of another process, if it is one; say whether it was.

        What its sign-in has told beside the session, such as the worlds, is not stored with it.
        """
        taken_up = [name for name, _ in auth_chain(self.way.spec, auth) if self._is_taken_up(name)]
        for name in taken_up:
            self._store.bury(name, self._kept.pop(name).values)
        return bool(taken_up)

    def _take_up(self, former: _Kept | None, found: _Kept) -> None:
        """Go on with a session from the vault, and with what our own sign-in has told before."""
        found.is_stored, found.is_taken_up = True, former is None
        found.values = {**(former.values if former is not None else {}), **found.values}

    def _is_taken_up(self, name: str) -> bool:
        return name in self._kept and self._kept[name].is_taken_up

    def _keep(
        self, name: str, values: Mapping[str, JsonValue], used: Mapping[str, JsonValue], base: int
    ) -> _Kept:
        self._generation += 1
        self._kept[name] = _Kept(self._generation, base, values, used)
        return self._kept[name]

    def _is_good(self, kept: _Kept) -> bool:
        in_time = kept.fresh_until is None or kept.fresh_until > self.now()
        return in_time and not kept.is_lost

    async def _signed_in(self, name: str, known: dict[str, JsonValue]) -> SignedIn | Refused:
        """Sign in with the credentials, and with a spare one if they are refused."""
        before = await self._refusals.before(name, known)
        if before is not None:
            return before
        learnt = await drive(sign_in(self.way, name, known), self.carry)
        if isinstance(learnt, Refused) and learnt.wait is None and self._may_lock(name, learnt):
            learnt = await self._signed_in_with_spare(name, known) or learnt
        if isinstance(learnt, Refused) and self._may_lock(name, learnt):
            await self._refusals.note(name, known, learnt)
        elif isinstance(learnt, SignedIn):
            await self._refusals.forget(name)
        return learnt

    async def _signed_in_with_spare(
        self, name: str, known: dict[str, JsonValue]
    ) -> SignedIn | None:
        """Sign in with what a credential may have become; that which is accepted is it.

        What is newer still stays in doubt.
        """
        game = self.way.spec.game.id
        for slot in credentials_of(self.way.spec, self.way.spec.auth[name]):
            spare = self.way.spec.credentials[slot].spare or ""
            words = words_in(known.get(spare))
            for number, word in enumerate(words, start=1):
                self.vault.secrets.add(word)
                flow = sign_in(self.way, name, {**known, slot: word})
                learnt = await drive(flow, self.carry)
                if isinstance(learnt, SignedIn):
                    known[slot] = word
                    await self.vault.put(game, self.account, slot, word)
                    if number < len(words):
                        newer = " ".join(words[number:])
                        await self.vault.put(game, self.account, spare, newer)
                    else:
                        await self.vault.forget(game, self.account, spare)
                    return learnt
        return None

    def _may_lock(self, name: str, refused: Refused) -> bool:
        """Say whether asking again could lock the account: a secret was sent, and not taken."""
        used = credentials_of(self.way.spec, self.way.spec.auth[name])
        secret = any(self.way.spec.credentials[slot].secret for slot in used)
        is_final = refused.wait is None or refused.wait >= LOCKED_SECONDS
        return secret and is_final and not refused.local

    async def _renewed(
        self, name: str, known: Mapping[str, JsonValue], kept: _Kept | None
    ) -> SignedIn | None:
        """Return what prolonging a session has brought, None if it cannot be prolonged."""
        if kept is not None:
            flow = renew(self.way, name, {**known, **kept.values})
            if flow is not None:
                learnt = await drive(flow, self.carry)
                return learnt if isinstance(learnt, SignedIn) else None
        return None

    def _is_over_by_ours(self, name: str, kept: _Kept, stored: Mapping[str, str]) -> bool:
        """Say whether another process of ours has signed off, or in again: the vault knows."""
        is_ours = self._store.is_ours(name, stored, kept.used, kept.values)
        return kept.is_stored and not is_ours

    def _used(self, name: str, known: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return the credentials of an auth that say who we are and are no secret."""
        slots = credentials_of(self.way.spec, self.way.spec.auth[name])
        return {
            slot: known.get(slot)
            for slot in sorted(slots)
            if not self.way.spec.credentials[slot].secret
        }

    def _fresh_until(self, lifetime: float | None) -> float | None:
        return None if lifetime is None else self.now() + lifetime * RENEW_AT

    def _touch(self, name: str) -> None:
        """Count the time until the game forgets us from the last call."""
        idle = self.way.spec.auth[name].idle_timeout
        if idle is not None:
            self._kept[name].fresh_until = self.now() + idle * RENEW_AT


_LEAVING = Refused(code="leaving", message="The bridge is being stopped.", local=True)
