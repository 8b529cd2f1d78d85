"""Whole stories through the real stdio server, a process of its own for every player."""

import json
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp.shared.subscriptions import ResourceUpdated
from mcp_types import TextContent, TextResourceContents
from pydantic import JsonValue

from bridge.sandbox.pipeworks.world import STEWARD, PipeWorks
from bridge.sandbox.server import running
from tests.cli import program
from tests.journeys.pipeworks.playing import PASSWORD
from tests.journeys.support import environment, kept, serving
from tests.waiting import moment

pytestmark = pytest.mark.anyio
CHAT = "game://pipeworks/default/feeds/chat"
UNDERTAKING = "daily_undertaking"


@dataclass
class Host:
    client: Client
    keyring: Path
    listed: frozenset[str]

    async def call(self, tool: str, **arguments: JsonValue) -> str:
        """Call a tool, a listed one by its name, another through bridge_call; return its text."""
        text, is_error = await self.tried(tool, **arguments)
        assert not is_error, text
        return text

    async def refused(self, tool: str, **arguments: JsonValue) -> str:
        text, is_error = await self.tried(tool, **arguments)
        assert is_error, text
        return text

    async def tried(self, tool: str, **arguments: JsonValue) -> tuple[str, bool]:
        name = tool if tool.startswith("bridge_") else f"pipeworks_{tool}"
        given = dict(arguments)
        if name not in self.listed:
            name, given = "bridge_call", {"tool": name, "arguments": given}
        result = await self.client.call_tool(name, given)
        (content,) = result.content
        assert isinstance(content, TextContent)
        return content.text, bool(result.is_error)

    async def read(self, uri: str) -> str:
        (content,) = (await self.client.read_resource(uri)).contents
        assert isinstance(content, TextResourceContents)
        return content.text

    def kept(self) -> dict[str, str]:
        """Return what the keyring holds of the account, by slot."""
        return {key.rpartition("/")[2]: value for key, value in kept(self.keyring).items()}


@asynccontextmanager
async def hosted(
    url: str, home: Path, *flags: str, holding: Mapping[str, str] | None = None
) -> AsyncIterator[Host]:
    home.mkdir(exist_ok=True)
    keyring = home / "keyring.json"
    if holding is not None:
        slots = {f"game-bridge/pipeworks/default/{slot}": v for slot, v in holding.items()}
        keyring.write_text(json.dumps(slots))
    async with Client(serving("pipeworks", url, home, *flags), read_timeout_seconds=20) as client:
        listed = frozenset(tool.name for tool in (await client.list_tools()).tools)
        yield Host(client, keyring, listed)


async def test_two_guests_meet_and_talk(tmp_path: Path) -> None:
    world = PipeWorks(residents=False)

    with anyio.fail_after(50):
        async with (
            running([world]) as url,
            hosted(url, tmp_path / "a") as wanda,
            hosted(url, tmp_path / "b") as bo,
        ):
            told = await wanda.call("register_guest", character_name="Wanda")
            await bo.call("register_guest", character_name="Bo")
            await _see_each_other(wanda, bo)
            await _talk(wanda, bo, world)
            await _are_told_of_changes(wanda, bo)
            secrets = [*wanda.kept().values(), *bo.kept().values()]

    assert "after 24 hours" in told
    assert wanda.kept()["password"] not in told
    assert wanda.kept()["username"].startswith("guest_")
    assert "session_id" not in wanda.kept()  # logged out, as the process ended
    assert len(secrets) >= 10
    assert not world.mud.sessions
    assert not world.hung


async def _see_each_other(wanda: Host, bo: Host) -> None:
    await bo.call("look")
    here = await wanda.call("look")
    who = await bo.call("who")

    assert "  - Bo" in here
    assert "<players-words>" in here
    assert "Wanda" in who
    assert "session_id" in wanda.kept()


async def _talk(wanda: Host, bo: Host, world: PipeWorks) -> None:
    heard: list[str] = []

    async def listen() -> None:
        heard.append(await bo.call("bridge_events", feed="chat", wait_seconds=12))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        while not world.executed["GET /chat/{session_id}"]:
            await moment()
        said = await wanda.call("say", message="it's <warm> & dry")
    whispered = await bo.call("whisper", target="Wanda", message="psst")
    chat = await wanda.call("chat")

    assert said == "You say: it's <warm> & dry"
    assert "Wanda: it's <warm> & dry" in heard[0]
    assert "psst" in whispered
    assert "[WHISPER: Bo → Wanda] psst" in chat
    assert "whisper_to_yourself" in await wanda.refused("raw_command", line="/Whisper  wanda hi")


async def _are_told_of_changes(wanda: Host, bo: Host) -> None:
    read = ""
    async with wanda.client.listen(resource_subscriptions=[CHAT]) as changes:
        await bo.call("raw_command", line="yell DO YOU HEAR ME")
        async for change in changes:
            assert isinstance(change, ResourceUpdated)
            assert change.uri == CHAT
            read = await wanda.read(CHAT)
            if "DO YOU HEAR ME" in read:
                break

    assert "Bo: [YELL] DO YOU HEAR ME" in read
    assert "<players-words>" in read


