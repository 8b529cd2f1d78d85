from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bridge.gateway.doctor import examine, port_for_machines
from bridge.sandbox.maid.world import Maid
from bridge.sandbox.server import running
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from bridge.upstream.http import HttpClient

pytestmark = pytest.mark.anyio
SPEC = load_game(spec_folder(), "maid")


@asynccontextmanager
async def client() -> AsyncIterator[HttpClient]:
    http = HttpClient()
    try:
        yield http
    finally:
        await http.close()


async def test_a_server_that_is_well_says_so_at_every_door() -> None:
    async with running([Maid(quiet=True)]) as url, client() as http:
        probes = await examine(SPEC, Settings(urls={"maid": f"{url}/maid"}, sandbox=True), http)

    told = {probe.name: probe.told for probe in probes}
    assert all(probe.well for probe in probes)
    assert told.keys() == {"liveness", "metrics", "process_health", "readiness"}
    assert told["liveness"].startswith("status alive, last_tick_ms_ago ")
    assert "maid_players_online 40" in told["metrics"]


async def test_a_server_that_is_not_ready_is_told_by_its_own_word() -> None:
    world = Maid(quiet=True)
    world.faults.switch_on("not_ready")
    async with running([world]) as url, client() as http:
        probes = await examine(SPEC, Settings(urls={"maid": f"{url}/maid"}, sandbox=True), http)

    assert {p.name: (p.well, p.told) for p in probes}["readiness"] == (False, "Engine not ready")


async def test_a_port_at_which_nobody_answers_is_not_well() -> None:
    async with client() as http:
        (probe, *_) = await examine(
            SPEC, Settings(urls={"maid": "http://127.0.0.1:9"}, sandbox=True), http
        )

    assert probe.well is False
    assert "cannot be reached" in probe.told


async def test_a_server_on_another_machine_is_left_alone() -> None:
    async with client() as http:
        probes = await examine(SPEC, Settings(urls={"maid": "https://mud.example"}), http)

    assert {probe.well for probe in probes} == {None}


@pytest.mark.parametrize(
    ("given", "where"),
    [
        (None, "http://localhost:9090"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:9090"),
        ("http://[::1]:8080/mud", "http://[::1]:9090"),
        ("https://mud.example", None),
    ],
)
def test_the_port_for_machines_is_beside_the_game(given: str | None, where: str | None) -> None:
    settings = Settings(urls={"maid": given} if given else {})

    assert port_for_machines(SPEC, "observability", settings) == where


async def test_a_game_without_such_a_port_is_asked_nothing() -> None:
    async with client() as http:
        assert await examine(load_game(spec_folder(), "spacemolt"), Settings(), http) == []
