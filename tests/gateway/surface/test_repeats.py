import json
from dataclasses import dataclass, field

import pytest
from pydantic import JsonValue

from bridge.gateway.surface.repeats import REMEMBERED_SECONDS, Repeats, call_of
from bridge.protocol.verdict import Done

NOON = 1_700_049_600.0
"""2023-11-15 12:00:00 UTC."""


@dataclass
class Shelf:
    """What was kept to be read again."""

    kept: list[JsonValue] = field(default_factory=list)
    untrusted: list[bool] = field(default_factory=list)

    def store(self, content: JsonValue, *, untrusted: bool = False) -> str:
        self.kept.append(content)
        self.untrusted.append(untrusted)
        return f"r{len(self.kept)}"


def systems(**changed: str) -> dict[str, JsonValue]:
    names = [changed.get(f"s{n}", f"Star {n}") for n in range(300)]
    return {"systems": [{"id": f"s{n}", "name": name} for n, name in enumerate(names)], "tick": 1}


def test_an_unchanged_result_is_said_to_be_so_with_a_way_to_read_it_again() -> None:
    shelf = Shelf()
    repeats = Repeats(shelf.store)
    repeats.shortened("get_map", Done(result=systems()), NOON, untrusted=False)

    done, untrusted = repeats.shortened(
        "get_map", Done(result=systems(), notes=("Signed in.",)), NOON + 60, untrusted=True
    )

    assert done.text == (
        "Unchanged since you read it at 12:00:00Z. All of it: bridge_result, id r1."
    )
    assert done.notes == ("Signed in.",)
    assert not untrusted
    assert shelf.kept == [systems()]
    assert shelf.untrusted == [True]


def test_only_what_has_changed_is_shown() -> None:
    repeats = Repeats(Shelf().store)
    old = systems() | {"gone": 1, "few": [1, 2, 3]}
    new = systems(s7="Nova") | {"tick": 2, "new": {"a": [1]}, "few": [1, 2]}
    repeats.shortened("get_map", Done(result=old), NOON, untrusted=True)

    done, untrusted = repeats.shortened("get_map", Done(result=new), NOON + 60, untrusted=True)

    assert done.text == (
        'systems[7].name: "Nova"\ntick: 2\ngone: gone\nfew: now only 2, not 3\nnew: {"a":[1]}'
    )
    assert done.notes == (
        "Only what has changed since 12:00:00Z is shown. All of it: bridge_result, id r1.",
    )
    assert untrusted


def test_a_list_that_has_grown_shows_what_is_new() -> None:
    repeats = Repeats(Shelf().store)
    old: list[JsonValue] = [f"entry number {n}" for n in range(400)]
    repeats.shortened("get_log", Done(result=old), NOON, untrusted=False)

    done, _ = repeats.shortened("get_log", Done(result=[*old, "x"]), NOON, untrusted=False)

    assert done.text == '[400]: "x"'


def test_the_lines_of_a_rendering_are_compared() -> None:
    repeats = Repeats(Shelf().store)
    lines = [f"Iron ore {n}: 5 credits" for n in range(300)]
    repeats.shortened("view", Done(result=1, text="\n".join(lines)), NOON, untrusted=False)
    lines[3] = "Iron ore 3: 6 credits"

    done, _ = repeats.shortened(
        "view", Done(result=2, text="\n".join(lines)), NOON, untrusted=False
    )

    assert done.text == "-Iron ore 3: 5 credits\n+Iron ore 3: 6 credits"


def test_changes_are_told_against_what_was_read_last() -> None:
    repeats = Repeats(Shelf().store)
    repeats.shortened("get_map", Done(result=systems()), NOON, untrusted=False)
    repeats.shortened("get_map", Done(result=systems(s1="A")), NOON, untrusted=False)

    done, _ = repeats.shortened("get_map", Done(result=systems(s1="A")), NOON, untrusted=False)

    assert str(done.text).startswith("Unchanged")


@pytest.mark.parametrize(
    ("call", "result", "later"),
    [
        ("get_map", [{"all": "new", "n": n} for n in range(300)], 60.0),
        ("get_other", systems(), 60.0),
        ("get_map", systems(), REMEMBERED_SECONDS + 1),
        ("get_map", {"short": 1}, 60.0),
    ],
)
def test_what_is_new_else_or_long_ago_is_shown_whole(
    call: str, result: JsonValue, later: float
) -> None:
    repeats = Repeats(Shelf().store)
    repeats.shortened("get_map", Done(result=systems()), NOON, untrusted=False)
    whole = Done(result=result)

    assert repeats.shortened(call, whole, NOON + later, untrusted=True) == (whole, True)


def test_a_short_result_is_never_remembered() -> None:
    repeats = Repeats(Shelf().store)
    short = Done(result={"credits": 5})

    for _ in range(3):
        assert repeats.shortened("get_status", short, NOON, untrusted=False) == (short, False)


def test_only_so_many_results_are_remembered() -> None:
    repeats = Repeats(Shelf().store)
    whole = Done(result=systems())

    for number in range(40):
        repeats.shortened(f"get {number}", whole, NOON, untrusted=False)

    assert repeats.shortened("get 0", whole, NOON, untrusted=False)[0] is whole
    assert repeats.shortened("get 39", whole, NOON, untrusted=False)[0] is not whole


def test_a_call_is_the_same_in_whatever_order_its_arguments_stand() -> None:
    assert call_of("x", {"a": 1, "b": 2}) == call_of("x", {"b": 2, "a": 1})
    assert call_of("x", {"a": 1}) != call_of("y", {"a": 1})
    assert json.loads(call_of("x", {"a": [1]}).removeprefix("x ")) == {"a": [1]}
