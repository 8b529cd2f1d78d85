"""Where secrets live, and how they are kept out of everything else.

A secret is named by game, account and slot. It lives in the keyring of the operating system, or in
an environment variable that the user sets; it is never written anywhere else. Every value that
passes through a vault is made known to ``Secrets``, which cuts it out of whatever leaves the
process: logs, results, the journal, messages.
"""

import html
import json
import logging
import marshal
import os
import re
import string
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal, Protocol
from urllib.parse import quote, quote_plus

import anyio
from pydantic import JsonValue

from bridge.errors import CredentialError

Source = Literal["environment", "keyring", "memory"]
"""Where a secret lives."""

Key = tuple[str, str, str]
"""Game, account and slot."""


class NoBackend(CredentialError):  # noqa: N818 - what is the case, not "an error"
    """There is no keyring that keeps secrets."""


class Vault(Protocol):
    """Keeps secrets; every method raises ``CredentialError`` when that is not possible."""

    @property
    def secrets(self) -> "Secrets":
        """What is known to be secret: every value that has passed through the vault, and more."""
        ...

    async def get(self, game: str, account: str, slot: str) -> str | None:
        """Return the secret, None when there is none."""
        ...

    async def put(self, game: str, account: str, slot: str, value: str) -> None:
        """Store the secret, in place of an older one."""
        ...

    async def forget(self, game: str, account: str, slot: str) -> None:
        """Delete the secret, if there is one."""
        ...

    async def probe(self) -> None:
        """Write, read and delete a value, so that a secret that comes once can be kept."""
        ...

    async def source(self, game: str, account: str, slot: str) -> Source | None:
        """Say where the secret lives, None when there is none."""
        ...

    def hold(self, game: str, account: str, slot: str, value: str) -> None:
        """Serve the secret from memory until it is stored or the process ends."""
        ...

    async def store_held(self) -> str | None:
        """Store what is held only in memory; return why that failed, None when all is stored."""
        ...

    def doubt(self, game: str, account: str) -> None:
        """Read the account's secrets anew when they are wanted: the game does not take them."""
        ...


class Secrets:
    """Every secret this process knows, and the look of those it does not know.

    Results can be large, so they are searched as bytes first; only where something is found are
    they taken apart. What looks like a SpaceMolt password, 64 hexadecimal digits, is cut out too,
    unless the word before it says that it is a hash: other games publish such hashes.
    """

    MARK: Final = "[secret]"
    """What stands in the place of a secret."""

    _SHORTEST: Final = 6
    _SHORTEST_PASSING: Final = 10
    _DEEPEST: Final = 100
    _PASSING: Final = 100

    def __init__(self, is_secret: Callable[[str, str], bool] = lambda _game, _slot: True) -> None:
        """``is_secret`` tells by game and slot what is no secret, such as a user name."""
        self._is_secret = is_secret
        self._forms: dict[str, bytes] = {}
        self._passing: OrderedDict[str, dict[str, bytes]] = OrderedDict()

    def add(self, value: str) -> None:
        """Redact this value and each of its lines from now on.

        What has fewer than 6 characters is left alone.
        """
        for part in {value, *value.splitlines()}:
            if len(part) >= self._SHORTEST:
                self._forms |= _forms(part)

    def add_passing(self, value: str) -> None:
        """Redact a value that is replaced by another from time to time, such as a session id.

        The last 100 are remembered. One of fewer than 10 characters could be guessed anyway, and
        may well be an ordinary word.
        """
        if len(value) >= self._SHORTEST_PASSING:
            self._passing[value] = _forms(value)
            self._passing.move_to_end(value)
            while len(self._passing) > self._PASSING:
                self._passing.popitem(last=False)

    def add_slot(self, game: str, slot: str, value: str) -> None:
        """Redact this value from now on if the slot is a secret one."""
        if self._is_secret(game, slot):
            self.add(value)

    def redact(self, text: str) -> str:
        """Return the text with every secret replaced."""
        expression = self._found_in(text.encode(errors="surrogatepass"))
        return text if expression is None else _cut(expression, text)

    def redact_json(self, value: JsonValue) -> JsonValue:
        """Return the value with every secret in its texts and keys replaced."""
        if isinstance(value, str):
            return self.redact(value)
        try:
            # Texts stand in it as they are, and nothing written in Python is as fast.
            raw = marshal.dumps(value)
        except ValueError:
            raw = json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")
        expression = self._found_in(raw)
        return value if expression is None else self._taken_apart(expression, value, "", 0)

    def _taken_apart(
        self, expression: re.Pattern[str], value: JsonValue, key: str, depth: int
    ) -> JsonValue:
        match value:
            case str():
                return _cut(expression, value, key)
            case list() | dict() if depth >= self._DEEPEST:
                return "(nested too deeply to be shown)"
            case list():
                return [self._taken_apart(expression, item, key, depth + 1) for item in value]
            case dict():
                return {
                    _cut(expression, name, key): self._taken_apart(
                        expression, item, name, depth + 1
                    )
                    for name, item in value.items()
                }
            case _:
                return value

    def _found_in(self, raw: bytes) -> re.Pattern[str] | None:
        """Return an expression for what may stand in the text, None when nothing does."""
        known = [form for form, sought in self._forms.items() if sought in raw]
        for forms in self._passing.values():
            known += [form for form, sought in forms.items() if sought in raw]
        # The longest first: a value may be the beginning of another.
        known.sort(key=lambda form: (-len(form), form))
        looks = [look.pattern.decode() for look in _LOOKS if look.search(raw)]
        if _HEX_RUN in raw.translate(_HEX_DIGITS_ALIKE):
            looks.append(_HEX_LOOK)
        return re.compile("|".join([*map(re.escape, known), *looks])) if known or looks else None


