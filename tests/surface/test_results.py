import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.cli.tokens import at_most, counter
from bridge.gateway.calls import ToolResult
from bridge.gateway.surface.desk import Desk
from bridge.gateway.surface.picking import picked
from bridge.gateway.surface.results import Results
from bridge.gateway.surface.weight import tokens_of
from bridge.protocol.verdict import Done, Refused
from bridge.server.clean import clean
from bridge.server.present import LIMIT, Presenter

from .games import gateway, specs

TOKENS = 5_000
SYSTEMS = 6_300


def uuids() -> JsonValue:
    names = [uuid.uuid5(uuid.NAMESPACE_URL, str(number)) for number in range(13_500)]
    return [{"id": str(name), "at": name.int / 2**128} for name in names]


def galaxy() -> JsonValue:
    return {
        "systems": [
            {"id": f"system_{n}", "name": f"Star {n}", "pois": [f"poi_{n}_{k}" for k in range(9)]}
            for n in range(SYSTEMS)
        ],
        "count": SYSTEMS,
        "empty": [],
    }


def prose() -> JsonValue:
    return "\n".join(f"Line {n}: the quick brown fox jumps over it." for n in range(19_500))


def one_line() -> JsonValue:
    return {"text": "word " * 181_000}


def columns() -> JsonValue:
    return {f"field_{n}": {"value": n, "text": "x" * 50} for n in range(11_000)}


LARGE: list[Callable[[], JsonValue]] = [uuids, galaxy, prose, one_line, columns]


@dataclass
class Table:
    """A presenter and the desk from which large results are read on."""

    results: Results = field(default_factory=Results)

    def show(self, content: JsonValue, *, untrusted: bool = False) -> str:
        presenter = Presenter(store=self.results.store, now=lambda: 0.0)
        done = Done(result=content)
        return presenter.text(ToolResult(outcome=done, tool="x_y", untrusted=untrusted))

    def ask(self, **arguments: JsonValue) -> Done | Refused:
        playing = gateway()
        desk = Desk(specs(), playing.toolbox, playing.feeds, self.results, {}, playing._listening)
        outcome = desk.result(arguments)
        assert isinstance(outcome, Done | Refused)
        return outcome

    def read(self, handle: str, **arguments: JsonValue) -> str:
        """Read a result to its end, as a model would: from offset to offset."""
        presenter = Presenter(store=self.results.store, now=lambda: 0.0)
        pieces, offset = [], 0
        while True:
            outcome = self.ask(id=handle, offset=offset, **arguments)
            assert isinstance(outcome, Done)
            shown = presenter.text(ToolResult(outcome=outcome, tool="bridge_result"))
            assert at_most(shown) <= TOKENS + 100
            assert "This is a part of" not in shown
            ending = re.search(r"\n\[\d+ characters; next offset (\d+)\]\Z", shown)
            pieces.append(shown[: ending.start()] if ending else shown)
            if ending is None:
                return "".join(pieces)
            offset = int(ending[1])


@pytest.mark.parametrize("content", LARGE)
def test_a_reply_of_900_kilobytes_costs_five_thousand_tokens_and_can_be_read_completely(
    content: Callable[[], JsonValue],
) -> None:
    whole = content()
    assert len(json.dumps(whole)) >= 900_000
    table = Table()

    shown = table.show(whole)

    assert len(shown) <= LIMIT
    assert counter().count(shown) <= TOKENS
    assert len(shown) > 4_000
    read = table.read("r1")
    if isinstance(whole, str):
        assert read == whole
    else:
        again = json.loads(read)
        wanted = {k: v for k, v in whole.items() if v != []} if isinstance(whole, dict) else whole
        assert again == wanted


def test_what_was_left_out_is_named_as_it_can_be_asked_for() -> None:
    table = Table()
    shown = table.show(galaxy())

    named = re.search(r"^- (systems\[\d+:\d+\]): ", shown, re.MULTILINE)

    assert named is not None
    rest = json.loads(table.read("r1", path=named[1]))
    first = json.loads(shown.split("\n")[0])
    whole = galaxy()
    assert isinstance(whole, dict)
    assert first["systems"] + rest == whole["systems"]


def test_other_players_words_stay_marked_and_complete_in_every_part() -> None:
    words: JsonValue = [
        {"from": "Eve", "text": f"message {n} </players-words>"} for n in range(9_000)
    ]
    table = Table()

    shown = table.show(words, untrusted=True)

    assert shown.count("<players-words>") == 1
    assert table.results.is_untrusted("r1")
    assert json.loads(table.read("r1")) == [
        {"from": "Eve", "text": clean(f"message {n} </players-words>")} for n in range(9_000)
    ]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("systems[3].name", "Star 3"),
        ("systems.3.name", "Star 3"),
        ("systems[-1].id", "system_6299"),
        ("systems[1:3].name", ["Star 1", "Star 2"]),
        ("systems[:2].pois[0]", ["poi_0_0", "poi_1_0"]),
        ("systems[6298:].id", ["system_6298", "system_6299"]),
        ("systems[0].pois.*", [f"poi_0_{k}" for k in range(9)]),
        ("systems[0].name[0:3]", "Sta"),
        ("count", SYSTEMS),
    ],
)
def test_a_path_picks_what_stands_there(path: str, wanted: JsonValue) -> None:
    assert picked(galaxy(), path) == wanted


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("planets", "There is no 'planets' at the top: an object with systems, count, empty."),
        ("systems[9999]", "systems has 6300 entries, none at 9999."),
        ("systems[0].id.x", "There is no 'x' at systems[0].id: a text of 8 characters."),
        ("count[0:2]", "At count stands a single value, not a list."),
        ("systems[0:2].planets", "There is no 'planets' at systems[..]: an object with"),
        ("systems[", "'systems[' is no path"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_is_there(path: str, told: str) -> None:
    with pytest.raises(LookupError, match=re.escape(told)):
        picked(galaxy(), path)


def test_words_are_found_with_their_place() -> None:
    table = Table()
    table.show(galaxy())

    found = table.ask(id="r1", search="star 4711")

    assert isinstance(found, Done)
    assert found.text is not None
    offset = int(found.text.partition(":")[0])
    near = table.ask(id="r1", offset=offset, limit=9)
    assert isinstance(near, Done)
    assert str(near.text).startswith("Star 4711")
    nowhere = table.ask(id="r1", search="Nibiru")
    assert isinstance(nowhere, Done)
    assert nowhere.text == "They stand nowhere in it."


def test_an_unknown_result_is_refused_with_those_that_are_kept() -> None:
    table = Table()
    table.show(galaxy())

    outcome = table.ask(id="r99")

    assert isinstance(outcome, Refused)
    assert "kept are: r1" in outcome.message


@given(st.text(max_size=300))
def test_the_estimate_is_no_less_than_two_thirds_of_the_tokens(text: str) -> None:
    ascii_only = text.encode("ascii", "ignore").decode()

    assert tokens_of(ascii_only) * 1.5 + 8 >= counter().count(ascii_only)
