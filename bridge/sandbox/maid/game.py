"""Everything the simulated MAID knows, in one place; its rules are in ``api``, ``events``, ``life``."""

import random
import uuid
from collections import Counter

from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.faults import Faults
from bridge.sandbox.maid import demo, population
from bridge.sandbox.maid.events import Hub
from bridge.sandbox.maid.keys import KeyRing
from bridge.sandbox.maid.records import Account, Character, Item, Npc, Room, Staff
from bridge.sandbox.maid.tokens import Tokens
from bridge.sandbox.maid.wire import JsonObject

VERSION = "0.1.0"
TICKS_PER_SECOND = 4


class Game:
    """The state of one simulated MAID, a day after it was started."""

    def __init__(self, *, clock: WallClock | HandClock, faults: Faults, seed: int) -> None:
        now = clock.now()
        self.clock = clock
        self.faults = faults
        self.executed: Counter[str] = Counter()
        self.rng = random.Random(seed)
        self.started_at = now - 86_400
        self.ticks = 86_400 * TICKS_PER_SECOND
        self.last_tick_at = now
        self.areas = population.areas()
        self.rooms: dict[str, Room] = population.rooms()
        self.npcs: dict[str, Npc] = population.npcs(self.rng, self.rooms)
        self.items: dict[str, Item] = population.items(self.rng, self.rooms)
        self.accounts: dict[str, Account] = population.accounts(self.rng, self.rooms, now)
        self.staff: dict[str, Staff] = {user.id: user for user in demo.staff(now)}
        self.keys = KeyRing(demo.api_keys(now))
        self.tokens = Tokens(clock=clock, faults=faults, secret=f"maid sandbox {seed}".encode())
        self.hub = Hub(clock=clock, faults=faults, channels=self.channels, state=self.state)
        self.pricing: dict[tuple[str, str], tuple[float, float]] = {
            ("anthropic", "claude-sonnet-4-20250514"): (0.003, 0.015)
        }
        self.shutdown_at: float | None = None
        self.happened: Counter[str] = Counter()
        self.commands: Counter[str] = Counter({"look": 15_000, "north": 9_000, "say": 4_000})

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return self.clock.now()

    def new_id(self) -> str:
        """Return an id that nothing has yet."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def online(self) -> list[Account]:
        """Return the accounts that are playing now."""
        return [account for account in self.accounts.values() if account.is_online]

    def account_named(self, username: str) -> Account | None:
        """Return the account with this user name."""
        accounts = self.accounts.values()
        return next((one for one in accounts if one.username == username), None)

    def staff_named(self, username: str) -> Staff | None:
        """Return the admin user with this user name."""
        return next((user for user in self.staff.values() if user.username == username), None)

    def hero(self) -> Character:
        """Return the character whose state the GMCP channels show: the first one of player1."""
        account = self.account_named(demo.PLAYER1)
        assert account is not None
        return account.characters[0]

    def channels(self) -> dict[str, JsonObject]:
        """Return the present value of every GMCP package."""
        hero = self.hero()
        return {
            "Char.Vitals": dict(hero.vitals),
            "Room.Info": {"name": self.rooms[hero.room_id].name},
        }

    def state(self) -> JsonObject:
        """Return the snapshot that a listener is sent when it comes back."""
        hero = self.hero()
        room = self.rooms[hero.room_id]
        return {
            "character": {**hero.vitals, "location": room.name},
            "room": {"name": room.name, "exits": [way.direction for way in room.exits]},
            "active_effects": [],
        }

    def end_session(self, account: Account, reason: str) -> None:
        """Take a player out of the world, and tell listeners."""
        account.is_online = False
        data = {"session_id": session_id(account), "player_id": account.id, "reason": reason}
        self.hub.emit("player_logout", data)


def session_id(account: Account) -> str:
    """Return the id of an account's connection to the game."""
    return f"session-{account.id[:8]}"
