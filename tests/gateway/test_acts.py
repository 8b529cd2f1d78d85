"""Acts: how far they are, and what becomes of them when nobody waits any more."""

import logging

import anyio
import pytest

from bridge.errors import CredentialError
from bridge.gateway.acts import BROKEN, Act, Progress, as_event, as_pending, waited_for
from bridge.protocol.verdict import Done, Outcome, Pending, Refused, Unknown
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio


def jump() -> Act:
    return Act(
        handle="a7", tool="spacemolt_jump", command="jump", arguments={"target_system": "sirius"}
    )


async def test_how_far_an_act_is_can_be_told_at_every_step() -> None:
    act = jump()
    told = [act.in_words()]
    act.sending()
    told.append(act.in_words())
    act.queued(None)
    told.append(act.in_words())
    act.queued({"message": "Jump takes 3 ticks."})
    told.append(act.in_words())
    act.end(Done(result={}))
    told.append(act.in_words())

    assert told == [
        "jump waits for an earlier action",
        "jump was sent",
        "jump is queued for a tick",
        "Jump takes 3 ticks.",
        "jump is over",
    ]


async def test_who_gives_up_waiting_is_told_where_the_outcome_will_be() -> None:
    act = jump()
    act.queued({"message": "Jump takes 3 ticks.", "arrival_tick": 99})

    pending = as_pending(act, waited=45.2)

    assert pending.handle == "a7"
    assert pending.details == {"message": "Jump takes 3 ticks.", "arrival_tick": 99}
    assert pending.message == (
        "Jump takes 3 ticks; it is not over after 45 s. Its outcome will be in the feed "
        "spacemolt/actions: call bridge_events to wait for it. Do not send it again."
    )


@pytest.mark.parametrize(
    ("outcome", "kind", "said"),
    [
        pytest.param(
            Done(result={"system": "sirius"}),
            "action_result",
            {"result": {"system": "sirius"}},
            id="done",
        ),
        pytest.param(
            Refused(code="no_fuel", message="The tank is empty.", hint="Call refuel."),
            "action_error",
            {"code": "no_fuel", "message": "The tank is empty.", "next": "Call refuel."},
            id="refused",
        ),
        pytest.param(
            Unknown(sent="jump", reason="The connection was lost.", check="get_status"),
            "action_unknown",
            {"message": "The connection was lost.", "check": "get_status"},
            id="unknown",
        ),
        pytest.param(
            Pending(handle="", message="On the next tick."),
            "action_result",
            {"pending": True, "message": "On the next tick."},
            id="pending",
        ),
        pytest.param(
            None,
            "action_unknown",
            {"message": "The bridge was stopped before the outcome was known."},
            id="none",
        ),
    ],
)
async def test_what_came_of_it_is_an_event_that_says_what_was_asked_for(
    outcome: Outcome | None, kind: str, said: dict[str, object]
) -> None:
    act = jump()
    if outcome is not None:
        act.end(outcome)

    event = as_event(act, now=12.0)

    asked = {"handle": "a7", "command": "jump", "arguments": {"target_system": "sirius"}}
    assert (event.kind, event.at, event.own) == (kind, 12.0, True)
    assert event.identity == "act:a7"
    assert event.data == asked | said


@pytest.mark.parametrize("sent", [False, True])
async def test_what_breaks_on_our_side_is_said_without_its_details(
    *, sent: bool, caplog: pytest.LogCaptureFixture
) -> None:
    act = jump()
    if sent:
        act.sending()
    with caplog.at_level(logging.ERROR):
        act.break_down(ZeroDivisionError("somewhere inside"))

    assert "somewhere inside" in caplog.text
    assert act.outcome == (
        Unknown(sent="jump", reason=BROKEN)
        if sent
        else Refused(code="bridge", message=BROKEN, local=True)
    )


async def test_an_error_of_the_bridge_is_said_in_its_own_words_and_is_no_fault_to_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    act = jump()
    act.break_down(CredentialError("No password for spacemolt."))

    assert isinstance(act.outcome, Refused)
    assert "No password for spacemolt." in act.outcome.message
    assert [each for each in caplog.records if each.name.startswith("bridge")] == []


async def test_a_host_that_waits_hears_at_once_that_the_game_has_taken_it() -> None:
    act, heard = jump(), list[Progress]()

    async def report(progress: Progress) -> None:
        heard.append(progress)
        act.end(Done(result={}))

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(waited_for, act, report)
            await moment()
            act.sending()
            act.queued({"message": "Queued for tick 12."})

    assert [each.message for each in heard] == ["Queued for tick 12."]
