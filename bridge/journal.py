"""The event log: what the games told us, on disk, shared by every process of the user.

Rules:

- Events are committed and flushed to the disk before ``append`` returns: killing the process, or
  the power failing, at any moment loses nothing that was returned.
- ``seq`` grows over all games and accounts and is never given out twice.
- What is asked first is done first, and nothing blocks the event loop.
- A file that SQLite cannot read is moved aside, never deleted, and a new one is begun above every
  seq that may have been given out.
"""

import contextlib
import errno
import itertools
import logging
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeVar

import anyio
import anyio.to_thread

from bridge import journal_tables
from bridge.errors import BridgeError
from bridge.folders import private_folder
from bridge.journal_tables import Change, Page, Query, Retention
from bridge.protocol.events import GameEvent, NewEvent

T = TypeVar("T")
_log = logging.getLogger(__name__)


class JournalError(BridgeError):
    """The event journal cannot be read or written: which file, why, and what to do."""


class Journal:
    """The events of all games and accounts; the file is opened at the first use.

    Every method raises ``JournalError`` when the file cannot be used.
    """

    def __init__(
        self,
        path: Path,
        *,
        retention: Retention | None = None,
        poll_interval: float = 0.5,
        patience: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Name the file.

        ``poll_interval`` is how many seconds pass between looks for what other processes append;
        ``patience`` how many seconds to wait for a lock that another program holds.
        """
        self.retention = retention or Retention()
        self._file = _File(path, patience, clock)
        self._poll_interval = poll_interval
        self._turn = anyio.Lock()
        self._news = anyio.Event()

    async def append(self, game: str, account: str, events: Sequence[NewEvent]) -> list[GameEvent]:
        """Write the events to the disk and return those that are new, in their order."""
        if not events:
            return []

        def work(db: sqlite3.Connection) -> list[GameEvent]:
            return journal_tables.append(db, self.retention, game, account, events)

        new = await self._run(work, write=True)
        if new:
            self._file.highest = new[-1].seq
            self._news.set()
            self._news = anyio.Event()
        return new

    async def read(self, queries: Sequence[Query]) -> list[Page]:
        """Answer all queries from one moment: no event can come between two of the pages."""
        return await self._run(lambda db: [journal_tables.page(db, query) for query in queries])

    async def after(
        self, game: str, account: str, *, kinds: Sequence[str] = ("*",), seq: int, limit: int
    ) -> list[GameEvent]:
        """Return the oldest ``limit`` events after ``seq`` that are still to be had."""
        query = Query(game=game, account=account, kinds=kinds, after=seq, limit=limit)
        return (await self.read([query]))[0].events

    async def latest(
        self, game: str, account: str, *, kinds: Sequence[str] = ("*",), limit: int
    ) -> list[GameEvent]:
        """Return the newest ``limit`` events, oldest first."""
        query = Query(game=game, account=account, kinds=kinds, limit=limit)
        return (await self.read([query]))[0].events

    async def oldest_seq(self, game: str, account: str, *, kinds: Sequence[str] = ("*",)) -> int:
        """Return the seq of the oldest event still to be had, 0 for none."""

        def work(db: sqlite3.Connection) -> int:
            return journal_tables.oldest(db, journal_tables.matching(db, game, account, kinds))

        return await self._run(work)

    async def newest_seq(self, game: str, account: str, *, kinds: Sequence[str] = ("*",)) -> int:
        """Return the seq of the newest event, 0 for none."""

        def work(db: sqlite3.Connection) -> int:
            return journal_tables.newest(db, journal_tables.matching(db, game, account, kinds))

        return await self._run(work)

    async def position(self) -> int:
        """Return the newest seq ever given out, 0 for none."""
        return await self._run(journal_tables.position)

    async def changes(self, seq: int, *, limit: int = 1_000) -> list[Change]:
        """Return what was appended after ``seq`` by any process, oldest first."""
        return await self._run(lambda db: journal_tables.changes(db, seq, limit))

    async def wait(
        self,
        game: str,
        account: str,
        *,
        kinds: Sequence[str] = ("*",),
        seq: int,
        seconds: float,
    ) -> bool:
        """Wait until an event after ``seq`` exists, whoever appends it; False when none came."""

        async def exists() -> bool:
            return await self.newest_seq(game, account, kinds=kinds) > seq

        with anyio.move_on_after(seconds):
            await self.until(exists)
            return True
        return await exists()

    async def until(self, satisfied: Callable[[], Awaitable[bool]]) -> None:
        """Return when the condition holds; it is tried after each append by any process."""
        while True:
            news, before = self._news, await self.position()
            if await satisfied():
                return
            while not news.is_set() and await self.position() == before:
                with anyio.move_on_after(self._poll_interval):
                    await news.wait()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know: which unreadable file was moved aside, and where it is."""
        return tuple(self._file.warnings)

    async def aclose(self) -> None:
        """Close the file; using the journal again opens it again."""
        with anyio.CancelScope(shield=True):
            async with self._turn:
                await anyio.to_thread.run_sync(self._file.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _run(self, work: Callable[[sqlite3.Connection], T], *, write: bool = False) -> T:
        # The lock is fair: whoever asks first is served first. The thread is always waited for,
        # so a cancelled append has either not begun or is on the disk.
        async with self._turn:
            return await anyio.to_thread.run_sync(partial(self._file.run, work, write=write))


class _File:
    """The file itself; used from one thread at a time."""

    def __init__(self, path: Path, patience: float, clock: Callable[[], float]) -> None:
        self.highest = 0
        """The highest seq this process knows to be given out."""
        self.warnings: list[str] = []
        self._path = path
        self._patience = patience
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    def run(self, work: Callable[[sqlite3.Connection], T], *, write: bool) -> T:
        """Do the work in one transaction; a file that cannot be read is replaced first."""
        try:
            try:
                return self._attempt(work, write=write)
            except sqlite3.DatabaseError as error:
                if _code(error) not in _UNREADABLE:
                    raise
                self._move_aside(error)
                return self._attempt(work, write=write)
        except (sqlite3.Error, OSError) as error:
            raise JournalError(self._explain(error)) from error

    def close(self) -> None:
        """Close the file, if it is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _attempt(self, work: Callable[[sqlite3.Connection], T], *, write: bool) -> T:
        db = self._connected()
        with _transaction(db, write=write):
            return work(db)

    def _connected(self) -> sqlite3.Connection:
        # Another process may have moved the file aside, or the user may have deleted it.
        if self._connection is not None and self._opened != _identity(self._path):
            self.close()
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        private_folder(self._path.parent)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        os.close(descriptor)
        self._path.chmod(0o600)
        self._opened = _identity(self._path)
        db = sqlite3.connect(
            self._path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(db)
        except BaseException:
            db.close()
            raise
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        _use_write_ahead_log(db)
        # Flushed at every commit: what was told must not be given out again after a power cut.
        db.execute("PRAGMA synchronous = FULL")
        if _version(db) == journal_tables.VERSION:
            return
        with _transaction(db):
            version = _version(db)
            if version == 0:
                journal_tables.create(db, self._start())
            elif version != journal_tables.VERSION:
                raise JournalError(
                    f"The event journal {self._path} was written by a newer game-bridge. "
                    "Update this one, or move the file away."
                )

    def _start(self) -> int:
        """Return a seq above every one given out by a file that was here before.

        Seconds since 1970 are more than the events of any journal, and readable nevertheless.
        """
        lost = self.highest or any(self._path.parent.glob(f"{self._path.name}.unreadable-*"))
        return max(self.highest, int(self._clock())) if lost else 0

    def _move_aside(self, error: sqlite3.Error) -> None:
        self.close()
        if self._opened != _identity(self._path):
            return  # Another process has done it already.
        aside = _free_name(f"{self._path}.unreadable-{int(self._clock())}")
        for part in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self._path}{part}").replace(f"{aside}{part}")
        warning = (
            f"The event journal {self._path} could not be read ({error}). It was moved to {aside} "
            "and a new one was begun; older events are in the moved file only."
        )
        self.warnings.append(warning)
        _log.warning(warning)

    def _explain(self, error: sqlite3.Error | OSError) -> str:
        journal = f"The event journal {self._path}"
        match _code(error):
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return (
                    f"{journal} has been locked by another program for {self._patience:g} s. "
                    "Close what has it open (a database viewer, a backup), then try again."
                )
            case sqlite3.SQLITE_FULL:
                return f"{journal} has no room: the disk is full. Free some space, then try again."
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | None:
                return (
                    f"{journal} cannot be written ({error}). Make the file and its directory "
                    "writable, or choose another state directory."
                )
            case _:
                return (
                    f"{journal} failed ({error}). Check that its disk works and has room, "
                    "then try again."
                )


_OPENERS: Final = 50
_UNREADABLE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _code(error: sqlite3.Error | OSError) -> int | None:
    """Return what went wrong in SQLite's numbers; None when it was not SQLite."""
    if isinstance(error, OSError):
        return sqlite3.SQLITE_FULL if error.errno == errno.ENOSPC else None
    # An extended code has the plain one in its lowest byte.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return int(code) & 0xFF


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _free_name(name: str) -> str:
    candidates = itertools.chain([name], (f"{name}.{number}" for number in itertools.count(2)))
    return next(candidate for candidate in candidates if not Path(candidate).exists())


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _use_write_ahead_log(db: sqlite3.Connection) -> None:
    # Of processes that open a new file at once, one switches its mode; SQLite refuses the others
    # without waiting. An empty transaction does wait for the one that has the lock.
    for _ in range(_OPENERS):
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY:
                raise
            with _transaction(db):
                continue
        return


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection, *, write: bool = True) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
        raise
