import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.world import Maid
from tests.sandbox.maid.visitor import Visitor


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def world(clock: HandClock) -> Maid:
    """A world in which nothing happens but what the test does."""
    return Maid(clock=clock, quiet=True)


@pytest.fixture
def roomy(world: Maid) -> Visitor:
    """Somebody who may do everything, and often."""
    return Visitor(world, key=demo.ROOMY)
