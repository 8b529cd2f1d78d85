import re
from collections.abc import Iterator

import pytest

from bridge.sandbox.spacemolt.wire.rendering import render
from tests.sandbox.spacemolt.pilot import Pilot

IDENTITIES = re.compile("(^|_)id$")


def test_the_message_comes_first_and_each_value_has_a_line() -> None:
    text = render({"action": "mine", "xp_gained": {"mining": 8}, "message": "Mined 8 Iron Ore."})

    assert text == "Mined 8 Iron Ore.\naction: mine\nxp_gained: mining 8"


def test_records_that_are_alike_are_a_table_with_the_names_of_its_columns() -> None:
    items = [{"item_id": "iron_ore", "quantity": 8}, {"item_id": "gold_ore", "quantity": 1}]

    assert render({"cargo": items}) == (
        "cargo (2):\n  item_id\tquantity\n  iron_ore\t8\n  gold_ore\t1"
    )
    assert render({"skills": {"mining": {"level": 1, "xp": 9}}}) == (
        "skills (1):\n  \tlevel\txp\n  mining\t1\t9"
    )


def test_records_that_differ_name_their_members() -> None:
    places = [{"id": "earth", "base_id": "hub"}, {"id": "luna"}]

    assert render({"pois": places}) == "pois (2):\n  id earth, base_id hub\n  id luna"


def test_what_is_nested_is_shown_below_and_what_is_empty_is_none() -> None:
    system = {"id": "sol", "description": "", "connections": ["sirius", "haven"], "pois": []}

    assert render({"system": system, "open": True}) == (
        "system:\n  id: sol\n  connections: sirius, haven\n  pois: none\nopen: true"
    )


def test_nothing_to_say_is_done() -> None:
    assert render({}) == "Done."


@pytest.mark.parametrize(
    "query", ["get_status", "get_system", "get_map", "view_market", "get_missions", "list_ships"]
)
def test_every_id_is_in_the_text(ann: Pilot, query: str) -> None:
    result = ann.ask(query)

    text = render(result)

    assert [each for each in _identities(result) if each not in text] == []


def _identities(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, member in value.items():
                if isinstance(member, str) and IDENTITIES.search(key):
                    yield member
                else:
                    yield from _identities(member)
        case list():
            for member in value:
                yield from _identities(member)
