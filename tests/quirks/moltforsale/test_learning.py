from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Done, Outcome, Refused, Unknown
from bridge.quirks.hooks import Answered, Learnt, Memory
from bridge.quirks.moltforsale.learning import learn
from bridge.quirks.moltforsale.notes import Notes, mapping

NOON = 1770724800.0
RIVAL: Mapping[str, JsonValue] = {"target_handle": "rival"}
# skill.md 0.2.0, "GET /moltbot/:handle".
PROFILE: Mapping[str, JsonValue] = {
    "id": "a1",
    "handle": "rival",
    "state": {"creditsBalance": 5, "isJailed": False, "isShielded": True},
    "ownership": {"ownedById": None},
    "market": {"price": 100},
}


def told(
    memory: Memory, command: str, outcome: Outcome, arguments: Mapping[str, JsonValue] | None = None
) -> Learnt:
    known: Mapping[str, JsonValue] = {"handle": "demo_bot"}
    answered = Answered(
        command=command, arguments=arguments or {}, outcome=outcome, known=known, now=NOON
    )
    return learn(memory, answered)


def no(code: str) -> Refused:
    return Refused(code=code, message="No.")


def test_a_profile_is_remembered_under_the_name_that_was_asked_for() -> None:
    memory: Memory = {}

    told(memory, "agent", Done(result=dict(PROFILE)), {"handle": "Rival"})

    notes = Notes(memory)
    assert notes.named("a1") == "rival"
    for name in ("rival", "Rival"):
        profile = notes.profile(name, NOON)
        assert profile is not None
        assert (profile["price"], profile["shielded"]) == (100, True)


@pytest.mark.parametrize("result", [{}, {"id": "a1"}, {"handle": "rival"}, {"id": 5, "handle": 6}])
def test_a_profile_without_id_and_handle_teaches_nothing(result: JsonValue) -> None:
    memory: Memory = {}

    assert told(memory, "me", Done(result=result)) == Learnt()
    assert memory == {}


@pytest.mark.parametrize("command", ["me", "agent"])
def test_our_own_profile_tells_our_id_and_a_new_owner_once(command: str) -> None:
    memory: Memory = {}
    ours: dict[str, JsonValue] = {**PROFILE, "id": "me", "handle": "demo_bot"}

    first = told(memory, command, Done(result=ours))
    bought: dict[str, JsonValue] = {**ours, "ownership": {"ownedById": "a1"}}
    second = told(memory, command, Done(result=bought))
    third = told(memory, command, Done(result=bought))
    freed = told(memory, command, Done(result=ours))

    assert memory["id"] == "me"
    assert [each.kind for each in second.events] == ["own_bought"]
    assert first.events == third.events == freed.events == ()


def test_the_feed_teaches_names_and_statuses() -> None:
    memory: Memory = {}
    event: JsonValue = {
        "type": "AGENT_CLAIMED",
        "actorId": "a1",
        "data": {"handle": "rival"},
        "createdAt": "2026-02-10T12:00:00.000Z",
    }

    told(memory, "feed", Done(result=[event]))
    told(memory, "feed", no("NOT_FOUND"))

    assert Notes(memory).named("a1") == "rival"


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (no("UNAUTHORIZED"), "UNAUTHORIZED"),
        (Unknown(sent="poll", reason="It broke off."), "no_answer"),
        (Done(result="text"), "unreadable"),
    ],
)
def test_why_a_query_had_no_answer_is_remembered(outcome: Outcome, code: str) -> None:
    memory: Memory = {}

    told(memory, "poll", outcome)
    told(memory, "agent", outcome, {"handle": "rival"})

    assert str(memory["_trouble"]).startswith(f"{{'code': '{code}'")
    assert code in str(Notes(memory).profile("rival", NOON))


def test_what_a_poll_tells_is_taken_in() -> None:
    memory: Memory = {}

    told(memory, "poll", Done(result={"agent": {"handle": "demo_bot"}}))

    assert memory["handle"] == "demo_bot"


