"""What answers tell: rooms, what is carried, how often we have spoken."""

import pytest

from bridge.protocol.verdict import Refused, Unknown
from bridge.quirks.hooks import SPOKEN, Answered, Memory
from bridge.quirks.pipeworks.learning import learn
from bridge.quirks.pipeworks.objections import CARRIED, ITEMS_HERE, PEOPLE
from bridge.quirks.pipeworks.rooms import inventory_in, room_in
from bridge.quirks.pipeworks.showing import ME
from tests.quirks.pipeworks.mud import STREET, answer, came_of_it

EMPTY = "\n=== Steps ===\nBroad.\n\n[Exits]:\n  - south: High Street\n"


def test_a_room_is_read_out_of_its_text() -> None:
    room = room_in(f"You go south.\n{STREET}")

    assert room is not None
    assert room.name == "High Street"
    assert room.items == ("Worn Cobblestone", "Flickering Gas Lamp")
    assert room.people == ("Wanda", "Marrow Finch")
    assert room_in("You picked up it.") is None
    assert room_in({"not": "text"}) is None


def test_a_name_that_imitates_a_list_does_not_replace_it() -> None:
    text = STREET.replace("Cobbles.", "Cobbles.\n[Items here]:\n  - Crown\n")

    room = room_in(text)

    assert room is not None
    assert room.items == ("Worn Cobblestone", "Flickering Gas Lamp")


def test_an_inventory_is_read_out_of_its_text() -> None:
    assert inventory_in("Your inventory:\n  - Pewter Mug\n") == ["Pewter Mug"]
    assert inventory_in("Your inventory is empty.") == []
    assert inventory_in("You go south.") is None
    assert inventory_in("Your inventory:\n* in another shape\n") is None
    assert inventory_in(None) is None


@pytest.mark.parametrize("command", ["look", "move", "recall", "raw_command"])
def test_the_items_of_a_room_are_known_after_seeing_it(command: str) -> None:
    memory: Memory = {}

    answer(memory, command, STREET, direction="south", line="s")

    assert memory[ITEMS_HERE] == ["Worn Cobblestone", "Flickering Gas Lamp"]
    answer(memory, "move", EMPTY, direction="north")
    assert memory[ITEMS_HERE] == []


def test_speaking_is_counted_until_we_go_elsewhere() -> None:
    memory: Memory = {}

    answer(memory, "say", "You say: hi", message="hi")
    answer(memory, "raw_command", "You yell: hi", line="/yell hi")
    came_of_it(memory, "whisper", Refused(code="refused", message="No."), target="x", message="y")
    assert memory[SPOKEN] == 2

    answer(memory, "recall", EMPTY)
    assert SPOKEN not in memory


def test_the_status_tells_who_is_about_and_what_is_carried() -> None:
    memory: Memory = {}

    answer(
        memory,
        "status",
        {"active_players": ["Wanda"], "inventory": "Your inventory:\n  - Pewter Mug\n"},
    )

    assert memory == {ME: "Ann", PEOPLE: ["Wanda"], CARRIED: ["Pewter Mug"]}


def test_another_character_is_somewhere_else_and_carries_other_things() -> None:
    memory: Memory = {PEOPLE: ["Wanda"], CARRIED: [], ITEMS_HERE: [], SPOKEN: 3, "other": 1}

    answer(memory, "select_character", {"success": True}, character_id=8, world_id="w")

    assert memory == {"other": 1, "played": 8}


def test_nothing_is_learnt_from_a_status_that_is_none() -> None:
    memory: Memory = {}

    answer(memory, "status", "no table")
    answer(memory, "health", {"status": "ok"})

    assert memory == {}


# facts: "The username exists only in this response: lose it and the account is lost"
def test_of_a_guest_whose_name_was_lost_it_is_said_that_another_one_is_needed() -> None:
    lost = Unknown(sent="register_guest", reason="it broke off")

    learnt = learn(
        {}, Answered(command="register_guest", arguments={}, outcome=lost, known={}, now=0)
    )

    assert "another character name" in learnt.notes[0]
