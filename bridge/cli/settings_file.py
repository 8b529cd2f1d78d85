"""Writing the settings file: which accounts there are, and where self-hosted games are.

Only the tables ``[accounts]`` and ``[urls]`` are rewritten; everything else in the file, comments
too, stays as the user wrote it.
"""

import json
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from bridge.errors import SettingsError
from bridge.folders import private_folder
from bridge.settings import DEFAULT_ACCOUNT
from bridge.settings_sources import ACCOUNT_NAME, from_file

Line = str | tuple[str, ...]


def accounts_in(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the accounts of each game that the file names, the default one first.

    Raises SettingsError.
    """
    words = from_file(path)
    return {
        key.removeprefix("accounts."): word.value
        for key, word in words.items()
        if key.startswith("accounts.") and isinstance(word.value, tuple)
    }


def add_account(path: Path, game: str, account: str) -> None:
    """Note an account; one that is noted already stays where it is."""
    names = accounts_in(path).get(game, ())
    if account not in names:
        _write_accounts(path, game, (*names, account))


def remove_account(path: Path, game: str, account: str) -> None:
    """Take an account out of the file, if it is there."""
    names = accounts_in(path).get(game, ())
    if account in names:
        _write_accounts(path, game, tuple(name for name in names if name != account))


def rename_account(path: Path, game: str, old: str, new: str) -> None:
    """Give an account another name, in the same place; it is added if it was not there."""
    names = accounts_in(path).get(game, ())
    names = names if old in names else (*names, old)
    _write_accounts(path, game, tuple(new if name == old else name for name in names))


def make_default(path: Path, game: str, account: str) -> None:
    """Put an account first. Raises SettingsError if the game has none of that name."""
    names = accounts_in(path).get(game, ())
    if account not in names:
        there = ", ".join(names) or "none"
        raise SettingsError(f"{game} has no account {account!r} in {path}; it has: {there}.")
    _write_accounts(path, game, (account, *(name for name in names if name != account)))


def set_url(path: Path, game: str, url: str) -> None:
    """Note where a game is."""
    words = from_file(path)
    urls: dict[str, Line] = {
        key.removeprefix("urls."): str(word.value)
        for key, word in words.items()
        if key.startswith("urls.")
    }
    _replace(path, "urls", {**urls, game: url})


def checked_name(account: str | None) -> str:
    """Return the name of an account, the usual one for None. Raises SettingsError."""
    if account is not None and not ACCOUNT_NAME.fullmatch(account):
        raise SettingsError(
            f"--account: {account!r} cannot name an account. Letters, digits, - and _ can."
        )
    return account or DEFAULT_ACCOUNT


def _write_accounts(path: Path, game: str, names: tuple[str, ...]) -> None:
    accounts: dict[str, Line] = {**accounts_in(path), game: names}
    _replace(path, "accounts", {each: line for each, line in accounts.items() if line})


def _replace(path: Path, table: str, lines: Mapping[str, Line]) -> None:
    """Write a table of the file anew. Raises SettingsError if it cannot be done safely."""
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        new = _with_table(text, table, lines)
        wanted = {**tomllib.loads(text), table: {k: _plain(line) for k, line in lines.items()}}
        if tomllib.loads(new) != {key: value for key, value in wanted.items() if value != {}}:
            raise SettingsError(f"{path}: write the table [{table}] with one line per game.")
        _write(path, new)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be written: {error}") from error


def _with_table(text: str, table: str, lines: Mapping[str, Line]) -> str:
    body = "".join(f"{game} = {json.dumps(_plain(line))}\n" for game, line in lines.items())
    section = f"[{table}]\n{body}" if lines else ""
    there = re.compile(rf"^\[{table}\][^\n]*\n(?:(?!\[)[^\n]*(?:\n|\Z))*", re.MULTILINE)
    if there.search(text):
        return there.sub(lambda _: section and f"{section}\n", text, count=1)
    before = f"{text.rstrip()}\n\n" if text.strip() else ""
    return before + section


def _plain(line: Line) -> str | list[str]:
    return line if isinstance(line, str) else list(line)


def _write(path: Path, text: str) -> None:
    """Put the text in the place of the file at once, so that no half of it is ever read."""
    path = path.resolve()  # where the file is a link, it stays one
    private_folder(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
