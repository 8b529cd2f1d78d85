"""Asking the player, with the real gateway, the simulated SpaceMolt and hosts of both eras."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import mcp_types as wire
import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext

from bridge.server.app import BridgeServer, build_server
from tests.gateway.spacemolt_table import Table, laid
from tests.server.hosts import both_eras, text_of

pytestmark = pytest.mark.anyio

Answering = Callable[[wire.ElicitRequestParams], wire.ElicitResult]


@asynccontextmanager
async def asked(
    table: Table, mode: str, answer: Answering, *, server: BridgeServer | None = None
) -> AsyncIterator[Client]:
    """A host that puts questions to a player who answers like this."""

    async def callback(
        context: ClientRequestContext,
        params: wire.ElicitRequestParams,
    ) -> wire.ElicitResult | wire.ErrorData:
        return await anyio.to_thread.run_sync(answer, params)

    server = server or build_server(table.gateway)
    with anyio.fail_after(20):
        async with Client(server, mode=mode, elicitation_callback=callback) as client:
            yield client


def saying(content: dict[str, bool] | None, heard: list[str]) -> Answering:
    def answer(params: wire.ElicitRequestParams) -> wire.ElicitResult:
        heard.append(params.message)
        given = dict[str, str | int | float | bool | list[str] | None](content) if content else None
        return wire.ElicitResult(action="accept" if content else "decline", content=given)

    return answer


@both_eras
async def test_what_cannot_be_undone_is_done_when_the_player_agrees(
    tmp_path: Path, mode: str
) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        await table.done("undock")
        heard: list[str] = []

        async with asked(table, mode, saying({"agree": True}, heard)) as host:
            result = await host.call_tool("bridge_call", {"tool": "spacemolt_self_destruct"})

        assert not result.is_error
        assert heard == ["Allow spacemolt_self_destruct()? It cannot be undone."]
        assert table.world.executed["self_destruct"] == 1


@both_eras
@pytest.mark.parametrize("said", [None, {"agree": False}])
async def test_it_is_not_done_when_the_player_does_not(
    tmp_path: Path, mode: str, said: dict[str, bool] | None
) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        await table.done("undock")

        async with asked(table, mode, saying(said, [])) as host:
            result = await host.call_tool("bridge_call", {"tool": "spacemolt_self_destruct"})

        assert result.is_error
        assert "not_confirmed" in text_of(result)
        assert table.world.executed["self_destruct"] == 0


@both_eras
async def test_nothing_is_asked_about_what_only_reads_or_can_be_undone(
    tmp_path: Path, mode: str
) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        heard: list[str] = []

        async with asked(table, mode, saying({"agree": True}, heard)) as host:
            await host.call_tool("spacemolt_get_status", {})
            await host.call_tool("spacemolt_undock", {})

        assert heard == []


@both_eras
async def test_everything_that_acts_is_asked_about_where_the_player_wants_that(
    tmp_path: Path, mode: str
) -> None:
    async with laid(tmp_path, confirm="always") as table:
        await table.register()
        heard: list[str] = []

        async with asked(table, mode, saying({"agree": True}, heard)) as host:
            await host.call_tool("spacemolt_get_status", {})
            await host.call_tool("spacemolt_undock", {})

        assert heard == ["Allow spacemolt_undock()?"]


@both_eras
async def test_a_host_that_cannot_ask_is_not_asked(tmp_path: Path, mode: str) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        await table.done("undock")

        with anyio.fail_after(20):
            async with Client(build_server(table.gateway), mode=mode) as host:
                result = await host.call_tool("bridge_call", {"tool": "spacemolt_self_destruct"})

        assert not result.is_error


def filling_in(username: str, password: str, visited: list[str]) -> Answering:
    """A player who opens the page and types."""

    def answer(params: wire.ElicitRequestParams) -> wire.ElicitResult:
        assert isinstance(params, wire.ElicitRequestURLParams)
        visited.append(params.url)
        page = httpx.get(params.url)
        token = re.search(r"name='csrf' value='([^']+)'", page.text)
        assert token, page.text
        typed = {"csrf": token[1], "username": username, "password": password}
        origin = params.url.rpartition("/")[0]
        answer = httpx.post(params.url, data=typed, headers={"Origin": origin})
        assert "Thank you" in answer.text
        return wire.ElicitResult(action="accept")

    return answer


@both_eras
async def test_the_player_types_the_password_on_a_page_and_the_call_goes_on(
    tmp_path: Path, mode: str
) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        vault = table.gateway.vault
        password = await vault.get("spacemolt", "default", "password")
        assert password is not None
        await vault.forget("spacemolt", "default", "username")
        await vault.forget("spacemolt", "default", "password")
        await table.player.carrier.start_afresh(as_another=True)
        visited: list[str] = []

        async with asked(table, mode, filling_in("Tester", password, visited)) as host:
            result = await host.call_tool("spacemolt_get_status", {})

        assert "Tester" in text_of(result)
        assert len(visited) == 1
        assert await vault.get("spacemolt", "default", "password") == password
        assert password not in visited[0] + text_of(result)


@both_eras
async def test_a_player_who_closes_the_page_is_told_the_other_way(
    tmp_path: Path, mode: str
) -> None:
    async with laid(tmp_path) as table:
        urls: list[str] = []

        def decline(params: wire.ElicitRequestParams) -> wire.ElicitResult:
            assert isinstance(params, wire.ElicitRequestURLParams)
            urls.append(params.url)
            return wire.ElicitResult(action="decline")

        async with asked(table, mode, decline) as host:
            result = await host.call_tool("spacemolt_get_status", {})
            async with httpx.AsyncClient() as browser:
                read = await browser.get(urls[0])

        assert result.is_error
        assert "game-bridge login spacemolt" in text_of(result)
        assert read.status_code == 404


@both_eras
async def test_a_host_on_another_machine_is_sent_to_no_page_of_this_one(
    tmp_path: Path, mode: str
) -> None:
    async with laid(tmp_path) as table:
        visited: list[str] = []
        far = build_server(table.gateway, near=False)

        async with asked(table, mode, filling_in("x", "y", visited), server=far) as host:
            result = await host.call_tool("spacemolt_get_status", {})

        assert visited == []
        assert "game-bridge login spacemolt" in text_of(result)
