from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Done
from bridge.quirks.hooks import Answered, Learnt, Memory
from bridge.quirks.moltforsale import polls
from bridge.quirks.moltforsale.notes import Notes

NOON = 1770724800.0
"""2026-02-10T12:00:00Z"""


def told(**members: JsonValue) -> dict[str, JsonValue]:
    # skill.md 1.0.11, "POST /agents/poll (auth)".
    return {
        "eligibleToAct": True,
        "agent": {"handle": "demo_bot", "claimed": False},
        "now": "2026-02-10T12:00:00.000Z",
        "context": {"self": {"creditsBalance": 1000, "isJailed": False, "isShielded": False}},
        "allowedActions": [{"type": "POST", "cost": 0, "cooldownRemaining": 0}],
        **members,
    }


def learn(
    memory: Memory, answer: dict[str, JsonValue], now: float = NOON, asked: float | None = None
) -> Learnt:
    outcome = Done(result=answer)
    answered = Answered(command="poll", arguments={}, outcome=outcome, now=now, asked=asked)
    return polls.learn(Notes(memory), answer, answered)


def actions(**seconds: float) -> list[JsonValue]:
    return [{"type": kind, "cost": 0, "cooldownRemaining": left} for kind, left in seconds.items()]


def test_what_is_left_is_in_seconds() -> None:
    left = polls.seconds_left(Notes({}), actions(POST=600, JAIL=86_400))

    assert left == {"POST": 600, "JAIL": 86_400}


def test_a_cooldown_may_have_become_longer_than_documented() -> None:
    left = polls.seconds_left(Notes({}), actions(POST=900, JAIL=7 * 86_400))

    assert left == {"POST": 900, "JAIL": 7 * 86_400}


def test_one_wait_that_is_too_long_makes_all_of_them_milliseconds() -> None:
    notes = Notes({})

    assert polls.seconds_left(notes, actions(POST=90_000, REACT=20, BUY=0)) == {
        "POST": 90.0,
        "REACT": 0.02,
        "BUY": 0.0,
    }
    assert polls.seconds_left(notes, actions(REACT=200)) == {"REACT": 0.2}


@pytest.mark.parametrize("strange", [1e18, 10**400, float("inf"), float("nan")])
def test_no_wait_is_believed_that_no_game_could_mean(strange: float) -> None:
    learnt = learn({}, told(allowedActions=actions(POST=strange)))

    assert all(lesson.free_at <= NOON + 6000 for lesson in learnt.lessons)


@pytest.mark.parametrize("strange", [None, "none", [5, {"type": "POST"}, {"cooldownRemaining": 3}]])
def test_what_is_no_list_of_actions_tells_nothing(strange: JsonValue) -> None:
    assert polls.seconds_left(Notes({}), strange) == {}


def test_a_cooldown_ends_where_the_last_act_says_if_that_agrees() -> None:
    state: JsonValue = {"lastPostAt": "2026-02-10T11:55:00.400Z", "lastReactAt": None}
    answer = told(context={"self": state}, allowedActions=actions(POST=301, REACT=12))

    lessons = {each.cooldown: each.free_at for each in learn({}, answer).lessons}

    assert lessons == {"post": pytest.approx(NOON + 300.4), "react": NOON + 12}


def test_a_cooldown_that_has_become_longer_is_believed() -> None:
    state: JsonValue = {"lastPostAt": "2026-02-10T11:55:00.000Z"}
    answer = told(context={"self": state}, allowedActions=actions(POST=500))

    assert [each.free_at for each in learn({}, answer).lessons] == [NOON + 500]


def test_our_clock_may_differ_from_the_games() -> None:
    memory: Memory = {}

    first = learn(memory, told(), now=NOON + 40)
    second = learn(memory, told(), now=NOON + 40.2)
    third = learn(memory, told(), now=NOON + 100)

    assert (first.clock_moved, second.clock_moved) == (0.0, 0.0)
    assert third.clock_moved == pytest.approx(60)
    assert memory["offset"] == 100


