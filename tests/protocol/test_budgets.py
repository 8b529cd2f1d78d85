from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.protocol.budgets import (
    LARGEST_LIMIT,
    LONGEST_OUT_SECONDS,
    LONGEST_WAIT_SECONDS,
    MARGIN_SECONDS,
    Budget,
)
from tests.spec.values_of import json_values

NOW = 1_790_000_000.0


def told(limit: int, left: int | None = None, **more: str) -> Mapping[str, str]:
    headers = {"x-ratelimit-limit": str(limit), **more}
    return headers if left is None else {**headers, "x-ratelimit-remaining": str(left)}


def used(budget: Budget, times: int, now: float = NOW) -> None:
    for _ in range(times):
        budget.take()
        budget.answer(now, 200, {})


def test_until_the_limit_is_told_requests_go_one_at_a_time() -> None:
    budget = Budget(limit=60, seconds=60)

    assert budget.ready_in(NOW) == 0
    budget.take()
    assert budget.ready_in(NOW) is None
    budget.answer(NOW, 200, told(5))

    assert budget.ready_in(NOW) == 0
    assert budget.limit == 5


def test_a_full_window_is_free_again_a_window_after_the_first_answer() -> None:
    budget = Budget(limit=3, seconds=60)
    used(budget, 2)
    used(budget, 1, NOW + 10)

    assert budget.ready_in(NOW + 20) == pytest.approx(40 + MARGIN_SECONDS)
    assert budget.ready_in(NOW + 61) == 0
    assert budget.left(NOW + 61) == 2


def test_a_request_on_its_way_counts_for_as_long_as_it_is() -> None:
    budget = Budget(limit=2, seconds=60)
    used(budget, 1)
    budget.take()

    assert budget.ready_in(NOW + 30) == pytest.approx(30 + MARGIN_SECONDS)
    budget.take()
    assert budget.ready_in(NOW + 3600) is None
    assert budget.left(NOW + 3600) == 0


def test_a_request_without_an_answer_may_have_been_counted() -> None:
    budget = Budget(limit=1, seconds=60)
    used(budget, 1)

    budget.take()
    budget.lose(NOW + 61)

    assert budget.ready_in(NOW + 62) == pytest.approx(59 + MARGIN_SECONDS)


def test_what_others_send_with_the_same_key_counts_too() -> None:
    budget = Budget(limit=60, seconds=60)
    budget.take()
    budget.answer(NOW, 200, told(60, left=2))

    assert budget.left(NOW) == 2
    assert budget.left(NOW + 61) == 60


def test_our_own_requests_on_their_way_are_not_taken_for_those_of_others() -> None:
    budget = Budget(limit=60, seconds=60)
    used(budget, 1)
    for _ in range(10):
        budget.take()
    for left in range(58, 48, -1):
        budget.answer(NOW, 200, told(60, left))

    assert budget.left(NOW) == 49


def test_when_nothing_is_left_the_reset_tells_when_one_is_free() -> None:
    budget = Budget(limit=60, seconds=60)
    budget.take()
    budget.answer(NOW, 200, told(60, 0, **{"x-ratelimit-reset": str(int(NOW) + 5)}))

    assert budget.ready_in(NOW) == pytest.approx(5)


def test_a_reset_is_read_by_the_games_own_clock_where_it_tells_the_time() -> None:
    budget = Budget(limit=60, seconds=60)
    headers = {"date": "Sat, 01 Jan 2000 00:00:00 GMT", "x-ratelimit-reset": "946684807"}
    budget.take()
    budget.answer(NOW, 200, told(60, 0, **headers))

    assert budget.ready_in(NOW) == pytest.approx(7)


@pytest.mark.parametrize("reset", ["soon", "-5", "1", "99999999999"])
def test_a_reset_that_cannot_be_meant_is_a_whole_window(reset: str) -> None:
    budget = Budget(limit=60, seconds=60)
    budget.take()
    budget.answer(NOW, 200, told(60, 0, date="no date", **{"x-ratelimit-reset": reset}))

    assert budget.ready_in(NOW) == pytest.approx(60)


