"""The WebSocket over a real socket, with a client written from the game's document."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from bridge.sandbox.server import running
from bridge.sandbox.spacemolt.world import SpaceMolt
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

TICK = 0.02


class Client:
    """A plain client: no request ids, replies read in order, pushes told apart by their type."""

    REPLIES = ("ok", "error", "registered", "logged_in", "action_result", "action_error")

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.pushes: list[Any] = []

    async def send(self, kind: str, **payload: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, "payload": payload}))

    async def reply(self) -> Any:
        """Return the next reply; pushes on the way are kept."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while True:
                frame = json.loads(await self.socket.recv())
                if frame["type"] in self.REPLIES:
                    return frame
                self.pushes.append(frame)

    async def ask(self, kind: str, **payload: Any) -> Any:
        await self.send(kind, **payload)
        return (await self.reply())["payload"]

    async def do(self, kind: str, **payload: Any) -> Any:
        """Order something; returns the result that came at the tick."""
        pending = await self.ask(kind, **payload)
        assert pending["pending"] is True
        return (await self.reply())["payload"]["result"]

    async def register(self, username: str = "Ann") -> str:
        registered = await self.ask(
            "register", username=username, empire="solarian", registration_code="sandbox"
        )
        assert (await self.reply())["type"] == "logged_in"
        return str(registered["password"])


@asynccontextmanager
async def visit(world: SpaceMolt) -> AsyncIterator[Client]:
    async with running([world]) as url, connect(f"ws{url[4:]}/spacemolt/ws") as socket:
        with anyio.fail_after(PATIENCE_SECONDS):
            assert json.loads(await socket.recv())["type"] == "welcome"
        yield Client(socket)


@pytest.fixture
def world() -> SpaceMolt:
    return SpaceMolt(tick_seconds=TICK, lively=False)


async def test_a_plain_client_plays_the_first_story(world: SpaceMolt) -> None:
    async with visit(world) as client:
        await client.register()
        assert (await client.do("undock"))["action"] == "undock"
        assert (await client.do("travel", target_poi="main_belt"))["action"] == "arrived"
        while (cargo := await client.ask("get_cargo"))["available"] > 10:
            await client.do("mine")
        await client.do("travel", target_poi="earth")
        await client.do("dock")
        sold = await client.do("sell", item_id="iron_ore", quantity=10)

    assert cargo["used"] >= 50
    assert sold["quantity_sold"] == 10
    assert {push["type"] for push in client.pushes} >= {"mining_yield", "skill_level_up"}
    assert world.executed["mine"] >= 7


async def test_the_server_closes_after_a_logout(world: SpaceMolt) -> None:
    async with visit(world) as client:
        await client.register()
        await client.ask("logout")

        with pytest.raises(ConnectionClosedOK) as caught, anyio.fail_after(PATIENCE_SECONDS):
            await client.socket.recv()

    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (1000, "logout")


async def test_a_second_connection_replaces_the_first(world: SpaceMolt) -> None:
    async with running([world]) as url:
        address = f"ws{url[4:]}/spacemolt/ws"
        async with connect(address) as first, connect(address) as second:
            older, newer = Client(first), Client(second)
            password = await older.register()

            await newer.ask("login", username="Ann", password=password)

            with pytest.raises(ConnectionClosedOK), anyio.fail_after(PATIENCE_SECONDS):
                await first.recv()
            assert (await newer.ask("get_cargo"))["used"] == 0


async def test_a_cut_connection_has_no_close_frame_but_the_order_is_carried_out(
    world: SpaceMolt,
) -> None:
    async with visit(world) as client:
        await client.register()
        world.faults.switch_on("drop_connection", value=1)
        await client.send("undock")

        with pytest.raises(ConnectionClosed) as caught, anyio.fail_after(PATIENCE_SECONDS):
            await client.socket.recv()
        with anyio.fail_after(PATIENCE_SECONDS):
            while not world.executed["undock"]:
                await world.next_tick()

    assert caught.value.rcvd is None


async def test_several_objects_may_share_a_message(world: SpaceMolt) -> None:
    async with visit(world) as client:
        await client.register()
        world.faults.switch_on("batch_frames")
        await client.send("get_cargo")
        with anyio.fail_after(PATIENCE_SECONDS):
            lined = await client.socket.recv(decode=True)
        world.faults.switch_on("batch_frames", value=1)
        await client.send("get_cargo")
        with anyio.fail_after(PATIENCE_SECONDS):
            joined = await client.socket.recv(decode=True)

    assert [json.loads(line)["type"] for line in lined.splitlines()] == ["system", "ok"]
    _, end = json.JSONDecoder().raw_decode(joined)
    assert json.loads(joined[end:])["type"] == "ok"


async def test_faults_garble_what_is_sent(world: SpaceMolt) -> None:
    async with visit(world) as client:
        await client.register()
        for name in ("malformed_frame", "ok_push", "unknown_push", "duplicate_frame"):
            world.faults.switch_on(name)
        world.faults.switch_on("lone_surrogate")
        await client.send("get_cargo")
        with anyio.fail_after(PATIENCE_SECONDS):
            frames = [await client.socket.recv(decode=True) for _ in range(5)]

    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(frames[0])
    parsed = [json.loads(frame) for frame in frames[1:]]
    assert [frame["type"] for frame in parsed] == ["ok", "solar_flare", "ok", "ok"]
    assert parsed[0]["payload"]["type"] == "auto_undock"
    assert parsed[2] == parsed[3]
    assert parsed[2]["payload"]["message"].endswith("\ud83d")


async def test_a_lost_reply_does_not_undo_the_order(world: SpaceMolt) -> None:
    async with visit(world) as client:
        await client.register()
        world.faults.switch_on("drop_reply")
        await client.send("undock")

        outcome = await client.reply()

    assert outcome["type"] == "action_result"


async def test_five_megabytes_come_through(world: SpaceMolt) -> None:
    async with (
        running([world]) as url,
        connect(f"ws{url[4:]}/spacemolt/ws", max_size=None) as socket,
    ):
        client = Client(socket)
        await client.register()
        world.faults.switch_on("big_reply")

        reply = await client.ask("get_cargo")

    assert len(reply["padding"]) == 5_000_000


async def test_a_client_that_does_not_read_is_closed(world: SpaceMolt) -> None:
    async with visit(world) as client:
        await client.register()
        for _ in range(3000):
            world.pilot_chats("Ann", "x" * 200)

        with anyio.fail_after(PATIENCE_SECONDS):
            while world.player("Ann").online:
                await world.next_tick()
