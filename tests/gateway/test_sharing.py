"""Two gateways on one account, as two hosts of one user have them: one state folder, one game."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

import anyio
import pytest
from pydantic import JsonValue

from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.calls import ToolResult
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.protocol.verdict import Done, Refused
from bridge.settings import Settings
from tests.gateway.spacemolt_table import SPEC, Table, laid
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio

ME = ("spacemolt", "default")


@asynccontextmanager
async def second(table: Table, folder: Path, **chosen: object) -> AsyncIterator[Gateway]:
    """A second gateway of the same user, with the same secrets, at the same world."""
    first = table.gateway
    settings = Settings(
        urls=first.settings.urls,
        unpaced=first.settings.unpaced,
        state_folder=folder,
        **chosen,  # type: ignore[arg-type]  # any field of the settings
    )
    vault = MemoryVault(Secrets())
    for slot in SPEC.credentials:
        value = await first.vault.get(*ME, slot)
        if value is not None:
            vault.hold(*ME, slot, value)
    async with Journal(folder / "journal.db", poll_interval=0.05) as journal:
        gateway = Gateway({"spacemolt": SPEC}, settings, vault, journal)
        async with gateway.running():
            yield gateway


@asynccontextmanager
async def shared(folder: Path, **chosen: object) -> AsyncIterator[tuple[Table, Gateway]]:
    """A registered player whose live connection one gateway has, and another gateway."""
    async with AsyncExitStack() as stack:
        table = await stack.enter_async_context(laid(folder))
        await table.register()
        await table.done("get_status")
        yield table, await stack.enter_async_context(second(table, folder, **chosen))


async def called(gateway: Gateway, command: str, **arguments: JsonValue) -> ToolResult:
    return await gateway.call(f"spacemolt_{command}", arguments)


async def connection(gateway: Gateway) -> str:
    status = (await gateway.call("bridge_status", {"game": "spacemolt"})).outcome
    assert isinstance(status, Done)
    told = cast("dict[str, dict[str, dict[str, dict[str, str]]]]", status.result)
    return told["spacemolt"]["default"]["connection"]["websocket"]


async def test_the_second_uses_http_and_says_so_once_and_in_its_status(tmp_path: Path) -> None:
    async with shared(tmp_path) as (table, other):
        before = await called(other, "get_status")
        after = await called(other, "get_status")

        assert isinstance(before.outcome, Done)
        assert any("has the live connection" in note for note in before.outcome.notes)
        assert after.outcome.notes == ()
        assert "has the live connection" in await connection(other)
        assert await connection(table.gateway) == "open"


async def test_neither_displaces_the_other(tmp_path: Path) -> None:
    async with shared(tmp_path) as (table, other):
        for _ in range(5):
            assert isinstance((await called(other, "get_cargo")).outcome, Done)
            await table.done("get_cargo")

        assert table.player.carrier.lives()["websocket"].reopenings == 0


async def test_where_there_is_no_other_way_it_is_refused_with_the_reason(tmp_path: Path) -> None:
    async with shared(tmp_path, via={"spacemolt": "websocket"}) as (_, other):
        outcome = (await called(other, "get_status")).outcome

        assert isinstance(outcome, Refused)
        assert outcome.code == "unreachable"
        assert "has the live connection" in outcome.message


async def test_what_one_hears_the_other_reads_once(tmp_path: Path) -> None:
    async with shared(tmp_path) as (table, other):
        await called(other, "get_status")
        table.world.pilot_chats("Tester", "hello both")
        await table.until_kind("chat_message", "chat")
        await called(other, "get_status")

        with anyio.fail_after(PATIENCE_SECONDS):
            read = (await other.call("bridge_events", {"feed": "chat", "wait_seconds": 4})).outcome

        assert str(read).count("hello both") == 1


async def test_a_listener_hears_of_what_the_other_process_records(tmp_path: Path) -> None:
    async with shared(tmp_path) as (table, other):
        heard = anyio.Event()
        other.feeds.listen(lambda _game, _account, feed: heard.set() if feed == "chat" else None)
        with anyio.fail_after(PATIENCE_SECONDS), other.listening(*ME, "chat"):
            async with anyio.create_task_group() as tasks:
                await tasks.start(other.feeds.follow)
                table.world.pilot_chats("Tester", "hello both")
                await heard.wait()
                tasks.cancel_scope.cancel()


async def test_when_the_first_leaves_the_next_call_of_the_second_opens_the_connection(
    tmp_path: Path,
) -> None:
    async with shared(tmp_path) as (table, other):
        await called(other, "get_status")
        await table.player.leave()

        outcome = (await called(other, "get_status")).outcome

        assert isinstance(outcome, Done)
        assert await connection(other) == "open"


async def test_who_listens_takes_over_without_a_call(tmp_path: Path) -> None:
    async with shared(tmp_path) as (table, other):
        with other.listening(*ME, "chat"), anyio.fail_after(PATIENCE_SECONDS):
            while await connection_state(other) != "elsewhere":
                await moment()
            await table.player.leave()
            while await connection_state(other) != "open":
                await moment()


async def connection_state(gateway: Gateway) -> str:
    live = gateway.player(*ME).carrier.lives().get("websocket")
    return "closed" if live is None else live.state


async def test_a_connection_that_was_displaced_keeps_its_lease(tmp_path: Path) -> None:
    async with shared(tmp_path) as (table, other):
        table.world.close_connections(code=4001, reason="session_replaced")
        with anyio.fail_after(PATIENCE_SECONDS):
            while table.player.carrier.lives()["websocket"].final is None:
                await moment()

        assert isinstance((await called(other, "get_status")).outcome, Done)
        assert "has the live connection" in await connection(other)
