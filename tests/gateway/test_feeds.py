import tempfile
from collections.abc import AsyncIterator
from fnmatch import fnmatch
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.gateway.feeds import FeedPage, Feeds
from bridge.journal import Journal, JournalError
from bridge.journal_tables import Retention
from bridge.protocol.events import GameEvent, NewEvent
from bridge.spec.model import Feed, Game, GameSpec, HttpUpstream
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

KEEP = {"chat": 3, "fights": 2, "all": 5}
SPEC = GameSpec(
    format=1,
    game=Game(id="tiny", title="Tiny", about="A game.", docs="-", verified_against="-"),
    upstream={"http": HttpUpstream(kind="http", url="http://127.0.0.1")},
    toolsets={},
    commands={},
    feeds={
        "chat": Feed(title="Chat", kinds=["chat_*", "whisper"], keep=KEEP["chat"]),
        "fights": Feed(title="Fights", kinds=["combat"], keep=KEEP["fights"]),
        "all": Feed(title="Everything", keep=KEEP["all"]),
    },
)
SPECS = {"tiny": SPEC}
PLAYER = "tiny", "vex"
CHAT, FIGHTS, ALL = (*PLAYER, "chat"), (*PLAYER, "fights"), (*PLAYER, "all")


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async with Journal(tmp_path / "journal.sqlite", poll_interval=0.02) as opened:
        yield opened


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Feeds]:
    """What another process has."""
    async with Journal(tmp_path / "journal.sqlite") as opened:
        yield Feeds(opened, SPECS)


@pytest.fixture
def feeds(journal: Journal) -> Feeds:
    return Feeds(journal, SPECS)


def happened(*kinds: str) -> list[NewEvent]:
    return [NewEvent(kind=kind, at=1.0) for kind in kinds]


def seqs(page: FeedPage) -> list[int]:
    return [event.seq for event in page.events]


async def test_a_feed_holds_its_own_kinds_only(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened("chat_local", "combat", "whisper", "chatter"))

    assert seqs(await feeds.read(*CHAT)) == [1, 3]
    assert seqs(await feeds.read(*FIGHTS)) == [2]
    assert seqs(await feeds.read("tiny", "nova", "chat")) == []


async def test_a_feed_that_the_game_does_not_have_is_a_mistake(feeds: Feeds) -> None:
    with pytest.raises(KeyError):
        await feeds.read("tiny", "vex", "gossip")
    with pytest.raises(KeyError):
        await feeds.read("chess", "vex", "chat")


async def test_without_a_cursor_the_newest_are_read(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened("chat_1", "chat_2", "chat_3", "combat"))

    page = await feeds.read(*CHAT, limit=2)

    assert page == FeedPage(events=page.events, cursor=4, missed=0, newest=3)
    assert seqs(page) == [2, 3]
    assert (await feeds.read(*CHAT, after=page.cursor)).events == []


async def test_a_reader_goes_on_where_the_page_ended(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened("chat_1", "combat", "chat_2", "chat_3", "combat"))

    first = await feeds.read(*CHAT, after=0, limit=2)
    second = await feeds.read(*CHAT, after=first.cursor, limit=2)

    assert (seqs(first), first.cursor, first.newest) == ([1, 3], 3, 4)
    assert (seqs(second), second.cursor, second.newest) == ([4], 5, 4)


async def test_a_feed_goes_back_no_further_than_it_keeps(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened(*["chat_local"] * 10))

    page = await feeds.read(*CHAT, after=1)

    assert seqs(page) == [8, 9, 10]
    assert page.missed == 6


async def test_a_limit_of_nothing_moves_nothing(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened("chat_1", "chat_2"))

    page = await feeds.read(*CHAT, after=1, limit=0)

    assert (page.events, page.cursor) == ([], 1)


async def test_secrets_are_cut_out_before_an_event_is_stored(journal: Journal) -> None:
    def redact(value: JsonValue) -> JsonValue:
        return {"text": "[secret]"} if isinstance(value, dict) else value

    feeds = Feeds(journal, SPECS, redact=redact)
    plain = Feeds(journal, SPECS, redact=lambda _: "[secret]")
    event = NewEvent(kind="whisper", at=1.0, data={"text": "molt_sk_DUMMY"})

    await feeds.record(*PLAYER, [event])
    await plain.record(*PLAYER, [event])

    page = await feeds.read(*ALL)
    assert [(each.kind, each.data) for each in page.events] == [
        ("whisper", {"text": "[secret]"}),
        ("[secret]", {"value": "[secret]"}),
    ]


