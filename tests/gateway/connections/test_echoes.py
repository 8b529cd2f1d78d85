from bridge.gateway.connections.echoes import MOST_EXPECTED, Echoes
from bridge.protocol.events import NewEvent

SOCKET, NEW, OLD = "websocket", "http_v2", "http_v1"


def said(words: str, identity: str | None = None) -> NewEvent:
    return NewEvent(kind="chat_message", at=1.0, data={"content": words}, identity=identity)


def test_what_one_way_has_told_is_no_news_from_a_session_that_listened_too() -> None:
    echoes = Echoes()
    echoes.told([said("hello")], SOCKET, {NEW: 1})

    assert echoes.news([said("hello", "n1"), said("bye", "n2")], NEW, 1) == [said("bye", "n2")]


def test_what_is_said_twice_is_told_twice() -> None:
    echoes = Echoes()
    echoes.told([said("hello")], SOCKET, {NEW: 1})

    assert echoes.news([said("hello", "n1"), said("hello", "n2")], NEW, 1) == [said("hello", "n2")]


def test_each_session_echoes_by_itself() -> None:
    echoes = Echoes()
    echoes.told([said("hello")], SOCKET, {NEW: 1, OLD: 4})

    assert echoes.news([said("hello", "n1")], NEW, 1) == []
    assert echoes.news([said("hello", "o1")], OLD, 4) == []


def test_a_way_does_not_echo_itself() -> None:
    echoes = Echoes()
    echoes.told([said("hello")], NEW, {NEW: 1})

    assert echoes.news([said("hello", "n2")], NEW, 1) == [said("hello", "n2")]


def test_a_session_that_was_not_open_echoes_nothing() -> None:
    echoes = Echoes()
    echoes.told([said("before")], SOCKET, {})
    echoes.told([said("old")], SOCKET, {NEW: 1})

    assert echoes.news([said("before"), said("old")], NEW, 2) == [said("before"), said("old")]


def test_no_more_echoes_are_expected_than_a_queue_can_hold() -> None:
    echoes = Echoes()
    for number in range(MOST_EXPECTED + 50):
        echoes.told([said(f"line {number}")], SOCKET, {NEW: 1})

    assert echoes.news([said("line 3")], NEW, 1) == []
    assert echoes.news([said(f"line {MOST_EXPECTED + 9}")], NEW, 1) != []
