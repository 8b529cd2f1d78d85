import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.spec.nesting import is_deeper, scalars
from tests.spec.values_of import json_values


@pytest.mark.parametrize(
    ("value", "levels"),
    [("text", 0), ([], 1), ({}, 1), ([[]], 2), ({"a": {"b": [1]}}, 3), ([1, [2, [3]], []], 3)],
)
def test_a_value_has_as_many_levels_as_containers_stand_inside_each_other(
    value: JsonValue, levels: int
) -> None:
    assert not is_deeper(value, levels)
    assert levels == 0 or is_deeper(value, levels - 1)


def test_a_depth_that_no_function_could_walk_is_told_all_the_same() -> None:
    value: JsonValue = None
    for _ in range(100_000):
        value = [value]

    assert is_deeper(value, 64)


def test_scalars_are_names_and_values_alike() -> None:
    value: JsonValue = {"a": [1, True, None], "b": {"c": "text", "d": 2.5}, "e": [[]]}

    assert list(scalars(value)) == ["a", "b", "e", 1, True, None, "c", "d", "text", 2.5]


@given(json_values(), st.integers(min_value=0, max_value=5))
def test_wrapping_a_value_makes_it_deeper_by_one(value: JsonValue, levels: int) -> None:
    assert is_deeper([value], levels + 1) == is_deeper(value, levels)
