import pytest

from bridge.gateway.watching.polling import interval_of
from bridge.spec.model import EventSource

ALWAYS = EventSource(source="poll", command="look", every=5.0)
ON_REQUEST = EventSource(source="poll", command="poll", every=5.0, on_request=(600.0, 1800.0))


@pytest.mark.parametrize("wanted", [None, 1.0])
def test_a_game_that_does_not_mind_is_polled_as_its_spec_says(wanted: float | None) -> None:
    assert interval_of(ALWAYS, wanted) == 5.0


@pytest.mark.parametrize(
    ("wanted", "interval"), [(None, None), (1.0, 600.0), (900.0, 900.0), (1e9, 1800.0)]
)
def test_a_game_that_asks_for_restraint_is_polled_as_the_player_says_within_its_bounds(
    wanted: float | None, interval: float | None
) -> None:
    assert interval_of(ON_REQUEST, wanted) == interval
