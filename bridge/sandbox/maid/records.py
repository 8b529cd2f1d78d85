"""What lives in the simulated MAID: accounts, characters, places, creatures, things, staff.

Times are seconds since the epoch; ``stamp`` writes them as the game does.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bridge.sandbox.maid.wire import JsonObject

ROLES = {"VIEWER": 10, "MODERATOR": 20, "BUILDER": 30, "ADMIN": 40, "SUPERADMIN": 50}


def stamp(seconds: float) -> str:
    """Return a time as the game writes it: ISO 8601, whole seconds, UTC as Z."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(seconds: float | None) -> str | None:
    """Return a time as the game writes it, or None when there is none."""
    return None if seconds is None else stamp(seconds)


@dataclass(slots=True)
class Lock:
    """Counts bad logins in a row and closes the account for a while after five."""

    attempts: int = 0
    until: float | None = None

    def is_closed(self, now: float) -> bool:
        """Say whether nobody may log in now; a lock that has run out is forgotten."""
        if self.until is not None and now >= self.until:
            self.open()
        return self.until is not None

    def note_failure(self, now: float) -> None:
        """Count a bad login."""
        self.attempts += 1
        if self.attempts >= 5:
            self.until = now + 900

    def open(self) -> None:
        """Forget every bad login."""
        self.attempts = 0
        self.until = None


@dataclass(slots=True, kw_only=True)
class Character:
    """A player's character."""

    id: str
    name: str
    calling: str
    level: int = 1
    room_id: str
    vitals: dict[str, int] = field(default_factory=lambda: {"hp": 100, "mp": 50})

    def brief(self) -> JsonObject:
        """Return the character as lists show it."""
        return {"id": self.id, "name": self.name, "class": self.calling, "level": self.level}


@dataclass(slots=True, kw_only=True)
class Account:
    """A player's account."""

    id: str
    username: str
    email: str
    password: str
    role: str = "user"
    created_at: float
    last_login: float | None = None
    is_online: bool = False
    suspended: bool = False
    banned: bool = False
    banned_until: float | None = None
    lock: Lock = field(default_factory=Lock)
    characters: list[Character] = field(default_factory=list)
    settings: JsonObject = field(default_factory=dict)
    metadata: JsonObject = field(default_factory=dict)
    gold: int = 500

    def is_banned(self, now: float) -> bool:
        """Say whether the ban holds now; a ban that has run out is lifted."""
        if self.banned and self.banned_until is not None and now >= self.banned_until:
            self.lift_ban()
        return self.banned

    def lift_ban(self) -> None:
        """Forget the ban."""
        self.banned = False
        self.banned_until = None

    def status(self, now: float) -> str:
        """Return active, banned or suspended."""
        if self.is_banned(now):
            return "banned"
        return "suspended" if self.suspended else "active"

    def brief(self, now: float) -> JsonObject:
        """Return the account as lists show it."""
        return {
            "id": self.id,
            "username": self.username,
            "status": self.status(now),
            "role": self.role,
            "is_online": self.is_online,
            "created_at": stamp(self.created_at),
            "last_login": stamp_or_none(self.last_login),
        }


@dataclass(slots=True, kw_only=True)
class Npc:
    """A creature that nobody plays."""

    id: str
    name: str
    kind: str
    description: str
    room_id: str
    is_hostile: bool
    hp: int = 30


@dataclass(slots=True, kw_only=True)
class Item:
    """A thing that lies on the ground."""

    id: str
    name: str
    kind: str
    description: str
    room_id: str
    is_takeable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """A way out of a room."""

    direction: str
    destination_id: str
    is_locked: bool = False


@dataclass(slots=True, kw_only=True)
class Room:
    """A place."""

    id: str
    name: str
    description: str
    area_id: str
    properties: JsonObject
    exits: list[Exit] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A region of the world."""

    id: str
    name: str
    description: str


@dataclass(slots=True, kw_only=True)
class Staff:
    """A user of the admin panel."""

    id: str
    username: str
    password: str
    role: str
    created_at: float
    last_login: float | None = None
    is_active: bool = True
    lock: Lock = field(default_factory=Lock)

    @property
    def rank(self) -> int:
        """The documented value of the role; a higher one includes the lower ones."""
        return ROLES[self.role]

    def shown(self) -> JsonObject:
        """Return the user without the password."""
        return {
            "id": self.id,
            "username": self.username,
            "role": self.role,
            "is_active": self.is_active,
            "created_at": stamp(self.created_at),
            "last_login": stamp_or_none(self.last_login),
        }
