from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from bridge.protocol.events import from_frame
from bridge.quirks.games import quirks_of
from bridge.spec.loader import load_game, spec_folder

SPEC = load_game(spec_folder(), "maid")
QUIRKS = quirks_of("maid")

# REST API page, "Batched GMCP Updates".
BATCH: Mapping[str, JsonValue] = {
    "type": "gmcp_batch",
    "updates": [
        {"package": "Char.Vitals", "data": {"hp": 95, "mp": 40}},
        {"package": "Room.Info", "data": {"name": "Town Square"}},
    ],
}


def kinds(frame: Mapping[str, JsonValue]) -> list[tuple[str, Mapping[str, JsonValue]]]:
    frames = QUIRKS.expand(frame)
    events = [event for each in frames for event in from_frame(SPEC, each, 0.0)]
    return [(event.kind, event.data) for event in events]


def test_a_batch_is_as_many_events_as_it_has_updates() -> None:
    assert kinds(BATCH) == [
        ("Char.Vitals", {"hp": 95, "mp": 40}),
        ("Room.Info", {"name": "Town Square"}),
    ]


def test_a_single_update_is_named_by_its_package_too() -> None:
    frame: Mapping[str, JsonValue] = {"type": "gmcp", "package": "Char.Vitals", "data": {"hp": 1}}

    assert kinds(frame) == [("Char.Vitals", {"hp": 1})]


def test_an_event_is_left_as_it_is() -> None:
    frame: Mapping[str, JsonValue] = {
        "type": "player_login",
        "timestamp": "2024-01-15T10:30:00Z",
        "data": {"session_id": "xxx", "player_id": "yyy"},
    }

    assert kinds(frame) == [("player_login", {"session_id": "xxx", "player_id": "yyy"})]


@pytest.mark.parametrize("updates", [None, "text", {"package": "Char.Vitals"}])
def test_a_batch_that_is_none_is_kept_as_it_came(updates: JsonValue) -> None:
    assert [kind for kind, _ in kinds({"type": "gmcp_batch", "updates": updates})] == ["gmcp_batch"]


def test_what_is_no_update_in_a_batch_is_left_out() -> None:
    assert kinds({"type": "gmcp_batch", "updates": [1, None]}) == []


@pytest.mark.parametrize("kind", ["pong", "subscribed"])
def test_answers_to_our_own_frames_are_no_events(kind: str) -> None:
    assert kinds({"type": kind}) == []


@pytest.mark.parametrize("told", [{"items": [{"id": "a-1"}], "total": 1}, [{"id": "a-1"}]])
def test_areas_are_called_areas_however_they_are_told(told: JsonValue) -> None:
    tidied = QUIRKS.tidy("list_areas", told)

    assert isinstance(tidied, dict)
    assert tidied["areas"] == [{"id": "a-1"}]


@pytest.mark.parametrize("told", [{"areas": [], "items": 3}, "none", None])
def test_what_names_its_areas_or_has_none_stays_as_it_is(told: JsonValue) -> None:
    assert QUIRKS.tidy("list_areas", told) == told
    assert QUIRKS.tidy("list_items", {"items": []}) == {"items": []}
