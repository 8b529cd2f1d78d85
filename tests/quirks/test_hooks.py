from pydantic import JsonValue

from bridge.protocol.events import NewEvent
from bridge.protocol.verdict import Done
from bridge.quirks.games import quirks_of
from bridge.quirks.hooks import NO_QUIRKS, Answered, Asked, Learnt, Memory


def test_a_game_without_quirks_is_played_as_its_spec_says() -> None:
    memory: Memory = {"a": 1}
    result: JsonValue = {"b": 2}
    asked = Asked(command="look", arguments={}, now=0)
    answered = Answered(command="look", arguments={}, outcome=Done(result=result), now=0)
    event = NewEvent(kind="chat", at=0)

    quirks = quirks_of("a game of one's own")

    assert quirks is NO_QUIRKS
    assert quirks.expand({"type": "x"}) == [{"type": "x"}]
    assert quirks.tidy("look", result) is result
    assert quirks.show(memory, "look", result) is result
    assert quirks.first(memory, asked) == []
    assert quirks.object(memory, asked) is None
    assert quirks.answer(memory, asked) is None
    assert quirks.learn(memory, answered) == Learnt()
    assert quirks.retell(memory, event) is event
    assert memory == {"a": 1}


def test_a_call_shows_no_credential() -> None:
    asked = Asked(command="look", arguments={}, known={"username": "bob"}, now=0)

    assert "bob" not in repr(asked)
