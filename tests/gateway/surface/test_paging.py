from collections.abc import Mapping

import anyio
import pytest
from pydantic import JsonValue

from bridge.gateway.surface.paging import in_pages
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.spec.model import Command
from bridge.spec.parts import Pages
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

BY_OFFSET = Command(
    toolset="look",
    effect="query",
    description="",
    query={"offset": "{offset}", "limit": "{page_size}"},
    pages=Pages(items="items", more="has_more", size=2, most=3),
)
BY_PAGE = BY_OFFSET.model_copy(update={"query": {}})


class Shelf:
    """Ten things, given out in parts."""

    def __init__(self, *, breaks_after: int = 99, most: int = 99) -> None:
        self.asked: list[Mapping[str, JsonValue]] = []
        self.breaks_after = breaks_after
        self.most = most

    async def run(self, values: Mapping[str, JsonValue]) -> Outcome:
        self.asked.append(values)
        if len(self.asked) > self.breaks_after:
            return Refused(code="rate_limited", message="Slow down.")
        size, page = min(int(str(values["page_size"])), self.most), int(str(values["page"]))
        first = int(str(values.get("offset", (page - 1) * size)))
        items = list[JsonValue](range(10))[first : first + size]
        return Done(
            result={"items": items, "total": 10, "has_more": first + size < 10},
            notes=("Waited.",) if page == 2 else (),
        )


async def test_a_page_is_asked_for_in_the_games_own_way() -> None:
    shelf = Shelf()

    outcome = await in_pages(shelf.run, BY_OFFSET, {"page": 2, "room": "r"}, 1)
    await in_pages(shelf.run, BY_PAGE, {"page_size": 5}, 1)

    assert shelf.asked == [
        {"room": "r", "page": 2, "page_size": 2, "offset": 2},
        {"page": 1, "page_size": 5},
    ]
    assert isinstance(outcome, Done)
    assert outcome.result == {"items": [2, 3], "total": 10, "page": 2, "next_page": 3}


async def test_a_list_may_be_told_under_a_better_name() -> None:
    pages = Pages(items="items", more="has_more", named="rooms")
    better = BY_OFFSET.model_copy(update={"pages": pages})

    outcome = await in_pages(Shelf().run, better, {"page_size": 1}, 1)

    assert isinstance(outcome, Done)
    assert outcome.result == {"rooms": [0], "total": 10, "page": 1, "next_page": 2}


async def test_the_last_page_names_no_next_one() -> None:
    outcome = await in_pages(Shelf().run, BY_OFFSET, {"page": 5}, 1)

    assert isinstance(outcome, Done)
    assert outcome.result == {"items": [8, 9], "total": 10, "page": 5}


async def test_pages_are_read_until_there_is_enough() -> None:
    shelf = Shelf()

    outcome = await in_pages(shelf.run, BY_OFFSET, {"up_to": 7}, 1)

    assert isinstance(outcome, Done)
    assert outcome.result == {"items": list(range(7)), "total": 10}
    assert outcome.notes == ("Waited.",)
    assert [asked["offset"] for asked in shelf.asked] == [0, 3, 6]


@pytest.mark.parametrize("listed", [BY_OFFSET, BY_PAGE])
async def test_a_game_that_gives_fewer_than_it_was_asked_for_is_read_without_holes(
    listed: Command,
) -> None:
    outcome = await in_pages(Shelf(most=2).run, listed, {"up_to": 9}, 1)

    assert isinstance(outcome, Done)
    assert outcome.result == {"items": list(range(9)), "total": 10}


async def test_pages_are_read_until_there_are_no_more() -> None:
    outcome = await in_pages(Shelf().run, BY_OFFSET, {"up_to": 500}, 1)

    assert isinstance(outcome, Done)
    assert outcome.result == {"items": list(range(10)), "total": 10}


async def test_a_refusal_after_some_pages_leaves_what_was_read() -> None:
    outcome = await in_pages(Shelf(breaks_after=2).run, BY_OFFSET, {"up_to": 9}, 1)

    assert isinstance(outcome, Done)
    assert outcome.result == {"items": list(range(6)), "total": 10}
    assert outcome.notes[-1] == (
        "Only the first 6 entries. Slow down. Read on with page 3 and page_size 3."
    )


@pytest.mark.parametrize("values", [{"page": 1}, {"up_to": 5}])
async def test_a_refusal_at_once_is_told_as_it_is(values: Mapping[str, JsonValue]) -> None:
    outcome = await in_pages(Shelf(breaks_after=0).run, BY_OFFSET, values, 1)

    assert isinstance(outcome, Refused)


async def test_what_takes_too_long_is_told_as_far_as_it_came() -> None:
    shelf = Shelf()

    async def slow(values: Mapping[str, JsonValue]) -> Outcome:
        if values["page"] == 2:
            await anyio.sleep_forever()
        return await shelf.run(values)

    with anyio.fail_after(PATIENCE_SECONDS):
        outcome = await in_pages(slow, BY_OFFSET, {"up_to": 9}, 0.05)

    assert isinstance(outcome, Done)
    assert "It took too long." in outcome.notes[-1]


async def test_a_command_without_pages_is_run_as_it_is() -> None:
    plain = BY_PAGE.model_copy(update={"pages": None})
    seen: list[Mapping[str, JsonValue]] = []

    async def run(values: Mapping[str, JsonValue]) -> Outcome:
        seen.append(values)
        return Done(result=None)

    await in_pages(run, plain, {"up_to": 3}, 1)

    assert seen == [{"up_to": 3}]


async def test_an_answer_that_is_no_list_is_an_empty_one() -> None:
    async def run(_: Mapping[str, JsonValue]) -> Outcome:
        return Done(result={"items": None})

    outcome = await in_pages(run, BY_OFFSET, {"up_to": 3}, 1)

    assert isinstance(outcome, Done)
    assert outcome.result == {"items": []}