def test_a_clock_that_runs_a_little_fast_makes_no_wait_too_short() -> None:
    memory: Memory = {}
    state: JsonValue = {"lastPostAt": "2026-02-10T11:55:00.000Z"}
    answer = told(context={"self": state}, allowedActions=actions(POST=300))
    learn(memory, answer)

    (lesson,) = learn(memory, answer, now=NOON + 1).lessons

    assert lesson.free_at == NOON + 301


def test_an_answer_that_took_long_says_nothing_new_of_the_clocks() -> None:
    memory: Memory = {"offset": 0.1}

    learnt = learn(memory, told(), now=NOON + 4, asked=NOON - 1)

    assert learnt.clock_moved == 0.0
    assert memory["offset"] == 0.1


def test_an_answer_without_a_time_says_nothing_about_clocks() -> None:
    memory: Memory = {}

    assert learn(memory, told(now="soon")).clock_moved == 0.0
    assert "offset" not in memory


def test_another_handle_is_another_agent() -> None:
    memory: Memory = {"handle": "before", "id": "b1"}

    learn(memory, told())
    learn(memory, told(agent=None))

    assert (memory.get("id"), memory["handle"]) == (None, "demo_bot")


def test_our_own_id_gets_our_handle() -> None:
    memory: Memory = {"handle": "demo_bot", "id": "me"}

    learn(memory, told())

    assert Notes(memory).named("me") == "demo_bot"


def test_a_poll_from_before_an_act_of_ours_says_nothing_of_the_present() -> None:
    memory: Memory = {"_acted_at": NOON - 1, "_unsure": [{"kind": "POST", "at": NOON - 2}]}

    learnt = learn(memory, told(), asked=NOON - 1.5)

    assert learnt.lessons == ()
    assert not Notes(memory).is_fresh(NOON)
    assert memory["_unsure"] != []


@pytest.mark.parametrize("theirs", ["2026-02-10T11:59:57Z", "9999-12-31T23:59:59Z"])
def test_a_poll_from_after_an_act_counts_whatever_the_clocks_say(theirs: str) -> None:
    memory: Memory = {"_acted_at": NOON - 1}

    learn(memory, told(now=theirs), asked=NOON - 0.9)

    assert Notes(memory).is_fresh(NOON)


@pytest.mark.parametrize(
    ("kind", "left", "line"),
    [
        ("post", 600, "was carried out."),
        ("post", 300, "was not carried out, as far as the game shows."),
        ("post", 0, "was not carried out, as far as the game shows."),
    ],
)
def test_the_cooldown_shows_whether_an_act_happened(kind: str, left: float, line: str) -> None:
    unsure: JsonValue = {
        "command": kind,
        "kind": kind.upper(),
        "at": NOON - 1,
        "arguments": {"content": "x"},
    }
    memory: Memory = {"_unsure": [unsure]}

    learnt = learn(memory, told(allowedActions=actions(POST=left)))

    assert learnt.notes == (f"Your {kind}, whose answer was lost, {line}",)
    assert memory["_unsure"] == []


@pytest.mark.parametrize(
    ("last", "happened"),
    [("2026-02-10T11:40:00.000Z", True), ("2026-02-10T11:00:00.000Z", False), (None, False)],
)
def test_when_we_last_posted_tells_of_a_post_long_ago(last: JsonValue, *, happened: bool) -> None:
    lost: JsonValue = {"command": "post", "kind": "POST", "at": NOON - 1200, "arguments": {}}
    memory: Memory = {"_unsure": [lost]}

    learnt = learn(memory, told(context={"self": {"lastPostAt": last}}))

    assert learnt.events[-1].data["happened"] is happened


@pytest.mark.parametrize("kind", ["POST", "KOL"])
def test_a_cooldown_that_may_have_run_meanwhile_tells_nothing(kind: str) -> None:
    lost: JsonValue = {"command": "it", "kind": kind, "at": NOON - 43_200, "arguments": {}}
    memory: Memory = {"_unsure": [lost]}

    learnt = learn(memory, told(allowedActions=actions(**{kind: 0})))

    assert learnt.events[-1].data["happened"] is None
    assert "may have been carried out or not" in learnt.notes[0]
    assert memory["_unsure"] == []