async def test_an_account_logs_in_creates_selects_walks_and_is_kicked_and_returns(
    tmp_path: Path,
) -> None:
    world = PipeWorks(residents=False)
    world.create_account("ann", PASSWORD)
    world.grant_world("ann", UNDERTAKING)

    with anyio.fail_after(40):
        async with (
            running([world]) as url,
            hosted(url, tmp_path, holding={"username": "ann", "password": PASSWORD}) as host,
        ):
            assert "pipeworks_create_character" in await host.refused("look")
            await _gets_a_character(host)
            await _walks_takes_and_drops(host)
            name = next(c.name for c in world.mud.characters.values())
            assert world.kick(name, world_id=UNDERTAKING) == 1
            back = await host.call("look")
            assert "Lamp" in back
            assert "Signed in again." in back

    assert world.executed["login"] == 2
    assert world.executed["drop"] == 1
    assert not world.mud.sessions


async def _gets_a_character(host: Host) -> None:
    worlds = json.loads((await host.call("list_worlds")).splitlines()[0])
    open_to_us = [world["id"] for world in worlds if world.get("can_create")]
    made = json.loads((await host.call("create_character", world_id=UNDERTAKING)).splitlines()[0])
    listed = await host.call("list_characters")
    await host.call("select_character", character_id=made["character_id"], world_id=UNDERTAKING)

    assert open_to_us == ["pipeworks_web", UNDERTAKING]
    assert made["character_name"] in listed
    assert host.kept()["character"] == str(made["character_id"])


async def _walks_takes_and_drops(host: Host) -> None:
    await host.call("look")
    street = await host.call("move", direction="south")
    wrong = await host.refused("take", item="lamp")
    await host.call("take", item="Flickering Gas Lamp")
    assert "Flickering Gas Lamp" in await host.call("inventory")
    await host.call("drop", item="Flickering Gas Lamp")
    gone = await host.refused("drop", item="Flickering Gas Lamp")
    nowhere = await host.refused("move", direction="up")
    status = await host.read("game://pipeworks/default/status")

    assert "Worn Cobblestone" in street
    assert "Give the full name: Flickering Gas Lamp?" in wrong
    assert "You have no 'Flickering Gas Lamp'" in gone
    assert "There is no way up" in nowhere
    assert "street_middle" in status


async def test_an_admin_reads_tables_without_any_secret(tmp_path: Path) -> None:
    world = PipeWorks()
    holding = {"username": STEWARD[0], "password": STEWARD[1]}

    with anyio.fail_after(40):
        async with (
            running([world]) as url,
            hosted(
                url, tmp_path, "--allow", "pipeworks:admin", "--structured", holding=holding
            ) as host,
        ):
            tables = json.loads(_marked(await host.call("list_tables")))["tables"]
            shown = {
                each["name"]: await host.call("read_table", table_name=each["name"], limit=1000)
                for each in tables
            }
            shown["connections"] = await host.call("list_connections")
            shown["by result id"] = await host.call("list_sessions")
            secrets = {
                *world.mud.sessions,
                *(account.password_hash for account in world.mud.accounts.values()),
                STEWARD[1],
            }

    assert {"users", "sessions", "chat_messages"} <= shown.keys()
    assert '"username":"steward"' in shown["users"]
    leaks = [(name, each) for name, text in shown.items() for each in secrets if each in text]
    assert leaks == []


async def test_a_guest_is_registered_on_the_command_line_and_plays_from_a_host(
    tmp_path: Path,
) -> None:
    world = PipeWorks(residents=False)

    with anyio.fail_after(40):
        async with running([world]) as url:
            flags = ["--url", f"pipeworks={url}/pipeworks", "--state", str(tmp_path / "state")]
            registered = await anyio.to_thread.run_sync(
                lambda: program.run(
                    tmp_path,
                    "register",
                    "pipeworks",
                    "character_name=Wanda",
                    *flags,
                    extra=environment(tmp_path),
                )
            )
            async with hosted(url, tmp_path) as host:
                here = await host.call("look")

    assert registered.returncode == 0, registered.stderr
    assert "after 24 hours" in registered.stdout
    assert host.kept()["password"] not in registered.stdout + registered.stderr
    assert "Condensate Landing" in here
    assert world.executed["register-guest"] == 1


async def test_a_login_on_the_command_line_is_checked_and_then_played_with(tmp_path: Path) -> None:
    world = PipeWorks(residents=False)
    world.create_account("ann", PASSWORD)
    world.create_character("ann", "Ann")

    def log_in(url: str, password: str) -> "subprocess.CompletedProcess[str]":
        return program.run(
            tmp_path,
            "login",
            "pipeworks",
            "--stdin",
            "--url",
            f"{url}/pipeworks",
            extra=environment(tmp_path),
            typed=f"username=ann\npassword={password}\n",
        )

    with anyio.fail_after(40):
        async with running([world]) as url:
            wrong = await anyio.to_thread.run_sync(log_in, url, "not the right one")
            right = await anyio.to_thread.run_sync(log_in, url, PASSWORD)
            async with hosted(url, tmp_path) as host:
                await host.call("look")

    assert wrong.returncode == 1
    assert "wrong_password" in wrong.stderr
    assert (right.returncode, right.stderr) == (0, "PipeWorks MUD accepts them.\n")
    assert not world.mud.sessions


async def test_a_process_that_is_told_to_end_logs_out_in_time(tmp_path: Path) -> None:
    world = PipeWorks(residents=False)

    with anyio.fail_after(30):
        async with running([world]) as url:
            async with hosted(url, tmp_path) as host:
                await host.call("register_guest", character_name="Wanda")
                await host.call("look")
                assert len(world.mud.sessions) == 1
                began = anyio.current_time()
            assert anyio.current_time() - began < 2.5

    assert not world.mud.sessions


def _marked(text: str) -> str:
    """Return what stands between the marks, or the first line where there are none."""
    lines = [line for line in text.splitlines() if line.startswith(("{", "["))]
    return lines[0]
