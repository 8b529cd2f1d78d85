"""A gateway in a simulated PipeWorks, over real sockets."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from pydantic import JsonValue

from bridge.credentials import MemoryVault, Secrets
from bridge.errors import CredentialError
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.keyring_vault import KeyringVault
from bridge.protocol.events import GameEvent
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.sandbox.clock import HandClock
from bridge.sandbox.pipeworks.exchange import Answer, Call
from bridge.sandbox.pipeworks.world import STEWARD, PipeWorks
from bridge.sandbox.server import running
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from tests.waiting import PATIENCE_SECONDS, moment

SPEC = load_game(spec_folder(), "pipeworks")
PASSWORD = "tin whistle in fog"
POLL_SECONDS = 3.0
"""Pauses from here on are those between polls, which a test lets pass one by one."""


class Mud(PipeWorks):
    """A PipeWorks that counts what it is asked, refused or not."""

    def __init__(self, *, one_session: bool = True, sliding: bool = True) -> None:
        super().__init__(
            clock=HandClock(), residents=False, one_session=one_session, sliding=sliding
        )
        self.asked: Counter[str] = Counter()
        self.lines: list[str] = []
        """The bodies of all commands, as they came."""

    def answer(self, call: Call) -> Answer:
        self.asked[call.path.strip("/").partition("/")[0]] += 1
        if call.path == "/command":
            self.lines.append(call.body.decode())
        return super().answer(call)

    def account(self, username: str = "ann", *characters: str, world_id: str = "") -> None:
        """Make a lasting account with these characters."""
        self.create_account(username, PASSWORD)
        for name in characters:
            if world_id:
                self.create_character(username, name, world_id)
            else:
                self.create_character(username, name)

    def sessions_of(self, username: str) -> int:
        account = self.mud.account_named(username)
        return sum(
            account is not None and session.account_id == account.id
            for session in self.mud.sessions.values()
        )


class Environment(MemoryVault):
    """A vault that gives what the environment sets, and can store nothing."""

    async def put(self, game: str, account: str, slot: str, value: str) -> None:
        raise CredentialError(
            f"No keyring here keeps the {len(value)} characters of {game} {account} {slot}."
        )

    async def forget(self, game: str, account: str, slot: str) -> None:
        raise CredentialError(f"No keyring here keeps {slot} of {account} in {game}.")


def environment() -> Environment:
    return Environment(Secrets(lambda _, slot: SPEC.credentials[slot].secret))


@dataclass
class Pace:
    """Lets time pass at once, but waits between polls until the test goes on."""

    world: Mud
    pauses: list[float] = field(default_factory=list)
    _waiting: int = 0
    _next: anyio.Event = field(default_factory=anyio.Event)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.world.clock.advance(seconds)
        if seconds < POLL_SECONDS:
            await moment()
            return
        self._waiting += 1
        await self._next.wait()

    async def polled(self, times: int = 1) -> None:
        """Wait until so many further polls are over: the first, or another one."""
        with anyio.fail_after(PATIENCE_SECONDS):
            for _ in range(times):
                before = self._waiting
                self._next.set()
                self._next = anyio.Event()
                while self._waiting == before:
                    await moment()


@dataclass
class Table:
    """One process of the user: a gateway with its vault."""

    world: Mud
    gateway: Gateway
    vault: MemoryVault | KeyringVault
    pace: Pace

    async def call(self, command: str, /, **arguments: JsonValue) -> Outcome:
        name = command if command.startswith("bridge_") else f"pipeworks_{command}"
        with anyio.fail_after(PATIENCE_SECONDS):
            return (await self.gateway.call(name, arguments)).outcome

    async def done(self, command: str, /, **arguments: JsonValue) -> Done:
        outcome = await self.call(command, **arguments)
        assert isinstance(outcome, Done), outcome
        return outcome

    async def refused(self, command: str, /, **arguments: JsonValue) -> Refused:
        outcome = await self.call(command, **arguments)
        assert isinstance(outcome, Refused), outcome
        return outcome

    async def kept(self, slot: str) -> str | None:
        return await self.vault.get("pipeworks", "default", slot)

    async def events(self, *kinds: str) -> Sequence[GameEvent]:
        return await self.gateway.journal.after(
            "pipeworks", "default", kinds=kinds or ("*",), seq=0, limit=1_000
        )

    async def lines(self) -> list[JsonValue]:
        return [event.data["line"] for event in await self.events("chat")]


@asynccontextmanager
async def served(world: Mud) -> AsyncIterator[str]:
    """Serve a world; yields its address."""
    async with running([world]) as url:
        yield f"{url}/pipeworks"


@asynccontextmanager
async def sat_down(
    world: Mud,
    url: str,
    state: Path,
    *,
    vault: MemoryVault | KeyringVault | None = None,
    allow: tuple[str, ...] = (),
    budget: float = 45.0,
    keys: Mapping[str, str] | None = None,
) -> AsyncIterator[Table]:
    """Start a gateway with these credentials."""
    vault = vault or MemoryVault(Secrets(lambda _, slot: SPEC.credentials[slot].secret))
    for slot, value in (keys or {}).items():
        vault.hold("pipeworks", "default", slot, value)
    settings = Settings(
        urls={"pipeworks": url}, state_folder=state, allow=allow, call_budget=budget
    )
    async with Journal(state / "events.sqlite3", poll_interval=0.02) as journal:
        pace = Pace(world)
        gateway = Gateway(
            specs={"pipeworks": SPEC},
            settings=settings,
            vault=vault,
            journal=journal,
            now=world.clock.now,
            sleep=pace.sleep,
        )
        async with gateway.running():
            yield Table(world, gateway, vault, pace)


@asynccontextmanager
async def laid(
    state: Path,
    *,
    world: Mud | None = None,
    allow: tuple[str, ...] = (),
    budget: float = 45.0,
    keys: Mapping[str, str] | None = None,
) -> AsyncIterator[Table]:
    """Serve a world and sit down in it."""
    world = world or Mud()
    async with (
        served(world) as url,
        sat_down(world, url, state, allow=allow, budget=budget, keys=keys) as table,
    ):
        yield table


def steward() -> dict[str, str]:
    return {"username": STEWARD[0], "password": STEWARD[1]}


def player(username: str = "ann", **more: str) -> dict[str, str]:
    return {"username": username, "password": PASSWORD, **more}


def rows(done: Done) -> list[dict[str, object]]:
    """Return the objects of a list that a call has brought."""
    assert isinstance(done.result, list)
    return [dict(row) for row in done.result if isinstance(row, dict)]