async def test_listeners_hear_of_every_feed_that_changed_after_it_is_readable(
    feeds: Feeds, journal: Journal
) -> None:
    heard: list[tuple[str, str, str]] = []
    stop = feeds.listen(lambda *change: heard.append(change))

    await feeds.record(*PLAYER, happened("chat_1", "whisper"))
    assert heard == [CHAT, ALL]
    assert await journal.position() == 2

    await feeds.record("chess", "vex", happened("move"))
    stop()
    stop()
    await feeds.record(*PLAYER, happened("combat"))
    assert heard == [CHAT, ALL]


async def test_an_event_that_comes_again_is_told_to_nobody(feeds: Feeds) -> None:
    heard: list[tuple[str, str, str]] = []
    event = NewEvent(kind="combat", at=1.0, identity="fight-1")
    await feeds.record(*PLAYER, [event])
    feeds.listen(lambda *change: heard.append(change))

    assert await feeds.record(*PLAYER, [event]) == []
    assert heard == []


async def test_a_listener_that_stops_another_does_no_harm(feeds: Feeds) -> None:
    heard: list[str] = []

    def stop_the_other(*_: str) -> None:
        stop()

    feeds.listen(stop_the_other)
    stop = feeds.listen(lambda *change: heard.append(change[2]))

    await feeds.record(*PLAYER, happened("combat"))
    await feeds.record(*PLAYER, happened("combat"))

    assert heard == ["fights"]


async def test_what_another_process_records_is_heard_once(feeds: Feeds, other: Feeds) -> None:
    send, receive = anyio.create_memory_object_stream[tuple[str, str, str]](100)
    feeds.listen(lambda *change: send.send_nowait(change))

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks, send, receive:
            await tasks.start(feeds.follow)
            await other.record(*PLAYER, happened("combat"))
            assert [await receive.receive() for _ in range(2)] == [FIGHTS, ALL]
            await feeds.record(*PLAYER, happened("chat_1"))
            await other.record(*PLAYER, happened("combat", "combat"))
            heard = [await receive.receive() for _ in range(4)]
            tasks.cancel_scope.cancel()

    assert heard == [CHAT, ALL, FIGHTS, ALL]


async def test_following_goes_on_after_the_journal_could_not_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state"
    path.write_text("not a directory")
    slept: list[float] = []
    heard: list[tuple[str, str, str]] = []
    recovered = anyio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            path.unlink()
            recovered.set()

    async with Journal(path / "journal.sqlite") as journal:
        feeds = Feeds(journal, SPECS, sleep=sleep)
        feeds.listen(lambda *change: heard.append(change))
        with anyio.fail_after(PATIENCE_SECONDS):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(feeds.follow)
                await recovered.wait()
                await feeds.record(*PLAYER, happened("combat"))
                tasks.cancel_scope.cancel()

    assert heard == [FIGHTS, ALL]
    assert caplog.text.count("cannot be written") == 1


async def test_a_waiter_gets_what_comes(feeds: Feeds) -> None:
    pages: list[FeedPage] = []
    await feeds.record(*PLAYER, happened("combat"))

    async def wait() -> None:
        pages.extend(await feeds.wait([CHAT, FIGHTS], after=None, timeout=60))

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            await feeds.record(*PLAYER, happened("loot"))
            await feeds.record(*PLAYER, happened("chat_1"))

    assert [seqs(page) for page in pages] == [[3], []]


async def test_a_waiter_gets_what_another_process_records(feeds: Feeds, other: Feeds) -> None:
    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(other.record, *PLAYER, happened("combat"))
            pages = await feeds.wait([FIGHTS], after=0, timeout=60)

    assert [seqs(page) for page in pages] == [[1]]


async def test_a_wait_that_is_over_returns_empty_pages(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened("combat"))

    with anyio.fail_after(PATIENCE_SECONDS):
        pages = await feeds.wait([CHAT, FIGHTS], after=1, timeout=0.01)

    assert [(page.events, page.cursor) for page in pages] == [([], 1), ([], 1)]


