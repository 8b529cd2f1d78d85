import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bridge.sandbox.maid import demo
from bridge.sandbox.maid.events import QUEUE_FRAMES, TYPES
from bridge.sandbox.maid.world import Maid
from bridge.sandbox.server import running
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

KEY = {"X-API-Key": demo.ROOMY}
RELOAD = "/api/v1/admin/reload-config"


@asynccontextmanager
async def served(world: Maid) -> AsyncIterator[httpx.AsyncClient]:
    with anyio.fail_after(PATIENCE_SECONDS):
        async with (
            running([world]) as base,
            httpx.AsyncClient(base_url=f"{base}/maid", headers=KEY) as client,
        ):
            yield client


def events(client: httpx.AsyncClient, query: str = f"api_key={demo.FULL}") -> connect:
    address = str(client.base_url.copy_with(scheme="ws"))
    return connect(f"{address}api/v1/events?{query}", max_size=None, compression=None)


async def ended(connection: ClientConnection) -> int | None:
    """Read until the connection ends, and say with which code, None for an abrupt end."""
    try:
        while True:
            await connection.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def test_an_ordinary_client_reads_and_writes(world: Maid) -> None:
    async with served(world) as client:
        players = await client.get("/api/v1/players", params={"search": "player1"})
        player_id = players.json()["players"][0]["id"]
        kicked = await client.post(f"/api/v1/players/{player_id}/kick", json={"reason": "x"})
        created = await client.post(
            "/api/v1/admin/api-keys", json={"name": "x", "permissions": ["READ_PUBLIC"]}
        )
        revoked = await client.delete(f"/api/v1/admin/api-keys/{created.json()['key_id']}")

    assert kicked.json()["success"] is True
    assert created.status_code == 201
    assert (revoked.status_code, revoked.content) == (204, b"")
    assert revoked.headers["X-RateLimit-Limit"] == "6000"


async def test_a_redirect_names_the_host_and_the_mount(world: Maid) -> None:
    async with served(world) as client:
        reply = await client.get("/api/v1/players/", params={"page": 2})

        assert reply.status_code == 307
        assert reply.headers["location"] == f"{client.base_url}api/v1/players?page=2"


async def test_an_encoded_slash_does_not_lead_elsewhere(world: Maid) -> None:
    async with served(world) as client:
        reply = await client.get("/api/v1/players/a%2Fb")

    assert reply.status_code == 404


@pytest.mark.parametrize(("fault", "executed"), [("drop_before", 0), ("drop_reply_after", 1)])
async def test_a_connection_can_end_before_and_after_the_deed(
    world: Maid, fault: str, executed: int
) -> None:
    async with served(world) as client:
        world.faults.switch_on(fault)

        with pytest.raises(httpx.TransportError):
            await client.post(RELOAD)

        assert world.executed["reload_config"] == executed
        assert (await client.post(RELOAD)).status_code == 200


async def test_a_reply_can_be_late(world: Maid) -> None:
    async with served(world) as client:
        world.faults.switch_on("delay_reply", value=0.2)

        with pytest.raises(httpx.ReadTimeout):
            await client.post(RELOAD, timeout=0.05)

    assert world.executed["reload_config"] == 1


async def test_one_refresh_serves_after_an_expiry(world: Maid) -> None:
    async with served(world) as client:
        login = {"username": demo.PLAYER1, "password": demo.PLAYER1_PASSWORD}
        pair = (await client.post("/api/v1/auth/login", json=login)).json()
        bearer = {"Authorization": f"Bearer {pair['access_token']}"}
        world.clock.advance(3_600)

        expired = await client.get("/api/v1/auth/me", headers=bearer)
        renewed = await client.post(
            "/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]}
        )
        bearer = {"Authorization": f"Bearer {renewed.json()['access_token']}"}

        assert expired.status_code == 401
        assert (await client.get("/api/v1/auth/me", headers=bearer)).status_code == 200


async def test_a_listener_hears_what_it_subscribed_to(world: Maid) -> None:
    async with served(world) as client, events(client) as connection:
        await connection.send('{"type":"subscribe","types":["combat"],"requestId":"abc-123"}')
        echo = json.loads(await connection.recv())
        world.emit("chat_message", {"n": 1})
        world.emit("combat", {"n": 2})
        event = json.loads(await connection.recv())

    assert echo == {"type": "subscribed", "types": ["combat"], "requestId": "abc-123"}
    assert (event["type"], event["data"]) == ("combat", {"n": 2})


async def test_the_key_may_come_by_header(world: Maid) -> None:
    async with served(world) as client:
        address = str(client.base_url.copy_with(scheme="ws"))
        async with connect(f"{address}api/v1/events", additional_headers=KEY) as connection:
            await connection.send('{"type":"subscribe","channels":["Char.Vitals"]}')
            echo, batch = [json.loads(await connection.recv()) for _ in range(2)]

    assert echo["type"] == "subscribed"
    assert batch["updates"] == [{"package": "Char.Vitals", "data": {"hp": 100, "mp": 50}}]


