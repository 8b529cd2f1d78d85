"""The simulated server over real sockets."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest

from bridge.sandbox.clock import WallClock
from bridge.sandbox.pipeworks.people import RESIDENTS
from bridge.sandbox.pipeworks.world import PipeWorks
from bridge.sandbox.server import running
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

PASSWORD = "tin whistle in fog"


@asynccontextmanager
async def served(world: PipeWorks) -> AsyncIterator[httpx.AsyncClient]:
    with anyio.fail_after(PATIENCE_SECONDS):
        async with (
            running([world]) as base,
            httpx.AsyncClient(base_url=f"{base}/pipeworks", timeout=4) as client,
        ):
            yield client


async def playing(client: httpx.AsyncClient, name: str) -> str:
    """Register a guest and select its character; the session id."""
    made = (
        await client.post(
            "/register-guest",
            json={
                "password": PASSWORD,
                "password_confirm": PASSWORD,
                "character_name": name,
            },
        )
    ).json()
    login = {"username": made["username"], "password": PASSWORD}
    session = str((await client.post("/login", json=login)).json()["session_id"])
    selected = await client.post(
        "/characters/select",
        json={"session_id": session, "character_id": made["character_id"]},
    )
    assert selected.status_code == 200
    return session


async def command(client: httpx.AsyncClient, session: str, text: str) -> httpx.Response:
    return await client.post("/command", json={"session_id": session, "command": text})


@pytest.fixture
def server() -> PipeWorks:
    return PipeWorks(clock=WallClock(), residents=False)


async def test_two_guests_talk(server: PipeWorks) -> None:
    async with served(server) as client:
        wanda = await playing(client, "Wanda")
        other = await playing(client, "Guest Wanderer")

        await command(client, wanda, "say it's me 🫖")
        await command(client, other, "whisper Wanda psst")

        chat = (await client.get(f"/chat/{wanda}")).json()["chat"]
        assert chat == (
            "[Recent messages]:\nWanda: it&#x27;s me 🫖\n"
            "Guest Wanderer: [WHISPER: Guest Wanderer → Wanda] psst\n"
        )


async def test_a_slash_alone_is_plain_text_and_closes_the_connection(server: PipeWorks) -> None:
    async with served(server) as client:
        wanda = await playing(client, "Wanda")

        reply = await command(client, wanda, "/")

        assert (reply.status_code, reply.text) == (500, "Internal Server Error")
        assert reply.headers["content-type"].startswith("text/plain")
        assert (await client.get("/health")).status_code == 200


async def test_pages_redirects_and_wrong_methods_are_those_of_the_web_server(
    server: PipeWorks,
) -> None:
    async with served(server) as client:
        page = await client.get("/admin/nowhere")
        head = await client.head("/health")
        slash = await client.post("/command/", json={})
        form = await client.post("/login", data={"username": "a", "password": "b"})

        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert head.status_code == 405
        assert slash.status_code == 307
        assert slash.headers["location"] == f"{client.base_url}command"
        assert form.status_code == 422


async def test_percent_encoded_colons_reach_a_policy(server: PipeWorks) -> None:
    async with served(server) as client:
        login = {"username": "steward", "password": "dry-kettle-lantern"}
        session = (await client.post("/login", json=login)).json()["session_id"]

        reply = await client.get(
            "/api/policies/prompt%3Atranslation.prompts%3Ain_character",
            params={"session_id": session},
        )

        assert reply.json()["policy_key"] == "in_character"


@pytest.mark.parametrize("fault", ["drop_before@command", "drop_reply_after@command"])
async def test_a_cut_connection_gives_no_answer_at_all(server: PipeWorks, fault: str) -> None:
    async with served(server) as client:
        wanda = await playing(client, "Wanda")
        server.faults.switch_on(fault)

        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await command(client, wanda, "say hello")

        assert server.executed["say"] == int(fault.startswith("drop_reply"))
        assert (await client.get("/health")).status_code == 200


async def test_a_slow_line_blocks_everybody_and_is_stored_though_nobody_waits(
    server: PipeWorks,
) -> None:
    async with served(server) as client:
        wanda = await playing(client, "Wanda")
        server.faults.switch_on("llm_delay", value=0.4)

        with pytest.raises(httpx.ReadTimeout):
            await client.post(
                "/command", json={"session_id": wanda, "command": "say hello"}, timeout=0.1
            )
        assert server.executed["say"] == 0
        await client.get("/health")

        assert server.executed["say"] == 1
        assert (await client.get(f"/chat/{wanda}")).json()["chat"].endswith("Wanda: hello\n")


async def test_a_late_reply_blocks_nobody_else(server: PipeWorks) -> None:
    async with served(server) as client:
        wanda = await playing(client, "Wanda")
        server.faults.switch_on("delay_reply@command", value=0.4)
        order: list[str] = []

        async def asked(request: Awaitable[httpx.Response], name: str) -> None:
            assert (await request).status_code == 200
            order.append(name)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(asked, command(client, wanda, "say hello"), "command")
            tasks.start_soon(asked, client.get("/health"), "health")

        assert order == ["health", "command"]


async def test_a_whisper_to_oneself_hangs_everybody_until_the_server_is_restarted(
    server: PipeWorks,
) -> None:
    async with served(server) as client:
        wanda = await playing(client, "Wanda")

        async def whispering() -> None:
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                await command(client, wanda, "whisper Wanda hi")

        async def answers() -> bool:
            try:
                return (await client.get("/health", timeout=0.1)).is_success
            except httpx.ReadTimeout:
                return False

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(whispering)
            while await answers():
                pass
            server.restart()

        assert (await command(client, wanda, "look")).json()["success"]


async def test_faults_and_clock_can_be_turned_over_http(server: PipeWorks) -> None:
    async with served(server) as client:
        wanda = await playing(client, "Wanda")
        control = str(client.base_url).replace("/pipeworks/", "/_control/pipeworks")

        await client.post(control, json={"faults": {"html_reply@status": {"times": 1}}})
        page = await client.get(f"/status/{wanda}")
        state = (await client.post(control, json={"advance": 480 * 60 + 1})).json()

        assert page.headers["content-type"].startswith("text/html")
        assert state["executed"]["login"] == 1
        assert (await client.get(f"/status/{wanda}")).status_code == 401


async def test_the_residents_talk_by_the_clock_while_the_server_runs() -> None:
    server = PipeWorks(clock=WallClock())
    async with served(server) as client:
        wanda = await playing(client, "Wanda")
        server.clock.advance(100)

        while "[Recent messages]" not in (await client.get(f"/chat/{wanda}")).text:
            pass

        assert server.mud.messages[0].speaker in {resident.name for resident in RESIDENTS}


async def test_half_a_character_crosses_the_wire_as_an_escape(server: PipeWorks) -> None:
    async with served(server) as client:
        wanda = await playing(client, "Wanda")
        server.faults.switch_on("lone_surrogate@chat")

        reply = await client.get(f"/chat/{wanda}")

        assert reply.text.endswith(r'\ud83d"}')
        assert reply.headers["content-type"] == "application/json"
