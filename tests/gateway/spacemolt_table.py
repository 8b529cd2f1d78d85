"""A gateway at the table of a simulated SpaceMolt, over real sockets."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import anyio
from pydantic import JsonValue

from bridge.credentials import MemoryVault, Secrets, Vault
from bridge.gateway.gateway import Gateway
from bridge.gateway.player import Player
from bridge.journal import Journal
from bridge.protocol.verdict import Done, Outcome
from bridge.sandbox.server import running
from bridge.sandbox.spacemolt.world import SpaceMolt
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from tests.waiting import PATIENCE_SECONDS

SPEC = load_game(spec_folder(), "spacemolt")
TICK_SECONDS = 0.1


@dataclass
class Table:
    world: SpaceMolt
    gateway: Gateway
    url: str
    feeds_read: dict[str, int] = field(default_factory=dict)

    async def call(self, command: str, **arguments: JsonValue) -> Outcome:
        name = command if command.startswith("bridge_") else f"spacemolt_{command}"
        return (await self.gateway.call(name, arguments)).outcome

    async def done(self, command: str, **arguments: JsonValue) -> Mapping[str, JsonValue]:
        outcome = await self.call(command, **arguments)
        assert isinstance(outcome, Done), outcome
        return cast("Mapping[str, JsonValue]", outcome.result)

    async def register(self, username: str = "Tester") -> None:
        await self.done(
            "register", username=username, empire="solarian", registration_code="sandbox"
        )

    async def kinds(self, feed: str = "all") -> list[str]:
        page = await self.gateway.feeds.read("spacemolt", "default", feed, after=0, limit=500)
        return [event.kind for event in page.events]

    async def until_kind(self, kind: str, feed: str = "all") -> Mapping[str, JsonValue]:
        with anyio.fail_after(PATIENCE_SECONDS):
            after = 0
            while True:
                page = await self.gateway.feeds.read(
                    "spacemolt", "default", feed, after=after, limit=500
                )
                for event in page.events:
                    if event.kind == kind:
                        return event.data
                after = page.cursor
                targets = [("spacemolt", "default", feed)]
                await self.gateway.feeds.wait(targets, after=after, timeout=5)

    @property
    def player(self) -> Player:
        return self.gateway.player("spacemolt", "default")


def is_secret(_game: str, slot: str) -> bool:
    return SPEC.credentials[slot].secret


@asynccontextmanager
async def laid(
    folder: Path, *, tick: float = TICK_SECONDS, vault: Vault | None = None, **chosen: object
) -> AsyncIterator[Table]:
    """A running world and a running gateway that knows where it is."""
    world = SpaceMolt(tick_seconds=tick, limits=False, lively=False)
    async with running([world]) as url, Journal(folder / "journal.db") as journal:
        settings = Settings(
            urls={"spacemolt": f"{url}/spacemolt"},
            unpaced=frozenset({"spacemolt"}),
            state_folder=folder,
            **chosen,  # type: ignore[arg-type]  # any field of the settings
        )
        gateway = Gateway(
            {"spacemolt": SPEC},
            settings,
            vault or MemoryVault(Secrets(is_secret)),
            journal,
        )
        async with gateway.running():
            yield Table(world, gateway, url)
