import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def test_the_system_hears_and_the_speaker_does_not(ann: Pilot, bob: Pilot, game: Game) -> None:
    ann.ask("chat", channel="system", content="Hello")

    pushes = game.take_pushes()

    hearers = {push.player_id for push in pushes}
    assert bob.id in hearers
    assert ann.id not in hearers
    assert pushes[0].data["system_id"] == "sol"
    assert pushes[0].data["empire_official"] is False


def test_local_chat_stays_at_the_place(ann: Pilot, bob: Pilot) -> None:
    bob.fly("luna")
    bob.told()

    ann.ask("chat", channel="local", content="Anybody?")

    assert bob.told("chat_message") == []


def test_a_private_message_reaches_one_and_has_a_history_for_both(ann: Pilot, bob: Pilot) -> None:
    ann.ask("chat", channel="private", content="Psst", target_id="bob")

    pushed = bob.told("chat_message")

    assert pushed[0]["content"] == "Psst"
    history = bob.ask("get_chat_history", channel="private", target_id="Ann")
    assert [m["content"] for m in history["messages"]] == ["Psst"]
    assert "timestamp_utc" in history["messages"][0]


def test_history_can_be_read_from_a_message_on(ann: Pilot) -> None:
    for word in ("one", "two", "three"):
        ann.ask("chat", channel="local", content=word)
    first = ann.ask("get_chat_history", channel="local")["messages"][-1]

    newer = ann.ask("get_chat_history", channel="local", after=first["timestamp_utc"])

    assert [m["content"] for m in newer["messages"]] == ["three", "two"]


def test_faction_chat_takes_a_faction_and_private_chat_a_listener(ann: Pilot) -> None:
    for payload, code in (
        ({"channel": "faction", "content": "x"}, "not_in_faction"),
        ({"channel": "private", "content": "x"}, "invalid_payload"),
        ({"channel": "private", "content": "x", "target_id": "Nobody"}, "invalid_target"),
        ({"channel": "system", "content": " "}, "invalid_payload"),
    ):
        with pytest.raises(GameError) as caught:
            ann.ask("chat", **payload)
        assert caught.value.code == code


def test_an_empire_takes_one_petition_an_hour(ann: Pilot, clock: HandClock) -> None:
    ann.ask("petition", empire_id="solarian", message="More patrols")

    with pytest.raises(GameError) as caught:
        ann.ask("petition", empire_id="solarian", message="Please")
    assert (caught.value.code, caught.value.wait_seconds) == ("rate_limited", 3600.0)

    clock.advance(3600)
    ann.ask("petition", empire_id="solarian", message="Please")
