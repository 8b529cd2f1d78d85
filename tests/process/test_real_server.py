"""The server as a host runs it, against a simulated game in the test's own process."""

import re
import signal
import sqlite3
import time
from pathlib import Path

import anyio
import pytest

from bridge.sandbox.server import running
from bridge.sandbox.spacemolt.world import SpaceMolt
from tests.process.real_server import LEGACY, MODERN, flags, quiet_world, registered, serving
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio

CHAT = "game://spacemolt/default/feeds/chat"
ENDS_WITHIN_SECONDS = 0.5


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("era", [LEGACY, MODERN])
async def test_a_host_of_each_era_lists_calls_subscribes_and_is_told(
    tmp_path: Path, era: str
) -> None:
    world = quiet_world()
    async with running([world]) as url:
        account = await registered(url, "Tester")
        async with serving(*flags(url, tmp_path), era=era, environment=account) as server:
            tools = await server.request("tools/list")
            if era == LEGACY:
                await server.request("resources/subscribe", uri=CHAT)
            else:
                await server.send(
                    "subscriptions/listen", notifications={"resourceSubscriptions": [CHAT]}
                )
            status = await server.call("spacemolt_get_status")
            world.pilot_chats("Tester", "are you there?")
            await server.until_updated(CHAT)
            feed = await server.request("resources/read", uri=CHAT)

    assert "spacemolt_travel" in {tool["name"] for tool in tools["result"]["tools"]}
    assert "Tester" in status
    assert "are you there?" in feed["result"]["contents"][0]["text"]


async def test_a_host_that_probes_and_then_initializes_on_the_same_stream_plays(
    tmp_path: Path,
) -> None:
    async with running([quiet_world()]) as url:
        account = await registered(url, "Tester")
        async with serving(*flags(url, tmp_path), era=MODERN, environment=account) as server:
            discovered = await server.request("server/discover")
            server.era = LEGACY
            await server.greet()
            status = await server.call("spacemolt_get_status")

    assert discovered["result"]["supportedVersions"]
    assert "Tester" in status


async def test_every_event_announced_before_a_kill_is_there_after_it_and_none_twice(
    tmp_path: Path,
) -> None:
    world = quiet_world()
    async with running([world]) as url:
        account = await registered(url, "Tester")
        announced = await _told_until_killed(world, url, tmp_path, account)
        async with serving(*flags(url, tmp_path), environment=account) as server:
            reply = await server.request("resources/read", uri=f"{CHAT}?after=0&limit=500")

    text = reply["result"]["contents"][0]["text"]
    said = re.findall(r"line number \d+\b", text)
    assert len(said) == len(set(said))
    assert set(announced) <= set(said)
    assert announced


async def _told_until_killed(
    world: SpaceMolt, url: str, state: Path, account: dict[str, str]
) -> list[str]:
    """Let a pilot talk without pause, read what is announced, and kill the server meanwhile."""
    read: list[str] = []
    async with serving(*flags(url, state), environment=account) as server:
        await server.request("resources/subscribe", uri=CHAT)
        await server.call("spacemolt_get_status")
        async with anyio.create_task_group() as tasks:

            async def talk() -> None:
                for number in range(180):  # fewer than the feed keeps
                    world.pilot_chats("Tester", f"line number {number}")
                    await anyio.sleep(0.01)

            tasks.start_soon(talk)
            for _ in range(2):
                server.notifications.clear()
                await server.until_updated(CHAT)
                reply = await server.request("resources/read", uri=f"{CHAT}?after=0&limit=500")
                text = reply["result"]["contents"][0]["text"]
                read = re.findall(r"line number \d+\b", text)
            server.process.kill()
            tasks.cancel_scope.cancel()
    return read


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "EOF"])
async def test_the_end_comes_quickly_cleanly_and_closes_the_games_connection(
    tmp_path: Path, how: str
) -> None:
    world = quiet_world(tick_seconds=5)
    async with running([world]) as url:
        account = await registered(url, "Tester")
        async with serving(*flags(url, tmp_path), environment=account) as server:
            await server.call("spacemolt_get_status")
            assert world.player("Tester").online
            await server.send("tools/call", name="spacemolt_undock", arguments={})
            began = time.monotonic()
            if how == "EOF":
                assert server.process.stdin is not None
                await server.process.stdin.aclose()
            else:
                server.process.send_signal(getattr(signal, how))
            with anyio.fail_after(PATIENCE_SECONDS):
                status = await server.process.wait()
            took = time.monotonic() - began
            with anyio.fail_after(PATIENCE_SECONDS):
                while world.player("Tester").online:
                    await moment()

    assert status == 0
    assert took < ENDS_WITHIN_SECONDS


async def test_wrong_calls_and_garbage_are_answered_and_the_server_goes_on(tmp_path: Path) -> None:
    world = quiet_world()
    async with running([world]) as url:
        account = await registered(url, "Tester")
        async with serving(*flags(url, tmp_path), environment=account) as server:
            stranger = await server.request("tools/call", name="spacemolt_fly", arguments={})
            wrong = await server.call("spacemolt_travel", planet=3)
            assert server.process.stdin is not None
            await server.process.stdin.send(b"{not json\n")
            world.faults.switch_on("lone_surrogate", times=1)
            surrogate = await server.call("spacemolt_get_status")
            world.faults.switch_on("malformed_frame", times=1)
            malformed = await server.call("spacemolt_get_status")
            world.faults.switch_on("big_reply", times=1)
            big = await server.call("spacemolt_get_status")
            last = await server.call("spacemolt_get_status")

    assert stranger["error"]["code"] == -32602
    assert "target_poi" in wrong
    assert "Tester" in surrogate
    assert "Tester" in malformed
    assert len(big) <= 20_000
    assert "Tester" in last


async def test_nothing_happens_at_the_start_but_reading_specs(tmp_path: Path) -> None:
    world = quiet_world()
    async with running([world]) as url:
        account = await registered(url, "Tester")
        connections = world.executed.copy()
        async with serving(*flags(url, tmp_path), environment=account) as server:
            await server.request("tools/list")
            await server.request("resources/list")

            assert not world.player("Tester").online
            assert world.executed == connections
            assert not list(tmp_path.iterdir())


async def test_the_journal_of_a_killed_server_is_a_sound_database(tmp_path: Path) -> None:
    world = quiet_world()
    async with running([world]) as url:
        account = await registered(url, "Tester")
        await _told_until_killed(world, url, tmp_path, account)

    (journal,) = tmp_path.glob("*.sqlite3")
    with sqlite3.connect(journal) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    database.close()
