"""One process at a time holds a game's live connection for an account.

The lease is a lock on a file, which the operating system frees at once when the process ends,
however it ends. The file itself stays: deleting it would let two processes lock two files of one
name. What it says about its holder is for messages; only the lock decides.
"""

import contextlib
import hashlib
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bridge.errors import BridgeError
from bridge.folders import private_folder

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class LeaseError(BridgeError):
    """The file of a lease cannot be used: which file, why, and what to do."""


class Lease:
    """The right to the live connection of one account in one game.

    Nothing is touched before ``try_acquire`` or ``holder``; both raise ``LeaseError`` when the
    file cannot be used.
    """

    def __init__(self, directory: Path, game: str, account: str) -> None:
        """``directory`` is the same for all processes of the user."""
        self._path = directory / _file_name(game, account)
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Say whether this object holds the lease."""
        return self._descriptor is not None

    def try_acquire(self) -> bool:
        """Take the lease if it is free, without waiting; True when it is held from now on."""
        if self._descriptor is not None:
            return True
        with self._explained():
            descriptor = self._open()
            try:
                if not _lock(descriptor):
                    return False
                _write(descriptor, f"{os.getpid()} {socket.gethostname()}")
                self._descriptor, descriptor = descriptor, -1
            finally:
                if descriptor >= 0:
                    os.close(descriptor)
        return True

    def release(self) -> None:
        """Give the lease back, if it is held."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            # Closing the file frees the lock, whatever becomes of the text.
            with contextlib.suppress(OSError):
                _write(descriptor, "")
            os.close(descriptor)

    def holder(self) -> str | None:
        """Return who holds the lease, as process and host, None when it is free.

        To find out, a free lease is touched for an instant, in which ``try_acquire`` of another
        process may fail.
        """
        with self._explained():
            descriptor = self._open()
            try:
                if not self.held and _lock(descriptor, shared=True):
                    return None
                os.lseek(descriptor, 0, os.SEEK_SET)
                text = os.read(descriptor, _LONGEST).decode(errors="replace")
            finally:
                os.close(descriptor)
        process, _, host = text.partition(" ")
        return f"process {process} on {host}" if host else "another process"

    def _open(self) -> int:
        # What is locked is also emptied: it must not be a link to another file.
        flags = os.O_RDWR | os.O_CREAT | _NO_LINK
        try:
            return os.open(self._path, flags, 0o600)
        except FileNotFoundError:
            private_folder(self._path.parent)
            return os.open(self._path, flags, 0o600)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise LeaseError(
                f"The lease {self._path} cannot be used ({error}). Make its directory writable, "
                "or choose another state directory, on a local disk."
            ) from error


_LONGEST: Final = 500
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)

if sys.platform == "win32":

    def _lock(descriptor: int, *, shared: bool = False) -> bool:  # noqa: ARG001 - no such locks
        # A locked byte cannot be read by others, so it lies far behind the text.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:

    def _lock(descriptor: int, *, shared: bool = False) -> bool:
        # flock belongs to the opened file, not to the process: it also parts two leases of one.
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text.encode())


def _file_name(game: str, account: str) -> str:
    # The digest parts what the readable name may mix up: "a b" and "a_b", "Vex" and "vex".
    readable = re.sub(r"[^A-Za-z0-9]", "_", f"{game}-{account}")[:60]
    digest = hashlib.sha256(f"{game}/{account}".encode(errors="replace")).hexdigest()[:12]
    return f"{readable}-{digest}.lease"
