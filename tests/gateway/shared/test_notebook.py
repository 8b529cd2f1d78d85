import json
import logging
import stat
from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from bridge.gateway.shared.lease import Lease
from bridge.gateway.shared.notebook import FOLDER, LOCK_SECONDS, LOCK_TRIES, Notebook
from bridge.protocol.cooldowns import CooldownBook
from bridge.spec.loader import load_game, spec_folder

pytestmark = pytest.mark.anyio

SPEC = load_game(spec_folder(), "moltforsale")
BRIEF = load_game(spec_folder(), "maid")
"""A game whose cooldowns are over by a restart."""
NOW = 1_000_000.0
OWNER: Mapping[str, JsonValue] = {"at": "https://game.example", "handle": "demo_bot"}


def notebook(folder: Path | None, account: str = "default", now: float = NOW) -> Notebook:
    return Notebook(
        folder=folder,
        game="moltforsale",
        account=account,
        book=CooldownBook(SPEC),
        now=lambda: now,
    )


def posted(book: Notebook) -> None:
    book.book.note(SPEC.commands["post"], {}, NOW, succeeded=True)


def file_of(folder: Path) -> Path:
    (file,) = (folder / FOLDER).glob("*.json")
    return file


async def test_another_run_knows_what_was_noted(tmp_path: Path) -> None:
    first, second = notebook(tmp_path), notebook(tmp_path)
    first.memory.update({"names": {"a1": "rival"}, "_passing": 5})

    await first.change(OWNER, lambda: posted(first))
    await second.look(OWNER)

    assert second.book.running(NOW) == {"post": 600.0}
    assert second.memory == {"names": {"a1": "rival"}}


async def test_a_short_cooldown_is_kept_with_the_long_one_that_starts_with_it(
    tmp_path: Path,
) -> None:
    first, second = notebook(tmp_path), notebook(tmp_path)

    await first.note(OWNER, SPEC.commands["react"], {"post_id": "p"}, succeeded=True)
    await second.look(OWNER)

    assert second.book.running(NOW) == {"react": 30.0}
    assert len(second.book.done["acts_per_hour"]) == 1


async def test_that_another_process_plays_somebody_else_is_told_once(tmp_path: Path) -> None:
    one, other = notebook(tmp_path), notebook(tmp_path)
    await one.change(OWNER, lambda: posted(one))
    assert not await one.look(OWNER)

    await other.change({**OWNER, "handle": "another"}, lambda: posted(other))
    # Not overlooked either where it is noticed in the middle of a change.
    await one.change(OWNER, lambda: one.memory.update(a=1))

    assert await one.look(OWNER)
    assert not await one.look(OWNER)


async def test_what_two_processes_note_adds_up(tmp_path: Path) -> None:
    one, other = notebook(tmp_path), notebook(tmp_path)
    await one.look(OWNER)
    await other.look(OWNER)

    for _ in range(3):
        await one.change(OWNER, lambda: posted(one))
        await other.change(OWNER, lambda: posted(other))

    assert len(other.book.done["acts_per_hour"]) == 6


async def test_what_is_for_this_process_only_survives_what_others_note(tmp_path: Path) -> None:
    one, other = notebook(tmp_path), notebook(tmp_path)
    memory = one.memory
    memory["_polled_at"] = NOW
    await other.change(OWNER, lambda: other.memory.update({"id": "me"}))

    await one.look(OWNER)

    assert memory == {"_polled_at": NOW, "id": "me"}


async def test_the_file_is_for_the_user_alone(tmp_path: Path) -> None:
    book = notebook(tmp_path)

    await book.change(OWNER, lambda: posted(book))

    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600
    assert not list((tmp_path / FOLDER).glob("*.new"))


async def test_notes_on_somebody_else_are_not_believed(tmp_path: Path) -> None:
    before, after = notebook(tmp_path), notebook(tmp_path)
    await before.change(OWNER, lambda: posted(before))

    await after.look({**OWNER, "handle": "another"})

    assert after.book.running(NOW) == {}


