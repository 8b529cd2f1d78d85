import errno
import logging
import os
import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from bridge.journal import Journal, JournalError
from bridge.journal_tables import Query, Retention
from bridge.protocol.events import NewEvent
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.sqlite"


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[Journal]:
    async with Journal(path, patience=0.05, poll_interval=0.02, clock=lambda: 5_000.0) as opened:
        yield opened


def chat(text: str = "o7", identity: str | None = None) -> NewEvent:
    return NewEvent(kind="chat", at=1.0, data={"text": text}, identity=identity, untrusted=True)


async def test_nothing_is_touched_before_the_first_use(path: Path) -> None:
    journal = Journal(path)

    assert await journal.append("spacemolt", "vex", []) == []
    assert not path.parent.exists()


async def test_only_the_user_can_read_the_files(journal: Journal, path: Path) -> None:
    await journal.append("spacemolt", "vex", [chat()])

    # Windows has no such bits; its profile directories are private anyway.
    directory, file = (0o700, 0o600) if os.name == "posix" else (0o777, 0o666)
    assert stat.S_IMODE(path.parent.stat().st_mode) == directory
    assert {stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()} == {file}


async def test_an_event_comes_back_as_it_was_appended(journal: Journal) -> None:
    own = NewEvent(kind="settled", at=7.5, data={"ore": 12}, own=True)

    appended = await journal.append("spacemolt", "vex", [chat("o7 \U0001f680"), own])

    assert [(event.seq, event.kind, event.own, event.untrusted) for event in appended] == [
        (1, "chat", False, True),
        (2, "settled", True, False),
    ]
    assert await journal.after("spacemolt", "vex", seq=0, limit=10) == appended
    assert await journal.latest("spacemolt", "vex", limit=1) == appended[1:]
    assert await journal.after("spacemolt", "nova", seq=0, limit=10) == []


async def test_an_event_that_comes_twice_is_kept_once(journal: Journal) -> None:
    first = await journal.append("spacemolt", "vex", [chat(identity="1"), chat(identity="1")])
    again = await journal.append("spacemolt", "vex", [chat(identity="1"), chat(identity="2")])
    nameless = await journal.append("spacemolt", "vex", [chat(), chat()])

    assert (len(first), len(again), len(nameless)) == (1, 1, 2)


async def test_the_first_and_the_last_seq_are_told(journal: Journal) -> None:
    assert await journal.oldest_seq("spacemolt", "vex") == 0
    assert await journal.newest_seq("spacemolt", "vex") == 0
    assert await journal.position() == 0

    await journal.append("spacemolt", "vex", [chat(), chat()])
    await journal.append("maid", "nova", [chat()])

    assert await journal.oldest_seq("spacemolt", "vex") == 1
    assert await journal.newest_seq("spacemolt", "vex") == 2
    assert await journal.newest_seq("spacemolt", "vex", kinds=["combat*"]) == 0
    assert await journal.position() == 3
    assert [(c.seq, c.game, c.account, c.kind) for c in await journal.changes(1)] == [
        (2, "spacemolt", "vex", "chat"),
        (3, "maid", "nova", "chat"),
    ]


async def test_what_is_asked_first_is_done_first(journal: Journal) -> None:
    async def append(number: int) -> None:
        await journal.append("spacemolt", "vex", [chat(str(number))])

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(append, number)

    events = await journal.after("spacemolt", "vex", seq=0, limit=100)
    assert [event.data["text"] for event in events] == [str(number) for number in range(20)]


async def test_a_cancelled_append_has_not_begun_or_is_on_the_disk(journal: Journal) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await journal.append("spacemolt", "vex", [chat()])

    assert await journal.position() == 0


async def test_a_waiter_is_woken_by_an_append_at_once(path: Path) -> None:
    with anyio.fail_after(PATIENCE_SECONDS):
        async with Journal(path, poll_interval=60) as journal, anyio.create_task_group() as tasks:
            found: list[bool] = []

            async def wait() -> None:
                found.append(
                    await journal.wait("spacemolt", "vex", kinds=["chat"], seq=0, seconds=60)
                )

            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            await journal.append("spacemolt", "vex", [NewEvent(kind="combat", at=1.0)])
            await journal.append("spacemolt", "vex", [chat()])

    assert found == [True]


async def test_a_waiter_hears_of_what_another_process_appends(journal: Journal, path: Path) -> None:
    async with Journal(path) as other:
        with anyio.fail_after(PATIENCE_SECONDS):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(other.append, "spacemolt", "vex", [chat()])
                assert await journal.wait("spacemolt", "vex", seq=0, seconds=60)


async def test_a_wait_ends_when_its_time_is_over(journal: Journal) -> None:
    await journal.append("spacemolt", "vex", [chat()])

    with anyio.fail_after(PATIENCE_SECONDS):
        assert not await journal.wait("spacemolt", "vex", seq=1, seconds=0.01)
        assert not await journal.wait("spacemolt", "vex", seq=1, seconds=0)
        assert await journal.wait("spacemolt", "vex", seq=0, seconds=0)


async def test_a_locked_file_is_explained(journal: Journal, path: Path) -> None:
    await journal.append("spacemolt", "vex", [chat()])
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(JournalError, match=r"journal\.sqlite has been locked by another program"):
        await journal.append("spacemolt", "vex", [chat()])

    holder.close()
    assert [event.seq for event in await journal.append("spacemolt", "vex", [chat()])] == [2]


