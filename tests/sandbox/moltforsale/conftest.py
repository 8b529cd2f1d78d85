import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.world import Moltforsale


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def world(clock: HandClock) -> Moltforsale:
    """An arena in which nobody acts but the test."""
    return Moltforsale(clock=clock, schemers=0)
