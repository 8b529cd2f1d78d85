from collections import Counter

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.spacemolt.game import Game
from tests.sandbox.spacemolt.pilot import Pilot


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def game(clock: HandClock) -> Game:
    """A galaxy in which nobody acts but the test."""
    return Game(clock=clock, seed=1, tick_seconds=10.0, executed=Counter(), lively=False)


@pytest.fixture
def ann(game: Game) -> Pilot:
    return Pilot(game, "Ann")


@pytest.fixture
def bob(game: Game) -> Pilot:
    return Pilot(game, "Bob")