async def test_feeds_read_together_never_run_ahead_of_a_full_page(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened("chat_1", "chat_2", "combat", "chat_3", "combat"))

    first = await feeds.read_together([CHAT, FIGHTS], after=0, limit=2)
    second = await feeds.read_together([CHAT, FIGHTS], after=first[0].cursor, limit=2)

    assert [(seqs(page), page.cursor) for page in first] == [([1, 2], 2), ([], 2)]
    assert [(seqs(page), page.cursor) for page in second] == [([4], 5), ([3, 5], 5)]
    assert await feeds.read_together([]) == []


async def test_unread_counts_from_the_beginning_of_this_process(feeds: Feeds, other: Feeds) -> None:
    await other.record(*PLAYER, happened("combat"))
    assert await feeds.unread(*PLAYER) == {"chat": 0, "fights": 0, "all": 0}

    await other.record(*PLAYER, happened("combat", "chat_1"))
    await feeds.record(*PLAYER, happened("chat_2", "loot"))

    assert await feeds.unread(*PLAYER) == {"chat": 2, "fights": 1, "all": 4}
    assert await feeds.unread("tiny", "nova") == {"chat": 0, "fights": 0, "all": 0}
    assert await feeds.unread("chess", "vex") == {}


async def test_the_first_event_of_a_process_is_unread(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened("combat"))

    assert (await feeds.unread(*PLAYER))["fights"] == 1


async def test_only_a_marked_read_counts_as_read(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened("chat_1", "chat_2", "combat"))

    await feeds.read(*CHAT)
    assert await feeds.unread(*PLAYER) == {"chat": 2, "fights": 1, "all": 3}
    await feeds.read(*CHAT, after=0, limit=1, mark=True)
    assert await feeds.unread(*PLAYER) == {"chat": 1, "fights": 1, "all": 3}
    await feeds.read(*CHAT, after=1, mark=True)
    await feeds.read(*CHAT, after=0, limit=1, mark=True)
    assert await feeds.unread(*PLAYER) == {"chat": 0, "fights": 1, "all": 3}


async def test_what_was_read_in_a_wider_feed_is_read_in_the_narrower_ones(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened("chat_1", "combat", "chat_2"))

    await feeds.read(*ALL, after=0, limit=2, mark=True)

    assert await feeds.unread(*PLAYER) == {"chat": 1, "fights": 0, "all": 1}


async def test_unread_is_never_more_than_can_be_read(feeds: Feeds) -> None:
    await feeds.record(*PLAYER, happened(*["chat_1"] * 20))

    assert await feeds.unread(*PLAYER) == {"chat": 3, "fights": 0, "all": 5}


async def test_a_journal_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a directory")
    feeds = Feeds(Journal(tmp_path / "state" / "journal.sqlite"), SPECS)

    with pytest.raises(JournalError):
        await feeds.record(*PLAYER, happened("combat"))


batch = st.lists(st.sampled_from(["chat_1", "whisper", "combat", "loot"]), min_size=1, max_size=6)
read = st.tuples(st.sampled_from(["chat", "fights", "all", "together"]), st.integers(1, 4))


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(batch | read, max_size=25), keep=st.integers(2, 6))
async def test_readers_get_each_event_once_and_know_exactly_what_they_missed(
    steps: list[list[str] | tuple[str, int]], keep: int
) -> None:
    groups = {"chat": [CHAT], "fights": [FIGHTS], "all": [ALL], "together": [CHAT, FIGHTS]}
    cursors = dict.fromkeys(groups, 0)
    came: list[GameEvent] = []
    got: dict[tuple[str, str], list[GameEvent]] = {}
    missed: dict[tuple[str, str], int] = {}

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "journal.sqlite"
        async with Journal(path, retention=Retention(keep=keep)) as journal:
            feeds = Feeds(journal, SPECS)
            for step in steps:
                if isinstance(step, list):
                    came += await feeds.record(*PLAYER, happened(*step))
                    continue
                reader, limit = step
                pages = await feeds.read_together(
                    groups[reader], after=cursors[reader], limit=limit
                )
                for (_, _, feed), page in zip(groups[reader], pages, strict=True):
                    got.setdefault((reader, feed), []).extend(page.events)
                    missed[reader, feed] = missed.get((reader, feed), 0) + page.missed
                    cursors[reader] = page.cursor

    for (reader, feed), events in got.items():
        kinds = SPEC.feeds[feed].kinds
        passed = [
            event
            for event in came
            if event.seq <= cursors[reader] and any(fnmatch(event.kind, kind) for kind in kinds)
        ]
        assert [event for event in passed if event in events] == events
        assert len(passed) == len(events) + missed[reader, feed]