def test_a_move_of_hours_ago_that_the_feed_tells_was_carried_out() -> None:
    lost: JsonValue = {"command": "kol", "kind": "KOL", "at": NOON - 50_000, "arguments": {}}
    memory: Memory = {"_unsure": [lost], "id": "me"}
    move: JsonValue = {
        "type": "POWER_ACTION",
        "actorId": "me",
        "targetId": "a1",
        "data": {"actionType": "KOL"},
        "createdAt": "2026-02-09T22:06:41.000Z",
    }

    learnt = learn(memory, told(context={"self": {}, "feedTop": [move]}))

    assert learnt.events[-1].data["happened"] is True


def test_a_strike_that_happened_after_all_counts_for_the_pair() -> None:
    unsure: JsonValue = {
        "command": "kol",
        "kind": "KOL",
        "at": NOON - 1,
        "arguments": {"target_handle": "rival"},
    }
    memory: Memory = {"_unsure": [unsure], "names": {"a1": "rival"}, "id": "me"}

    learnt = learn(memory, told(allowedActions=actions(KOL=43_199)))

    assert learnt.events[-1].data == {"command": "kol", "happened": True, "target": "rival"}
    assert "power_pair" in [lesson.cooldown for lesson in learnt.lessons]
    assert Notes(memory).table("struck") == {"a1": NOON - 1}


@pytest.mark.parametrize(
    ("memory", "known"),
    [
        ({"names": {"a1": "rival"}, "id": "me"}, True),
        ({"names": {"a1": "rival"}}, False),
        ({"id": "me"}, False),
    ],
)
def test_the_feed_shows_a_purchase_if_it_can_be_told_whose(memory: Memory, *, known: bool) -> None:
    unsure: Mapping[str, JsonValue] = {
        "command": "buy",
        "kind": "BUY",
        "at": NOON - 1,
        "arguments": {"target_handle": "rival"},
    }
    bought: JsonValue = {
        "type": "AGENT_BOUGHT",
        "actorId": "me",
        "targetId": "a1",
        "createdAt": "2026-02-10T12:00:00.000Z",
    }
    memory = {**memory, "_unsure": [dict(unsure)]}

    learnt = learn(memory, told(context={"self": {}, "feedTop": [bought]}))

    assert bool(learnt.notes) is known


def test_what_has_changed_about_us_is_told_with_who_did_it() -> None:
    memory: Memory = {"id": "me", "names": {"a1": "rival"}}
    learn(memory, told())
    Notes(memory).put_status("me", "JAIL", NOON + 60, "a1")
    memory["statuses"]["me"]["SHIELD"] = {"by": "a2"}  # type: ignore[index, call-overload]  # two tables

    changed = told(context={"self": {"creditsBalance": 600, "isJailed": True, "isShielded": True}})
    learnt = learn(memory, changed)
    untold = learn(memory, told(context={"self": {}}))
    learn(memory, changed)
    free: JsonValue = {"creditsBalance": None, "isJailed": False, "isShielded": False}
    over = learn(memory, told(context={"self": free}))

    assert [(each.kind, each.data) for each in learnt.events] == [
        ("own_jailed", {"by": "rival", "until": "2026-02-10 12:01:00 UTC"}),
        ("own_shielded", {"by": "a2"}),
        ("own_credits", {"from": 1000, "to": 600, "change": -400}),
    ]
    assert untold.events == ()
    assert [each.kind for each in over.events] == ["own_freed", "own_unshielded"]


def test_what_acts_cost_now_is_remembered() -> None:
    memory: Memory = {}
    costs: JsonValue = [{"type": "JAIL", "cost": 450}, {"type": "BUY", "cost": None}, {"cost": 1}]

    learn(memory, told(allowedActions=costs))

    assert memory["costs"] == {"JAIL": 450}


def test_an_act_that_the_bridge_does_not_know_has_no_cooldown_here() -> None:
    assert learn({}, told(allowedActions=actions(BUY=0, DANCE=5))).lessons == ()


def test_being_jailed_without_a_known_cause_is_told_without_one() -> None:
    memory: Memory = {"id": "me"}
    learn(memory, told())

    learnt = learn(memory, told(context={"self": {"isJailed": True}}))

    assert [(each.kind, each.data) for each in learnt.events] == [("own_jailed", {})]
