"""Everything the simulated server would keep in its database, and how to find it again."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.faults import Faults
from bridge.sandbox.pipeworks.exchange import JsonObject
from bridge.sandbox.pipeworks.places import UNDERTAKING, WEB, Room, Stock, Zone
from bridge.sandbox.pipeworks.policies import PolicyShelf

DAY = 24 * 3600.0
DEFAULT_WORLD = WEB.id


@dataclass(slots=True, kw_only=True)
class Account:
    """Somebody who can log in."""

    id: int
    username: str
    password_hash: str
    role: str
    origin: str
    created_at: float
    expires_at: float | None = None
    last_login: float | None = None
    active: bool = True
    tombstoned_at: float | None = None


@dataclass(slots=True, kw_only=True)
class Session:
    """One login; it plays a character once one is selected."""

    id: str
    account_id: int
    created_at: float
    last_activity: float
    expires_at: float | None
    client_type: str = "unknown"
    character_id: int | None = None


@dataclass(slots=True, kw_only=True)
class Character:
    """A body in one world; ownerless when its account was purged."""

    id: int
    account_id: int | None
    name: str
    world_id: str
    seed: int
    created_at: float
    updated_at: float
    by_guest: bool = False
    room: str = "spawn"
    inventory: list[str] = field(default_factory=list)
    base_axes: dict[str, float] = field(default_factory=dict)
    axes: dict[str, float] = field(default_factory=dict)
    tombstoned_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One stored chat line; ``room`` is where it can be read, ``text`` is escaped."""

    id: int
    character_id: int
    speaker: str
    text: str
    world_id: str
    room: str
    at: float
    recipient_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisEvent:
    """A change of a character's axes: (axis, old score, new score)."""

    id: int
    character_id: int
    world_id: str
    kind: str
    at: float
    metadata: dict[str, str]
    deltas: tuple[tuple[str, float, float], ...]


@dataclass(slots=True, kw_only=True)
class GameWorld:
    """One of the server's worlds, with what an operator can change about it."""

    stock: Stock
    created_at: float
    rooms: dict[str, tuple[Zone, Room]]
    open: bool
    active: bool = True
    slot_limit: int = 10

    @property
    def id(self) -> str:
        """The id of the world."""
        return self.stock.id


@dataclass(slots=True, kw_only=True)
class Integrations:
    """Which services stand behind the server, and what its operator allows.

    ``entity`` and ``names`` are there by default, so that characters can be made. ``translator``
    rewrites talk in worlds that translate; ``ollama`` answers the two ollama operations.
    """

    names: bool = True
    entity: bool = True
    translator: bool = False
    ollama: bool = False
    registration: bool = True
    guests: bool = True
    self_create: bool = True


@dataclass(slots=True, kw_only=True)
class Mud:
    """The whole state of one simulated server."""

    clock: WallClock | HandClock
    faults: Faults
    random: random.Random
    one_session: bool
    sliding: bool
    session_minutes: int
    executed: Counter[str] = field(default_factory=Counter)
    integrations: Integrations = field(default_factory=Integrations)
    rewrite: Callable[[str], str] = lambda text: f"{text}, as they say down by the pipes"
    worlds: dict[str, GameWorld] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    characters: dict[int, Character] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    axis_events: list[AxisEvent] = field(default_factory=list)
    grants: set[tuple[int, str]] = field(default_factory=set)
    policies: PolicyShelf = field(default_factory=PolicyShelf)
    stopping_at: float | None = None
    next_purge: float = 0.0
    _last_id: Counter[str] = field(default_factory=Counter)

    def found(self) -> None:
        """Open the two stock worlds with their policies; the first purge is a day away."""
        now = self.clock.now()
        for stock in (WEB, UNDERTAKING):
            self.worlds[stock.id] = GameWorld(
                stock=stock, created_at=now, rooms=stock.rooms(), open=stock.open
            )
        self.policies.found(stamp_iso(now))
        self.next_purge = now + DAY

    def next_id(self, kind: str) -> int:
        """Return the next row id of a table."""
        self._last_id[kind] += 1
        return self._last_id[kind]

    def new_uuid(self) -> str:
        """Return an opaque id, drawn from the seed."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def account_named(self, username: str) -> Account | None:
        """Return the account with exactly this name, deleted ones included."""
        return next((a for a in self.accounts.values() if a.username == username), None)

    def character_named(self, name: str, world_id: str) -> Character | None:
        """Return the character with exactly this name in a world, ownerless ones included."""
        return next(
            (c for c in self.characters.values() if c.name == name and c.world_id == world_id),
            None,
        )

    def characters_of(self, account: Account, world_id: str) -> list[Character]:
        """Return what an account owns in a world, oldest first."""
        return [
            c
            for c in self.characters.values()
            if c.account_id == account.id and c.world_id == world_id and c.tombstoned_at is None
        ]

    def live_sessions(self) -> Iterator[Session]:
        """Yield the sessions that have not expired."""
        now = self.clock.now()
        return (s for s in self.sessions.values() if s.expires_at is None or s.expires_at > now)

    def online(self, world_id: str) -> list[Character]:
        """Return the characters of a world that a live session plays, each once."""
        ids = dict.fromkeys(s.character_id for s in self.live_sessions() if s.character_id)
        found = (self.characters.get(i) for i in ids)
        return [c for c in found if c is not None and c.world_id == world_id]

    def end_sessions(self, wanted: Callable[[Session], bool]) -> int:
        """Delete sessions; returns how many there were."""
        doomed = [s.id for s in self.sessions.values() if wanted(s)]
        for session_id in doomed:
            del self.sessions[session_id]
        return len(doomed)

    def purge(self, at: float) -> None:
        """Delete visitors whose day is over, with their sessions; their characters stay."""
        over = {a.id for a in self.accounts.values() if a.expires_at and a.expires_at <= at}
        self.end_sessions(lambda session: session.account_id in over)
        for account_id in over:
            del self.accounts[account_id]
        for character in self.characters.values():
            if character.account_id in over:
                character.account_id = None

    def housekeeping(self) -> None:
        """Purge as often as the server's uptime asks for it: every 24 hours."""
        while self.next_purge <= self.clock.now():
            self.purge(self.next_purge)
            self.next_purge += DAY


def stamp(at: float | None) -> str | None:
    """Return a time as the database writes it: UTC without a zone."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def stamp_iso(at: float) -> str:
    """Return a time as policies and axes write it: ISO with a zone."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def character_row(character: Character) -> JsonObject:
    """Return a character as its owner sees it in lists."""
    return {
        "id": character.id,
        "name": character.name,
        "world_id": character.world_id,
        "is_guest_created": character.by_guest,
        "created_at": stamp(character.created_at),
        "updated_at": stamp(character.updated_at),
    }
