from pathlib import Path

import anyio
import pytest

from bridge.gateway.shared.budgets import LONGEST_WAIT_SECONDS, Budgets, Sending, Ticket
from bridge.gateway.shared.notebook import FOLDER
from bridge.protocol.verdict import Refused
from bridge.protocol.wire import HttpReply
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import Cooldown, GameSpec
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio

SPEC = load_game(spec_folder(), "maid")
NOW = 1_790_000_000.0
ANSWER = HttpReply(status=200, headers={"x-ratelimit-limit": "60"})


def sending(spec: GameSpec = SPEC, key: str = "maid_00000000_dummy") -> Sending:
    command = spec.commands["list_rooms"]
    return Sending(spec, "default", command, "http://localhost:1", {"api_key": key})


def with_a_second_limit() -> GameSpec:
    """Return a spec in which a room list counts twice, once among one a minute."""
    rare = Cooldown(seconds=60, limit=1, scope="key", about="One a minute.")
    rooms = SPEC.commands["list_rooms"].model_copy(update={"cooldowns": ["key_requests", "rare"]})
    return SPEC.model_copy(
        update={
            "cooldowns": {**SPEC.cooldowns, "rare": rare},
            "commands": {**SPEC.commands, "list_rooms": rooms},
        }
    )


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await moment()


async def taken(budgets: Budgets, call: Sending, clock: Clock) -> Ticket:
    ticket = await budgets.ticket(call, clock.now, clock.sleep)
    assert isinstance(ticket, Ticket)
    return ticket


async def test_a_request_counts_among_all_its_limits_or_among_none() -> None:
    budgets, clock, call = Budgets(), Clock(), sending(with_a_second_limit())
    ticket = await taken(budgets, call, clock)
    await ticket.answered(HttpReply(status=200))
    await ticket.over()

    refused = await budgets.ticket(call, clock.now, clock.sleep)

    assert isinstance(refused, Refused)
    assert refused.wait == pytest.approx(60, abs=1)
    assert budgets.left("maid", "default", clock.now()) == {"key_requests": 59, "rare": 0}


@pytest.mark.parametrize("shared", [True, False])
async def test_the_first_request_is_waited_for_whoever_sent_it(
    tmp_path: Path, *, shared: bool
) -> None:
    one, clock = Budgets(tmp_path), Clock()
    other = Budgets(tmp_path) if shared else one
    first = await taken(one, sending(), clock)
    second: list[Ticket] = []

    async def send() -> None:
        second.append(await taken(other, sending(), clock))

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send)
            await moment()
            assert second == []
            await first.answered(ANSWER)
            await first.over()

    assert len(second) == 1


async def test_an_answer_that_never_comes_holds_the_next_request_up_for_a_while_only() -> None:
    budgets, clock = Budgets(), Clock()
    await taken(budgets, sending(), clock)

    result: list[object] = []

    async def send() -> None:
        result.append(await budgets.ticket(sending(), clock.now, clock.sleep))

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send)
            await moment()
            clock.time += LONGEST_WAIT_SECONDS + 1

    assert isinstance(result[0], Refused)


async def test_a_password_is_counted_by_in_memory_only(tmp_path: Path) -> None:
    whoami = SPEC.commands["whoami"].model_copy(update={"cooldowns": ["key_requests"]})
    known = {"username": "player1", "password": "secret"}
    call = Sending(SPEC, "default", whoami, "http://localhost:1", known)

    await taken(Budgets(tmp_path), call, Clock())
    assert not (tmp_path / FOLDER).exists()

    await taken(Budgets(tmp_path), sending(), Clock())
    assert len(list((tmp_path / FOLDER).glob("*.json"))) == 1