def test_a_post_changes_nothing_that_a_poll_has_told() -> None:
    memory: Memory = {"_polled_at": NOON}

    told(memory, "post", Done(result={"ok": True}), {"content": "Hello"})

    assert Notes(memory).is_fresh(NOON)


def test_a_purchase_makes_us_look_again() -> None:
    memory: Memory = {"_polled_at": NOON}

    told(memory, "buy", Done(result={"ok": True}), RIVAL)

    assert not Notes(memory).is_fresh(NOON)


def test_what_our_own_acts_have_cost_is_no_news() -> None:
    memory: Memory = {"self": {"credits": 1000}, "costs": {"KOL": 230}}
    Notes(memory).keep_profile("rival", {"price": 100}, NOON)

    told(memory, "buy", Done(result={"ok": True}), RIVAL)
    told(memory, "kol", Done(result={"ok": True}), RIVAL)
    told(memory, "exit_jail", Done(result={"ok": True}))
    told(memory, "buy", Done(result={"ok": True}), {"target_handle": "stranger"})
    told(memory, "post", Done(result={"ok": True}), {"content": "Hello"})

    assert Notes(memory).table("self") == {"credits": 1000 - 105 - 230 - 250}


def test_other_queries_teach_nothing() -> None:
    assert told({}, "health", Done(result={"ok": True})) == Learnt()


def test_what_the_bridge_itself_refused_teaches_nothing() -> None:
    memory: Memory = {"_polled_at": NOON}

    told(memory, "post", Refused(code="COOLDOWN_POST", message="No.", local=True))

    assert memory == {"_polled_at": NOON}


@pytest.mark.parametrize(
    ("code", "lesson"),
    [
        ("COOLDOWN_POWER_KOL", ("power_kol", 12 * 3600)),
        ("PAIR_COOLDOWN", ("power_pair", 6 * 3600)),
        ("RATE_LIMIT_ACT", ("acts_per_hour", 600)),
    ],
)
def test_a_refusal_holds_back_for_as_long_as_it_can_last(
    code: str, lesson: tuple[str, float]
) -> None:
    memory: Memory = {"_polled_at": NOON}

    (learnt,) = told(memory, "kol", no(code), RIVAL).lessons

    assert (learnt.cooldown, learnt.free_at - NOON) == lesson
    assert not Notes(memory).is_fresh(NOON)


def test_a_refusal_that_says_how_long_is_left_to_what_it_says() -> None:
    refused = Refused(code="PAIR_COOLDOWN", message="No.", wait=100)

    assert told({}, "kol", refused, RIVAL) == Learnt()


def test_a_cooldown_that_still_ran_shows_that_it_was_not_told_in_milliseconds() -> None:
    memory: Memory = {"_milliseconds": True}

    told(memory, "post", no("COOLDOWN_POST"), {"content": "x"})

    assert "_milliseconds" not in memory


def test_a_refusal_without_a_wait_only_makes_us_look_again() -> None:
    memory: Memory = {"_polled_at": NOON}
    Notes(memory).keep_profile("rival", {"price": 1}, NOON)

    learnt = told(memory, "buy", no("INSUFFICIENT_CREDITS"), RIVAL)

    assert learnt == Learnt()
    assert Notes(memory).profile("rival", NOON) is None
    assert told(memory, "buy", no("COOLDOWN_BUY"), RIVAL) == Learnt()


def test_who_must_be_claimed_first_is_not_eligible() -> None:
    memory: Memory = {}

    told(memory, "post", no("NOT_CLAIMED"))

    assert memory["eligible"] is False


def test_a_standing_status_is_believed_for_an_hour_or_where_nothing_says_how_long_for_a_day() -> (
    None
):
    memory: Memory = {"names": {"a1": "rival"}}

    told(memory, "kol", no("STATUS_EXISTS"), RIVAL)
    told(memory, "change_bio", no("STATUS_EXISTS"), RIVAL)
    told(memory, "change_bio", no("STATUS_EXISTS"), {"target_handle": "stranger"})

    notes = Notes(memory)
    assert notes.status_left("a1", "KOL", NOON) == 3600
    assert notes.status_left("a1", "CHANGE_BIO", NOON) == 24 * 3600


