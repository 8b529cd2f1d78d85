"""What is refused before it is sent, and what is asked first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.quirks.hooks import Memory
from bridge.quirks.pipeworks.quirks import QUIRKS
from tests.quirks.pipeworks.mud import STREET, answer, asked, refusal


@pytest.mark.parametrize(
    "line",
    [
        "whisper Ann hi",
        "/whisper Ann hi",
        "/Whisper Ann hi",
        "  /   WHISPER    Ann    hi",
        "whisper Ann",
        "whisper ann hi",
        "whisper\u00a0Ann\u2003hi",
        "//whisper Ann hi",
    ],
)
def test_nobody_whispers_to_themselves_however_the_line_is_written(line: str) -> None:
    assert refusal({}, asked("raw_command", line=line)) == "whisper_to_yourself"


@given(
    slash=st.sampled_from(["", "/", " / ", "//"]),
    verb=st.sampled_from(["whisper", "Whisper", "WHISPER", "wHiSpEr"]),
    gap=st.text(alphabet=" \u00a0\u2003", min_size=1, max_size=4),
    name=st.sampled_from(["Ann", "ANN", "ann"]),
    said=st.text(alphabet="abc !", max_size=5),
)
def test_no_spelling_of_a_self_whisper_gets_through(
    slash: str, verb: str, gap: str, name: str, said: str
) -> None:
    line = f"{slash}{verb}{gap}{name}{gap}{said}"

    assert refusal({}, asked("raw_command", line=line)) == "whisper_to_yourself"


def test_the_tool_does_not_whisper_to_oneself_either() -> None:
    assert refusal({}, asked("whisper", target="Ann", message="x")) == "whisper_to_yourself"
    assert refusal({}, asked("whisper", target=" ann ", message="x")) == "whisper_to_yourself"


def test_a_name_of_two_words_is_ones_own_too() -> None:
    known: dict[str, JsonValue] = {"character_name": "Sil Mura"}

    own = asked("raw_command", known, line="whisper Sil Mura hi")
    assert refusal({}, own) == "whisper_to_yourself"
    assert refusal({}, asked("whisper", known, target="Sil", message="hi")) is None


def test_accents_written_in_another_way_are_the_same_name() -> None:
    known: dict[str, JsonValue] = {"character_name": "Zo\u00e9"}

    call = asked("raw_command", known, line="whisper zoe\u0301 hi")
    assert refusal({}, call) == "whisper_to_yourself"


def test_others_can_be_whispered_to() -> None:
    assert refusal({}, asked("whisper", target="Anna", message="hi")) is None
    assert refusal({}, asked("raw_command", line="whisper Wanda Ann says hi")) is None


def test_as_long_as_ones_own_name_is_unknown_nothing_is_whispered() -> None:
    call = asked("whisper", {}, target="Wanda", message="hi")

    assert QUIRKS.first({}, call) == [("status", {})]
    assert refusal({}, call) == "own_name_unknown"


def test_who_is_about_is_asked_before_a_whisper_to_somebody_who_was_not_seen() -> None:
    memory: Memory = {}
    whisper = asked("whisper", target="Wanda", message="hi")

    assert QUIRKS.first(memory, whisper) == [("status", {})]
    answer(memory, "status", {"active_players": ["Ann", "Wanda"], "inventory": ""})
    assert QUIRKS.first(memory, whisper) == []


# facts: the target of a whisper is compared in "exact case"
def test_a_name_in_another_case_is_told_as_it_is_written() -> None:
    memory: Memory = {}
    answer(memory, "status", {"active_players": ["Ann", "Wanda", "Bo", "bo"], "inventory": ""})

    for call in (
        asked("whisper", target="wanda", message="hi"),
        asked("raw_command", line="/whisper WANDA hi"),
    ):
        refused = QUIRKS.object(memory, call)
        assert refused is not None
        assert refused.code == "not_the_full_name"
        assert refused.hint.endswith("as it is written: Wanda")
    assert refusal(memory, asked("whisper", target="bo", message="hi")) is None
    assert refusal(memory, asked("whisper", target="Nobody", message="hi")) is None


def test_a_name_of_several_words_cannot_be_whispered_to_and_it_is_said_why() -> None:
    memory: Memory = {}
    answer(memory, "status", {"active_players": ["Ann", "Marrow Finch"], "inventory": ""})

    for call in (
        asked("whisper", target="Marrow Finch", message="hi"),
        asked("whisper", target="Linsilrit Mukoqua", message="hi"),
        asked("raw_command", line="whisper Marrow Finch hi"),
    ):
        refused = QUIRKS.object(memory, call)
        assert refused is not None
        assert refused.code == "name_of_several_words"
        assert "first word" in refused.message
        assert "pipeworks_say" in refused.hint
    assert refusal(memory, asked("raw_command", line="whisper Marrow hi")) is None


def test_w_is_west_and_never_a_whisper() -> None:
    assert refusal({}, asked("raw_command", line="w Wanda hi")) == "w_is_west"
    assert refusal({}, asked("raw_command", line="w")) is None
    assert refusal({}, asked("raw_command", line="west now")) is None


@pytest.mark.parametrize("line", ["", "  ", "/", " / ", "//", "/\u00a0"])
def test_a_line_without_a_verb_is_not_sent(line: str) -> None:
    assert refusal({}, asked("raw_command", line=line)) == "empty"


@pytest.mark.parametrize("line", ["drop Worn Cobblestone", "/Drop x", "kick Wanda", "KICK"])
def test_what_has_a_tool_with_rules_of_its_own_is_no_raw_command(line: str) -> None:
    assert refusal({}, asked("raw_command", line=line)) == "use_the_tool"


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("say", "message"),
        ("yell", "message"),
        ("whisper", "message"),
        ("raw_command", "line"),
        ("take", "item"),
        ("drop", "item"),
        ("kick_by_name", "character_name"),
        ("register", "username"),
        ("register_guest", "character_name"),
    ],
)
@pytest.mark.parametrize("character", ["\n", "\r", "\x00", "\x1b", "\x7f", "\x85", "\u2028"])
def test_line_breaks_and_control_characters_are_refused(
    command: str, name: str, character: str
) -> None:
    arguments: dict[str, JsonValue] = {name: f"one{character}two"}
    refused = QUIRKS.object({}, asked(command, None, **arguments))

    assert refused is not None
    assert refused.code == "not_one_line"
    assert refused.local


def test_policies_may_have_line_breaks() -> None:
    assert refusal({}, asked("translate", ooc_message="one\ntwo")) is None


@pytest.mark.parametrize("command", ["say", "yell"])
def test_there_must_be_something_to_say(command: str) -> None:
    assert refusal({}, asked(command, message="   ")) == "empty"
    assert refusal({}, asked(command, message="hi")) is None


def test_there_must_be_something_to_whisper() -> None:
    assert refusal({}, asked("whisper", target="Wanda", message=" ")) == "empty"


def test_an_item_that_is_not_here_is_looked_for_once_more_and_refused_with_the_names() -> None:
    memory: Memory = {}
    call = asked("take", item="cobblestone")
    assert QUIRKS.first(memory, call) == [("look", {})]
    assert refusal(memory, call) is None

    answer(memory, "look", STREET)
    refused = QUIRKS.object(memory, call)

    assert refused is not None
    assert refused.code == "not_the_full_name"
    assert refused.hint == (
        "Give the full name: Worn Cobblestone? Items here: Worn Cobblestone, Flickering Gas Lamp."
    )
    assert QUIRKS.first(memory, asked("take", item="worn cobblestone")) == []
    assert refusal(memory, asked("take", item="WORN COBBLESTONE")) is None
    assert refusal(memory, asked("raw_command", line="get Worn Cobblestone")) is None
    assert refusal(memory, asked("raw_command", line="get lamp")) == "not_the_full_name"


def test_a_slip_of_the_pen_is_recognised() -> None:
    memory: Memory = {}
    answer(memory, "look", STREET)

    refused = QUIRKS.object(memory, asked("take", item="Flickring Gaslamp"))

    assert refused is not None
    assert "Flickering Gas Lamp?" in refused.hint


def test_what_is_nowhere_to_be_seen_is_the_game_s_to_refuse() -> None:
    memory: Memory = {}
    answer(memory, "inventory", "Your inventory is empty.")
    answer(memory, "look", STREET)

    assert refusal(memory, asked("drop", item="hat")) is None
    assert refusal(memory, asked("take", item="hat")) is None


def test_part_of_two_names_is_refused_with_both() -> None:
    memory: Memory = {}
    answer(memory, "inventory", "Your inventory:\n  - Pewter Mug\n  - Clay Mug\n")

    refused = QUIRKS.object(memory, asked("drop", item="mug"))

    assert refused is not None
    assert refused.hint == "You carry: Pewter Mug, Clay Mug."


def test_what_is_carried_is_known_from_the_inventory_and_from_taking() -> None:
    memory: Memory = {}
    assert QUIRKS.first(memory, asked("drop", item="Worn Cobblestone")) == [("inventory", {})]

    answer(memory, "take", "You picked up Worn Cobblestone.", item="worn cobblestone")
    answer(memory, "inventory", "Your inventory:\n  - Pewter Mug\n")
    answer(memory, "take", "You picked up it.", item="Worn Cobblestone")
    assert QUIRKS.first(memory, asked("drop", item="Worn Cobblestone")) == []
    assert refusal(memory, asked("drop", item="Worn Cobblestone")) is None

    answer(memory, "drop", "You dropped it.", item="worn cobblestone")
    assert QUIRKS.first(memory, asked("drop", item="Worn Cobblestone")) == [("inventory", {})]
    assert QUIRKS.first(memory, asked("drop", item="Pewter Mug")) == []
    assert refusal(memory, asked("drop", item="")) is None


def test_what_is_not_a_line_is_not_judged() -> None:
    assert refusal({}, asked("health")) is None
    assert QUIRKS.first({}, asked("health")) == []
    assert refusal({}, asked("look")) is None
    assert refusal({}, asked("move", direction="west")) is None
