"""Every command of every game is called, and no secret comes out anywhere.

What is secret is not asked of the bridge: a relay between it and the games notes every value that
is said where games and clients say secrets, and the games themselves tell the passwords they know.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import pytest
from mcp import Client, MCPError
from pydantic import JsonValue

from bridge.cli.assembly import _Secrecy
from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.protocol.events import GameEvent
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.world import Maid
from bridge.sandbox.moltforsale.world import Moltforsale
from bridge.sandbox.pipeworks.world import STEWARD, PipeWorks
from bridge.sandbox.server import running
from bridge.sandbox.spacemolt.world import SpaceMolt
from bridge.server.app import build_server
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from tests.canary.faults import FAULTS
from tests.canary.relay import Record, relay
from tests.canary.samples import calls
from tests.faults.hostile_server import logging_to
from tests.waiting import moment

pytestmark = pytest.mark.anyio

GAMES = ("maid", "moltforsale", "pipeworks", "spacemolt")
SPECS = {game: load_game(spec_folder(), game) for game in GAMES}
LEAST_SECRETS = 30
LEAST_DONE = 130
"""Fewer secrets, or commands that were carried out, would mean that nothing was really played."""
GUEST = "guest"
"""A second account in PipeWorks, since the steward has no character."""
FIRST = {
    "moltforsale_register": "default",
    "pipeworks_register_guest": GUEST,
    "spacemolt_register": "default",
}
"""What has to be done before anything else, and by whom."""
CANARIES = {
    ("maid", "created_api_key"): "canary-created-key-1",
    ("maid", "created_admin_password"): "canary-created-password-2",
    ("pipeworks", "managed_password"): "canary-managed-password-3",
    ("pipeworks", "next_password"): "canary-next-password-4",
    ("spacemolt", "website_token"): "canary-website-token-5",
}
"""What stands in slots that no simulated game has filled yet."""
WORDS = {"sandbox", "secret"}
"""What a model types, and a password of the simulated MAID that is the word we put in its place."""
SAMPLES = {
    "maid": ("whoami", "list_rooms", "create_character", "list_admin_users"),
    "moltforsale": ("poll", "post", "agent"),
    "pipeworks": ("look", "say", "list_users", "change_password"),
    "spacemolt": ("get_status", "undock", "dock", "captains_log_add"),
}
"""What is called while something goes wrong: queries and acts of every way to be known."""


@dataclass
class Stage:
    """The games, the bridge, a host, and everything that came out."""

    worlds: dict[str, Maid | Moltforsale | PipeWorks | SpaceMolt]
    gateway: Gateway
    host: Client
    record: Record
    logged: StringIO
    folder: Path
    said: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    """The tools that were carried out at least once."""

    async def call(self, tool: str, arguments: dict[str, JsonValue]) -> None:
        wrapped: dict[str, JsonValue] = {"tool": tool, "arguments": arguments}
        result = await self.host.call_tool("bridge_call", wrapped)
        if not result.is_error:
            self.done.add(tool)
        self.said.append(f"{tool}: {result.model_dump_json()}")

    async def own(self, tool: str, **arguments: JsonValue) -> None:
        self.said.append((await self.host.call_tool(tool, arguments)).model_dump_json())

    async def read_everything(self) -> None:
        for resource in (await self.host.list_resources()).resources:
            uri = str(resource.uri)
            try:
                self.said.append((await self.host.read_resource(uri)).model_dump_json())
            except MCPError as error:
                self.said.append(str(error))
        for prompt in (await self.host.list_prompts()).prompts:
            self.said.append((await self.host.get_prompt(prompt.name)).model_dump_json())
        for number in range(1, 40):
            await self.own("bridge_result", id=f"r{number}", search="password")
        await self.own("bridge_status")
        await self.own("bridge_events", limit=100, after=0)
        await self.own("bridge_find", words="password")

    def secrets(self) -> set[str]:
        """Return every value that must not have come out."""
        known = self.record.secrets() | set(CANARIES.values())
        space, mud, arena = (
            self.worlds[each] for each in ("spacemolt", "pipeworks", "moltforsale")
        )
        assert isinstance(space, SpaceMolt)
        assert isinstance(mud, PipeWorks)
        assert isinstance(arena, Moltforsale)
        known |= {player.password for player in space.game.universe.players.values()}
        known |= set(mud.mud.sessions)
        known |= {demo.FULL, demo.PLAYER1_PASSWORD, demo.staff_password("superadmin"), STEWARD[1]}
        return {each for each in known if each and each not in WORDS}

    def outputs(self) -> Iterator[tuple[str, str]]:
        """Yield everything that came out, with a name for each place."""
        for said in self.said:
            yield "a result", said
        yield "the log", self.logged.getvalue()
        for path in self.folder.rglob("*"):
            if path.is_file():
                yield str(path.name), path.read_bytes().decode("latin-1")


@asynccontextmanager
async def stage(
    folder: Path, *, via: str | None = None, budget: float = 5.0
) -> AsyncIterator[Stage]:
    """Everything in its place: the games behind a relay, the bridge, and a host in memory."""
    worlds: dict[str, Maid | Moltforsale | PipeWorks | SpaceMolt] = {
        "maid": Maid(),
        "moltforsale": Moltforsale(),
        "pipeworks": PipeWorks(),
        "spacemolt": SpaceMolt(tick_seconds=0.02, limits=False, lively=False),
    }
    secrets = Secrets(is_secret=_Secrecy(SPECS))
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(running(list(worlds.values())))
        port, record = await stack.enter_async_context(relay(urlsplit(base).port or 0))
        settings = Settings(
            games=GAMES,
            allow=GAMES,
            structured=True,
            urls={game: f"http://127.0.0.1:{port}/{game}" for game in GAMES},
            via={} if via is None else {"spacemolt": via},
            accounts={"pipeworks": ("default", GUEST)},
            unpaced=frozenset(GAMES),
            state_folder=folder,
            call_budget=budget,
        )
        journal = await stack.enter_async_context(Journal(folder / "events.sqlite3"))
        gateway = Gateway(SPECS, settings, vault_of(secrets), journal)
        logged = stack.enter_context(logging_to(secrets))
        await stack.enter_async_context(gateway.running())
        server = build_server(gateway, structured=True, announce_every=0.01)
        host = await stack.enter_async_context(Client(server, mode="legacy"))
        yield Stage(worlds, gateway, host, record, logged, folder)


def vault_of(secrets: Secrets) -> MemoryVault:
    vault = MemoryVault(secrets)
    held = {
        ("maid", "api_key"): demo.FULL,
        ("maid", "username"): demo.PLAYER1,
        ("maid", "password"): demo.PLAYER1_PASSWORD,
        ("maid", "admin_username"): "superadmin",
        ("maid", "admin_password"): demo.staff_password("superadmin"),
        ("pipeworks", "username"): STEWARD[0],
        ("pipeworks", "password"): STEWARD[1],
        **CANARIES,
    }
    for (game, slot), value in held.items():
        vault.hold(game, "default", slot, value)
    return vault


async def play_everything(at: Stage) -> None:
    """Register where that can be done, then call every command while all feeds are followed."""
    everything = [call for game in GAMES for call in calls(SPECS[game])]
    for tool, _, arguments in everything:
        if tool in FIRST:
            await at.call(tool, {**arguments, **by(tool, FIRST[tool])})
    with ExitStack() as following:
        for game in GAMES:
            for feed in SPECS[game].feeds:
                following.enter_context(at.gateway.listening(game, "default", feed))
        await let_a_pilot_say_every_secret(at)
        for tool, _, arguments in everything:
            if tool not in FIRST:
                await at.call(tool, arguments)
                if tool.startswith("pipeworks"):
                    await at.call(tool, {**arguments, **by(tool, GUEST)})


async def let_a_pilot_say_every_secret(at: Stage) -> None:
    """Let what was said or kept come back in others' words, pushed and asked for."""
    space = at.worlds["spacemolt"]
    assert isinstance(space, SpaceMolt)
    for game in GAMES:
        tool = f"{game}_{SAMPLES[game][0]}"
        await at.call(tool, by(tool, GUEST))
    secrets = sorted((at.record.secrets() | set(CANARIES.values())) - WORDS)
    before = len(await heard(at))
    for secret in secrets:
        space.pilot_chats("Canary", f"I know {secret}!", channel="local")
    while len(await heard(at)) < before + len(secrets):
        await moment()
    await at.call("spacemolt_get_chat_history", {"channel": "local", "limit": 100})
    assert at.said[-1].count("I know [secret]!") > len(secrets) // 2


