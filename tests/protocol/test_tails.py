"""News told from history: the overlap of two windows, and what a look makes of it."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.protocol import tails
from bridge.protocol.events import NewEvent
from bridge.protocol.tails import Known, Look, events, new_lines, since_we_spoke
from bridge.spec.parts import Tail

WINDOW = 20
TAIL = Tail(beside="status", place="room", present="who", window=WINDOW)

polls = st.lists(st.integers(min_value=0, max_value=30), min_size=1, max_size=8)
"""How many messages come between one poll and the next."""


def shown(stream: Sequence[str], until: int) -> list[str]:
    """What the game shows once so many messages have been said."""
    return list(stream[:until][-WINDOW:])


def looks(stream: Sequence[str], steps: Sequence[int]) -> list[tuple[int, int, tails.News]]:
    """Poll a stream after each step: where the poll before was, where this one is, its news."""
    told = []
    at = steps[0]
    for step in steps[1:]:
        news = new_lines(shown(stream, at), shown(stream, at + step), WINDOW)
        told.append((at, at + step, news))
        at += step
    return told


@given(steps=polls, data=st.data())
def test_one_to_nineteen_messages_a_poll_are_told_exactly_and_more_leave_a_gap(
    steps: list[int], data: st.DataObject
) -> None:
    speakers = st.sampled_from(["Ann", "Bo", "Guest Wanderer"])
    stream = [
        f"{data.draw(speakers)}: message {number} said once" for number in range(sum(steps) + 1)
    ]

    for before, after, news in looks(stream, steps):
        truth = stream[before:after]
        assert list(news.lines) == truth[-WINDOW:]
        assert news.gap == (len(truth) >= WINDOW)


@given(words=st.lists(st.sampled_from("abc"), min_size=1, max_size=120), steps=polls)
@example(words=["a"] * 60, steps=[20, 5, 19])
@example(words=["a", "b"] * 40, steps=[20, 2, 4])
def test_lines_said_over_and_over_are_never_told_twice(words: list[str], steps: list[int]) -> None:
    stream = [f"Ann: {word}" for word in words]

    for before, after, news in looks(stream, steps):
        truth = stream[before:after]
        assert len(news.lines) <= max(len(truth), 0) or news.gap
        assert list(news.lines) == truth[len(truth) - len(news.lines) :]


@given(words=st.lists(st.sampled_from("ab"), min_size=1, max_size=60), steps=polls)
def test_what_is_told_is_the_least_that_explains_both_windows(
    words: list[str], steps: list[int]
) -> None:
    stream = [f"Ann: {word}" for word in words]

    for before, after, news in looks(stream, steps):
        old, new = shown(stream, before), shown(stream, after)
        explaining = [n for n in range(len(new) + 1) if old[-(len(new) - n) :] == new[: -n or None]]
        fewest = min([n for n in explaining if len(new) - n <= len(old)], default=len(new))
        assert len(news.lines) == fewest


def test_repeated_lines_are_counted_as_long_as_the_window_is_not_full_of_them() -> None:
    old = ["Ann: hi", "Bo: yo", "Ann: hi", "Ann: hi"]

    assert list(new_lines(old, [*old, "Ann: hi", "Ann: hi"], WINDOW).lines) == ["Ann: hi"] * 2


def test_an_empty_room_that_fills_is_news_and_a_full_one_may_have_lost_some() -> None:
    few = [f"Ann: {number}" for number in range(19)]

    assert new_lines([], few, WINDOW) == tails.News(lines=few)
    assert new_lines([], [*few, "Ann: 19"], WINDOW).gap


def test_a_room_that_was_emptied_tells_nothing() -> None:
    assert new_lines(["Ann: hi"], [], WINDOW) == tails.News(lines=[])


def test_a_message_of_many_line_breaks_costs_no_square_of_them() -> None:
    flood = ["x"] * 100_000

    assert list(new_lines(flood, [*flood[1:], "y"], WINDOW).lines) == ["y"]


def test_after_we_spoke_what_others_say_is_news_also_at_the_first_look() -> None:
    lines = ["Me: hello", "Ann: old", "Me: hello", "Ann: hi Me", "Me: how are you", "Ann: fine"]

    assert since_we_spoke(lines, "Me: ", 0).lines == ()
    assert list(since_we_spoke(lines, "Me: ", 1).lines) == ["Ann: fine"]
    assert list(since_we_spoke(lines, "Me: ", 2).lines) == lines[3:]
    assert list(since_we_spoke(lines, "Me: ", 99).lines) == lines[1:]
    assert since_we_spoke(lines, None, 2).lines == ()
    assert since_we_spoke(["Ann: old"], "Me: ", 1).lines == ()


# -- Looks ------------------------------------------------------------------------


def seen(
    *lines: str, place: str = "hall", whose: str = "7", present: Sequence[str] = (), at: float = 0
) -> Look:
    return Look(whose=whose, place=place, lines=lines, present=present, at=at)


def after(look: Look, *, spoken: int = 0, looked: bool = True) -> Known:
    return Known(last=look.remembered(), looked=looked, own="Me: ", spoken=spoken)


def brief(told: Sequence[NewEvent]) -> list[tuple[str, JsonValue]]:
    return [
        (each.kind, each.data.get("line", each.data.get("name", each.data.get("room"))))
        for each in told
    ]


def test_the_first_look_is_history() -> None:
    assert events(TAIL, seen("Ann: hi", present=["Ann"]), Known(own="Me: ")) == []


def test_new_lines_come_with_their_room_and_our_own_are_marked() -> None:
    told = events(TAIL, seen("Ann: hi", "Me: ho", at=4), after(seen()))

    assert brief(told) == [("chat", "Ann: hi"), ("chat", "Me: ho")]
    assert [each.own for each in told] == [False, True]
    assert all(each.untrusted and each.data["room"] == "hall" for each in told)


def test_another_room_is_told_and_what_was_said_there_is_history() -> None:
    told = events(TAIL, seen("Bo: old talk", place="yard"), after(seen("Ann: hi")))

    assert brief(told) == [("room_changed", "yard")]
    assert told[0].data["before"] == "hall"
    assert told[0].own


def test_another_character_begins_anew() -> None:
    assert events(TAIL, seen("Ann: hi", whose="8"), after(seen("Bo: yo", present=["Bo"]))) == []


def test_who_comes_and_goes_is_told() -> None:
    told = events(TAIL, seen(present=["Ann", "Bo"]), after(seen(present=["Ann", "Cy"])))

    assert brief(told) == [("presence_came", "Bo"), ("presence_left", "Cy")]
    assert all(each.untrusted for each in told)


def test_where_the_game_does_not_say_who_is_there_nobody_comes_or_goes() -> None:
    silent = Look(whose="7", place="hall", lines=(), at=0)

    assert events(TAIL, silent, after(seen(present=["Ann"]))) == []
    assert events(TAIL, seen(present=["Ann"]), after(silent)) == []


def test_a_gap_is_told_before_the_lines_that_follow_it() -> None:
    told = events(TAIL, seen("Ann: 30"), after(seen("Ann: 1")))

    assert brief(told) == [("chat_gap", "hall"), ("chat", "Ann: 30")]


def test_a_flood_is_told_in_part() -> None:
    flood = [f"Ann: {number}" for number in range(150)]

    told = events(TAIL, seen("x", *flood), after(seen("x")))

    assert len(told) == 101
    assert brief(told)[:2] == [("chat_gap", "hall"), ("chat", "Ann: 50")]
    assert len(str(seen(*["y"] * 1000).remembered()["lines"])) < 3_000


@pytest.mark.parametrize(
    ("seconds", "looked", "told"), [(59, False, 1), (61, False, 0), (9e9, True, 1)]
)
def test_the_look_of_another_process_counts_for_a_minute_and_our_own_for_ever(
    *, seconds: float, looked: bool, told: int
) -> None:
    known = after(seen("Ann: hi"), looked=looked)

    assert len(events(TAIL, seen("Ann: hi", "Ann: ho", at=seconds), known)) == told


def test_a_look_that_was_overtaken_is_outdated() -> None:
    assert tails.is_outdated(seen(at=3), seen(at=4).remembered())
    assert not tails.is_outdated(seen(at=5), seen(at=4).remembered())
    assert not tails.is_outdated(seen(at=5), {})


def test_a_look_without_news_need_not_be_written_down_each_time() -> None:
    first = seen("Ann: hi", at=0).remembered()

    assert tails.kept(seen("Ann: hi", at=4), first) == first
    assert tails.kept(seen("Ann: hi", at=40), first)["at"] == 40
    assert tails.kept(seen("Ann: ho", at=4), first)["at"] == 4


@pytest.mark.parametrize(
    ("beside", "lines"),
    [({"room": None}, []), ({}, []), ("text", []), ({"room": "hall"}, "text")],
)
def test_answers_that_make_no_sense_are_no_look(beside: JsonValue, lines: JsonValue) -> None:
    assert tails.look(TAIL, "7", beside, lines, 0) is None


def test_two_answers_make_a_look() -> None:
    look = tails.look(TAIL, "7", {"room": "hall", "who": ["Ann"]}, ["Ann: hi"], 3)

    assert look == Look(whose="7", place="hall", lines=["Ann: hi"], present=["Ann"], at=3)
