import pytest

from bridge.protocol.events import NewEvent
from bridge.protocol.render import Way
from bridge.protocol.streams import (
    Hearing,
    granted,
    handshake,
    missing_credential,
    stream_of,
    subscribe_frame,
    wanted_kinds,
)
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import GameSpec
from bridge.spec.parts import Subscription
from tests.spec.toy import toy

KNOWN = {"api_key": "maid_00000000_dummy"}
TYPES = Subscription(kinds=["a", "b", "c"], frame={"type": "subscribe", "types": "{kinds}"})


@pytest.fixture(scope="module")
def spec() -> GameSpec:
    return load_game(spec_folder(), "maid")


def way(spec: GameSpec, upstream: str) -> Way:
    return Way(spec, upstream, "ws://localhost:8080/api/v1/events")


def test_a_feed_asks_for_its_own_kinds(spec: GameSpec) -> None:
    assert wanted_kinds(spec, ["players"]) == {"player_login", "player_logout"}
    assert wanted_kinds(spec, ["state"]) == {"Char.Vitals", "Room.Info"}
    assert wanted_kinds(spec, []) == frozenset()


def test_what_is_only_for_those_who_ask_is_in_no_other_feed(spec: GameSpec) -> None:
    assert "chat_message" not in wanted_kinds(spec, ["all"])
    assert wanted_kinds(spec, ["chat"]) == {"chat_message"}
    assert "chat_message" in wanted_kinds(spec, ["all", "chat"])


def test_the_key_goes_into_the_address_where_the_document_says_so(spec: GameSpec) -> None:
    opening = handshake(way(spec, "events"), KNOWN, ["player_login", "tick"])

    assert opening.url.endswith("?api_key=maid_00000000_dummy&types=player_login,tick")
    assert opening.headers == {}
    assert "dummy" not in repr(opening)


def test_the_key_goes_into_a_header_where_the_player_has_chosen_that(spec: GameSpec) -> None:
    opening = handshake(way(spec, "events_by_header"), KNOWN, ["player_login"])

    assert opening.url.endswith("/events?types=player_login")
    assert opening.headers == {"X-API-Key": "maid_00000000_dummy"}
    assert "dummy" not in repr(opening)


def test_kinds_that_are_no_types_are_left_out_of_the_address(spec: GameSpec) -> None:
    opening = handshake(way(spec, "events_by_header"), KNOWN, ["Char.Vitals"])

    assert opening.url == "ws://localhost:8080/api/v1/events"


def test_the_credential_that_is_missing_is_named(spec: GameSpec) -> None:
    assert missing_credential(way(spec, "events"), {}) == "api_key"
    assert missing_credential(way(spec, "events"), KNOWN) is None


def test_an_auth_that_shows_nothing_needs_no_credential() -> None:
    stream = """
[upstream.events]
kind = "websocket"
url = "ws://localhost:1"
dialect = "event_stream"
auth = "player"

[auth.player]
"""

    assert missing_credential(way(toy(upstream=stream), "events"), {}) is None


def test_a_way_that_is_no_stream_is_refused(spec: GameSpec) -> None:
    with pytest.raises(TypeError, match="http is not an event stream"):
        stream_of(way(spec, "http"))


def test_a_frame_names_the_wanted_kinds_in_the_order_of_the_document() -> None:
    assert subscribe_frame(TYPES, {"c", "a", "else"}) == {"type": "subscribe", "types": ["a", "c"]}


def test_an_acknowledgement_grants_what_it_names_and_all_if_it_names_nothing() -> None:
    assert granted(TYPES, {"a", "b"}, {"type": "subscribed", "types": ["a"]}) == {"a"}
    assert granted(TYPES, {"a", "b"}, {"type": "subscribed"}) == {"a", "b"}
    assert granted(TYPES, {"a", "b"}, {"type": "subscribed", "types": ["a", "z"]}) == {"a"}


def test_one_interruption_is_one_gap_however_many_kinds_it_cuts_off() -> None:
    hearing = Hearing()
    assert hearing.settle({"a", "b"}, 100, "") == []

    hearing.lose(110, "the line was cut")
    (gap,) = hearing.settle({"a", "b"}, 120, "")

    assert gap.kind == "bridge.gap"
    assert gap.data["from"] == "1970-01-01T00:01:50.000+00:00"
    assert gap.data["to"] == "1970-01-01T00:02:00.000+00:00"
    assert gap.data["reason"] == "the line was cut"
    assert hearing.settle({"a", "b"}, 130, "") == []


def test_losing_again_before_anything_was_heard_prolongs_the_gap() -> None:
    hearing = Hearing()
    hearing.settle({"a"}, 100, "")
    hearing.lose(110, "first")
    hearing.lose(115, "second")

    (gap,) = hearing.settle({"a"}, 120, "")

    assert gap.data["reason"] == "first"


def test_a_kind_that_nobody_wanted_for_a_while_has_a_gap_of_its_own() -> None:
    hearing = Hearing()
    hearing.settle({"a", "b"}, 100, "")
    hearing.settle({"a"}, 110, "nobody")
    hearing.lose(120, "cut")

    gaps = hearing.settle({"a", "b"}, 130, "")

    assert [gap.data["reason"] for gap in gaps] == ["nobody", "cut"]


def test_kinds_that_were_never_heard_are_known_as_such() -> None:
    hearing = Hearing()
    hearing.settle({"a"}, 100, "")
    hearing.miss({"b"}, 90, "not there yet")

    assert hearing.unheard_of({"a", "b", "c"}) == {"c"}
    (gap,) = hearing.settle({"a", "b"}, 110, "")
    assert gap.data["reason"] == "not there yet"


def test_what_could_not_be_kept_is_a_gap_from_its_beginning_until_it_is_kept() -> None:
    hearing = Hearing()
    hearing.fail_to_keep([])
    assert hearing.unkept(5.0) == []

    hearing.fail_to_keep([NewEvent(kind="combat", at=each, data={}) for each in (11.0, 10.0)])
    hearing.fail_to_keep([NewEvent(kind="combat", at=20.0, data={})])
    (gap,) = hearing.unkept(30.0)
    hearing.keep_again()

    assert gap.kind == "bridge.gap"
    assert (gap.data["from"], gap.data["to"]) == (
        "1970-01-01T00:00:10.000+00:00",
        "1970-01-01T00:00:30.000+00:00",
    )
    assert hearing.unkept(40.0) == []


def test_a_gap_that_could_not_be_kept_is_a_part_of_the_next_one() -> None:
    hearing = Hearing()
    hearing.miss(["combat"], 10.0, "the bridge did not listen")

    hearing.fail_to_keep(hearing.settle(["combat"], 20.0, "lost"))
    (gap,) = hearing.unkept(30.0)

    assert gap.data["from"] == "1970-01-01T00:00:10.000+00:00"
