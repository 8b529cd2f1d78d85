"""Where settings come from: flags, then environment variables, then the settings file.

Each source is read into *words*: what was said under which name, and where, so that an error
can name the flag, the variable or the file. The first source that says something about a setting
wins; sources are not mixed within one setting. Nothing here is secret.
"""

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bridge.errors import SettingsError
from bridge.settings import Confirm, Settings, ToolsMode, pairs

Value = str | bool | tuple[str, ...]
Kind = Literal["text", "switch", "list"]

PREFIX: Final = "GAME_BRIDGE_"

KINDS: Final[Mapping[str, Kind]] = {
    "games": "list",
    "tools": "text",
    "toolsets": "list",
    "allow": "list",
    "read_only": "switch",
    "confirm": "text",
    "structured": "switch",
    "unpaced": "list",
    "era": "text",
    "state": "text",
}
"""What can be set in every source, under this name."""

KINDS_PER_GAME: Final[Mapping[str, tuple[str, Kind]]] = {
    "urls": ("url", "text"),
    "via": ("via", "text"),
    "accounts": ("account", "list"),
    "polls": ("poll", "text"),
}
"""What can be set for each game: its table in the file, its name in a variable, its kind."""

ELSEWHERE: Final = frozenset({"CONFIG", "SPECS", "LOG", "SANDBOX", "TICK"})
"""Variables that are no settings of a server: they are read where they are needed."""

FLAGS: Final[Mapping[str, str]] = {
    "game": "games",
    "tools": "tools",
    "toolset": "toolsets",
    "allow": "allow",
    "read_only": "read_only",
    "confirm": "confirm",
    "structured": "structured",
    "unpaced": "unpaced",
    "state": "state",
}
"""Flags, without their dashes, and the settings they make."""

_TOOLS: Final[Mapping[str, ToolsMode]] = {"core": "core", "all": "all", "compact": "compact"}
_CONFIRM: Final[Mapping[str, Confirm]] = {
    "never": "never",
    "destructive": "destructive",
    "always": "always",
}
_ERA: Final[Mapping[str, Literal["auto", "legacy"]]] = {"auto": "auto", "legacy": "legacy"}
_SWITCHED = {"1": True, "true": True, "yes": True, "on": True}
_SWITCHED |= {"0": False, "false": False, "no": False, "off": False}
ACCOUNT_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One setting as somebody said it."""

    value: Value
    origin: str
    """Who said it: ``--tools``, ``GAME_BRIDGE_TOOLS``, ``/home/me/settings.toml: tools``."""


Words = Mapping[str, Word]
"""Settings by name; those of one game are named ``urls.maid``."""


def from_flags(flags: Mapping[str, object]) -> dict[str, Word]:
    """Return what the flags of a command line say; None and empty say nothing."""
    words: dict[str, Word] = {}
    for name, setting in FLAGS.items():
        value = flags.get(name)
        if isinstance(value, str | bool | tuple) and value not in ("", ()):
            words[setting] = Word(value=value, origin=_flag(name))
    for table, (name, kind) in KINDS_PER_GAME.items():
        said = flags.get(name)
        for text in said if isinstance(said, tuple) else ():
            ((game, value),) = pairs((text,), _flag(name)).items()
            key = f"{table}.{game}"
            before = words[key].value if kind == "list" and key in words else ()
            merged = (*before, value) if kind == "list" and isinstance(before, tuple) else value
            words[key] = Word(value=merged, origin=_flag(name))
    return words


def from_environment(environment: Mapping[str, str], games: Collection[str]) -> dict[str, Word]:
    """Return what the environment variables ``GAME_BRIDGE_...`` say; empty ones say nothing.

    Raises SettingsError for a variable that is misspelt. What begins with the name of a game is a
    secret where it is no setting, and is left alone.
    """
    words: dict[str, Word] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or not text:
            continue
        name = variable.removeprefix(PREFIX)
        setting = _of_a_game(name, games)
        if setting is None:
            setting = (name.lower(), KINDS.get(name.lower()))
            if setting[1] is None and name not in ELSEWHERE:
                raise SettingsError(f"{variable} is no setting.{_near(name)}")
        key, kind = setting
        if kind is not None:
            words[key] = Word(value=_from_text(text, kind, variable), origin=variable)
    return words


def from_file(path: Path, *, must_exist: bool = False) -> dict[str, Word]:
    """Return what a settings file says; a missing one says nothing, unless it was asked for.

    Raises SettingsError that names the file and the key.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if must_exist:
            raise SettingsError(f"{path}: there is no such settings file.") from error
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    words: dict[str, Word] = {}
    for key, value in table.items():
        if key in KINDS_PER_GAME:
            words |= _from_table(key, value, f"{path}: {key}")
        elif key in KINDS:
            origin = f"{path}: {key}"
            words[key] = Word(value=_typed(value, KINDS[key], origin), origin=origin)
        else:
            raise SettingsError(f"{path}: {key} is no setting.{_near(key)}")
    return words


