"""A gateway at the table of a simulated SpaceMolt, over real sockets, by any of its ways."""

from collections.abc import AsyncIterator, Mapping, Sequence
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
from bridge.protocol.events import GameEvent
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.sandbox.server import running
from bridge.sandbox.spacemolt import accounts
from bridge.sandbox.spacemolt.shapes import Arguments
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from tests.journeys.spacemolt.watched import Watched
from tests.waiting import PATIENCE_SECONDS, moment

SPEC = load_game(spec_folder(), "spacemolt")
WAYS = ("websocket", "http_v2", "http_v1")
BY_REQUEST = ("http_v2", "http_v1")
DEFAULT = "default"
TICK_SECONDS = 0.03
REAL_TICK_SECONDS = 10.0


@dataclass
class Table:
    world: Watched
    gateway: Gateway
    vault: MemoryVault
    url: str
    pauses: list[float] = field(default_factory=list)
    """How long the gateway wanted to wait, each time, where it does not really wait."""

    async def answer(self, command: str, **arguments: JsonValue) -> ToolResult:
        name = command if command.startswith("bridge_") else f"spacemolt_{command}"
        with anyio.fail_after(PATIENCE_SECONDS):
            return await self.gateway.call(name, arguments)

    async def call(self, command: str, **arguments: JsonValue) -> Outcome:
        return (await self.answer(command, **arguments)).outcome

    async def done(self, command: str, **arguments: JsonValue) -> Mapping[str, JsonValue]:
        outcome = await self.call(command, **arguments)
        assert isinstance(outcome, Done), outcome
        return cast("Mapping[str, JsonValue]", outcome.result)

    async def refused(self, command: str, **arguments: JsonValue) -> Refused:
        outcome = await self.call(command, **arguments)
        assert isinstance(outcome, Refused), outcome
        return outcome

    async def register(self, username: str = "Tester", **account: JsonValue) -> None:
        await self.done(
            "register",
            username=username,
            empire="solarian",
            registration_code="sandbox",
            **account,
        )

    def settle_in(self, username: str = "Tester") -> None:
        """Make an account in the world itself, and keep its password, without any request."""
        hold(self.world, self.vault, username)

    async def events(
        self, *kinds: str, account: str = DEFAULT, after: int = 0
    ) -> Sequence[GameEvent]:
        """Return what is in the journal, of these kinds if any are named."""
        return await self.gateway.journal.after(
            "spacemolt", account, kinds=kinds or ("*",), seq=after, limit=1_000
        )

    async def until(self, kind: str, account: str = DEFAULT) -> GameEvent:
        """Wait for an event of a kind and return the first."""
        assert await self.gateway.journal.wait(
            "spacemolt", account, kinds=(kind,), seq=0, seconds=PATIENCE_SECONDS
        )
        return (await self.events(kind, account=account))[0]

    @property
    def player(self) -> Player:
        return self.gateway.player("spacemolt", DEFAULT)


def hold(world: Watched, vault: MemoryVault, username: str, account: str = DEFAULT) -> None:
    """Make a player in the world itself and keep the password, without any request."""
    player = accounts.register(
        world.game.universe,
        Arguments({"username": username, "empire": "solarian", "registration_code": "sandbox"}),
    )
    vault.hold("spacemolt", account, "username", username)
    vault.hold("spacemolt", account, "password", player.password)


def new_vault() -> MemoryVault:
    return MemoryVault(Secrets(_is_secret))


def _is_secret(game: str, slot: str) -> bool:
    return game == "spacemolt" and SPEC.credentials[slot].secret


@asynccontextmanager
async def sitting(
    world: Watched,
    url: str,
    folder: Path,
    *,
    by_hand: bool = False,
    vault: MemoryVault | None = None,
    **chosen: object,
) -> AsyncIterator[Table]:
    """A gateway of its own at a world that runs already.

    ``by_hand`` makes waiting turn the world's clock in place of waiting, and ten seconds a tick.
    """
    vault, pauses = vault or new_vault(), list[float]()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        world.clock.advance(seconds)
        if seconds >= REAL_TICK_SECONDS:
            world.tick()
        await moment()

    settings = Settings(
        urls={"spacemolt": f"{url}/spacemolt"},
        state_folder=folder,
        **{"unpaced": frozenset({"spacemolt"}), **chosen},  # type: ignore[arg-type]  # settings of any type
    )
    async with Journal(folder / "events.sqlite3") as journal:
        gateway = Gateway(
            specs={"spacemolt": SPEC},
            settings=settings,
            vault=vault,
            journal=journal,
            now=world.clock.now,
            sleep=sleep if by_hand else anyio.sleep,
        )
        async with gateway.running():
            yield Table(world, gateway, vault, url, pauses)


@asynccontextmanager
async def laid(
    folder: Path,
    *,
    world: Watched | None = None,
    way: str | None = None,
    by_hand: bool = False,
    **chosen: object,
) -> AsyncIterator[Table]:
    """A running world and one gateway at it, over one way if one is named."""
    world = world or Watched(tick_seconds=TICK_SECONDS)
    if way is not None:
        chosen["via"] = {"spacemolt": way}
    async with (
        running([world]) as url,
        sitting(world, url, folder, by_hand=by_hand, vault=None, **chosen) as table,
    ):
        yield table
