import os
from pathlib import Path

import pytest

from bridge.folders import private_folder


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_every_folder_that_is_made_is_the_users_alone(tmp_path: Path) -> None:
    private_folder(tmp_path / "state" / "game-bridge" / "notes")

    made = [path for path in tmp_path.rglob("*") if path.is_dir()]
    assert len(made) == 3
    assert {mode(path) for path in made} == {0o700}


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    private_folder(tmp_path)
    private_folder(tmp_path)

    assert mode(tmp_path) == 0o755


def test_a_file_in_its_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").touch()

    with pytest.raises(OSError, match="state"):
        private_folder(tmp_path / "state")
