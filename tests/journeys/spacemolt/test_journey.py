"""One story of two accounts, over each of the three ways, with equal outcomes.

What came of each step is compared as data. Three things are left out or made alike first: ids,
which are random; times and ticks, which pass while the story is told; and where HTTP v2 answers
with other sections of the state than v1, only what both have. The texts that a model reads are
the game's own rendering on v2 and JSON on the others, so they are not compared.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Done, Outcome, Refused
from tests.journeys.spacemolt.table import WAYS, Table, laid
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

ACCOUNTS = {"default": "Alpha", "second": "Beta"}
PASSING = re.compile(
    r"(^|_)(tick|ticks|at|until|timestamp|utc|expires|time)(_|$)|^remaining$|hull|shield"
)
RANDOM_ID = re.compile(r"\b[0-9a-f]{32}\b")
SECTIONS = ("get_status", "get_cargo")
TOLD_ONCE = ("chat_message", "trade_offer_received", "scan_detected", "player_died", "mining_yield")


@dataclass
class Tale:
    """What came of a story."""

    steps: list[tuple[str, str, JsonValue]] = field(default_factory=list)
    events: dict[str, Counter[str]] = field(default_factory=dict)
    end: dict[str, JsonValue] = field(default_factory=dict)


class Teller:
    """Tells the story at one table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.tale = Tale()

    async def do(self, account: str, command: str, **arguments: JsonValue) -> Outcome:
        outcome = await self.table.call(command, account=account, **arguments)
        if command == "register":  # it greets over HTTP, and in a push over the socket
            assert isinstance(outcome, Done)
            return outcome
        told: JsonValue
        match outcome:
            case Done(result=result):
                told = facts(result) if command in SECTIONS else self.alike(result)
            case Refused(code=code):
                told = code
            case _:
                told = str(outcome)
        self.tale.steps.append((account, command, told))
        return outcome

    async def told(self, account: str, command: str, **arguments: JsonValue) -> str:
        outcome = await self.do(account, command, **arguments)
        assert isinstance(outcome, Done), outcome
        return str(outcome.result)

    def alike(self, value: JsonValue) -> JsonValue:
        """Return a result without what is random or passes."""
        if isinstance(value, Mapping):
            return {k: self.alike(v) for k, v in value.items() if not PASSING.search(k)}
        if isinstance(value, list):
            return [self.alike(each) for each in value]
        if not isinstance(value, str):
            return value
        return RANDOM_ID.sub(lambda found: self.name_of(found[0]), value)

    def name_of(self, random_id: str) -> str:
        return next((name for each, name in ACCOUNTS.items() if self.id_of(each) == random_id), "?")

    def id_of(self, account: str) -> str:
        return self.table.world.player(ACCOUNTS[account]).id


def facts(result: JsonValue) -> JsonValue:
    """Return what both versions say about the state."""
    assert isinstance(result, Mapping)
    player, ship, cargo = (result.get(part) for part in ("player", "ship", "cargo"))
    told: dict[str, JsonValue] = {}
    if isinstance(player, Mapping):
        told |= {key: player[key] for key in ("username", "empire", "credits", "home_base")}
        assert isinstance(ship, Mapping)
        told |= {key: ship[key] for key in ("class_id", "cargo_used", "cargo_capacity")}
    if "player" not in result and isinstance(cargo, list):
        told["cargo"] = cargo
    return told


async def story(table: Table) -> Tale:
    teller = Teller(table)
    do = teller.do
    for account, username in ACCOUNTS.items():
        await do(
            account,
            "register",
            username=username,
            empire="solarian",
            registration_code="sandbox",
        )
    await prepare(teller)
    await earn(teller)
    await deal(teller)
    await fight(teller)
    for account in ACCOUNTS:
        events = await table.events(account=account)
        teller.tale.events[account] = Counter(each.kind for each in events)
    return teller.tale


async def prepare(teller: Teller) -> None:
    for account in ACCOUNTS:
        await teller.do(account, "get_status")
    await teller.do("second", "get_insurance_quote")
    await teller.do("second", "buy_insurance", ticks=5000)
    await teller.do("second", "view_insurance")
    await teller.do("second", "set_home_base", base_id="confederacy_central_command")


async def earn(teller: Teller) -> None:
    do = teller.do
    await do("default", "mine")  # nothing to mine where the station is
    await do("default", "undock")
    await do("default", "travel", target_poi="nowhere_at_all")
    await do("default", "travel", target_poi="main_belt")
    for _ in range(3):
        await do("default", "mine")
    await do("default", "get_cargo")
    await do("default", "travel", target_poi="earth")
    await do("default", "sell", item_id="iron_ore", quantity=10)
    await do("default", "sell", item_id="gold_dust", quantity=10)
    await do("default", "refuel")
    await do("default", "get_status")


async def deal(teller: Teller) -> None:
    do = teller.do
    goods: list[JsonValue] = [{"item_id": "iron_ore", "quantity": 2}]
    beta = teller.id_of("second")
    await do("default", "trade_offer", target_id=beta, offer_items=goods, request_credits=5)
    trades = await teller.told("second", "get_trades")
    trade = RANDOM_ID.findall(trades)[0]
    await do("second", "trade_accept", trade_id=trade)
    await do("second", "trade_accept", trade_id=trade)
    await do("default", "chat", channel="local", content="Good trade!")
    await do("second", "get_chat_history", channel="local")
    await do("second", "get_cargo")


async def fight(teller: Teller) -> None:
    do, beta = teller.do, teller.id_of("second")
    for account in ACCOUNTS:
        await do(account, "undock")
        await do(account, "travel", target_poi="main_belt")
    await do("default", "scan", target_id=beta)
    await do("default", "attack", target_id=beta)
    await do("second", "battle", action="stance", stance="evade")
    with anyio.fail_after(PATIENCE_SECONDS):
        while not await teller.table.events("player_died", account="second"):
            await teller.table.call("get_battle_status", account="second")
    await do("second", "get_status")
    await do("second", "view_insurance")
    assert "victim_name': 'Beta'" in str(await teller.table.done("get_wrecks"))
    death = (await teller.table.events("player_died", account="second"))[0]
    teller.tale.end["death"] = teller.alike(dict(death.data))
    for account, name in ACCOUNTS.items():
        player = teller.table.world.player(name)
        teller.tale.end[account] = [player.credits, player.home_base]


async def test_the_same_story_has_the_same_outcomes_over_every_way(tmp_path: Path) -> None:
    tales: dict[str, Tale] = {}

    async def tell(way: str) -> None:
        accounts = {"spacemolt": tuple(ACCOUNTS)}
        async with laid(tmp_path / way, way=way, accounts=accounts) as table:
            tales[way] = await story(table)
            assert {each.way for each in table.world.requests} == {way}

    async with anyio.create_task_group() as tasks:
        for way in WAYS:
            (tmp_path / way).mkdir()
            tasks.start_soon(tell, way)

    for way in ("http_v2", "http_v1"):
        for ours, theirs in zip(tales["websocket"].steps, tales[way].steps, strict=True):
            assert ours == theirs
        assert tales["websocket"].end == tales[way].end
        for account in ACCOUNTS:
            for kind in TOLD_ONCE:
                told = {each: tales[each].events[account][kind] for each in ("websocket", way)}
                assert len(set(told.values())) == 1, (account, kind, told)
    assert "'insurance_payout': 350" in str(tales["websocket"].end["death"])
    assert tales["websocket"].events["second"]["player_died"] == 1
