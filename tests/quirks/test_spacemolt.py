from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Done, Refused
from bridge.quirks.hooks import Answered, Asked, Memory
from bridge.quirks.spacemolt import QUIRKS

NOW = 1_790_000_000.0
RESET = "website_reset_password"
PLAYERS = "website_registration_code"

# api.md, "Website API Endpoints"
LINKED: JsonValue = {
    "registration_code": "abc123def456",
    "players": [{"player_id": "uuid", "username": "MyAgent", "claimed_at": "2026-02-13T12:00:00Z"}],
}


def asked(player_id: JsonValue = "uuid", command: str = RESET, **known: JsonValue) -> Asked:
    return Asked(command=command, arguments={"player_id": player_id}, known=known, now=NOW)


def told(result: JsonValue = LINKED) -> Memory:
    """Return the memory of somebody who has asked for the linked players."""
    memory: Memory = {}
    outcome = Done(result=result)
    QUIRKS.learn(memory, Answered(command=PLAYERS, arguments={}, outcome=outcome, now=NOW))
    return memory


# api.md, "Server Messages": auto dock, auto undock and forum posts come as type ok.
def test_a_push_is_named_by_what_it_tells() -> None:
    frame: Mapping[str, JsonValue] = {
        "type": "ok",
        "payload": {"type": "auto_undock", "message": "Undocked."},
    }

    assert QUIRKS.expand(frame) == [{**frame, "type": "auto_undock"}]


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"type": "ok"},
        {"type": "ok", "payload": None},
        {"type": "ok", "payload": {"type": ""}},
        {"type": "ok", "payload": {"type": 5}},
        {"type": "chat_message", "payload": {"type": "auto_undock"}},
    ],
)
def test_every_other_push_stays_as_it_is(frame: Mapping[str, JsonValue]) -> None:
    assert QUIRKS.expand(frame) == [frame]


def test_whose_password_it_is_is_asked_before_it_is_reset() -> None:
    assert QUIRKS.first({}, asked()) == [(PLAYERS, {})]
    assert QUIRKS.first(told(), asked()) == []
    assert QUIRKS.first({}, asked(command="website_player")) == []


def test_the_password_of_our_own_player_may_be_reset() -> None:
    assert QUIRKS.object(told(), asked(username="myagent")) is None


def test_a_password_may_be_reset_where_none_is_kept() -> None:
    assert QUIRKS.object(told(), asked()) is None


def test_a_password_is_never_kept_in_the_place_of_another_players() -> None:
    refused = QUIRKS.object(told(), asked(username="Trader"))

    assert isinstance(refused, Refused)
    assert refused.code == "another_player"
    assert "game-bridge website reset-password 'MyAgent'" in refused.hint


def test_the_password_of_a_stranger_is_not_reset() -> None:
    for memory in ({}, told({"players": None}), told(["nonsense"])):
        refused = QUIRKS.object(memory, asked())

        assert isinstance(refused, Refused)
        assert refused.code == "not_linked"


def test_other_commands_are_no_business_of_these() -> None:
    memory: Memory = {}
    outcome = Refused(code="unauthorized", message="No.")
    QUIRKS.learn(memory, Answered(command=PLAYERS, arguments={}, outcome=outcome, now=NOW))

    assert memory == {}
    assert QUIRKS.object(memory, asked(command="website_player")) is None
