from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.feeds import Feeds
from bridge.gateway.pacing.admission import Admission
from bridge.gateway.services import Services
from bridge.gateway.shared.gates import Gates, NotNow
from bridge.journal import Journal
from bridge.protocol.judge import Verdict
from bridge.protocol.verdict import Done, Refused
from bridge.sandbox.clock import HandClock
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from bridge.upstream.http import HttpClient

pytestmark = pytest.mark.anyio

SPEC = load_game(spec_folder(), "spacemolt")
HERE = "http://127.0.0.1:1/spacemolt"


@asynccontextmanager
async def standing(
    folder: Path, clock: HandClock, *, unpaced: frozenset[str] = frozenset()
) -> AsyncIterator[Admission]:
    async def sleep(seconds: float) -> None:
        clock.advance(seconds)

    journal = Journal(folder / "events.sqlite3")
    async with anyio.create_task_group() as tasks:
        services = Services(
            settings=Settings(state_folder=folder, unpaced=unpaced),
            vault=MemoryVault(Secrets()),
            feeds=Feeds(journal, {"spacemolt": SPEC}),
            http=HttpClient(),
            tasks=tasks,
            now=clock.now,
            gates=Gates(folder),
            sleep=sleep,
        )
        yield Admission(SPEC, services, HERE)


def refusal(wait: float | None) -> Verdict:
    refused = Refused(code="ip_timed_out", message="Too many requests.", wait=wait)
    return Verdict(outcome=refused, then="wait", ip_wide=True)


async def test_a_refusal_of_the_whole_address_closes_the_door_until_its_time_is_over(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    async with standing(tmp_path, clock) as admission:
        admission.check()
        admission.heed(refusal(120))

        with pytest.raises(NotNow) as caught:
            admission.check()

        assert caught.value.refused.code == "ip_timed_out"
        assert caught.value.refused.local
        assert caught.value.refused.wait == pytest.approx(120)
        clock.advance(120)
        admission.check()


async def test_only_a_refusal_of_the_whole_address_closes_it(tmp_path: Path) -> None:
    async with standing(tmp_path, HandClock()) as admission:
        admission.heed(Verdict(outcome=Done(result={}), ip_wide=True))
        admission.heed(refusal(None))
        admission.heed(Verdict(outcome=Refused(code="rate_limited", message="No.", wait=60)))

        admission.check()


async def test_a_short_wait_at_the_door_is_waited_out(tmp_path: Path) -> None:
    clock = HandClock()
    async with standing(tmp_path, clock) as admission:
        for _ in range(29):
            await admission.enter(["sign_ins"])
        began = clock.now()
        clock.advance(50)
        await admission.enter(["sign_ins"])

        await admission.enter(["sign_ins"])

        assert clock.now() == pytest.approx(began + 60)


async def test_a_long_one_is_refused_with_its_end(tmp_path: Path) -> None:
    clock = HandClock()
    async with standing(tmp_path, clock) as admission:
        for _ in range(30):
            await admission.enter(["sign_ins"])

        with pytest.raises(NotNow) as caught:
            await admission.enter(["sign_ins"])

        assert caught.value.refused.code == "rate_limited"
        assert caught.value.refused.wait == pytest.approx(60)


async def test_the_door_is_counted_for_all_processes_together(tmp_path: Path) -> None:
    clock = HandClock()
    async with standing(tmp_path, clock) as one, standing(tmp_path, clock) as two:
        for _ in range(15):
            await one.enter(["sign_ins"])
            await two.enter(["sign_ins"])

        with pytest.raises(NotNow):
            await two.enter(["sign_ins"])


async def test_what_costs_nothing_and_a_sandbox_without_limits_pass(tmp_path: Path) -> None:
    clock = HandClock()
    async with standing(tmp_path, clock, unpaced=frozenset({"spacemolt"})) as admission:
        for _ in range(40):
            await admission.enter(["sign_ins"])
            await admission.enter([])

        admission.heed(refusal(5))
        with pytest.raises(NotNow):
            await admission.enter([])
