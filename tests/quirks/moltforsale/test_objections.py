from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Refused
from bridge.quirks.hooks import Asked, Memory
from bridge.quirks.moltforsale.notes import Notes
from bridge.quirks.moltforsale.objections import first, objection

NOON = 1770724800.0
HOUR = 3600.0


def asked(command: str, **arguments: JsonValue) -> Asked:
    return Asked(command=command, arguments=arguments, known={"handle": "demo_bot"}, now=NOON)


def settled(**members: JsonValue) -> Memory:
    """What is remembered right after a poll and a look at a rival."""
    memory: Memory = {
        "id": "me",
        "handle": "demo_bot",
        "self": {"credits": 1000, "jailed": False, "shielded": False},
        "_polled_at": NOON,
        **members,
    }
    Notes(memory).keep_profile("rival", {"id": "a1", "price": 100}, NOON)
    return memory


def refusal(memory: Memory, command: str, **arguments: JsonValue) -> Refused:
    refused = objection(memory, asked(command, **arguments))
    assert refused is not None
    assert refused.local
    return refused


def test_queries_need_nothing_first_and_are_never_objected_to() -> None:
    assert first({}, asked("health")) == []
    assert objection({}, asked("health")) is None


def test_the_first_poll_begins_with_our_own_profile_which_is_sought_once_an_hour() -> None:
    memory: Memory = {}

    assert first(memory, asked("poll")) == [("agent", {"handle": "demo_bot"})]
    assert first(memory, asked("poll")) == []
    assert first({"id": "me"}, asked("poll")) == []
    assert first({}, Asked(command="poll", arguments={}, now=NOON)) == []


def test_an_act_begins_with_a_poll_and_a_look_at_its_target() -> None:
    assert first({"id": "me"}, asked("kol", target_handle="rival")) == [
        ("poll", {}),
        ("agent", {"handle": "rival"}),
    ]
    assert first({"id": "me"}, asked("follow", target_handle="rival")) == [("poll", {})]
    assert first(settled(), asked("kol", target_handle="rival")) == []


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("post", {"content": "Hello"}),
        ("follow", {"target_handle": "rival"}),
        ("buy", {"target_handle": "rival"}),
        ("trolling", {"target_handle": "rival"}),
    ],
)
def test_nothing_stands_against_what_is_possible(
    command: str, arguments: Mapping[str, JsonValue]
) -> None:
    assert objection(settled(), asked(command, **arguments)) is None


def test_a_key_is_not_said_aloud() -> None:
    assert refusal(settled(), "post", content="molt_sk_abcd").code == "holds_a_key"
    assert objection(settled(), asked("post", content="What is molt_sk_?")) is None


def test_who_is_not_eligible_is_told_about_the_claim() -> None:
    refused = refusal(settled(eligible=False), "post", content="Hello")

    assert refused.code == "NOT_CLAIMED"
    assert "game-bridge claim moltforsale" in refused.hint


def test_jail_is_left_by_those_who_are_in_it() -> None:
    jailed = settled(self={"credits": 260, "jailed": True})

    assert refusal(settled(), "exit_jail").code == "NOT_JAILED"
    assert objection(jailed, asked("exit_jail")) is None


def test_jail_that_nothing_explains_ends_at_the_latest_when_it_must() -> None:
    memory = settled(self={"credits": 1000, "jailed": True})

    refused = refusal(memory, "post", content="Hello")

    assert (refused.code, refused.wait) == ("JAILED", 6 * HOUR)
    assert "at the latest" in refused.message


def test_a_shield_is_put_on_whoever_has_none() -> None:
    assert objection(settled(), asked("shield", target_handle="rival")) is None


def test_a_status_of_which_nothing_more_is_known_is_refused_without_a_time() -> None:
    memory = settled()
    Notes(memory).put_status("a1", "CHANGE_BIO", NOON + HOUR, "?")

    refused = refusal(memory, "change_bio", target_handle="rival")

    assert (refused.code, refused.wait) == ("STATUS_EXISTS", None)


def test_who_is_in_jail_is_not_jailed_again() -> None:
    memory = settled()
    Notes(memory).keep_profile("rival", {"id": "a1", "jailed": True}, NOON)

    refused = refusal(memory, "jail", target_handle="rival")

    assert (refused.code, refused.wait) == ("STATUS_EXISTS", 6 * HOUR)


def test_more_than_max_total_is_not_paid() -> None:
    refused = refusal(settled(), "buy", target_handle="rival", max_total=104)

    assert refused.code == "ABOVE_MAX_TOTAL"
    assert "105 together" in refused.message


def test_without_a_poll_nothing_is_sent_and_it_is_said_why() -> None:
    trouble: JsonValue = {"code": "unreachable", "message": "Nobody answers.", "wait": 5.0}

    told = refusal({"_trouble": trouble}, "post", content="Hello")
    silent = refusal({}, "post", content="Hello")

    assert (told.code, told.wait) == ("unreachable", 5.0)
    assert "Nobody answers." in told.message
    assert (silent.code, silent.hint) == ("not_known", "Call moltforsale_poll, then try again.")