async def test_when_the_account_changes_hands_everything_is_forgotten(tmp_path: Path) -> None:
    book = notebook(tmp_path)
    book.memory["_polled_at"] = NOW
    await book.change(OWNER, lambda: posted(book))

    await book.look({**OWNER, "handle": "another"})

    assert (book.book.running(NOW), book.memory) == ({}, {})


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", '{"format": 2}', '{"format": 1, "done": 5}', "\udcff"]
)
async def test_a_spoilt_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    book = notebook(tmp_path)
    await book.change(OWNER, lambda: posted(book))
    file_of(tmp_path).write_text(text, errors="surrogateescape")

    fresh = notebook(tmp_path)
    await fresh.look(OWNER)
    await fresh.change(OWNER, lambda: posted(fresh))

    assert fresh.book.running(NOW) == {"post": 600.0}
    assert json.loads(file_of(tmp_path).read_text())["format"] == 1


async def test_what_makes_no_sense_in_a_file_is_left_out(tmp_path: Path) -> None:
    book = notebook(tmp_path)
    await book.change(OWNER, lambda: posted(book))
    page = json.loads(file_of(tmp_path).read_text())
    page["done"] = {"post": ["then", NOW], "unheard_of": [NOW], "react": 5}
    page["blocked"] = {"react": NOW + 9, "follow": None, "unheard_of": 1}
    page["memory"] = []
    file_of(tmp_path).write_text(json.dumps(page))

    fresh = notebook(tmp_path)
    await fresh.look(OWNER)

    assert fresh.book.done == {"post": [NOW]}
    assert fresh.book.blocked == {"react": NOW + 9}
    assert fresh.memory == {}


async def test_nothing_is_written_where_nothing_has_changed(tmp_path: Path) -> None:
    book = notebook(tmp_path)
    await book.change(OWNER, lambda: posted(book))
    before = file_of(tmp_path).stat()

    await book.change(OWNER, lambda: None)

    assert file_of(tmp_path).stat() == before


async def test_cooldowns_that_are_over_by_a_restart_are_not_kept(tmp_path: Path) -> None:
    book = Notebook(
        folder=tmp_path, game="maid", account="default", book=CooldownBook(BRIEF), now=lambda: NOW
    )
    command = next(each for each in BRIEF.commands.values() if each.cooldowns)

    await book.change(OWNER, lambda: book.book.note(command, {}, NOW, succeeded=True))

    assert list((tmp_path / FOLDER).glob("*.json")) == []


async def test_without_a_state_folder_nothing_is_kept_on_disk() -> None:
    book = notebook(None)

    await book.change(OWNER, lambda: posted(book))
    await book.look(OWNER)

    assert book.book.running(NOW) == {"post": 600.0}


async def test_a_folder_that_cannot_be_used_is_complained_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    book = notebook(tmp_path)

    for _ in range(3):
        await book.change(OWNER, lambda: posted(book))

    assert book.book.running(NOW) == {"post": 600.0}
    assert len([each for each in caplog.records if each.name.startswith("bridge")]) == 1


async def test_a_file_that_cannot_be_read_is_complained_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    book = notebook(tmp_path)
    await book.change(OWNER, lambda: posted(book))
    file = file_of(tmp_path)
    file.unlink()
    file.mkdir()
    fresh = notebook(tmp_path)

    await fresh.look(OWNER)
    await fresh.change(OWNER, lambda: posted(fresh))

    assert fresh.book.running(NOW) == {"post": 600.0}
    assert "cannot be read" in caplog.text


async def test_a_lock_that_is_held_is_waited_for(tmp_path: Path) -> None:
    book = notebook(tmp_path)
    holder = Lease(tmp_path / FOLDER, "moltforsale", "default")
    assert holder.try_acquire()

    with anyio.fail_after(LOCK_TRIES):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(book.change, OWNER, lambda: posted(book))
            await anyio.wait_all_tasks_blocked()
            assert book.book.running(NOW) == {}
            holder.release()

    assert book.book.running(NOW) == {"post": 600.0}


async def test_a_process_that_hangs_with_the_lock_holds_nobody_up_for_long(tmp_path: Path) -> None:
    book = notebook(tmp_path)
    holder = Lease(tmp_path / FOLDER, "moltforsale", "default")
    assert holder.try_acquire()

    with anyio.fail_after(LOCK_TRIES * LOCK_SECONDS + 5):
        await book.change(OWNER, lambda: posted(book))

    assert json.loads(file_of(tmp_path).read_text())["done"]["post"] == [NOW]