_LOOKS: Final = (
    re.compile(rb"molt_sk_[A-Za-z0-9_-]+"),
    # Whoever has Moltforsale's claim link can claim the agent.
    re.compile(rb"/claim/[A-Za-z0-9_-]{8,}"),
    re.compile(rb"maid_[0-9a-f]{8}_[A-Za-z0-9_-]+"),
    re.compile(rb"gb_[A-Za-z0-9_-]{43}"),
    re.compile(rb"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
)
_HEX_LOOK: Final = r"(?<![0-9A-Fa-f])(?P<hex>[0-9A-Fa-f]{64})(?![0-9A-Fa-f])"
_HEX_DIGITS_ALIKE: Final = bytes(
    ord("0") if chr(byte) in string.hexdigits else byte for byte in range(256)
)
_HEX_RUN: Final = b"0" * 64
_HARMLESS: Final = re.compile(r"(?i)hash|digest|checksum|sha_?-?256|version|artifact|publish_")
_SECRET_WORD: Final = re.compile(r"(?i)pass|secret|token|key|credential")
_WORDS_BEFORE: Final = 24


def _forms(value: str) -> dict[str, bytes]:
    """Return the ways in which a value is written down, and how each looks as bytes."""
    in_json, in_utf8_json = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
    forms = {value, repr(value)[1:-1], html.escape(value)}
    for form in (in_json, in_utf8_json):
        # JSON is often logged, or put into JSON again.
        forms |= {form, json.dumps(form)[1:-1], repr(form)[1:-1]}
    forms |= {quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")}
    return {form: form.encode(errors="surrogatepass") for form in sorted(forms)}


def _cut(expression: re.Pattern[str], text: str, key: str = "") -> str:
    """Return the text, which stands under a key, without what the expression finds."""

    def mark(found: re.Match[str]) -> str:
        if found.lastgroup != "hex":
            return Secrets.MARK
        before = f"{key} {text[max(0, found.start() - _WORDS_BEFORE) : found.start()]}"
        is_hash = _HARMLESS.search(before) and not _SECRET_WORD.search(before)
        return found[0] if is_hash else Secrets.MARK

    return expression.sub(mark, text)


class SecretFilter(logging.Filter):
    """Cuts secrets out of every record; belongs on each handler, not on a logger."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record in place; always True."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            message = f"{record.msg} {record.args!r}"
        record.msg, record.args = message, None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        # Else a handler that draws tracebacks itself would draw the secrets too.
        record.exc_info = None
        for name, value in vars(record).items():
            if isinstance(value, str):
                setattr(record, name, self._secrets.redact(value))
        return True


class MemoryVault:
    """Keeps secrets while the process lives: for the sandbox and for tests."""

    def __init__(self, secrets: Secrets) -> None:
        self.secrets = secrets
        self._values: dict[Key, str] = {}

    async def get(self, game: str, account: str, slot: str) -> str | None:
        """Return the secret, None when there is none."""
        return self._values.get((game, account, slot))

    async def put(self, game: str, account: str, slot: str, value: str) -> None:
        """Store the secret, in place of an older one."""
        self.hold(game, account, slot, value)

    async def forget(self, game: str, account: str, slot: str) -> None:
        """Delete the secret, if there is one."""
        self._values.pop((game, account, slot), None)

    async def probe(self) -> None:
        """Do nothing: memory works."""

    async def source(self, game: str, account: str, slot: str) -> Source | None:
        """Say where the secret lives, None when there is none."""
        return "memory" if (game, account, slot) in self._values else None

    def hold(self, game: str, account: str, slot: str, value: str) -> None:
        """Serve the secret from memory until the process ends."""
        self.secrets.add_slot(game, slot, value)
        self._values[game, account, slot] = value

    async def store_held(self) -> str | None:
        """Do nothing: memory is all there is."""
        return None

    def doubt(self, game: str, account: str) -> None:
        """Do nothing: memory is never out of date."""


class EnvironmentVault:
    """Lets environment variables win over another vault; the account's own one wins of the two."""

    def __init__(
        self,
        inner: Vault,
        secrets: Secrets,
        environment: Mapping[str, str] = os.environ,
        *,
        for_all: bool = True,
    ) -> None:
        """``for_all``: a variable that names no account is a secret of every account."""
        self._inner = inner
        self.secrets = secrets
        self._environment = environment
        self._for_all = for_all

    def of_others(self) -> "EnvironmentVault":
        """Return the vault for accounts of others: variables without an account are not theirs."""
        return EnvironmentVault(self._inner, self.secrets, self._environment, for_all=False)

    async def get(self, game: str, account: str, slot: str) -> str | None:
        """Return the secret, None when there is none."""
        value = self._set(game, account, slot)
        if value is not None:
            self.secrets.add_slot(game, slot, value)
            return value
        try:
            return await self._inner.get(game, account, slot)
        except NoBackend:
            # Who keeps a game's secrets in variables needs no keyring for the optional ones.
            if any(name.startswith(_variable(game, "")) for name in self._environment):
                return None
            raise

    async def put(self, game: str, account: str, slot: str, value: str) -> None:
        """Store the secret in the inner vault; a variable still wins over it."""
        await self._inner.put(game, account, slot, value)

    async def forget(self, game: str, account: str, slot: str) -> None:
        """Delete the secret from the inner vault; a variable stays."""
        await self._inner.forget(game, account, slot)

    async def probe(self) -> None:
        """Probe the inner vault: variables cannot keep what is new."""
        await self._inner.probe()

    async def source(self, game: str, account: str, slot: str) -> Source | None:
        """Say where the secret lives, None when there is none."""
        if self._set(game, account, slot) is not None:
            return "environment"
        try:
            return await self._inner.source(game, account, slot)
        except NoBackend:
            return None

    def hold(self, game: str, account: str, slot: str, value: str) -> None:
        """Serve the secret from memory until it is stored or the process ends."""
        self._inner.hold(game, account, slot, value)

    async def store_held(self) -> str | None:
        """Store what is held only in memory; return why that failed, None when all is stored."""
        return await self._inner.store_held()

    def doubt(self, game: str, account: str) -> None:
        """Read the account's secrets anew when they are wanted."""
        self._inner.doubt(game, account)

    def _set(self, game: str, account: str, slot: str) -> str | None:
        names = variables(game, account, slot)[: 2 if self._for_all else 1]
        return next((value for name in names if (value := self._environment.get(name))), None)


def variables(game: str, account: str, slot: str) -> tuple[str, str]:
    """Return the environment variables that may hold a secret: for the account, for the game."""
    return _variable(game, account, slot), _variable(game, slot)


async def keep_safe(
    vault: Vault,
    game: str,
    account: str,
    slots: Mapping[str, str],
    *,
    pauses: Sequence[float] = (0.5,),
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
) -> str | None:
    """Keep secrets that the game gives only once; return a warning when memory is all they have.

    Storing is tried again after each pause, in seconds. Cancelling does not interrupt it. What is
    held can be read at once and is stored by ``vault.store_held`` later.
    """
    if not slots:
        return None
    for slot, value in slots.items():
        vault.hold(game, account, slot, value)
    with anyio.CancelScope(shield=True):
        problem = await vault.store_held()
        for pause in pauses:
            if problem is not None:
                await sleep(pause)
                problem = await vault.store_held()
    if problem is None:
        return None
    return (
        f"Not stored yet: {', '.join(slots)} of account {account} in {game}. {problem} Do not stop "
        "game-bridge before that works: until then memory is the only place that has it."
    )


@lru_cache(maxsize=1024)
def _variable(*parts: str) -> str:
    return "_".join(["GAME_BRIDGE", *(re.sub(r"[^A-Z0-9]", "_", part.upper()) for part in parts)])
