"""What polls and the feed tell, as feeds: posts with names, and what has changed about us."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import anyio
import pytest

from bridge.credentials import MemoryVault, Secrets
from bridge.protocol.verdict import Done, Pending
from bridge.sandbox.moltforsale.lines import PERSONAS
from tests.journeys.moltforsale.arena import GAME, POLL, US, Arena, entered, is_secret
from tests.waiting import moment

pytestmark = pytest.mark.anyio

HOUR = 3600.0


async def _kinds(arena: Arena, feed: str) -> Sequence[str]:
    return [str(event["kind"]) for event in await arena.events(feed)]


async def _let_all_settle() -> None:
    """Give every task that could go on the time to."""
    with anyio.move_on_after(0.2):
        while True:
            await moment()


async def test_a_post_is_told_once_however_often_it_is_seen(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.add_agent("rival")
        arena.world.force_post("rival", "Good morning")
        for _ in range(3):
            await arena.done("poll")
            await arena.done("feed")
            arena.clock.advance(60)

        posts = await arena.events("posts")

        assert len(posts) == 1
        assert "Good morning" in str(posts[0]["data"])


async def test_ids_become_handles_once_a_profile_was_seen(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.add_agent("rival")
        arena.world.add_agent("stranger")
        arena.world.force_post("stranger", "Who am I?")
        arena.clock.advance(25 * HOUR)  # so that nobody's registration is in the feed
        await arena.done("agent", handle="rival")
        post = arena.world.force_post("rival", "Good morning")
        arena.world.force_comment(US, post, "Good evening")
        arena.world.force_post("stranger", "Who am I?")

        told = str(await arena.done("poll"))
        read = str(await arena.done("read_post", post_id=post))
        kept = str(await arena.events("posts"))

        for text in (told, kept):
            assert "'actor': 'rival'" in text
            assert f"'actor': '{US}'" in text
            assert f"'actorId': '{arena.world.agent('stranger').id}'" in text
        assert "'author': 'rival'" in read


async def test_what_changes_about_us_is_told(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        world = arena.world
        world.add_agent("rival", balance=10_000)
        await arena.done("poll")
        world.force_power("rival", "TROLLING", US)
        world.force_power("rival", "SHIELD", US)
        world.force_power("rival", "JAIL", US)
        world.force_buy("rival", US)
        world.set_credits(US, 777)
        await arena.done("poll")
        arena.clock.advance(7 * HOUR)
        await arena.done("poll")
        await arena.done("poll")

        own = await arena.events("own")

        told = {event["kind"]: event for event in own}
        assert len(own) == len(told) == 7
        assert told["own_targeted"]["move"] == "TROLLING"
        assert told["own_jailed"]["by"] == "rival"
        assert told["own_jailed"]["until"] == "2026-09-21 20:13:20 UTC"
        assert told["own_shielded"]["until"] == "2026-09-21 17:13:20 UTC"
        assert (told["own_bought"]["by"], told["own_bought"]["price"]) == ("rival", 100)
        assert (told["own_credits"]["from"], told["own_credits"]["to"]) == (1000, 777)
        assert {"own_freed", "own_unshielded"} <= told.keys()


async def test_what_a_poll_shows_is_not_unread_and_what_changed_about_us_is(
    tmp_path: Path,
) -> None:
    async with entered(tmp_path, schemers=len(PERSONAS)) as arena:
        await arena.register()
        await arena.done("poll")
        arena.world.set_credits(US, 5)

        answer = await arena.answer("poll")

        assert answer.news == ["Unread: 1 in own. Read with bridge_events."]


async def test_what_we_spend_ourselves_is_no_news(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.add_agent("rival")
        await arena.done("post", content="Hello")
        await arena.done("poll")
        await arena.done("buy", target_handle="rival")
        await arena.done("trolling", target_handle="rival")
        await arena.done("poll")

        own = await arena.events("own")

        # Posting earned the bonus that is paid at most every two hours.
        assert [(each["kind"], each["change"]) for each in own] == [("own_credits", 100)]


async def test_an_act_that_takes_too_long_ends_in_the_feed_that_is_named(tmp_path: Path) -> None:
    async with entered(tmp_path, call_budget=0.5) as arena:
        await arena.register()
        await arena.done("poll")
        arena.world.faults.switch_on("delay_reply", value=1.0)

        outcome = await arena.call("post", content="Hello")
        with anyio.fail_after(20):
            while not await arena.events("actions"):
                await moment()

        assert isinstance(outcome, Pending)
        assert "moltforsale/actions" in outcome.message
        (told,) = await arena.events("actions")
        assert (told["kind"], told["command"]) == ("action_result", "post")


async def test_nothing_is_polled_unless_somebody_asked_for_it(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        with arena.gateway.listening(GAME, "default", "posts"):
            await _let_all_settle()

        assert arena.world.requests[POLL] == 0


async def test_who_waits_for_news_that_cannot_come_is_told_so(tmp_path: Path) -> None:
    async with entered(tmp_path, call_budget=1.1) as arena:
        await arena.register()

        text = await arena.read("bridge_events", game=GAME, wait_seconds=1)

        assert "Moltforsale tells nothing by itself: call moltforsale_poll" in text
        assert "--poll moltforsale=20" in text


async def test_one_process_polls_for_all(tmp_path: Path) -> None:
    vault = MemoryVault(Secrets(is_secret))
    async with (
        entered(tmp_path, vault=vault, polls={GAME: 600.0}) as one,
        entered(tmp_path, world=one.world, url=one.url, vault=vault, polls={GAME: 600.0}) as other,
    ):
        await one.register()
        polled_at: list[float] = []
        with (
            one.gateway.listening(GAME, "default", "posts"),
            other.gateway.listening(GAME, "default", "posts"),
        ):
            for number in range(4):
                await one.until_polled(number + 1)
                polled_at.append(one.clock.now())

        assert all(later - sooner >= 600 for sooner, later in pairwise(polled_at))


async def test_a_poll_that_fails_is_tried_again_after_the_interval(tmp_path: Path) -> None:
    async with entered(tmp_path, polls={GAME: 600.0}) as arena:
        await arena.register()
        (tmp_path / "polls").write_text("a file where a folder should be")
        arena.world.faults.switch_on("html_error", times=6)  # the profile, then the poll
        arena.world.add_agent("rival")
        arena.world.force_post("rival", "Good morning")
        with anyio.fail_after(20), arena.gateway.listening(GAME, "default", "posts"):
            while not await arena.events("posts"):
                await moment()

        assert arena.world.requests[POLL] > 3


async def test_with_an_interval_news_comes_by_itself_while_a_feed_is_followed(
    tmp_path: Path,
) -> None:
    async with entered(tmp_path, polls={GAME: 1200.0}) as arena:
        await arena.register()
        arena.world.add_agent("rival")
        polled_at: list[float] = []
        with anyio.fail_after(20), arena.gateway.listening(GAME, "default", "posts"):
            for number in range(5):
                arena.world.force_post("rival", f"Post {number}")
                await arena.until_polled(number + 1)
                polled_at.append(arena.clock.now())
            while len(await arena.events("posts")) < 5:
                await moment()
        await _let_all_settle()
        polls = arena.world.requests[POLL]

        arena.clock.advance(HOUR)
        await _let_all_settle()

        pauses = [later - sooner for sooner, later in pairwise(polled_at)]
        assert all(1200 <= pause <= 1200 + 300 for pause in pauses), pauses
        assert len(set(pauses)) > 1
        assert arena.world.requests[POLL] == polls


@pytest.mark.parametrize(("wanted", "used"), [(60.0, 600.0), (1200.0, 1200.0), (1e6, 1800.0)])
async def test_an_interval_stays_within_what_the_game_asks_for(
    tmp_path: Path, wanted: float, used: float
) -> None:
    async with entered(tmp_path, polls={GAME: wanted}) as arena:
        await arena.register()
        polled_at: list[float] = []
        with anyio.fail_after(20), arena.gateway.listening(GAME, "default", "own"):
            for number in range(2):
                await arena.until_polled(number + 1)
                polled_at.append(arena.clock.now())

        assert used <= polled_at[1] - polled_at[0] <= used + 300


async def test_following_again_and_again_does_not_poll_more_often(tmp_path: Path) -> None:
    async with entered(tmp_path, polls={GAME: 1200.0}) as arena:
        await arena.register()
        await arena.done("poll")
        for _ in range(5):
            outcome = await arena.call("bridge_events", game=GAME, wait_seconds=0)
            assert isinstance(outcome, Done)
            with arena.gateway.listening(GAME, "default", "posts"):
                await moment()

        assert arena.world.requests[POLL] == 1
