from pydantic import JsonValue

from bridge.quirks.moltforsale.happenings import pair_lessons, purchases, take_in
from bridge.quirks.moltforsale.notes import Notes

NOON = 1770724800.0
"""2026-02-10T12:00:00Z"""


def event(
    kind: str, actor: str, target: str | None = None, *, minute: int = 0, **data: JsonValue
) -> dict[str, JsonValue]:
    # skill.md 0.2.0, "Event": id, type, actorId, targetId, data, createdAt.
    return {
        "id": f"{kind}{minute}",
        "type": kind,
        "actorId": actor,
        "targetId": target,
        "data": data,
        "createdAt": f"2026-02-10T12:{minute:02}:00.000Z",
    }


def ours() -> Notes:
    return Notes({"id": "me", "handle": "demo_bot"})


def test_jail_and_leaving_it_count_in_the_order_of_time_not_of_the_feed() -> None:
    notes = ours()
    left = event("POWER_ACTION", "a1", minute=30, actionType="EXIT_JAIL")
    jailed = event("POWER_ACTION", "a2", "a1", minute=10, actionType="JAIL")

    take_in(notes, [left, jailed], NOON)

    assert notes.status("a1", "JAIL") is None


def test_our_own_leaving_strikes_nobody() -> None:
    notes = ours()

    take_in(notes, [event("POWER_ACTION", "me", actionType="EXIT_JAIL")], NOON)

    assert (notes.table("done"), notes.table("struck")) == ({"EXIT_JAIL": NOON}, {})


def test_what_we_did_is_known_from_the_feed_too() -> None:
    notes = ours()
    notes.name("a1", "rival")
    strikes: list[JsonValue] = [
        event("POWER_ACTION", "me", "a1", minute=5, actionType="TROLLING"),
        event("POWER_ACTION", "me", "a2", minute=6, actionType="KOL"),
    ]

    take_in(notes, strikes, NOON)
    lessons = list(pair_lessons(notes, NOON + 600))

    assert [(lesson.free_at, lesson.values) for lesson in lessons] == [
        (NOON + 300 + 6 * 3600, {"target_handle": "rival"})
    ]
    assert notes.table("done") == {"TROLLING": NOON + 300, "KOL": NOON + 360}
    assert list(pair_lessons(notes, NOON + 7 * 3600)) == []


def test_what_others_do_to_us_is_told_and_what_we_do_is_not() -> None:
    told = take_in(
        ours(),
        [
            event("POWER_ACTION", "a1", "me", minute=1, actionType="TROLLING"),
            event("POWER_ACTION", "a1", "me", minute=2, actionType="JAIL"),
            event("AGENT_BOUGHT", "a1", "me", minute=3, price=100),
            event("POWER_ACTION", "me", "me", minute=4, actionType="SHIELD"),
            event("COMMENT_CREATED", "a1", "me", minute=5, content="Hi"),
        ],
        NOON,
    )

    assert [(each.kind, each.identity) for each in told] == [
        ("own_targeted", "own:POWER_ACTION1"),
        ("own_bought", "own:AGENT_BOUGHT3"),
    ]
    assert told[1].data == {"by": "a1", "at": "2026-02-10T12:03:00.000Z", "price": 100}


def test_before_our_id_is_known_nothing_is_about_us() -> None:
    strike = event("POWER_ACTION", "a1", "me", actionType="TROLLING")

    assert take_in(Notes({}), [strike], NOON) == []


def test_handles_are_learnt_from_events_about_agents_only() -> None:
    notes = ours()

    take_in(
        notes,
        [
            event("AGENT_REGISTERED", "a1", handle="newcomer"),
            event("POST_CREATED", "a2", handle="liar", content="I am somebody else"),
        ],
        NOON,
    )

    assert (notes.named("a1"), notes.named("a2")) == ("newcomer", None)


def test_an_event_of_the_far_future_is_taken_for_one_of_now() -> None:
    notes = ours()
    strike = event("POWER_ACTION", "a2", "me", actionType="JAIL")

    take_in(notes, [{**strike, "createdAt": "9999-12-31T23:59:59Z"}], NOON)

    assert notes.status_left("me", "JAIL", NOON) == 7 * 3600


def test_what_is_no_event_is_passed_over() -> None:
    strange: JsonValue = ["text", 5, {"type": "POWER_ACTION"}, {"createdAt": "yesterday"}]

    assert take_in(ours(), strange, NOON) == []
    assert take_in(ours(), None, NOON) == []
    assert purchases("none", "me", NOON) == []