def test_a_move_of_ours_is_remembered_with_what_it_does() -> None:
    memory: Memory = {"names": {"a1": "rival"}, "id": "me", "_polled_at": NOON}

    told(memory, "kol", Done(result={"ok": True}), RIVAL)
    told(memory, "trolling", Done(result={"ok": True}), RIVAL)
    told(memory, "trolling", Done(result={"ok": True}), {"target_handle": "stranger"})

    notes = Notes(memory)
    assert notes.status_left("a1", "KOL", NOON) == 3 * 3600
    assert notes.table("struck") == {"a1": NOON}
    assert not notes.is_fresh(NOON)


def test_leaving_jail_frees_us_at_once() -> None:
    memory: Memory = {"id": "me"}
    Notes(memory).put_status("me", "JAIL", NOON + 60, "a1")

    told(memory, "exit_jail", Done(result={"ok": True}))

    assert Notes(memory).status_left("me", "JAIL", NOON) == 0
    told({}, "exit_jail", Done(result={"ok": True}))


def test_an_act_whose_answer_is_given_up_late_counts_from_when_it_was_sent() -> None:
    memory: Memory = {"offset": 10}
    lost = Unknown(sent="post", reason="No answer within 40 s.")

    learn(memory, Answered(command="post", arguments={}, outcome=lost, now=NOON, asked=NOON - 40))

    (unsure,) = Notes(memory).entries("_unsure")
    assert mapping(unsure)["at"] == NOON - 50


def test_of_acts_whose_answer_was_lost_only_so_many_are_remembered() -> None:
    memory: Memory = {}
    lost = Unknown(sent="post", reason="It broke off.")

    for number in range(30):
        told(memory, "post", lost, {"content": f"Thought {number}"})

    assert len(Notes(memory).entries("_unsure")) == 20


@pytest.mark.parametrize(
    ("owner", "buys", "happened"),
    [
        ("me", 7, False),  # it was ours before
        ("me", 8, True),
        ("a2", 7, False),
        ("a2", 8, False),
        ("a2", 9, None),
    ],
)
def test_how_often_an_agent_was_bought_shows_whether_we_have_bought_it(
    owner: str, buys: int, happened: JsonValue
) -> None:
    memory: Memory = {"id": "me"}
    before: dict[str, JsonValue] = {**PROFILE, "market": {"price": 100, "buyCount": 7}}
    told(memory, "agent", Done(result=before), {"handle": "rival"})
    told(memory, "buy", Unknown(sent="buy", reason="It broke off."), RIVAL)

    market: JsonValue = {"price": 110, "buyCount": buys}
    owned: JsonValue = {"ownedById": owner}
    after: dict[str, JsonValue] = {**PROFILE, "ownership": owned, "market": market}
    learnt = told(memory, "agent", Done(result=after), {"handle": "rival"})

    assert [event.data["happened"] for event in learnt.events] == [happened]


@pytest.mark.parametrize(("owner", "happened"), [("me", True), ("a2", False)])
def test_the_profile_of_who_was_bought_shows_whether_the_purchase_happened(
    owner: str, *, happened: bool
) -> None:
    memory: Memory = {"id": "me"}
    told(memory, "buy", Unknown(sent="buy", reason="It broke off."), RIVAL)
    told(memory, "post", Unknown(sent="post", reason="It broke off."), {"content": "x"})

    profile: dict[str, JsonValue] = {**PROFILE, "ownership": {"ownedById": owner}}
    learnt = told(memory, "agent", Done(result=profile), {"handle": "rival"})

    (event,) = learnt.events
    assert event.data["happened"] is happened
    assert len(Notes(memory).entries("_unsure")) == 1
