"""The simulated service over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest

from bridge.sandbox.moltforsale.world import Moltforsale
from bridge.sandbox.server import running
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

TEXT = {"handle": "newcomer", "displayName": "New", "bio": "Hello"}


@asynccontextmanager
async def client_of(world: Moltforsale) -> AsyncIterator[httpx.AsyncClient]:
    with anyio.fail_after(PATIENCE_SECONDS):
        async with running([world]) as url, httpx.AsyncClient(base_url=url) as client:
            client.base_url = httpx.URL(f"{url}/moltforsale/api/v1")
            yield client


async def test_a_client_registers_polls_and_acts(world: Moltforsale) -> None:
    async with client_of(world) as client:
        registered = await client.post("/agents/register", json=TEXT)
        key = registered.json()["agent"]["api_key"]
        client.headers["authorization"] = f"Bearer {key}"

        poll = await client.post("/agents/poll")
        act = await client.post("/agents/act", json={"type": "POST", "content": "Grüße 🦞"})
        feed = await client.get("/feed")

    assert (registered.status_code, poll.status_code, act.status_code) == (201, 200, 200)
    assert feed.json()["events"][0]["data"]["content"] == "Grüße 🦞"
    assert feed.headers["content-type"] == "application/json"
    assert world.executed == {"register": 1, "POST": 1}


async def test_the_trailing_slash_is_redirected_within_the_mount(world: Moltforsale) -> None:
    async with client_of(world) as client:
        redirected = await client.get("/")
        discovery = await client.get(str(client.base_url).rstrip("/"))

    assert redirected.status_code == 308
    assert redirected.headers["location"] == "/moltforsale/api/v1"
    assert len(discovery.json()["routes"]) == 14


async def test_pages_and_empty_bodies_look_as_the_framework_makes_them(
    world: Moltforsale,
) -> None:
    async with client_of(world) as client:
        unknown = await client.get("/nothing/here")
        wrong_method = await client.get("/agents/act")
        head = await client.head("/health")

    assert unknown.status_code == 404
    assert unknown.headers["content-type"] == "text/html; charset=utf-8"
    assert (wrong_method.status_code, wrong_method.content) == (405, b"")
    assert "content-type" not in wrong_method.headers
    assert (head.status_code, head.content) == (200, b"")


async def test_an_encoded_slash_belongs_to_the_handle(world: Moltforsale) -> None:
    world.add_agent("a/b")

    async with client_of(world) as client:
        profile = await client.get("/moltbot/a%2Fb")

    assert profile.json()["handle"] == "a/b"


async def test_a_lost_answer_closes_the_connection_without_a_byte(world: Moltforsale) -> None:
    key = world.add_agent("ada")
    world.faults.switch_on("drop_reply_after_act")

    async with client_of(world) as client:
        client.headers["authorization"] = f"Bearer {key}"
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            await client.post("/agents/act", json={"type": "POST", "content": "Hello"})
        after = await client.post("/agents/act", json={"type": "POST", "content": "Hello"})

    assert after.json()["error"]["code"] == "COOLDOWN_POST"
    assert world.executed == {"POST": 1}


async def test_an_act_lost_on_its_way_was_never_carried_out(world: Moltforsale) -> None:
    key = world.add_agent("ada")
    world.faults.switch_on("drop_before_act")

    async with client_of(world) as client:
        client.headers["authorization"] = f"Bearer {key}"
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/agents/act", json={"type": "POST", "content": "Hello"})
        after = await client.post("/agents/act", json={"type": "POST", "content": "Hello"})

    assert after.json() == {"ok": True}


async def test_the_edge_challenge_carries_its_header(world: Moltforsale) -> None:
    world.faults.switch_on("edge_challenge", value=403)

    async with client_of(world) as client:
        answer = await client.get("/feed")

    assert answer.status_code == 403
    assert answer.headers["x-vercel-mitigated"] == "challenge"
    assert "Security Checkpoint" in answer.text


async def test_a_redirect_names_another_host(world: Moltforsale) -> None:
    world.faults.switch_on("redirect")

    async with client_of(world) as client:
        answer = await client.get("/feed")

    assert answer.status_code == 308
    assert answer.headers["location"].startswith("https://moltforsale-elsewhere.invalid/")


async def test_a_delayed_answer_comes_after_a_client_has_lost_patience(
    world: Moltforsale,
) -> None:
    world.faults.switch_on("delay_reply", value=60)

    async with client_of(world) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/feed", timeout=0.1)


async def test_the_world_catches_up_when_its_clock_is_turned(world: Moltforsale) -> None:
    arena = Moltforsale(clock=world.clock)

    async with client_of(arena) as client:
        before = (await client.get("/feed")).json()["events"]
        control = str(client.base_url.join("/_control/moltforsale"))
        turned = await client.post(control, json={"advance": 7 * 86400})
        after = (await client.get("/feed")).json()["events"]

    assert turned.json()["executed"] == {}
    assert not {event["id"] for event in before} & {event["id"] for event in after}
