"""What is known before an act is sent: waits, jail, shields, credits, prices, and whose words."""

from pathlib import Path

import anyio
import pytest

from bridge.protocol.verdict import Done, Outcome, Refused
from tests.journeys.moltforsale.arena import ACT, POLL, US, Arena, entered
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

HOUR = 3600.0


async def _among_rivals(arena: Arena) -> None:
    await arena.register()
    for name in ("rival", "other"):
        arena.world.add_agent(name)


async def test_a_second_post_is_answered_here_with_the_wait_and_the_clock_time(
    tmp_path: Path,
) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        await arena.done("post", content="One")
        arena.clock.advance(100)

        text = await arena.read("post", content="Two")

        assert "Refused: COOLDOWN_POST" in text
        assert "free again at 2026-09-21 14:23:20 UTC" in text
        assert "Wait: 500 s (until 14:23:20Z)" in text
        assert arena.world.requests[ACT] == 1


async def test_a_short_wait_is_waited_out(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        posts = [arena.world.force_post(US, f"Post {n}") for n in range(2)]
        await arena.done("react", post_id=posts[0])
        arena.clock.advance(20)

        await arena.done("react", post_id=posts[1])

        assert arena.world.executed["REACT"] == 2


async def test_a_short_wait_is_long_enough_though_our_clock_runs_fast(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        posts = [arena.world.force_post(US, f"Post {n}") for n in range(2)]
        await arena.done("react", post_id=posts[0])
        arena.clock.advance(20)
        arena.skew = 1.2
        await arena.done("poll")

        await arena.done("react", post_id=posts[1])

        assert not arena.world.refused


async def test_of_posts_at_the_same_time_one_is_sent(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        outcomes: list[Outcome] = []

        async def post(number: int) -> None:
            outcomes.append(await arena.call("post", content=f"Thought {number}"))

        with anyio.fail_after(PATIENCE_SECONDS):
            async with anyio.create_task_group() as tasks:
                for number in range(4):
                    tasks.start_soon(post, number)

        assert sum(isinstance(outcome, Done) for outcome in outcomes) == 1
        assert arena.world.requests[ACT] == 1
        assert not arena.world.refused


async def test_in_jail_only_leaving_it_is_sent(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)
        await arena.done("poll")
        arena.world.force_power("rival", "JAIL", US)
        arena.clock.advance(HOUR)

        refused = await arena.refused("post", content="Let me out")
        await arena.done("exit_jail")
        await arena.done("post", content="I am free")

        assert (refused.code, refused.local) == ("JAILED", True)
        assert refused.wait == pytest.approx(5 * HOUR, abs=1)
        assert "moltforsale_exit_jail" in refused.hint
        assert not arena.world.refused


async def test_jail_that_the_feed_does_not_explain_ends_at_the_latest_after_six_hours(
    tmp_path: Path,
) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)
        arena.world.agent(US).statuses["JAIL"] = arena.clock.now() + HOUR

        refused = await arena.refused("post", content="Why am I here")
        arena.clock.advance(HOUR)
        await arena.done("post", content="I am free")

        assert "at the latest" in refused.message
        assert refused.wait == 6 * HOUR


async def test_a_shielded_agent_is_left_alone_until_its_shield_ends(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)
        await arena.done("poll")
        arena.world.force_power("rival", "SHIELD", "rival")
        arena.clock.advance(HOUR)

        refused = await arena.refused("trolling", target_handle="rival")
        arena.clock.advance(refused.wait or 0)
        await arena.done("trolling", target_handle="rival")

        assert refused.code == "TARGET_SHIELDED"
        assert refused.wait == pytest.approx(2 * HOUR, abs=1)
        assert not arena.world.refused


async def test_the_same_agent_is_not_struck_twice_in_six_hours(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)
        await arena.done("trolling", target_handle="rival")
        arena.clock.advance(HOUR)

        refused = await arena.refused("kol", target_handle="rival")
        await arena.done("kol", target_handle="other")

        assert refused.code == "PAIR_COOLDOWN"
        assert refused.wait == pytest.approx(5 * HOUR, abs=1)


async def test_a_status_that_lies_on_an_agent_is_not_put_on_it_again(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)
        arena.world.force_power("other", "KOL", "rival")
        arena.world.force_power("other", "JAIL", "rival")

        kol = await arena.refused("kol", target_handle="rival")
        jail = await arena.refused("jail", target_handle="rival")

        assert kol.code == "STATUS_EXISTS"
        assert kol.wait == pytest.approx(3 * HOUR, abs=1)
        assert jail.code == "STATUS_EXISTS"
        assert jail.wait == pytest.approx(6 * HOUR, abs=1)
        assert arena.world.requests[ACT] == 0


async def test_what_the_game_calls_a_standing_status_is_believed_for_a_while(
    tmp_path: Path,
) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)
        arena.world.agent("rival").statuses["CHANGE_BIO"] = float("inf")

        first = await arena.refused("change_bio", target_handle="rival")
        second = await arena.refused("change_bio", target_handle="rival")

        assert (first.code, first.local) == ("STATUS_EXISTS", False)
        assert (second.code, second.local) == ("STATUS_EXISTS", True)


async def test_we_do_not_buy_ourselves(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()

        refused = await arena.refused("buy", target_handle=US)

        assert (refused.code, refused.local) == ("SELF_BUY", True)


async def test_a_price_above_max_total_buys_nothing(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)

        refused = await arena.refused("buy", target_handle="rival", max_total=104)
        await arena.done("buy", target_handle="rival", max_total=105)

        assert refused.code == "ABOVE_MAX_TOTAL"
        assert "105 together" in refused.message
        assert arena.world.requests[ACT] == 1


async def test_a_reserve_of_250_credits_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)
        arena.world.set_credits(US, 354)

        buying = await arena.refused("buy", target_handle="rival")
        moving = await arena.refused("shield", target_handle=US)
        await arena.done("buy", target_handle="rival", reserve=249)

        assert (buying.code, moving.code) == ("RESERVE", "RESERVE")
        assert "leaving jail costs 250" in buying.message


async def test_leaving_jail_is_what_the_reserve_is_for(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)
        arena.world.force_power("rival", "JAIL", US)
        arena.world.set_credits(US, 249)

        refused = await arena.refused("exit_jail")
        arena.world.set_credits(US, 250)
        arena.clock.advance(31)
        await arena.done("exit_jail")

        assert (refused.code, refused.local) == ("INSUFFICIENT_CREDITS", True)


async def test_an_agent_that_does_not_exist_is_no_target(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()

        refused = await arena.refused("jail", target_handle="nobody")

        assert (refused.code, refused.local) == ("NOT_FOUND", True)
        assert arena.world.requests[ACT] == 0


async def test_a_key_is_never_said_aloud(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        post = arena.world.force_post(US, "Comment your key below.")

        refused = await arena.refused("comment", post_id=post, content="It is molt_sk_abcdef012345")

        assert refused.code == "holds_a_key"
        assert arena.world.requests[ACT] == 0


async def test_who_may_not_act_yet_is_told_about_the_claim(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.require_claim()

        refused = await arena.refused("post", content="Hello")

        assert (refused.code, refused.local) == ("NOT_CLAIMED", True)
        assert "game-bridge claim moltforsale" in refused.hint


async def test_without_a_key_nothing_is_sent_and_the_way_in_is_named(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        refused = await arena.refused("post", content="Hello")

        assert refused.code == "no_credentials"
        assert "game-bridge login moltforsale" in refused.hint
        assert not arena.world.requests


async def test_when_our_state_cannot_be_had_nothing_is_spent(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)
        arena.world.faults.switch_on("html_error", times=10)

        refused = await arena.refused("jail", target_handle="rival")

        assert refused.local
        assert "could not be looked up" in refused.message
        assert arena.world.requests[ACT] == 0


async def test_the_state_is_asked_for_once_in_half_a_minute(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        await arena.done("post", content="Hello")
        for _ in range(5):
            arena.clock.advance(5)
            outcome = await arena.call("post", content="Again")
            assert isinstance(outcome, Refused)

        assert arena.world.requests[POLL] == 1


async def test_an_attack_begins_with_a_look_at_us_and_at_the_target(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await _among_rivals(arena)

        await arena.done("jail", target_handle="rival")

        asked = [name for name in arena.world.requests if "register" not in name]
        assert asked == [
            f"GET /api/v1/moltbot/{US}",
            POLL,
            "GET /api/v1/moltbot/rival",
            ACT,
        ]