def settle(words: Words, known: Collection[str], *, state_folder: Path) -> Settings:
    """Return the settings that the words make, the defaults where they say nothing.

    ``known`` are the ids of all games there are. Raises SettingsError naming the origin of what
    is wrong.
    """
    for key, word in words.items():
        _check(key, word, known)
    accounts = {game: _listed(value) for game, value in _table(words, "accounts").items()}
    with_account = tuple(game for game in known if game in accounts)
    state = words.get("state")
    return Settings(
        games=_listed(_said(words, "games")) or with_account or tuple(known),
        tools=_TOOLS[str(_said(words, "tools") or "core")],
        toolsets=_listed(_said(words, "toolsets")),
        allow=_listed(_said(words, "allow")),
        read_only=_said(words, "read_only") is True,
        confirm=_CONFIRM[str(_said(words, "confirm") or "destructive")],
        structured=_said(words, "structured") is True,
        accounts=accounts,
        urls={game: str(value) for game, value in _table(words, "urls").items()},
        via={game: str(value) for game, value in _table(words, "via").items()},
        polls={game: float(str(value)) * 60 for game, value in _table(words, "polls").items()},
        unpaced=_of_ones_own(words),
        era=_ERA[str(_said(words, "era") or "auto")],
        state_folder=Path(str(state.value)).expanduser() if state else state_folder,
    )


# -- Reading ------------------------------------------------------------------


def _of_a_game(name: str, games: Collection[str]) -> tuple[str, Kind | None] | None:
    """Return which setting of which game a variable is; no kind for one that may be a secret."""
    for game in games:
        start = f"{game.upper()}_"
        if not name.startswith(start):
            continue
        for table, (word, kind) in KINDS_PER_GAME.items():
            if name == start + word.upper():
                return f"{table}.{game}", kind
        return name, None
    return None


def _from_text(text: str, kind: Kind, origin: str) -> Value:
    match kind:
        case "text":
            return text.strip()
        case "list":
            return tuple(text.replace(",", " ").split())
        case "switch":
            if text.strip().lower() not in _SWITCHED:
                raise SettingsError(f"{origin} wants 1 or 0, not {text!r}.")
            return _SWITCHED[text.strip().lower()]


def _from_table(table: str, value: object, origin: str) -> dict[str, Word]:
    if not isinstance(value, dict):
        raise SettingsError(f"{origin} wants one line per game, such as: maid = ...")
    kind = KINDS_PER_GAME[table][1]
    words: dict[str, Word] = {}
    for game, setting in value.items():
        line = f"{origin}.{game}"
        words[f"{table}.{game}"] = Word(value=_typed(setting, kind, line), origin=line)
    return words


def _typed(value: object, kind: Kind, origin: str) -> Value:
    match kind, value:
        case "text", str():
            return value
        case "switch", bool():
            return value
        case "list", list() if all(isinstance(item, str) for item in value):
            return tuple(value)
    wanted = {"text": "a text", "switch": "true or false", "list": "a list of texts"}[kind]
    raise SettingsError(f"{origin} wants {wanted}, not {value!r}.")


# -- Checking -----------------------------------------------------------------


def _check(key: str, word: Word, known: Collection[str]) -> None:
    setting, _, game = key.partition(".")
    for choice, among in (("tools", _TOOLS), ("confirm", _CONFIRM), ("era", _ERA)):
        if setting == choice and word.value not in among:
            raise SettingsError(f"{word.origin} wants {' or '.join(among)}, not {word.value!r}.")
    named = [game] if game else []
    if setting in ("games", "unpaced"):
        named = list(_listed(word.value))
    if setting in ("toolsets", "allow"):
        named = [_game_of(item, word.origin) for item in _listed(word.value)]
    for each in named:
        if each not in known:
            raise SettingsError(
                f"{word.origin}: there is no game {each!r}. There are: {', '.join(known)}."
            )
    _CHECKS.get(setting, _nothing_to_check)(word)


def _of_ones_own(words: Words) -> frozenset[str]:
    """Return the games whose limits are not kept here: only games that the player runs himself."""
    games = _listed(_said(words, "unpaced"))
    for game in games:
        if f"urls.{game}" not in words:
            raise SettingsError(
                f"{words['unpaced'].origin}: the limits of {game} are left to it only where you "
                f"run it yourself. Say where with --url {game}=URL."
            )
    return frozenset(games)


def _game_of(item: str, origin: str) -> str:
    game, separator, toolset = item.partition(":")
    if not (game and separator and toolset):
        raise SettingsError(f"{origin} wants GAME:TOOLSET, not {item!r}.")
    return game


def _check_minutes(word: Word) -> None:
    if re.fullmatch(r"\d{1,5}(\.\d+)?", str(word.value)) is None:
        raise SettingsError(f"{word.origin} wants minutes, such as 20, not {word.value!r}.")


def _check_accounts(word: Word) -> None:
    names = _listed(word.value)
    for name in names:
        if not ACCOUNT_NAME.fullmatch(name):
            raise SettingsError(
                f"{word.origin}: {name!r} cannot name an account. Letters, digits, - and _ can."
            )
    if not names or len(set(names)) < len(names):
        raise SettingsError(f"{word.origin} names no account, or one of them twice.")


def _nothing_to_check(_: Word) -> None:
    pass


_CHECKS = {"accounts": _check_accounts, "polls": _check_minutes}


def _said(words: Words, key: str) -> Value | None:
    return words[key].value if key in words else None


def _listed(value: Value | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _table(words: Words, table: str) -> dict[str, Value]:
    start = f"{table}."
    return {
        key.removeprefix(start): word.value for key, word in words.items() if key.startswith(start)
    }


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _near(name: str) -> str:
    names = [*KINDS, *KINDS_PER_GAME]
    if name.isupper():
        names = [f"{PREFIX}{each.upper()}" for each in (*KINDS, *sorted(ELSEWHERE))]
        name = PREFIX + name
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    return f" Did you mean {near[0]}?" if near else ""
