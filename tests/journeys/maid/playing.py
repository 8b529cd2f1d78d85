"""A gateway at the table of a simulated MAID, over real sockets."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import anyio
from pydantic import JsonValue

from bridge.credentials import MemoryVault, Secrets
from bridge.errors import CredentialError
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.protocol.events import GameEvent
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.world import Maid
from bridge.sandbox.server import running
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import GameSpec
from tests.waiting import PATIENCE_SECONDS, moment

SPEC = load_game(spec_folder(), "maid")
ALLOWED = Settings(allow=("maid:admin",))
EVERYTHING = {
    "api_key": demo.ROOMY,
    "username": demo.PLAYER1,
    "password": demo.PLAYER1_PASSWORD,
    "admin_username": "superadmin",
    "admin_password": demo.staff_password("superadmin"),
}


def quiet_world(clock: WallClock | HandClock | None = None) -> Maid:
    """Return a MAID in which nothing happens by itself."""
    return Maid(clock=clock, quiet=True)


class LockableVault(MemoryVault):
    """A vault that a test can lock."""

    is_locked = False

    async def get(self, game: str, account: str, slot: str) -> str | None:
        if self.is_locked:
            raise CredentialError("The keyring is locked.")
        return await super().get(game, account, slot)


@dataclass
class Table:
    world: Maid
    gateway: Gateway
    vault: LockableVault
    url: str
    pauses: list[float] = field(default_factory=list)
    """How long the gateway wanted to wait, each time; it never really did."""

    async def call(self, command: str, **arguments: JsonValue) -> Outcome:
        name = command if command.startswith("bridge_") else f"maid_{command}"
        with anyio.fail_after(PATIENCE_SECONDS):
            return (await self.gateway.call(name, arguments)).outcome

    async def done(self, command: str, **arguments: JsonValue) -> Mapping[str, JsonValue]:
        outcome = await self.call(command, **arguments)
        assert isinstance(outcome, Done), outcome
        return cast("Mapping[str, JsonValue]", outcome.result)

    async def refused(self, command: str, **arguments: JsonValue) -> Refused:
        outcome = await self.call(command, **arguments)
        assert isinstance(outcome, Refused), outcome
        return outcome

    async def events(self, *kinds: str, after: int = 0) -> Sequence[GameEvent]:
        """Return what is in the journal, of these kinds if any are named."""
        return await self.gateway.journal.after(
            "maid", "default", kinds=kinds or ("*",), seq=after, limit=1_000
        )

    async def until(self, kind: str, after: int = 0) -> GameEvent:
        """Wait for an event of a kind after a seq and return it."""
        assert await self.gateway.journal.wait(
            "maid", "default", kinds=(kind,), seq=after, seconds=PATIENCE_SECONDS
        )
        return (await self.events(kind, after=after))[0]

    async def until_listening(self) -> None:
        """Wait until the game has acknowledged what is listened to."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while "open" not in self.listening().values():
                await moment()

    def listening(self) -> Mapping[str, str]:
        return self.gateway._listening.states("maid", "default")

    def hold(self, account: str = "default", **slots: str) -> None:
        for slot, value in slots.items():
            self.vault.hold("maid", account, slot, value)


@asynccontextmanager
async def laid(
    state: Path,
    *,
    world: Maid | None = None,
    spec: GameSpec = SPEC,
    keys: Mapping[str, str] = EVERYTHING,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    settings: Settings = ALLOWED,
    beside: Table | None = None,
) -> AsyncIterator[Table]:
    """Play as ``default`` with these credentials; unless told how, waiting turns the clock.

    Whoever plays ``beside`` somebody is another process with the same game.
    """
    world = beside.world if beside else world or quiet_world()
    secrets = Secrets(lambda _, slot: spec.credentials[slot].secret)
    vault, pauses = LockableVault(secrets), list[float]()

    async def turn(seconds: float) -> None:
        pauses.append(seconds)
        world.clock.advance(seconds)
        await moment()

    async with AsyncExitStack() as stack:
        url = beside.url if beside else await stack.enter_async_context(running([world]))
        journal = await stack.enter_async_context(Journal(state / "events.sqlite3"))
        chosen = replace(settings, urls={"maid": f"{url}/maid"}, state_folder=state)
        gateway = Gateway(
            specs={"maid": spec},
            settings=chosen,
            vault=vault,
            journal=journal,
            now=world.clock.now,
            sleep=sleep or turn,
        )
        table = Table(world, gateway, vault, url, pauses)
        table.hold(**keys)
        await stack.enter_async_context(gateway.running())
        yield table