def test_a_refusal_holds_everything_back_for_as_long_as_it_says() -> None:
    budget = Budget(limit=60, seconds=60)
    budget.take()
    budget.answer(NOW, 429, {"retry-after": "17", "x-ratelimit-remaining": "0"})

    assert budget.ready_in(NOW) == 17
    assert budget.left(NOW) == 0
    assert budget.ready_in(NOW + 17) == 0


def test_a_refusal_may_name_a_date_by_its_own_clock() -> None:
    budget = Budget(limit=60, seconds=60)
    budget.take()
    dates = {
        "date": "Sun, 06 Nov 1994 08:49:37 GMT",
        "retry-after": "Sun, 06 Nov 1994 08:49:54 GMT",
    }
    budget.answer(NOW, 429, dates)

    assert budget.ready_in(NOW) == 17


def test_a_refusal_that_names_no_time_holds_back_for_a_window() -> None:
    budget = Budget(limit=60, seconds=60)
    budget.take()
    budget.answer(NOW, 429, {})

    assert budget.ready_in(NOW) == 60


@given(
    limit=st.integers(1, 20),
    steps=st.lists(st.tuples(st.floats(0, 30), st.floats(0, 20)), max_size=80),
)
def test_however_long_answers_take_the_game_never_counts_more_than_its_limit(
    limit: int, steps: list[tuple[float, float]]
) -> None:
    budget = Budget(limit=limit, seconds=60)
    now, arrivals = NOW, list[float]()
    for pause, delay in steps:
        now += pause
        if budget.ready_in(now) == 0:
            budget.take()
            now += delay
            arrivals.append(now)
            budget.answer(now, 200, {})

    for arrival in arrivals:
        window = [other for other in arrivals if arrival - 60 < other <= arrival]
        assert len(window) <= limit


@pytest.mark.parametrize("name", ["limit", "remaining", "reset"])
@pytest.mark.parametrize(
    "number", ["\u00b2", "", "-5", "1e5", "nan", "9" * 15, "9" * 400, "4294967295", "5 6"]
)
def test_no_number_in_a_header_makes_counting_fail(name: str, number: str) -> None:
    headers = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "retry-after": number}
    for status in (200, 429):
        budget = Budget(limit=60, seconds=60)
        budget.take()
        budget.answer(NOW, status, {**headers, f"x-ratelimit-{name}": number})

        assert budget.limit <= LARGEST_LIMIT
        assert (budget.ready_in(NOW) or 0) <= LONGEST_WAIT_SECONDS


@pytest.mark.parametrize(
    "date", ["", "today", "Wed, 99 Oct 2026 07:28:00 GMT", f"Wed, 21 Oct {'9' * 30} 07:28:00 GMT"]
)
def test_no_date_in_a_header_makes_counting_fail(date: str) -> None:
    budget = Budget(limit=60, seconds=60)
    budget.take()

    budget.answer(NOW, 429, {"date": date, "x-ratelimit-reset": str(int(NOW) + 30)})

    assert budget.ready_in(NOW) == pytest.approx(30)


# -- Several processes with one key -------------------------------------------


def shared(page: dict[str, JsonValue], whose: str, now: float = NOW, limit: int = 60) -> Budget:
    """Return a budget that knows what the page says."""
    budget = Budget(limit=limit, seconds=60)
    budget.take_over(page, whose, now)
    return budget


def test_what_one_process_has_sent_counts_for_the_other() -> None:
    one = Budget(limit=60, seconds=60)
    used(one, 3)
    one.take()

    other = shared(one.page("one", NOW), "other")

    assert other.left(NOW) == 56
    assert other.left(NOW + 61) == 59


