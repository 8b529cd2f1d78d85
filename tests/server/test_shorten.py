import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.server.shorten import compact, listing, shape, shortened

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=20), inner),
)


@given(JSON, st.integers(100, 2_000))
def test_what_is_shown_always_fits(value: JsonValue, room: int) -> None:
    assert len(compact(shortened(value, room).value)) <= room


@given(JSON)
def test_what_fits_is_shown_whole(value: JsonValue) -> None:
    part = shortened(value, len(compact(value)))

    assert part.value == value
    assert not part.left_out


def test_short_members_are_kept_and_a_long_list_is_cut() -> None:
    systems: list[JsonValue] = [{"id": number} for number in range(1_000)]

    part = shortened({"count": 1_000, "systems": systems, "page": 1}, 500)

    assert isinstance(part.value, dict)
    assert list(part.value) == ["count", "systems", "page"]
    shown = part.value["systems"]
    assert isinstance(shown, list)
    assert shown == systems[: len(shown)]
    assert part.left_out == [
        f"systems[{len(shown)}:1000]: {1_000 - len(shown)} of 1000, each object {{id}}"
    ]


def test_two_long_lists_share_the_room() -> None:
    numbers: list[JsonValue] = list(range(10_000))

    part = shortened({"a": numbers, "b": numbers}, 2_000)

    assert isinstance(part.value, dict)
    lengths = [len(compact(member)) for member in part.value.values()]
    assert min(lengths) > 800


def test_a_long_text_is_cut_and_says_how_much_is_missing() -> None:
    part = shortened({"log": "x" * 1_000}, 200)

    assert isinstance(part.value, dict)
    assert len(part.left_out) == 1
    assert part.left_out[0].endswith(f"1000]: {1_000 - len(str(part.value['log']))} characters")


def test_a_list_whose_first_item_is_too_long_shows_a_part_of_it() -> None:
    part = shortened([{"text": "y" * 5_000}, 2], 300)

    assert isinstance(part.value, list)
    assert part.left_out[0].startswith("[0].text[")
    assert part.left_out[-1] == "[1:2]: 1 of 2, each number"


def test_many_members_that_do_not_fit_are_one_line() -> None:
    value: JsonValue = {f"player_{number}": {"level": number} for number in range(500)}

    part = shortened(value, 400)

    assert len(part.left_out) == 1
    assert "of 500 members (player_" in part.left_out[0]


def test_a_number_without_end_is_left_out() -> None:
    assert shortened({"n": 10**900}, 200).left_out == ["n: a number too long to show"]


def test_what_is_nested_too_deeply_is_left_out_by_name() -> None:
    value: JsonValue = "z" * 4_000
    for _ in range(10):
        value = {"d": value}

    assert shortened(value, 500).left_out == ["d.d.d.d.d.d.d: object {d}, 1 members"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("abc", "text of 3 characters"),
        ([{"a": 1}], "list of 1, each object {a}"),
        ([[]], "list of 1, each list"),
        (["x"], "list of 1, each text"),
        ([True], "list of 1, each true or false"),
        ([None], "list of 1, each nothing"),
        ([], "empty list"),
        (3, "number"),
        (dict.fromkeys("abcdefghij", 1), "object {a, b, c, d, e, f, g, h, ...}, 10 members"),
    ],
)
def test_a_shape_says_what_a_value_is_made_of(value: JsonValue, expected: str) -> None:
    assert shape(value) == expected


def test_a_listing_is_bounded() -> None:
    text = listing([f"{number}: {'x' * 1_000}" for number in range(100)])

    assert len(text) < 3_200
    assert text.endswith("- and 88 more")


def test_compact_json_keeps_letters_as_they_are() -> None:
    assert compact({"name": "Zoë"}) == '{"name":"Zoë"}'
    assert json.loads(compact([1, None])) == [1, None]