async def test_a_full_disk_is_explained_and_nothing_is_half_written(journal: Journal) -> None:
    await journal.append("spacemolt", "vex", [chat()])
    connection = journal._file._connected()
    connection.execute("PRAGMA max_page_count = 1")

    with pytest.raises(JournalError, match=r"the disk is full\. Free some space"):
        await journal.append("spacemolt", "vex", [chat(), chat("x" * 100_000)])

    connection.execute("PRAGMA max_page_count = 1000000")
    events = await journal.after("spacemolt", "vex", seq=0, limit=10)
    assert [event.seq for event in events] == [1]


async def test_a_file_that_may_not_be_written_is_explained(journal: Journal) -> None:
    await journal.append("spacemolt", "vex", [chat()])
    journal._file._connected().execute("PRAGMA query_only = ON")

    with pytest.raises(
        JournalError, match=r"cannot be written.* or choose another state directory"
    ):
        await journal.append("spacemolt", "vex", [chat()])


async def test_a_directory_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a directory")
    journal = Journal(tmp_path / "state" / "journal.sqlite")

    with pytest.raises(JournalError, match=r"state.journal\.sqlite cannot be written"):
        await journal.position()


async def test_any_other_failure_of_the_disk_is_explained(journal: Journal) -> None:
    await journal.append("spacemolt", "vex", [chat()])
    journal._file._connected().execute("DROP TABLE payloads")

    with pytest.raises(
        JournalError, match=r"failed .no such table: payloads.. Check that its disk"
    ):
        await journal.append("spacemolt", "vex", [chat()])


def test_a_disk_without_room_for_the_file_counts_as_full(path: Path) -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    assert "the disk is full" in Journal(path)._file._explain(error)


async def test_a_file_of_a_newer_version_is_left_alone(journal: Journal, path: Path) -> None:
    await journal.append("spacemolt", "vex", [chat()])
    await journal.aclose()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(JournalError, match=r"written by a newer game-bridge\. Update this one"):
        await journal.position()


async def test_a_file_that_is_no_database_is_moved_aside_and_said(
    journal: Journal, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is not a database\n" * 100)

    with caplog.at_level(logging.WARNING):
        appended = await journal.append("spacemolt", "vex", [chat()])

    aside = path.with_name("journal.sqlite.unreadable-5000")
    assert aside.read_bytes() == b"this is not a database\n" * 100
    assert appended[0].seq == 5_001
    assert str(aside) in journal.warnings[0]
    assert journal.warnings[0] in caplog.text


async def test_damage_found_while_reading_goes_on_with_a_new_file(
    journal: Journal, path: Path
) -> None:
    await journal.append("spacemolt", "vex", [chat("x" * 500) for _ in range(200)])
    await journal.aclose()
    damage(path)

    with anyio.fail_after(PATIENCE_SECONDS):
        events = await journal.after("spacemolt", "vex", seq=0, limit=1_000)
        appended = await journal.append("spacemolt", "vex", [chat()])

    assert events == []
    assert appended[0].seq == 5_001
    assert len(journal.warnings) == 1


async def test_a_second_unreadable_file_gets_another_name(journal: Journal, path: Path) -> None:
    for _ in range(2):
        await journal.append("spacemolt", "vex", [chat("x" * 500) for _ in range(200)])
        await journal.aclose()
        damage(path)
        await journal.latest("spacemolt", "vex", limit=1_000)

    names = {file.name for file in path.parent.glob("*.unreadable-*")}
    assert {"journal.sqlite.unreadable-5000", "journal.sqlite.unreadable-5000.2"} <= names


async def test_a_process_whose_file_was_moved_aside_by_another_follows(
    journal: Journal, path: Path
) -> None:
    before = await journal.append("spacemolt", "vex", [chat()])
    for file in list(path.parent.iterdir()):
        file.rename(file.with_name(file.name.replace("sqlite", "sqlite.unreadable-1")))

    async with Journal(path, clock=lambda: 5_000.0) as other:
        theirs = await other.append("spacemolt", "vex", [chat()])
        ours = await journal.append("spacemolt", "vex", [chat()])

        assert [event.seq for event in before + theirs + ours] == [1, 5_001, 5_002]


async def test_no_seq_is_given_again_after_the_file_was_deleted(
    journal: Journal, path: Path
) -> None:
    await journal.append("spacemolt", "vex", [chat(), chat()])
    for file in list(path.parent.iterdir()):
        file.unlink()

    assert (await journal.append("spacemolt", "vex", [chat()]))[0].seq > 2


async def test_no_seq_is_given_again_when_the_newest_event_was_pruned(path: Path) -> None:
    retention = Retention(keep=1, remember=1)
    for expected in range(1, 6):
        async with Journal(path, retention=retention) as journal:
            appended = await journal.append("spacemolt", "vex", [chat()])
        assert [event.seq for event in appended] == [expected]


async def test_pages_read_together_are_of_one_moment(journal: Journal, path: Path) -> None:
    queries = [Query(game="spacemolt", account=name, after=0) for name in ("vex", "nova")]
    seen: list[tuple[int, int]] = []
    async with Journal(path) as other, anyio.create_task_group() as tasks:

        async def append() -> None:
            for _ in range(50):
                await other.append("spacemolt", "vex", [chat()])
                await other.append("spacemolt", "nova", [chat()])

        tasks.start_soon(append)
        with anyio.fail_after(PATIENCE_SECONDS):
            while not seen or seen[-1][1] < 50:
                vex, nova = await journal.read(queries)
                assert vex.position == nova.position
                seen.append((len(vex.events), len(nova.events)))

    assert all(vex - nova in (0, 1) for vex, nova in seen)


def damage(path: Path) -> None:
    """Overwrite all but the first page, as a failing disk might."""
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