def test_a_limit_that_one_process_was_told_holds_for_the_other_at_once() -> None:
    one = Budget(limit=60, seconds=60)
    one.take()
    one.answer(NOW, 200, told(5))
    one.take()

    other = shared(one.page("one", NOW), "other")

    assert (other.limit, other.ready_in(NOW)) == (5, 0)


def test_a_limit_that_was_told_long_ago_has_to_be_told_again() -> None:
    one = Budget(limit=60, seconds=60)
    one.take()
    one.answer(NOW, 200, told(5))

    other = shared(one.page("one", NOW + 100), "other", NOW + 100)
    other.take()

    assert other.ready_in(NOW + 100) is None


def test_the_first_request_of_another_process_is_waited_for() -> None:
    one = Budget(limit=60, seconds=60)
    one.take()

    other = shared(one.page("one", NOW), "other")

    assert other.ready_in(NOW) is None


def test_a_refusal_that_one_process_was_told_holds_the_other_back() -> None:
    one = Budget(limit=60, seconds=60)
    one.take()
    one.answer(NOW, 429, {"retry-after": "17"})

    assert shared(one.page("one", NOW), "other").ready_in(NOW) == 17


def test_requests_of_a_process_that_has_ended_are_forgotten() -> None:
    one = Budget(limit=1, seconds=60)
    one.take()
    page = one.page("one", NOW)

    other = shared(page, "other", NOW + LONGEST_OUT_SECONDS - 1, limit=1)
    later = shared(page, "other", NOW + LONGEST_OUT_SECONDS + 1, limit=1)

    assert other.ready_in(NOW + LONGEST_OUT_SECONDS - 1) is None
    assert later.ready_in(NOW + LONGEST_OUT_SECONDS + 1) == 0


def test_what_a_third_process_has_sent_is_handed_on() -> None:
    one = Budget(limit=60, seconds=60)
    one.take()
    other = shared(one.page("one", NOW), "other")
    other.take()

    third = shared(other.page("other", NOW), "third")

    assert third.left(NOW) == 58


def test_a_process_does_not_count_its_own_requests_twice() -> None:
    one = Budget(limit=60, seconds=60)
    one.take()
    one.take_over(one.page("one", NOW), "one", NOW)

    assert one.left(NOW) == 59


def test_what_is_put_back_was_never_sent() -> None:
    budget = Budget(limit=1, seconds=60)
    budget.take()
    budget.put_back()

    assert budget.ready_in(NOW) == 0


PAGES = st.dictionaries(
    st.sampled_from(["limit", "own", "others", "out", "shut_until"]),
    json_values()
    | st.dictionaries(st.sampled_from(["17900000001", "9" * 5000, "x"]), json_values()),
)


@example(page={"out": {"a": [1, 17900000001], "b": [-1, 0], "c": "x"}})
@given(page=PAGES)
def test_no_page_however_strange_makes_counting_fail(page: dict[str, JsonValue]) -> None:
    budget = shared(page, "me")

    assert 0 <= budget.left(NOW) <= LARGEST_LIMIT
    assert (budget.ready_in(NOW) or 0) <= LONGEST_WAIT_SECONDS


@given(
    limit=st.integers(1, 10),
    steps=st.lists(st.tuples(st.booleans(), st.floats(0, 30), st.floats(0, 20)), max_size=60),
)
def test_two_processes_together_never_exceed_the_limit(
    limit: int, steps: list[tuple[bool, float, float]]
) -> None:
    page: dict[str, JsonValue] = {}
    now, arrivals = NOW, list[float]()
    budgets = {name: Budget(limit=limit, seconds=60) for name in ("one", "other")}
    for first, pause, delay in steps:
        now += pause
        name = "one" if first else "other"
        budgets[name].take_over(page, name, now)
        if budgets[name].ready_in(now) == 0:
            budgets[name].take()
            now += delay
            arrivals.append(now)
            budgets[name].answer(now, 200, {})
        page = budgets[name].page(name, now)

    for arrival in arrivals:
        window = [other for other in arrivals if arrival - 60 < other <= arrival]
        assert len(window) <= limit
