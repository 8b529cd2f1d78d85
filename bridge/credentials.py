"""Where secrets live, and how they are kept out of everything else.

A secret is named by game, account and slot. It lives in the keyring of the operating system, or in
an environment variable that the user sets; it is never written anywhere else. Every value that
passes through a vault is made known to ``Secrets``, which cuts it out of whatever leaves the
process: logs, results, the journal, messages.
"""

import json
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
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


class Secrets:
    """Every secret this process knows, and the look of those it does not know."""

    MARK: Final = "[secret]"
    """What stands in the place of a secret."""

    _SHORTEST: Final = 6
    _DEEPEST: Final = 100
    _PATTERNS: Final = (
        r"molt_sk_[A-Za-z0-9_-]+",
        r"maid_[0-9a-f]{8}_[A-Za-z0-9_-]+",
        r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*",
        # A SpaceMolt password.
        r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])",
    )

    def __init__(self, is_secret: Callable[[str, str], bool] = lambda _game, _slot: True) -> None:
        """``is_secret`` tells by game and slot what is no secret, such as a user name."""
        self._is_secret = is_secret
        self._forms: set[str] = set()
        self._expression = self._compile()

    def add(self, value: str) -> None:
        """Redact this value from now on; one of fewer than 6 characters is left alone."""
        if len(value) < self._SHORTEST:
            return
        forms = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        forms |= {repr(value)[1:-1], quote(value, safe="", errors="replace")}
        forms |= {quote_plus(value, errors="replace")}
        if not forms <= self._forms:
            self._forms |= forms
            self._expression = self._compile()

    def add_slot(self, game: str, slot: str, value: str) -> None:
        """Redact this value from now on if the slot is a secret one."""
        if self._is_secret(game, slot):
            self.add(value)

    def redact(self, text: str) -> str:
        """Return the text with every secret replaced."""
        return self._expression.sub(self.MARK, text)

    def redact_json(self, value: JsonValue) -> JsonValue:
        """Return the value with every secret in its texts and keys replaced."""
        return self._redact_json(value, 0)

    def _redact_json(self, value: JsonValue, depth: int) -> JsonValue:
        match value:
            case str():
                return self.redact(value)
            case list() | dict() if depth >= self._DEEPEST:
                return "(nested too deeply to be shown)"
            case list():
                return [self._redact_json(item, depth + 1) for item in value]
            case dict():
                return {
                    self.redact(key): self._redact_json(item, depth + 1)
                    for key, item in value.items()
                }
            case _:
                return value

    def _compile(self) -> re.Pattern[str]:
        # The longest first: a value may be the beginning of another.
        known = sorted(self._forms, key=lambda form: (-len(form), form))
        return re.compile("|".join([*map(re.escape, known), *self._PATTERNS]))


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
        self._secrets = secrets
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
        self._secrets.add_slot(game, slot, value)
        self._values[game, account, slot] = value

    async def store_held(self) -> str | None:
        """Do nothing: memory is all there is."""
        return None


class EnvironmentVault:
    """Lets environment variables win over another vault; the account's own one wins of the two."""

    def __init__(
        self, inner: Vault, secrets: Secrets, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._inner = inner
        self._secrets = secrets
        self._environment = environment

    async def get(self, game: str, account: str, slot: str) -> str | None:
        """Return the secret, None when there is none."""
        value = self._set(game, account, slot)
        if value is not None:
            self._secrets.add_slot(game, slot, value)
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

    def _set(self, game: str, account: str, slot: str) -> str | None:
        names = variables(game, account, slot)
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


def _variable(*parts: str) -> str:
    return "_".join(["GAME_BRIDGE", *(re.sub(r"[^A-Z0-9]", "_", part.upper()) for part in parts)])
