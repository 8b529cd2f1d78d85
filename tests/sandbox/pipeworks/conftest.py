import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import Visitor


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def world(clock: HandClock) -> PipeWorks:
    """A server on which nobody is but the steward and who a test brings along."""
    return PipeWorks(clock=clock, residents=False)


@pytest.fixture
def wanda(world: PipeWorks) -> Visitor:
    """A guest who plays, with a name of one word."""
    return Visitor.guest(world, "Wanda")


@pytest.fixture
def walker(world: PipeWorks) -> Visitor:
    """Somebody who plays in the world with rooms and things."""
    world.create_account("walker", "a long-legged walk")
    world.grant_world("walker", "daily_undertaking")
    character = world.create_character("walker", "Long Walker", "daily_undertaking")
    visitor = Visitor.logged_in(world, "walker", "a long-legged walk")
    visitor.select(character.id)
    return visitor


@pytest.fixture
def admin(world: PipeWorks) -> Visitor:
    """Somebody with the role admin, who plays nothing."""
    world.create_account("adelheid", "orderly teacups", role="admin")
    return Visitor.logged_in(world, "adelheid", "orderly teacups")


@pytest.fixture
def steward(world: PipeWorks) -> Visitor:
    """The superuser that every server has."""
    return Visitor.logged_in(world, "steward", "dry-kettle-lantern")
