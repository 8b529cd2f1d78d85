"""A game that pushes more than anybody could take."""

import json
import tracemalloc
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from tests.faults.hostile_server import Visit, frame
from tests.waiting import moment

pytestmark = pytest.mark.anyio

MAID = load_game(spec_folder(), "maid")
KEY = "maid_0123abcd_canarycanarycanarycanary"
MOST_MEMORY = 32 * 2**20
HEARD = 200
"""Messages that the game would get rid of if there were no bound."""


async def test_a_flood_of_large_events_waits_in_the_game_not_in_memory(tmp_path: Path) -> None:
    sent = [0]
    event = {"type": "player.login", "data": {"text": "x" * 900_000}}

    async def flood(stream: SocketStream) -> None:
        visit = Visit(stream, bytearray(), "")
        try:
            async with stream:
                await visit.shake_hands()
                while True:
                    await visit.send(frame(json.dumps(event).encode()))
                    sent[0] += 1
        except (anyio.BrokenResourceError, anyio.EndOfStream, OSError):
            return

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra_attributes[SocketAttribute.local_port]()
    vault = MemoryVault(Secrets())
    vault.hold("maid", "default", "api_key", KEY)
    settings = Settings(urls={"maid": f"http://127.0.0.1:{port}"}, state_folder=tmp_path)
    gateway = Gateway({"maid": MAID}, settings, vault, Journal(tmp_path / "journal.db"))
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, flood)
        async with gateway.journal, gateway.running():
            await gateway.call("bridge_status", {})
            tracemalloc.start()
            try:
                with gateway.listening("maid", "default", "all"), anyio.move_on_after(2):
                    while sent[0] < HEARD:
                        await moment()
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
        tasks.cancel_scope.cancel()

    assert sent[0] > 0
    assert peak < MOST_MEMORY