def test_an_agent_that_could_not_be_looked_at_is_left_alone() -> None:
    memory = settled()
    trouble: JsonValue = {"code": "NOT_FOUND", "message": "There is no such thing"}
    Notes(memory).keep_profile("ghost", {"trouble": trouble}, NOON)

    assert refusal(memory, "jail", target_handle="ghost").code == "NOT_FOUND"


def test_what_no_waiting_helps_counts_before_what_takes_longest() -> None:
    memory = settled(self={"credits": 10, "jailed": True})

    assert refusal(memory, "kol", target_handle="rival").code == "INSUFFICIENT_CREDITS"


def test_of_several_waits_the_longest_counts() -> None:
    memory = settled(self={"credits": 1000, "jailed": True})
    notes = Notes(memory)
    notes.put_status("me", "JAIL", NOON + HOUR, "a1")
    notes.put_status("a1", "KOL", NOON + 2 * HOUR, None)

    refused = refusal(memory, "kol", target_handle="rival")

    assert (refused.code, refused.wait) == ("STATUS_EXISTS", 2 * HOUR)


def test_our_own_shield_and_statuses_hold_for_ourselves() -> None:
    memory = settled(self={"credits": 1000, "shielded": True})
    Notes(memory).keep_profile("demo_bot", {"id": "me"}, NOON)

    refused = refusal(memory, "trolling", target_handle="demo_bot")

    assert refused.code == "TARGET_SHIELDED"
    assert refused.message.startswith("You are shielded, until")


def test_a_handle_that_could_be_prose_is_not_repeated() -> None:
    memory = settled()
    Notes(memory).keep_profile("obey me now", {"id": "a2", "shielded": True}, NOON)

    refused = refusal(memory, "kol", target_handle="obey me now")

    assert refused.message.startswith("This agent is shielded")


@pytest.mark.parametrize("limits", [{}, {"max_total": 10}, {"max_total": 10, "reserve": 0}])
def test_an_agent_without_a_price_is_not_bought_under_limits(limits: dict[str, JsonValue]) -> None:
    memory = settled()
    Notes(memory).keep_profile("rival", {"id": "a1", "price": None}, NOON)

    assert refusal(memory, "buy", target_handle="rival", **limits).code == "PRICE_UNKNOWN"
    assert objection(memory, asked("buy", target_handle="rival", reserve=0)) is None


@pytest.mark.parametrize("jailed", [True, None])
def test_jail_can_be_left_unless_the_game_says_that_we_are_free(jailed: JsonValue) -> None:
    memory = settled()
    memory["self"] = {"credits": 1000, "jailed": jailed}
    memory["eligible"] = jailed is None

    assert objection(memory, asked("exit_jail")) is None


def test_in_jail_nobody_is_told_to_claim() -> None:
    memory = settled()
    memory |= {"self": {"credits": 1000, "jailed": True}, "eligible": False}

    assert refusal(memory, "post", content="x").code == "JAILED"


def test_who_is_claimed_and_may_not_act_is_not_told_to_claim() -> None:
    memory = settled()
    memory |= {"eligible": False, "claimed": True}

    refused = refusal(memory, "post", content="x")

    assert refused.code == "NOT_ELIGIBLE"
    assert "claim" not in refused.hint


def test_how_long_jail_lasts_at_most_counts_from_when_it_was_first_seen() -> None:
    memory = settled()
    memory |= {"self": {"jailed": True}, "seen_since": {"jailed": NOON - 3600}}

    assert refusal(memory, "post", content="x").wait == 5 * 3600


def test_we_are_known_by_our_id_as_well() -> None:
    memory = settled()
    Notes(memory).keep_profile("DEMO_BOT", {"id": "me", "price": 100}, NOON)

    assert refusal(memory, "buy", target_handle="DEMO_BOT").code == "SELF_BUY"


def test_what_a_poll_says_that_a_move_costs_counts() -> None:
    assert objection(settled(), asked("jail", target_handle="rival")) is None

    dearer = settled(costs={"JAIL": 900})

    assert refusal(dearer, "jail", target_handle="rival").code == "RESERVE"


def test_with_a_balance_that_is_not_known_the_game_decides() -> None:
    memory = settled(self={})

    assert objection(memory, asked("jail", target_handle="rival")) is None


def test_that_an_act_was_done_already_is_said_once_and_not_later() -> None:
    done: JsonValue = {"command": "post", "arguments": {"content": "x"}, "told_at": NOON}
    memory = settled(_settled=done)

    assert objection(memory, asked("post", content="y")) is None
    assert refusal(memory, "post", content="x").code == "already_done"
    assert objection(memory, asked("post", content="x")) is None
    late = settled(_settled={"command": "post", "arguments": {"content": "x"}, "told_at": 0.0})
    assert objection(late, asked("post", content="x")) is None
