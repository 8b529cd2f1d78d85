import json
from collections import Counter

import pytest

from bridge.sandbox.maid import demo
from bridge.sandbox.maid.events import TYPES
from bridge.sandbox.maid.world import Maid


def lived(world: Maid, ticks: int) -> Counter[str]:
    listener = world.game.hub.connect("k", ",".join(TYPES))
    seen: Counter[str] = Counter()
    for _ in range(ticks):
        world.tick()
        seen.update(json.loads(frame)["type"] for frame in listener.outbox)
        listener.outbox.clear()
    return seen


def test_everything_that_can_happen_happens(world: Maid) -> None:
    seen = lived(world, 4_000)

    assert set(seen) == set(TYPES)
    assert seen["tick"] == 4_000


def test_the_same_seed_lives_the_same_life() -> None:
    first, second = (lived(Maid(seed=7, quiet=True), 400) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("username", [demo.PLAYER1, demo.PLAYER2, demo.BANNED1])
def test_life_leaves_the_demo_accounts_alone(world: Maid, username: str) -> None:
    account = world.game.account_named(username)
    assert account is not None
    before = (account.is_online, account.characters[0].room_id)

    lived(world, 2_000)

    assert (account.is_online, account.characters[0].room_id) == before


def test_the_world_does_not_run_empty_or_over(world: Maid) -> None:
    lived(world, 8_000)

    assert 0 < len(world.game.online()) < 120
    assert 50 < len(world.game.items) < 300


def test_nobody_walks_through_a_locked_door(world: Maid) -> None:
    vault = next(room for room in world.game.rooms.values() if room.name == "Forgotten Vault")
    already = {one.id for one in world.game.online() if one.characters[0].room_id == vault.id}

    lived(world, 4_000)

    inside = {one.id for one in world.game.online() if one.characters[0].room_id == vault.id}
    assert inside <= already
