"""A gateway in the simulated arena, over real sockets, with one clock for both that a test turns."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import anyio
from pydantic import JsonValue

from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.calls import ToolResult
from bridge.gateway.gateway import Gateway
from bridge.gateway.player import Player
from bridge.journal import Journal
from bridge.protocol.verdict import Done, Outcome, Refused, Unknown
from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.world import Moltforsale
from bridge.sandbox.server import running
from bridge.server.present import Presenter
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from tests.waiting import moment

GAME = "moltforsale"
SPEC = load_game(spec_folder(), GAME)
US = "demo_bot"
ACT = "POST /api/v1/agents/act"
POLL = "POST /api/v1/agents/poll"

Result = Mapping[str, JsonValue]


def is_secret(_game: str, slot: str) -> bool:
    return SPEC.credentials[slot].secret


@dataclass
class Arena:
    world: Moltforsale
    clock: HandClock
    url: str
    gateway: Gateway = field(init=False)
    skew: float = 0.0
    """Seconds by which our clock is ahead of the game's."""

    def now(self) -> float:
        return self.clock.now() + self.skew

    async def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await moment()

    async def until_polled(self, times: int) -> None:
        """Wait until the world was polled so many times."""
        with anyio.fail_after(20):
            while self.world.requests[POLL] < times:
                await moment()

    async def answer(self, command: str, **arguments: JsonValue) -> ToolResult:
        name = command if command.startswith("bridge_") else f"{GAME}_{command}"
        return await self.gateway.call(name, arguments)

    async def call(self, command: str, **arguments: JsonValue) -> Outcome:
        return (await self.answer(command, **arguments)).outcome

    async def done(self, command: str, **arguments: JsonValue) -> Result:
        outcome = await self.call(command, **arguments)
        assert isinstance(outcome, Done), outcome
        return cast("Result", outcome.result)

    async def refused(self, command: str, **arguments: JsonValue) -> Refused:
        outcome = await self.call(command, **arguments)
        assert isinstance(outcome, Refused), outcome
        return outcome

    async def unknown(self, command: str, **arguments: JsonValue) -> Unknown:
        outcome = await self.call(command, **arguments)
        assert isinstance(outcome, Unknown), outcome
        return outcome

    async def read(self, command: str, **arguments: JsonValue) -> str:
        """What a model reads."""
        presenter = Presenter(store=self.gateway.store, now=self.now)
        return presenter.text(await self.answer(command, **arguments))

    async def register(self) -> None:
        await self.done("register", handle=US, display_name="Demo", bio="I am new here.")

    async def events(self, feed: str) -> list[Result]:
        page = await self.gateway.feeds.read(GAME, "default", feed, after=0, limit=500)
        return [{"kind": event.kind, **event.data} for event in page.events]

    @property
    def player(self) -> Player:
        return self.gateway.player(GAME, "default")


@asynccontextmanager
async def entered(
    folder: Path,
    *,
    world: Moltforsale | None = None,
    url: str | None = None,
    vault: MemoryVault | None = None,
    schemers: int = 0,
    **chosen: object,
) -> AsyncIterator[Arena]:
    """A running arena, or the one at the URL, and a running gateway that knows where it is."""
    if world is None:
        world = Moltforsale(clock=HandClock(), schemers=schemers)
    if url is None:
        async with (
            running([world]) as address,
            _gateway(folder, world, address, vault, chosen) as arena,
        ):
            yield arena
    else:
        async with _gateway(folder, world, url, vault, chosen) as arena:
            yield arena


@asynccontextmanager
async def _gateway(
    folder: Path,
    world: Moltforsale,
    url: str,
    vault: MemoryVault | None,
    chosen: Mapping[str, object],
) -> AsyncIterator[Arena]:
    clock = world.clock
    assert isinstance(clock, HandClock)
    arena = Arena(world, clock, url)
    settings = Settings(
        urls={GAME: f"{url}/{GAME}"},
        state_folder=folder,
        **chosen,  # type: ignore[arg-type]  # any field of the settings
    )
    journal = Journal(folder / "journal.db")
    arena.gateway = Gateway(
        {GAME: SPEC},
        settings,
        vault or MemoryVault(Secrets(is_secret)),
        journal,
        now=arena.now,
        sleep=arena.wait,
    )
    async with journal, arena.gateway.running():
        yield arena