async def test_a_listener_that_leaves_is_forgotten_and_its_close_is_answered(world: Maid) -> None:
    async with served(world) as client:
        async with events(client) as connection:
            await connection.close(1000)
            assert connection.close_code == 1000
        async with events(client) as other:
            await other.send('{"type":"ping"}')
            await other.recv()
            assert world.listeners() == 1


async def test_changed_vitals_are_in_the_state_of_a_reconnect(world: Maid) -> None:
    async with served(world) as client:
        async with events(client):
            world.update({"Char.Vitals": {"hp": 7}})
        async with events(client) as connection:
            state = json.loads(await connection.recv())

    assert state["type"] == "sync_complete"
    assert state["data"]["character"] == {"hp": 7, "mp": 50, "location": "Town Square"}
    assert state["data"]["room"] == {"name": "Town Square", "exits": ["north", "east"]}


@pytest.mark.parametrize("query", ["api_key=maid_00000000_x", f"api_key={demo.REVOKED}"])
async def test_a_bad_key_fails_the_handshake(world: Maid, query: str) -> None:
    async with served(world) as client:
        with pytest.raises(InvalidStatus) as refused:
            await events(client, query).__aenter__()

    assert refused.value.response.status_code == 403
    assert world.executed["events_connect"] == 0


async def test_a_good_key_can_fail_the_handshake_too(world: Maid) -> None:
    world.faults.switch_on("handshake_403")
    async with served(world) as client:
        with pytest.raises(InvalidStatus):
            await events(client).__aenter__()
        async with events(client):
            assert world.listeners() == 1


async def test_a_key_that_follows_a_redirected_handshake_is_found_out(world: Maid) -> None:
    world.faults.switch_on("redirect")
    async with served(world) as client:
        address = str(client.base_url.copy_with(scheme="ws"))
        with pytest.raises(InvalidStatus):
            await connect(f"{address}api/v1/events", additional_headers=KEY).__aenter__()

    assert (world.executed["followed_redirect"], world.executed["leaked_credential"]) == (1, 1)


async def test_a_connection_can_be_closed_after_it_was_accepted(world: Maid) -> None:
    world.faults.switch_on("close_events_1008")
    async with served(world) as client, events(client) as connection:
        assert await ended(connection) == 1008


@pytest.mark.parametrize(("value", "code"), [(0, None), (1012, 1012)])
async def test_open_connections_can_be_closed_from_outside(
    world: Maid, value: int, code: int | None
) -> None:
    async with served(world) as client, events(client) as connection:
        control = str(client.base_url).replace("/maid/", "/_control/maid")
        wanted = {"faults": {"close_events": {"times": 1, "value": value}}}
        await client.post(control, json=wanted)

        assert await ended(connection) == code


async def test_an_event_can_be_caused_from_outside(world: Maid) -> None:
    async with served(world) as client, events(client, "types=world_event") as connection:
        control = str(client.base_url).replace("/maid/", "/_control/maid")
        wanted = {"faults": {"emit@world_event": {"times": 1, "value": 42}}}
        await client.post(control, json=wanted)

        assert json.loads(await connection.recv())["data"] == {"number": 42}


async def test_every_interruption_ends_the_connection_and_loses_what_comes_then(
    world: Maid,
) -> None:
    async with served(world) as client:
        for number in range(20):
            async with events(client) as connection:
                await connection.send('{"type":"ping"}')
                seen = [json.loads(await connection.recv())["type"]]
                if number:
                    seen.append(json.loads(await connection.recv())["type"])
                assert seen[-1] == "pong"
                assert world.interrupt() == 1
                assert await ended(connection) is None
            world.emit("combat", {"n": number})

    assert world.executed["events_connect"] == 20


async def test_a_slow_consumer_is_dropped_and_a_quick_one_is_not(world: Maid) -> None:
    async with served(world) as client:
        slow = await events(client, f"api_key={demo.ROOMY}")
        async with events(client) as quick:
            for _ in range(QUEUE_FRAMES * 4):
                world.emit("combat", {"text": "x" * 50_000})
                await quick.recv()
            assert world.listeners() == 1
            await quick.send('{"type":"ping"}')
            assert json.loads(await quick.recv())["type"] == "pong"
        assert await ended(slow) is None


async def test_a_living_world_ticks_four_times_a_second_for_those_who_ask() -> None:
    world = Maid()
    query = f"api_key={demo.FULL}&types=tick"
    seen: Counter[str] = Counter()
    async with served(world) as client, events(client, query) as ticks:
        with anyio.move_on_after(1.1):
            while True:
                seen[json.loads(await ticks.recv())["type"]] += 1

    assert set(seen) == {"tick"}
    assert 2 <= seen["tick"] <= 5


async def test_all_seventeen_types_travel(world: Maid) -> None:
    async with served(world) as client:
        query = f"api_key={demo.FULL}&types={','.join(TYPES)}"
        async with events(client, query) as connection:
            for kind in TYPES:
                world.emit(kind, {})
            seen = [json.loads(await connection.recv())["type"] for _ in TYPES]

    assert seen == list(TYPES)