async def heard(at: Stage) -> list[GameEvent]:
    return await at.gateway.journal.latest(
        "spacemolt", "default", kinds=["chat_message"], limit=500
    )


def by(tool: str, account: str) -> dict[str, JsonValue]:
    return {"account": account} if tool.startswith("pipeworks") else {}


async def let_everything_go_wrong(at: Stage) -> None:
    """Call a few commands of each game under each fault, then with credentials that are wrong."""
    sampled = {tool: arguments for game in GAMES for tool, _, arguments in calls(SPECS[game])}
    for game in GAMES:
        for fault in FAULTS[game]:
            for command in SAMPLES[game]:
                at.worlds[game].faults.switch_on(fault)
                tool = f"{game}_{command}"
                await at.call(tool, {**sampled[tool], **by(tool, GUEST)})
            at.worlds[game].faults.switch_on(fault, times=0)


async def come_with_the_wrong_credentials(at: Stage) -> set[str]:
    """Return the credentials that every game refused."""
    wrong = set()
    for game in GAMES:
        for slot, credential in SPECS[game].credentials.items():
            if credential.secret:
                wrong.add(f"wrong-{game}-{slot}-0123456789")
                for account in ("default", GUEST):
                    value = f"wrong-{game}-{slot}-0123456789"
                    at.gateway.vault.hold(game, account, slot, value)
        for account in at.gateway.accounts(game):
            await at.gateway.player(game, account).carrier.start_afresh()
        for command in SAMPLES[game]:
            tool = f"{game}_{command}"
            await at.call(tool, by(tool, GUEST))
            await at.call(tool, {})
    return wrong


