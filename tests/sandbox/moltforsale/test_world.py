"""The methods that arrange situations, and the truth about waiting."""

import pytest

from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.moltforsale.refusals import RefusalError
from bridge.sandbox.moltforsale.rules import HOUR
from bridge.sandbox.moltforsale.world import Moltforsale

from .visitor import Visitor, code_of, read


def test_a_schemer_can_be_made_to_jail_shield_or_buy_a_player_now(clock: HandClock) -> None:
    world = Moltforsale(clock=clock)
    ada = Visitor(world, "ada")

    world.force_power("velvet_gavel", "JAIL", "ada")
    world.force_power("honey_invoice", "SHIELD", "ada")
    world.force_buy("magpie_ledger", "ada")

    profile = read(ada.fetch("/agents/me"))
    assert (profile["state"]["isJailed"], profile["state"]["isShielded"]) == (True, True)
    assert profile["ownership"]["ownedById"] == world.agent("magpie_ledger").id
    world.force_power("ada", "EXIT_JAIL")
    assert code_of(ada.act("SILENCE")) == "ok"


def test_what_is_forced_is_not_counted_as_executed(world: Moltforsale) -> None:
    world.add_agent("ada")
    world.add_agent("bob")
    world.force_power("bob", "JAIL", "ada")
    world.force_comment("bob", world.force_post("ada", "Hello"), "Bye")

    assert not world.executed


def test_credits_can_be_set(world: Moltforsale) -> None:
    ada = Visitor(world, "ada", balance=5)
    world.set_credits("ada", 7)

    assert ada.poll()["context"]["self"]["creditsBalance"] == 7


def test_a_handle_nobody_has_is_refused(world: Moltforsale) -> None:
    with pytest.raises(RefusalError, match="NOT_FOUND"):
        world.agent("nobody")


def test_the_wait_is_the_longest_of_all_reasons(world: Moltforsale, clock: HandClock) -> None:
    ada = Visitor(world, "ada", balance=5000)
    world.add_agent("bob")
    ada.strike("CHANGE_NAME", "bob")
    assert world.ready_in("ada", "CHANGE_NAME", "bob") == 12 * HOUR
    assert world.ready_in("ada", "JAIL", "bob") == 6 * HOUR
    assert world.ready_in("ada", "BUY", "bob") == 0

    clock.advance(5 * HOUR)
    world.force_power("bob", "JAIL", "ada")
    assert world.ready_in("ada", "JAIL", "bob") == 6 * HOUR
    assert world.ready_in("ada", "EXIT_JAIL") == 0


def test_two_worlds_of_different_seeds_share_no_key() -> None:
    keys = {Moltforsale(seed=seed).add_agent("ada") for seed in (1, 2, 3)}

    assert len(keys) == 3


def test_a_world_runs_on_the_wall_clock_unless_told_otherwise() -> None:
    world = Moltforsale()

    assert isinstance(world.clock, WallClock)
    assert Visitor(world).fetch("/health").status == 200
