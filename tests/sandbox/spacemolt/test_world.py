import json

import anyio
import httpx
import pytest
from websockets.asyncio.client import connect

from bridge.sandbox.clock import HandClock
from bridge.sandbox.server import running
from bridge.sandbox.spacemolt.wire.desk import Call
from bridge.sandbox.spacemolt.world import SpaceMolt
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio


def test_a_tick_can_be_made_by_hand(clock: HandClock) -> None:
    world = SpaceMolt(clock=clock)
    before = world.game.universe.tick

    world.tick()

    assert world.game.universe.tick == before + 1


async def test_a_running_world_ticks_by_itself_and_stops_with_its_server() -> None:
    world = SpaceMolt(tick_seconds=0.02)
    before = world.game.universe.tick

    async with running([world]):
        with anyio.fail_after(PATIENCE_SECONDS):
            while world.game.universe.tick < before + 3:
                await world.next_tick()

    with anyio.move_on_after(0.1) as scope:
        await world.next_tick()
    assert scope.cancelled_caught


async def test_faults_and_the_clock_can_be_turned_from_outside(clock: HandClock) -> None:
    world = SpaceMolt(clock=clock, tick_seconds=0.02, lively=False)
    async with running([world]) as url, httpx.AsyncClient() as client:
        wanted = {"advance": 60, "faults": {"pilot_chat": {"times": 1}}}
        async with connect(f"ws{url[4:]}/spacemolt/ws") as socket:
            who = {"username": "Ann", "empire": "nebula", "registration_code": "sandbox"}
            await socket.send(json.dumps({"type": "register", "payload": who}))
            for _ in range(3):
                await socket.recv()
            state = (await client.post(f"{url}/_control/spacemolt", json=wanted)).json()
            with anyio.fail_after(PATIENCE_SECONDS):
                pushed = json.loads(await socket.recv())

    assert state["now"] == clock.now()
    assert state["executed"] == {"register": 1}
    assert pushed["type"] == "chat_message"


def test_a_player_can_be_made_rich(clock: HandClock) -> None:
    world = SpaceMolt(clock=clock, lively=False)
    session = world.desk_v1.sessions.create()
    world.desk_v1.carry_out(
        "register",
        {"username": "Ann", "empire": "nebula", "registration_code": "sandbox"},
        session,
        Call(),
    )

    world.endow("Ann")

    assert world.player("Ann").credits > 1_000_000
    assert world.game.universe.ship_of(world.player("Ann")).class_id == "argosy"
