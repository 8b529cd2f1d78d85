"""Secrets in the keyring of the operating system: Keychain, Credential Manager, Secret Service, KWallet.

A keyring is foreign code: it blocks, it may wait for a person to type a password, and it may raise
anything. So it is loaded at the first use, runs in a thread that cannot keep the process alive, is
given up after a few seconds, and whatever it raises becomes a ``CredentialError`` that says what
to do. One that would write secrets as plain text is refused.

Reading costs milliseconds and a call wants several secrets, so what was read is remembered for
half a minute, unless the game does not take it: then the player may have stored another.
"""

import contextlib
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from secrets import token_hex
from typing import Final, Protocol, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel

from bridge.credentials import Key, NoBackend, Secrets, Source
from bridge.errors import CredentialError

T = TypeVar("T")


class Backend(Protocol):
    """What a keyring can do; it blocks, and may raise anything."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the password, None when there is none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store the password."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Delete the password."""
        ...


def system_keyring() -> Backend:
    """Return the keyring that the user or the system has chosen."""
    import keyring  # noqa: PLC0415 - heavy, and not needed before the first secret

    return keyring.get_keyring()


class KeyringVault:
    """Keeps secrets in the keyring of the operating system, which is loaded at the first use."""

    def __init__(
        self,
        secrets: Secrets,
        *,
        load: Callable[[], Backend] = system_keyring,
        service: str = "game-bridge",
        timeout: float = 5.0,
        remember: float = 30.0,
        random_text: Callable[[], str] = token_hex,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is touched yet.

        ``timeout``: seconds after which a keyring that does not answer is given up. ``remember``:
        seconds for which what was read is not read again.
        """
        self.secrets = secrets
        self._load = load
        self._service = service
        self._timeout = timeout
        self._remember = remember
        self._random_text = random_text
        self._clock = clock
        self._backend: Backend | None = None
        self._without: str | None = None
        """Why there is no keyring; a process looks for one only once."""
        self._held: dict[Key, str] = {}
        self._read: dict[Key, tuple[str | None, float]] = {}
        self._turn = anyio.Lock()
        self._running: anyio.Event | None = None

    async def get(self, game: str, account: str, slot: str) -> str | None:
        """Return the secret, None when there is none."""
        key = (game, account, slot)
        if key in self._held:
            return self._held[key]
        value, good_until = self._read.get(key, (None, -math.inf))
        if self._clock() < good_until:
            return value
        value = await self._run(lambda backend: backend.get_password(self._service, _user(key)))
        if value is not None:
            self.secrets.add_slot(game, slot, value)
        self._read[key] = value, self._clock() + self._remember
        return value

    async def put(self, game: str, account: str, slot: str, value: str) -> None:
        """Store the secret, in place of an older one."""
        key = (game, account, slot)
        self.secrets.add_slot(game, slot, value)
        self._read.pop(key, None)
        await self._run(lambda backend: backend.set_password(self._service, _user(key), value))
        self._read[key] = value, self._clock() + self._remember
        self._held.pop(key, None)

    async def forget(self, game: str, account: str, slot: str) -> None:
        """Delete the secret, if there is one."""
        key = (game, account, slot)
        self._held.pop(key, None)
        self._read.pop(key, None)
        await self._run(lambda backend: self._delete(backend, _user(key)))

    async def probe(self) -> None:
        """Write, read and delete a value, so that a secret that comes once can be kept."""
        user, value = f"probe/{self._random_text()}", self._random_text()

        def work(backend: Backend) -> bool:
            backend.set_password(self._service, user, value)
            same = backend.get_password(self._service, user) == value
            self._delete(backend, user)
            return same

        if not await self._run(work):
            raise CredentialError(f"The keyring does not give back what it was given. {_CHOICES}")

    def doubt(self, game: str, account: str) -> None:
        """Read the account's secrets anew when they are wanted."""
        for key in [key for key in self._read if key[:2] == (game, account)]:
            del self._read[key]

    async def source(self, game: str, account: str, slot: str) -> Source | None:
        """Say where the secret lives, None when there is none."""
        if (game, account, slot) in self._held:
            return "memory"
        return "keyring" if await self.get(game, account, slot) is not None else None

    def hold(self, game: str, account: str, slot: str, value: str) -> None:
        """Serve the secret from memory until it is stored or the process ends."""
        self.secrets.add_slot(game, slot, value)
        self._held[game, account, slot] = value

    async def store_held(self) -> str | None:
        """Store what is held only in memory; return why that failed, None when all is stored."""
        for key, value in list(self._held.items()):
            try:
                await self.put(*key, value)
            except CredentialError as error:
                return str(error)
        return None

    def _delete(self, backend: Backend, user: str) -> None:
        if backend.get_password(self._service, user) is not None:
            backend.delete_password(self._service, user)

    async def _run(self, work: Callable[[Backend], T]) -> T:
        """Do the work in a thread, one at a time, and translate whatever goes wrong."""
        if self._without is not None:
            raise NoBackend(self._without)
        future: Future[T] = Future()
        try:
            async with self._turn:
                with anyio.fail_after(self._timeout):
                    if self._running is not None:
                        await self._running.wait()
                    self._running = _start(lambda: work(self._usable()), future)
                    await self._running.wait()
            return future.result()
        except CredentialError:
            raise
        except TimeoutError as error:
            raise CredentialError(
                f"The keyring did not answer within {self._timeout:g} s. It may be locked and "
                f"waiting for its password: unlock it, then try again. {_VARIABLES}"
            ) from error
        except Exception as error:
            raise CredentialError(self._explain(error)) from error

    def _usable(self) -> Backend:
        if self._backend is None:
            loaded = self._load()
            # The chainer would fall through to any backend, one in plain text too.
            chained = getattr(loaded, "backends", [loaded])
            kept = next((backend for backend in chained if not _is_refused(backend)), None)
            if kept is None:
                named = f"{type(loaded).__module__}.{type(loaded).__qualname__}"
                self._without = f"No keyring here keeps secrets safely (found {named}). {_CHOICES}"
                raise NoBackend(self._without)
            self._backend = kept
        return self._backend

    def _explain(self, error: Exception) -> str:
        from keyring.errors import InitError, KeyringLocked, NoKeyringError  # noqa: PLC0415 - heavy

        reason = self.secrets.redact(f"{type(error).__name__}: {error}")
        match error:
            case NoKeyringError():
                return f"No keyring here keeps secrets. {_CHOICES}"
            case KeyringLocked() | InitError():
                return (
                    f"The keyring is locked, does not run or has no usable collection ({reason}). "
                    "Unlock it, on Linux with the desktop's password manager, then try again. "
                    f"{_VARIABLES}"
                )
            case _:
                return f"The keyring failed ({reason}). {_CHOICES}"


_CHOICES: Final = (
    "Either install a keyring (Linux: gnome-keyring or KWallet, running in your session; macOS and "
    "Windows bring one), or set environment variables GAME_BRIDGE_<GAME>_<SLOT> instead, such as "
    "GAME_BRIDGE_SPACEMOLT_PASSWORD."
)
_VARIABLES: Final = "Environment variables GAME_BRIDGE_<GAME>_<SLOT> work without it."


def _user(key: Key) -> str:
    return "/".join(key)


def _is_refused(backend: Backend) -> bool:
    for base in type(backend).__mro__:
        if base.__module__ in {"keyring.backends.fail", "keyring.backends.null"}:
            return True
        if "plaintext" in base.__name__.lower():
            return True
    return False


def _start(work: Callable[[], T], future: "Future[T]") -> anyio.Event:
    """Do the work in a thread that does not keep the process alive; set the event when done."""
    done, token = anyio.Event(), anyio.lowlevel.current_token()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, the waiter shall have it
            future.set_exception(error)
        with contextlib.suppress(RuntimeError):  # Nobody waits any more.
            anyio.from_thread.run_sync(done.set, token=token)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    return done
