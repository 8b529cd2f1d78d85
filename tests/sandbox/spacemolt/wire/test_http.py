"""HTTP over a real socket, with a client that knows only the documented protocol."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest

from bridge.sandbox.server import running
from bridge.sandbox.spacemolt.world import FIRST_BEARER, SpaceMolt
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

TICK = 0.02


@pytest.fixture
def world() -> SpaceMolt:
    return SpaceMolt(tick_seconds=TICK, lively=False)


@asynccontextmanager
async def visit(world: SpaceMolt) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        running([world]) as url,
        httpx.AsyncClient(base_url=f"{url}/spacemolt", timeout=5) as client,
    ):
        yield client


async def session(client: httpx.AsyncClient, version: str) -> dict[str, str]:
    answer = await client.post(f"/api/{version}/session")
    return {"X-Session-Id": answer.json()["session"]["id"]}


WHO = {"username": "Ann", "empire": "solarian", "registration_code": "sandbox"}


async def test_a_client_of_v1_plays_the_first_story(world: SpaceMolt) -> None:
    async with visit(world) as client:
        headers = await session(client, "v1")

        async def call(command: str, **payload: Any) -> Any:
            answer = await client.post(f"/api/v1/{command}", json=payload, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()["result"]

        assert len((await call("register", **WHO))["password"]) == 64
        assert (await call("get_status"))["player"]["username"] == "Ann"
        await call("undock")
        await call("travel", target_poi="main_belt")
        await call("mine")
        await call("travel", target_poi="earth")
        market = await call("dock") and await call("view_market", item_id="iron_ore")
        sold = await call("sell", item_id="iron_ore", quantity=8)

    assert market["items"][0]["item_id"] == "iron_ore"
    assert sold["quantity_sold"] == 8


async def test_a_client_of_v2_plays_the_same(world: SpaceMolt) -> None:
    async with visit(world) as client:
        headers = await session(client, "v2")

        async def call(path: str, **payload: Any) -> Any:
            answer = await client.post(f"/api/v2/{path}", json=payload, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()["structuredContent"]

        await call("spacemolt_auth/register", **WHO)
        await call("spacemolt/travel", id="main_belt")
        await call("spacemolt/mine")
        await call("spacemolt/travel", id="earth")
        sold = await call("spacemolt/sell", id="iron_ore", quantity=8)
        help_text = (await client.get("/api/v2/spacemolt/help")).json()["result"]
        events = await client.get("/api/v2/notifications?limit=5&types=chat", headers=headers)

    assert sold["auto_docked"] is True
    assert "travel(id)" in help_text
    assert events.json()["error"] is None


async def test_an_order_that_two_clients_see(world: SpaceMolt) -> None:
    async with visit(world) as client:
        headers = await session(client, "v1")
        await client.post("/api/v1/register", json=WHO, headers=headers)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(
                lambda: client.post(
                    "/api/v1/travel", json={"target_poi": "kuiper_ice"}, headers=headers
                )
            )
            with anyio.fail_after(PATIENCE_SECONDS):
                while not world.player("Ann").transit:
                    await world.next_tick()
            meanwhile = await client.post("/api/v1/get_poi", headers=headers)
            refused = await client.post("/api/v1/mine", headers=headers)

    assert meanwhile.json()["result"]["in_transit"] is True
    assert refused.json()["error"]["code"] == "already_traveling"


async def test_the_documents_and_the_health_are_there(world: SpaceMolt) -> None:
    async with visit(world) as client:
        health = (await client.get("/health")).json()
        first = await client.get("/api/openapi.json")
        second = await client.get("/api/openapi.json")
        other = await client.get("/api/v2/openapi.json")
        wrong = await client.get("/api/v1/get_status")

    assert (health["status"], health["version"]) == ("ok", "0.327.2")
    assert first.json()["info"]["x-gameserver-version"] == "v0.327.2"
    assert (second.status_code, second.headers["Retry-After"]) == (429, "60")
    assert other.json()["openapi"] == "3.0.3"
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")


async def test_the_website_answers_to_its_token(world: SpaceMolt) -> None:
    bearer = {"Authorization": f"Bearer {FIRST_BEARER}"}
    async with visit(world) as client:
        headers = await session(client, "v1")
        await client.post("/api/v1/register", json=WHO, headers=headers)
        code = (await client.get("/api/registration-code", headers=bearer)).json()
        player_id = code["players"][0]["player_id"]
        reset = await client.post(f"/api/player/{player_id}/reset-password", headers=bearer)
        anonymous = await client.get("/api/me")

    assert reset.json()["password"] == world.player("Ann").password
    assert anonymous.status_code == 401


@pytest.mark.parametrize("when", [0, 1])
async def test_an_answer_can_break_off(world: SpaceMolt, when: int) -> None:
    async with visit(world) as client:
        headers = await session(client, "v1")
        await client.post("/api/v1/register", json=WHO, headers=headers)
        world.faults.switch_on("drop_connection", value=when)

        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/api/v1/get_cargo", headers=headers)

    assert world.executed["get_cargo"] == when


async def test_an_answer_can_break_off_at_the_tick(world: SpaceMolt) -> None:
    async with visit(world) as client:
        headers = await session(client, "v1")
        await client.post("/api/v1/register", json=WHO, headers=headers)
        world.faults.switch_on("drop_connection", value=2)

        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/api/v1/undock", headers=headers)

    assert world.executed["undock"] == 1


async def test_an_answer_can_be_late_or_no_json(world: SpaceMolt) -> None:
    async with visit(world) as client:
        headers = await session(client, "v1")
        world.faults.switch_on("malformed_frame")
        world.faults.switch_on("delay_reply", value=0.05)
        started = anyio.current_time()

        answer = await client.post("/api/v1/get_version", headers=headers)

        assert anyio.current_time() - started >= 0.05
    with pytest.raises(ValueError, match="Unterminated"):
        answer.json()


async def test_a_lost_answer_never_comes(world: SpaceMolt) -> None:
    async with visit(world) as client:
        headers = await session(client, "v1")
        await client.post("/api/v1/register", json=WHO, headers=headers)
        world.faults.switch_on("drop_result")

        with pytest.raises(httpx.ReadTimeout):
            await client.post("/api/v1/undock", headers=headers, timeout=0.2)

    assert world.executed["undock"] == 1