def assert_nothing_came_out(at: Stage, *also: str) -> None:
    secrets = at.secrets() | set(also)
    assert len(secrets) >= LEAST_SECRETS
    found = [
        f"{secret[:4]}... in {place}: ...{text[max(0, text.index(secret) - 80) :][:80]}"
        for place, text in at.outputs()
        for secret in secrets
        if secret in text or json.dumps(secret)[1:-1] in text
    ]
    assert not found, "\n".join(found[:20])


async def test_no_secret_comes_out_of_any_command_resource_log_or_file(tmp_path: Path) -> None:
    with anyio.fail_after(100):
        async with stage(tmp_path) as at:
            await play_everything(at)
            await at.read_everything()

            assert_nothing_came_out(at)
            assert len(at.done) >= LEAST_DONE
            assert FIRST.keys() <= at.done


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("via", ["websocket", "http_v2", "http_v1"])
async def test_no_secret_comes_out_of_anything_that_goes_wrong(tmp_path: Path, via: str) -> None:
    async with stage(tmp_path, via=via, budget=1.0) as at:
        for game in GAMES:
            await at.call(f"{game}_{SAMPLES[game][0]}", {})
        await play_everything(at)
        await let_everything_go_wrong(at)
        await at.read_everything()
        wrong = await come_with_the_wrong_credentials(at)
        await at.read_everything()

        assert_nothing_came_out(at, *wrong)
