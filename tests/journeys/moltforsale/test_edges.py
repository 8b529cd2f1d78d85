"""What stands between us and the game, and answers that are none."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Done
from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.wire import Answer, Call, page
from bridge.sandbox.moltforsale.world import Moltforsale
from tests.journeys.moltforsale.arena import ACT, US, entered

pytestmark = pytest.mark.anyio


async def test_the_challenge_at_the_edge_is_told_apart_and_waited_out(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        await arena.done("poll")
        arena.world.faults.switch_on("edge_challenge")
        asked = sum(arena.world.requests.values())

        challenged = await arena.refused("post", content="Hello")
        gated = await arena.refused("poll")
        arena.clock.advance(900)
        await arena.done("post", content="Hello")

        assert (challenged.code, challenged.wait) == ("edge_challenge", 900)
        assert (gated.code, gated.local) == ("ip_timed_out", True)
        assert sum(arena.world.requests.values()) == asked + 3
        assert "acts_per_hour" not in arena.player.knowledge.running()
        assert arena.player.knowledge._own.book.done["acts_per_hour"] == [arena.clock.now()]


async def test_a_redirect_is_refused_and_no_other_host_is_asked(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.faults.switch_on("redirect")

        refused = await arena.refused("me")

        assert refused.code == "redirected"
        assert "never followed" in refused.hint


async def test_discovery_asks_for_the_address_without_a_slash(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        routes = await arena.done("discover")

        assert "/api/v1/agents/act" in str(routes)
        assert list(arena.world.requests) == ["GET /api/v1"]


async def test_the_503_that_says_ok_is_a_refusal(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        arena.world.faults.switch_on("database_down")

        refused = await arena.refused("can_register")

        assert refused.code == "registration_closed"


async def test_a_page_in_the_place_of_an_answer_is_asked_again_if_it_was_a_question(
    tmp_path: Path,
) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.faults.switch_on("html_error", times=2)

        outcome = await arena.call("me")

        assert isinstance(outcome, Done)
        assert "Tried again" in str(outcome.notes)


async def test_an_act_that_breaks_the_game_is_unknown_and_not_sent_again(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        await arena.done("poll")
        arena.world.faults.switch_on("internal_error", value=1)

        unknown = await arena.unknown("post", content="Hello")
        text = await arena.read("poll")

        assert "INTERNAL_ERROR" in unknown.reason
        assert arena.world.requests[ACT] == 1
        assert "Your post, whose answer was lost, was carried out." in text


async def test_an_act_that_never_arrived_is_told_as_not_carried_out(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.faults.switch_on("drop_before_act")

        await arena.unknown("post", content="Hello")
        text = await arena.read("poll")
        await arena.done("post", content="Hello")

        assert "was not carried out, as far as the game shows" in text
        assert arena.world.executed["POST"] == 1


@pytest.mark.parametrize("later", [60, 1200])
async def test_a_post_whose_answer_was_lost_is_found_also_after_its_cooldown(
    tmp_path: Path, later: float
) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.faults.switch_on("drop_reply_after_act")

        await arena.unknown("post", content="Hello")
        arena.clock.advance(later)
        text = await arena.read("poll")
        await arena.refused("post", content="Hello")

        assert "Your post, whose answer was lost, was carried out." in text
        assert arena.world.executed["POST"] == 1


async def test_two_purchases_in_a_row_go_through_while_the_clocks_drift(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.add_agent("rival")
        arena.world.add_agent("other")
        await arena.done("poll")
        arena.skew = 0.5

        await arena.done("buy", target_handle="rival")
        await arena.done("buy", target_handle="other")


async def test_a_purchase_whose_answer_was_lost_is_not_made_again(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.add_agent("rival")
        arena.world.faults.switch_on("drop_reply_after_act")

        unknown = await arena.unknown("buy", target_handle="rival")
        text = await arena.read("agent", handle="rival")
        refused = await arena.refused("buy", target_handle="rival")

        assert unknown.check == "moltforsale_agent"
        assert "Your buy of rival, whose answer was lost, was carried out." in text
        assert refused.code == "already_done"
        assert arena.world.executed["BUY"] == 1
        await arena.done("buy", target_handle="rival")


@pytest.mark.parametrize("command", ["follow", "react"])
async def test_what_may_be_repeated_is_repeated_after_a_lost_answer(
    tmp_path: Path, command: str
) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.add_agent("rival")
        post = arena.world.force_post("rival", "Like me.")
        arena.world.faults.switch_on("drop_reply_after_act")
        arguments = {"follow": {"target_handle": "rival"}, "react": {"post_id": post}}

        outcome = await arena.call(command, **arguments[command])

        assert isinstance(outcome, Done)
        assert arena.world.executed[command.upper()] == 1


class Paper(Moltforsale):
    """A world whose acts are answered with a page, as by something that stands in between."""

    def answer(self, call: Call) -> Answer:
        answer = super().answer(call)
        return page(200, "Welcome") if call.path.endswith("/act") else answer


async def test_a_page_after_an_act_leaves_open_whether_it_happened(tmp_path: Path) -> None:
    async with entered(tmp_path, world=Paper(clock=HandClock(), schemers=0)) as arena:
        await arena.register()

        unknown = await arena.unknown("post", content="Hello")

        assert "answered with a page" in unknown.reason
        assert "was carried out" in await arena.read("poll")


class Outspoken(Moltforsale):
    """A world that says with every refusal how long to wait."""

    def answer(self, call: Call) -> Answer:
        answer = super().answer(call)
        wait = {"retry-after": "100"} if answer.refusal is not None else {}
        return replace(answer, headers={**answer.headers, **wait})


async def test_a_refusal_that_says_how_long_is_believed(tmp_path: Path) -> None:
    async with entered(tmp_path, world=Outspoken(clock=HandClock(), schemers=0)) as arena:
        await arena.register()
        arena.world.add_agent("rival")
        await arena.done("poll")
        await arena.done("agent", handle="rival")
        arena.world.refuse_next("PAIR_COOLDOWN")

        told = await arena.refused("kol", target_handle="rival")
        held = await arena.refused("trolling", target_handle="rival")
        arena.clock.advance(100)
        await arena.done("trolling", target_handle="rival")

        assert (told.wait, told.local) == (100, False)
        assert (held.wait, held.local) == (100, True)


async def test_who_may_not_register_for_a_while_plays_on(tmp_path: Path) -> None:
    async with entered(tmp_path, world=Outspoken(clock=HandClock(), schemers=0)) as arena:
        arena.world.refuse_next("RATE_LIMIT_REGISTER")
        newcomer: Mapping[str, JsonValue] = {"handle": US, "display_name": "D", "bio": "b"}

        told = await arena.refused("register", **newcomer)
        held = await arena.refused("register", **newcomer)
        await arena.done("feed")
        arena.clock.advance(100)
        await arena.done("register", **newcomer)

        assert (told.wait, told.local) == (100, False)
        assert (held.wait, held.local) == (100, True)


async def test_an_empty_answer_to_a_poll_spends_nothing(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.faults.switch_on("empty_body", times=5)
        arena.world.add_agent("rival")

        refused = await arena.refused("buy", target_handle="rival")

        assert refused.local
        assert arena.world.requests[ACT] == 0


@pytest.mark.parametrize("fault", ["lone_surrogate", "big_reply"])
async def test_strange_texts_of_others_do_not_stop_the_game(tmp_path: Path, fault: str) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.force_post(US, "Plain words.")
        arena.world.faults.switch_on(fault)

        text = await arena.read("poll")

        assert "Plain words." in text
        assert len(text) <= 20_000
        text.encode()


async def test_liking_twice_and_following_twice_start_no_wait(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.add_agent("rival")
        post = arena.world.force_post("rival", "Like me.")
        await arena.done("react", post_id=post)
        await arena.done("follow", target_handle="rival")
        arena.clock.advance(61)

        liked = await arena.done("react", post_id=post)
        followed = await arena.done("follow", target_handle="rival")

        assert (liked["already"], followed["already"]) == ("ALREADY_REACTED", "already_so")
        assert not {"react", "follow"} & set(arena.player.knowledge.running())
