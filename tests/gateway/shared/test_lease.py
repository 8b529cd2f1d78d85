import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.gateway.shared.lease import Lease, LeaseError

ROOT = Path(__file__).parents[3]
HOLD = """
import sys
from pathlib import Path
from bridge.gateway.shared.lease import Lease

lease = Lease(Path(sys.argv[1]), "spacemolt", "vex")
print(lease.try_acquire(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "state" / "leases"


@pytest.fixture
def other(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds the lease."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


def test_nothing_is_touched_before_the_lease_is_wanted(directory: Path) -> None:
    lease = Lease(directory, "spacemolt", "vex")
    lease.release()

    assert not lease.held
    assert not directory.parent.exists()


def test_one_of_two_gets_the_lease_until_it_gives_it_back(directory: Path) -> None:
    first = Lease(directory, "spacemolt", "vex")
    second = Lease(directory, "spacemolt", "vex")

    assert first.try_acquire()
    assert first.try_acquire()
    assert not second.try_acquire()
    assert (first.held, second.held) == (True, False)

    first.release()
    first.release()
    assert second.try_acquire()
    assert not first.try_acquire()
    second.release()


@pytest.mark.parametrize(
    ("game", "account"),
    [("spacemolt", "nova"), ("maid", "vex"), ("spacemolt", "Vex"), ("spacemolt", "../ve\ud800")],
)
def test_each_account_of_each_game_has_a_lease_of_its_own(
    directory: Path, game: str, account: str
) -> None:
    first, second = Lease(directory, "spacemolt", "vex"), Lease(directory, game, account)

    assert first.try_acquire()
    assert second.try_acquire()

    assert len(list(directory.iterdir())) == 2
    first.release()
    second.release()


def test_the_holder_is_told_while_there_is_one(directory: Path) -> None:
    first = Lease(directory, "spacemolt", "vex")
    second = Lease(directory, "spacemolt", "vex")
    assert second.holder() is None

    first.try_acquire()

    for lease in (first, second):
        holder = lease.holder()
        assert holder is not None
        assert holder.startswith(f"process {os.getpid()} on ")
    first.release()
    assert second.holder() is None


def test_a_holder_that_has_not_said_its_name_is_another_process(directory: Path) -> None:
    first = Lease(directory, "spacemolt", "vex")
    first.try_acquire()
    next(directory.iterdir()).write_text("")

    assert Lease(directory, "spacemolt", "vex").holder() == "another process"
    first.release()


def test_asking_for_the_holder_leaves_the_lease_free(directory: Path) -> None:
    lease = Lease(directory, "spacemolt", "vex")

    assert lease.holder() is None
    assert Lease(directory, "spacemolt", "vex").holder() is None
    assert lease.try_acquire()
    lease.release()


def test_the_lease_is_free_at_once_when_its_holder_is_killed(
    directory: Path, other: subprocess.Popen[str]
) -> None:
    lease = Lease(directory, "spacemolt", "vex")
    assert not lease.try_acquire()
    assert (lease.holder() or "").startswith(f"process {other.pid} on ")

    other.kill()
    other.wait(timeout=5)

    assert lease.holder() is None
    assert lease.try_acquire()
    lease.release()


def test_the_lease_is_free_when_its_holder_ends_without_a_word(
    directory: Path, other: subprocess.Popen[str]
) -> None:
    other.communicate(timeout=5)

    lease = Lease(directory, "spacemolt", "vex")
    assert lease.try_acquire()
    lease.release()


def test_a_directory_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a directory")
    lease = Lease(tmp_path / "state", "spacemolt", "vex")

    with pytest.raises(LeaseError, match=r"cannot be used .*choose another state directory"):
        lease.try_acquire()
    with pytest.raises(LeaseError, match="cannot be used"):
        lease.holder()


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="the system cannot tell links apart")
def test_a_link_in_its_place_is_refused_and_what_it_leads_to_is_not_emptied(
    tmp_path: Path,
) -> None:
    lease = Lease(tmp_path, "spacemolt", "default")
    lease.try_acquire()
    lease.release()
    (file,) = tmp_path.iterdir()
    diary = tmp_path / "diary"
    diary.write_text("dear diary")
    file.unlink()
    file.symlink_to(diary)

    with pytest.raises(LeaseError):
        lease.try_acquire()

    assert diary.read_text() == "dear diary"
