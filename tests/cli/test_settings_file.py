from pathlib import Path

import pytest

from bridge.cli.settings_file import (
    accounts_in,
    add_account,
    checked_name,
    make_default,
    remove_account,
    rename_account,
    set_url,
)
from bridge.errors import SettingsError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "settings.toml"


def test_the_first_account_makes_the_file(file: Path) -> None:
    add_account(file, "maid", "default")

    assert file.read_text() == '[accounts]\nmaid = ["default"]\n'


def test_a_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    there = tmp_path / "dotfiles" / "settings.toml"
    there.parent.mkdir()
    there.touch()
    link = tmp_path / "settings.toml"
    link.symlink_to(there)

    add_account(link, "maid", "vex")

    assert link.is_symlink()
    assert there.read_text() == '[accounts]\nmaid = ["vex"]\n'


def test_accounts_are_added_behind_the_default_one(file: Path) -> None:
    for name in ("default", "second", "default"):
        add_account(file, "maid", name)

    assert accounts_in(file) == {"maid": ("default", "second")}


def test_what_the_user_wrote_stays(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(
        '# mine\ntools = "all"  # every one\n\n[accounts]\nmaid = ["a"]\n\n[via]\nmaid = "http"\n'
    )

    add_account(file, "spacemolt", "vex")

    assert file.read_text() == (
        '# mine\ntools = "all"  # every one\n\n'
        '[accounts]\nmaid = ["a"]\nspacemolt = ["vex"]\n\n[via]\nmaid = "http"\n'
    )


def test_the_last_account_takes_its_line_with_it(file: Path) -> None:
    add_account(file, "maid", "a")
    add_account(file, "spacemolt", "b")

    remove_account(file, "maid", "a")

    assert accounts_in(file) == {"spacemolt": ("b",)}


def test_the_last_account_of_all_leaves_nothing(file: Path) -> None:
    add_account(file, "maid", "a")

    remove_account(file, "maid", "a")

    assert accounts_in(file) == {}


def test_removing_a_stranger_changes_nothing(file: Path) -> None:
    remove_account(file, "maid", "a")

    assert not file.exists()


def test_the_default_account_comes_first(file: Path) -> None:
    for name in ("a", "b", "c"):
        add_account(file, "maid", name)

    make_default(file, "maid", "c")

    assert accounts_in(file) == {"maid": ("c", "a", "b")}


def test_a_stranger_cannot_be_the_default_account(file: Path) -> None:
    add_account(file, "maid", "a")

    with pytest.raises(SettingsError, match=r"no account 'z'.*it has: a"):
        make_default(file, "maid", "z")


def test_a_renamed_account_keeps_its_place(file: Path) -> None:
    for name in ("a", "b"):
        add_account(file, "maid", name)

    rename_account(file, "maid", "a", "z")

    assert accounts_in(file) == {"maid": ("z", "b")}


def test_a_url_is_noted_beside_the_others(file: Path) -> None:
    set_url(file, "maid", "http://127.0.0.1:1")
    add_account(file, "maid", "a")
    set_url(file, "pipeworks", "http://127.0.0.1:2")

    assert file.read_text() == (
        '[urls]\nmaid = "http://127.0.0.1:1"\npipeworks = "http://127.0.0.1:2"\n\n'
        '[accounts]\nmaid = ["a"]\n'
    )


def test_a_table_written_otherwise_is_left_alone(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('accounts.maid = ["a"]\n')

    with pytest.raises(SettingsError, match=r"cannot be written|one line per game"):
        add_account(file, "maid", "b")

    assert file.read_text() == 'accounts.maid = ["a"]\n'


@pytest.mark.parametrize("name", ["", "a/b", "a b", "-a", "x" * 41])
def test_a_name_that_fits_nowhere_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="cannot name an account"):
        checked_name(name)


def test_the_usual_name_is_default() -> None:
    assert checked_name(None) == "default"
