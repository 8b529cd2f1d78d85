"""Lists of worlds and characters, put together from what is known and what is asked."""

from pydantic import JsonValue

from bridge.protocol.verdict import Refused
from bridge.quirks.hooks import Memory
from bridge.quirks.pipeworks.quirks import QUIRKS
from tests.quirks.pipeworks.mud import ME, answer, asked, came_of_it

WORLDS: list[JsonValue] = [
    {"id": "web", "name": "Web", "can_access": True, "config_json": "{}", "created_at": "x"},
    {"id": "closed", "name": "Closed", "can_access": False},
    {"id": "yard", "name": "Yard", "can_access": True},
    "no world",
]
KNOWN: dict[str, JsonValue] = {**ME, "worlds": WORLDS}
ANN: dict[str, JsonValue] = {"id": 7, "name": "Ann", "world_id": "yard"}
BO: dict[str, JsonValue] = {"id": 9, "name": "Bo", "world_id": "web"}


def test_the_worlds_are_what_the_login_told() -> None:
    call = asked("list_worlds", KNOWN)

    done = QUIRKS.answer({}, call)

    assert QUIRKS.first({}, call) == []
    assert done is not None
    assert isinstance(done.result, list)
    assert done.result[0] == {"id": "web", "name": "Web", "can_access": True}
    assert len(done.result) == 3
    assert "last sign-in" in done.notes[0]


def test_before_a_login_something_is_asked_that_signs_in() -> None:
    assert QUIRKS.first({}, asked("list_worlds")) == [("ping", {})]
    assert QUIRKS.answer({}, asked("list_worlds")) is None


def test_without_a_world_every_world_that_may_be_entered_is_asked() -> None:
    memory: Memory = {}
    call = asked("list_characters", KNOWN)

    queries = QUIRKS.first(memory, call)
    answer(memory, "list_characters", [BO], world_id="web")
    answer(memory, "list_characters", [ANN], world_id="yard")
    done = QUIRKS.answer(memory, call)

    assert [arguments for _, arguments in queries] == [{"world_id": "web"}, {"world_id": "yard"}]
    assert done is not None
    assert done.result == [BO, {**ANN, "selected": True}]
    assert QUIRKS.answer(memory, call) is None


def test_a_wish_of_the_caller_goes_with_every_question() -> None:
    call = asked("list_characters", KNOWN, exclude_legacy_defaults=True)

    assert QUIRKS.first({}, call)[0][1] == {"world_id": "web", "exclude_legacy_defaults": True}


def test_with_a_session_from_elsewhere_a_login_is_made_to_learn_the_worlds() -> None:
    memory: Memory = {}
    call = asked("list_characters")
    assert QUIRKS.first(memory, call) == [("ping", {}), ("list_worlds", {})]

    answer(memory, "list_worlds", WORLDS)

    assert [query for query, _ in QUIRKS.first(memory, call)] == ["list_characters"] * 2


def test_one_world_is_the_game_s_to_list() -> None:
    call = asked("list_characters", KNOWN, world_id="web")

    assert QUIRKS.first({}, call) == []
    assert QUIRKS.answer({}, call) is None


def test_a_world_that_refuses_does_not_spoil_the_list_of_the_others() -> None:
    memory: Memory = {}
    answer(memory, "list_characters", [BO], world_id="web")
    refused = Refused(code="world_closed", message="World access denied")
    came_of_it(memory, "list_characters", refused, world_id="yard")

    done = QUIRKS.answer(memory, asked("list_characters", KNOWN))

    assert done is not None
    assert done.result == [BO]


def test_what_is_no_row_is_shown_as_it_came() -> None:
    memory: Memory = {}
    answer(memory, "list_characters", ["odd"], world_id="web")
    answer(memory, "list_characters", "odd", world_id="yard")

    done = QUIRKS.answer(memory, asked("list_characters", KNOWN))

    assert done is not None
    assert done.result == ["odd"]
