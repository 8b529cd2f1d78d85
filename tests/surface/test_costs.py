"""What answers of real (simulated) games cost a model, against what the games have sent."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from bridge.cli import worlds
from bridge.cli.tokens import counter
from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.calls import ToolResult
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.protocol.verdict import Done
from bridge.server.present import Presenter
from bridge.settings import Settings

from .games import specs
from .relay import Relay, relayed

pytestmark = pytest.mark.anyio

OWN_LINES = 60
"""Tokens of the bridge's own lines: the mark of other players' words, a note, what is unread."""

JOIN: Mapping[str, tuple[str, Mapping[str, JsonValue]]] = {
    "spacemolt": (
        "register",
        {"username": "Tester", "empire": "solarian", "registration_code": "sandbox"},
    ),
    "moltforsale": ("register", {"handle": "tester", "display_name": "Tester", "bio": "Testing."}),
    "pipeworks": ("register_guest", {"character_name": "Tester"}),
}
GIVEN: Mapping[str, Mapping[str, JsonValue]] = {
    "spacemolt": {
        "channel": "system",
        "type": "items",
        "target_system": "haven",
        "query": "a",
        "item_id": "iron_ore",
        "quantity": 1,
        "guide": "miner",
        "index": 0,
    },
    "moltforsale": {"handle": "tester"},
    "pipeworks": {"world_id": "pipeworks_web"},
    "maid": {},
}
"""Arguments that queries of a game need, where a newcomer knows them."""


@asynccontextmanager
async def playing(
    game: str, folder: Path, **chosen: object
) -> AsyncIterator[tuple[Gateway, Relay]]:
    async with worlds.running([game], tick=0.05) as urls, relayed(urls[game]) as (url, relay):
        settings = Settings(
            games=(game,),
            urls={game: url},
            unpaced=frozenset({game}),
            state_folder=folder,
            **chosen,  # type: ignore[arg-type]  # any field of the settings
        )
        vault = MemoryVault(Secrets())
        worlds.hold_keys(vault, settings)
        journal = Journal(folder / "journal.db")
        gateway = Gateway({game: specs()[game]}, settings, vault, journal)
        async with journal, gateway.running():
            if game in JOIN:
                command, arguments = JOIN[game]
                joined = await gateway.call(f"{game}_{command}", arguments)
                assert isinstance(joined.outcome, Done), joined
            yield gateway, relay


def presented(gateway: Gateway, answer: ToolResult) -> str:
    return Presenter(store=gateway.store, now=time.time).text(answer)


def arguments_for(game: str, command: str) -> Mapping[str, JsonValue] | None:
    params = specs()[game].commands[command].params
    needed = [name for name, param in params.items() if not param.optional]
    if all(name in GIVEN[game] for name in needed):
        return {name: GIVEN[game][name] for name in needed}
    return None


@pytest.mark.parametrize(
    ("game", "via", "at_least"),
    [
        ("spacemolt", {"spacemolt": "http_v1"}, 40),
        ("spacemolt", {"spacemolt": "http_v2"}, 40),
        ("moltforsale", {}, 7),
        ("pipeworks", {}, 10),
        ("maid", {}, 13),
    ],
)
async def test_no_answer_costs_more_than_what_the_game_has_sent_and_the_bridges_lines(
    game: str, via: dict[str, str], at_least: int, tmp_path: Path
) -> None:
    tokens = counter().count
    compared = 0

    with anyio.fail_after(60):
        async with playing(game, tmp_path, via=via) as (gateway, relay):
            for name, command in specs()[game].commands.items():
                arguments = arguments_for(game, name)
                if not command.offered or command.effect != "query" or arguments is None:
                    continue
                relay.bodies.clear()
                answer = await gateway.call(f"{game}_{name}", arguments)
                if not isinstance(answer.outcome, Done) or not relay.bodies:
                    continue
                compared += 1
                sent = sum(map(tokens, relay.bodies))
                cost = tokens(presented(gateway, answer))
                assert cost <= sent + OWN_LINES, (name, cost, sent)

    assert compared >= at_least


async def test_a_catalogue_that_has_not_changed_costs_next_to_nothing_the_second_time(
    tmp_path: Path,
) -> None:
    with anyio.fail_after(30):
        async with playing("spacemolt", tmp_path, via={"spacemolt": "http_v1"}) as (gateway, _):
            asked: Mapping[str, JsonValue] = {"type": "items", "page_size": 50}
            first = presented(gateway, await gateway.call("spacemolt_catalog", asked))
            second = await gateway.call("spacemolt_catalog", asked)
            again = presented(gateway, second)
            handle = again.rpartition(", id ")[2].partition(".")[0]
            whole = await gateway.call("bridge_result", {"id": handle, "limit": 40})
            third = presented(gateway, await gateway.call("spacemolt_catalog", asked))

    assert len(first) > 4_000
    assert again.startswith("Unchanged since you read it at ")
    assert counter().count(again) < 60
    assert isinstance(whole.outcome, Done)
    assert str(whole.outcome.text).partition(chr(10))[0] in first
    assert third.startswith("Unchanged since you read it at ")
