"""What is remembered from one run to the next: cooldowns, and what a game's quirks know.

One small JSON file per account in the state folder, without secrets, shared by all processes of
the user. A change begins with what the file says now and ends with the whole of it written in one
step, under a lock, so that no process undoes what another has noted. Where the file cannot be
used, the memory of this process is all there is, which is said in the log, once.
"""

import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar

import anyio
from pydantic import JsonValue

from bridge.folders import private_folder
from bridge.gateway.shared.lease import Lease, LeaseError
from bridge.protocol.cooldowns import CooldownBook
from bridge.quirks.hooks import Memory
from bridge.spec.model import Command

T = TypeVar("T")
Owner = Mapping[str, JsonValue]
"""Whom the notes are about: where the game is, and the credentials that are no secret."""

FORMAT: Final = 1
FOLDER: Final = "notes"
LASTING_SECONDS: Final = 60.0
"""A cooldown of an account is kept on disk if it lasts longer, or if what starts it starts one that
does: others are over by a restart."""
LOCK_SECONDS: Final = 0.01
LOCK_TRIES: Final = 100

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Notebook:
    """The notes on one account: a book of cooldowns, and a memory."""

    folder: Path | None
    """The state folder; None keeps nothing on disk."""
    game: str
    account: str
    """Empty for what holds for the whole address."""
    book: CooldownBook
    now: Callable[[], float]
    memory: Memory = field(default_factory=dict)
    _owner: Owner | None = None
    _lock: Lease | None = None
    _signature: tuple[int, int, int] | None = None
    """Of the file when it was last read or written."""
    _text: str = ""
    """What it said then."""
    _about_another: bool = False
    """What was read last is about somebody else, and that was not told yet."""
    _complained: bool = False
    _lasting: set[str] = field(init=False)

    def __post_init__(self) -> None:
        known, commands = self.book.spec.cooldowns, self.book.spec.commands.values()
        named = [set(command.cooldowns) & known.keys() for command in commands]
        long = {
            name
            for name, cooldown in known.items()
            if cooldown.seconds > LASTING_SECONDS or cooldown.scope == "ip"
        }
        beside = (
            names for names in named if any(known[name].scope != "ip" for name in names & long)
        )
        self._lasting = long.union(*beside)

    async def look(self, owner: Owner) -> bool:
        """Take over what another process has noted since; say whether it is about somebody else."""
        self._turn_to(owner)
        self._read()
        about_another, self._about_another = self._about_another, False
        return about_another

    async def note(
        self,
        owner: Owner,
        command: Command,
        arguments: Mapping[str, JsonValue],
        *,
        succeeded: bool,
    ) -> None:
        """Note that a command was carried out, or only tried."""
        names = self.book.concerned(command)

        def work() -> None:
            self.book.note(command, arguments, self.now(), succeeded=succeeded)

        if any(self._lasts(name) for name in names):
            await self.change(owner, work)
        elif names:
            self._turn_to(owner)
            work()

    async def change(self, owner: Owner, work: Callable[[], T]) -> T:
        """Let ``work`` change the book and the memory, and keep what it leaves."""
        locked = await self._locked()
        try:
            self._turn_to(owner)
            self._read()
            result = work()
            self._write()
        finally:
            if locked and self._lock is not None:
                self._lock.release()
        return result

    def _turn_to(self, owner: Owner) -> None:
        """Begin anew when the account belongs to somebody else than before."""
        if self._owner is not None and owner != self._owner:
            self.book.done.clear()
            self.book.blocked.clear()
            self.memory.clear()
            self._signature = None
        self._owner = dict(owner)

    async def _locked(self) -> bool:
        """Wait for the lock; say whether it is held. Nothing awaits while it is."""
        if self.folder is None:
            return False
        self._lock = self._lock or Lease(self.folder / FOLDER, self.game, self.account)
        try:
            for _ in range(LOCK_TRIES):
                if self._lock.try_acquire():
                    return True
                await anyio.sleep(LOCK_SECONDS)
        except LeaseError as error:
            self._complain(str(error))
        return False

    # -- The file -------------------------------------------------------------------

    def _read(self) -> None:
        file = self._file()
        if file is None:
            return
        try:
            signature = _signature(file)
            if signature == self._signature:
                return
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            self._complain(f"{file} cannot be read: {error}")
            return
        self._signature, self._text = signature, text
        page = _parsed(text)
        if page.get("format") == FORMAT and page.get("about") == self._owner:
            self._take_over(page)
        elif page.get("format") == FORMAT:
            self._about_another = True

    def _take_over(self, page: Mapping[str, JsonValue]) -> None:
        known = self.book.spec.cooldowns
        done, blocked = _table(page.get("done")), _table(page.get("blocked"))
        self.book.done = {
            key: [float(when) for when in used if isinstance(when, int | float)]
            for key, used in done.items()
            if isinstance(used, list) and key.partition(":")[0] in known
        } | {key: used for key, used in self.book.done.items() if not self._lasts(key)}
        self.book.blocked = {
            key: float(until)
            for key, until in blocked.items()
            if isinstance(until, int | float) and key.partition(":")[0] in known
        } | {key: until for key, until in self.book.blocked.items() if not self._lasts(key)}
        passing = {name: value for name, value in self.memory.items() if name.startswith("_")}
        # In place: others hold on to this very table.
        self.memory.clear()
        self.memory.update(_table(page.get("memory")) | passing)

    def _write(self) -> None:
        file = self._file()
        self.book.forget_past(self.now())
        text = self._page()
        if file is None or text == self._text or not (text or self._text):
            return
        fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
        try:
            private_folder(file.parent)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as writing:
                writing.write(text)
            fresh.replace(file)
            self._signature, self._text = _signature(file), text
        except OSError as error:
            self._complain(f"{file} cannot be written: {error}")

    def _page(self) -> str:
        """Return what is worth keeping, nothing where nothing is."""
        done, blocked = self.book.done, self.book.blocked
        page: dict[str, JsonValue] = {
            "done": {key: list(used) for key, used in done.items() if self._lasts(key)},
            "blocked": {key: until for key, until in blocked.items() if self._lasts(key)},
            "memory": {name: v for name, v in self.memory.items() if not name.startswith("_")},
        }
        if not any(page.values()):
            return ""
        return json.dumps({"format": FORMAT, "about": dict(self._owner or {}), **page})

    def _lasts(self, key: str) -> bool:
        """Say whether a cooldown is worth keeping, or counts for every process of this address."""
        return key.partition(":")[0] in self._lasting

    def _file(self) -> Path | None:
        if self.folder is None:
            return None
        return self.folder / FOLDER / _name_of_file(self.game, self.account)

    def _complain(self, problem: str) -> None:
        if not self._complained:
            log.warning("Cooldowns are remembered by this process only. %s", problem)
            self._complained = True


@lru_cache(maxsize=1024)
def _name_of_file(game: str, account: str) -> str:
    # The digest parts what the readable name may mix up: "a b" and "a_b", "Vex" and "vex".
    readable = re.sub(r"[^A-Za-z0-9]", "_", f"{game}-{account}")[:60]
    named = f"{game}/{account}".encode(errors="replace")
    return f"{readable}-{hashlib.sha256(named).hexdigest()[:12]}.json"


def _signature(file: Path) -> tuple[int, int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size


def _parsed(text: str) -> Mapping[str, JsonValue]:
    """Return the page, empty for anything that is not one."""
    try:
        return _table(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _table(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
