"""Processes that append are killed; what they had said must be there."""

import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from bridge.journal import Journal

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
APPEND = """
import sys
from pathlib import Path
import anyio
from bridge.journal import Journal
from bridge.journal_tables import Retention
from bridge.protocol.events import NewEvent

async def main(path, count):
    async with Journal(path, retention=Retention(keep=10_000)) as journal:
        for number in range(count):
            size = number % 4
            events = [NewEvent(kind="chat", at=1.0, data={"n": number})] * (size + 1)
            for event in await journal.append("spacemolt", "vex", events):
                print(event.seq, flush=True)

anyio.run(main, Path(sys.argv[1]), int(sys.argv[2]))
"""


def start(path: Path, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", APPEND, str(path), str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def kill_after(process: subprocess.Popen[str], lines: int) -> list[int]:
    """Read so many lines, kill the process, and return every seq it printed."""
    assert process.stdout is not None
    printed = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    rest, _ = process.communicate(timeout=10)
    assert process.returncode != 0
    # The last line may be cut in two.
    whole = "".join(printed) + rest
    return [int(line) for line in whole.splitlines(keepends=True) if line.endswith("\n")]


async def test_every_event_announced_before_a_kill_is_readable_and_none_twice(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.sqlite"
    printed: list[int] = []

    for lines in (1, 2, 3, 17, 40, 64, 89, 120):
        process = start(path, 1_000_000)
        printed += await anyio.to_thread.run_sync(kill_after, process, lines)
        async with Journal(path) as journal:
            events = await journal.after("spacemolt", "vex", seq=0, limit=100_000)
            assert await journal.position() == events[-1].seq
        seqs = [event.seq for event in events]
        assert len(seqs) == len(set(seqs))
        assert set(printed) <= set(seqs)

    assert printed == sorted(set(printed))


async def test_processes_that_begin_at_once_share_one_journal(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.sqlite"

    processes = [start(path, 40) for _ in range(6)]
    printed: list[int] = []
    for process in processes:
        output, _ = await anyio.to_thread.run_sync(process.communicate, None, 60)
        assert process.returncode == 0
        printed += [int(line) for line in output.split()]

    assert sorted(printed) == list(range(1, 6 * 100 + 1))
    async with Journal(path) as journal:
        events = await journal.after("spacemolt", "vex", seq=0, limit=1_000)
    assert [event.seq for event in events] == sorted(printed)
