"""Who loses a fight over an account rests, each time for longer."""

from dataclasses import dataclass

from bridge.gateway.identity.standoffs import Standoffs
from bridge.sandbox.clock import HandClock
from bridge.spec.loader import load_game, spec_folder

SPEC = load_game(spec_folder(), "pipeworks")
WITHIN = SPEC.auth["account"].rival_within or 0.0
ANN = {"username": "ann"}


@dataclass
class Fight:
    """A session that is renewed and lost again after so many seconds."""

    clock: HandClock
    standoffs: Standoffs

    def round(self, held: float) -> None:
        self.standoffs.renewed("account", ANN)
        self.clock.advance(held)
        self.standoffs.lost("account", ANN)

    def rest(self) -> float:
        """Return the seconds until it may be signed in to again, having let them pass."""
        began = self.clock.now()
        while self.standoffs.rest_of("account", ANN) is not None:
            self.clock.advance(WITHIN / 10)
        return self.clock.now() - began


def fight() -> Fight:
    clock = HandClock()
    return Fight(clock, Standoffs(SPEC, clock.now))


def test_each_rest_is_twice_as_long_as_the_one_before() -> None:
    war = fight()
    rests = []

    for _ in range(4):
        war.round(held=1)
        rests.append(round(war.rest() / WITHIN))

    assert rests == [1, 2, 4, 8]


def test_a_session_that_has_lasted_ends_a_row_of_fights() -> None:
    war = fight()
    for _ in range(3):
        war.round(held=1)
        war.rest()

    war.round(held=WITHIN + 1)
    assert war.rest() == 0
    war.round(held=1)

    assert round(war.rest() / WITHIN) == 1


def test_the_first_loss_of_all_is_no_fight() -> None:
    war = fight()

    war.standoffs.lost("account", ANN)

    assert war.rest() == 0


def test_an_auth_that_nobody_fights_over_never_rests() -> None:
    clock = HandClock()
    standoffs = Standoffs(SPEC, clock.now)

    standoffs.renewed("character", ANN)
    standoffs.lost("character", ANN)

    assert standoffs.rest_of("character", ANN) is None


def test_another_account_has_a_story_of_its_own() -> None:
    war = fight()
    war.round(held=1)
    assert war.standoffs.any_rest() is not None
    assert war.standoffs.lost_last() is not None

    assert war.standoffs.rest_of("account", {"username": "bo"}) is None
    assert war.standoffs.any_rest() is None
    war.standoffs.lost("account", {"username": "bo"})

    assert war.standoffs.any_rest() is None


def test_who_logs_in_on_purpose_does_not_rest() -> None:
    war = fight()
    war.round(held=1)
    war.standoffs.clear()

    assert war.rest() == 0


def test_a_rest_says_when_it_ends_and_what_to_do() -> None:
    war = fight()
    war.round(held=1)

    refused = war.standoffs.any_rest()

    assert refused is not None
    assert refused.code == "displaced"
    assert "left alone until 20" in refused.message
    assert "Close the other client" in refused.hint


def test_a_lost_fight_is_known_until_it_is_signed_in_to_again() -> None:
    war = fight()
    assert war.standoffs.lost_last() is None

    war.round(held=1)
    war.rest()
    assert war.standoffs.lost_last() is not None
    war.standoffs.renewed("account", ANN)

    assert war.standoffs.lost_last() is None
