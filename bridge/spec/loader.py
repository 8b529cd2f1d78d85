"""Reads spec files into ``GameSpec`` values.

A game is ``tool_specs/<game>.toml`` and, where it outgrew one file, every ``*.toml`` in a folder
of the same name. Sections are merged by key (``via`` by upstream and key), lists of sections are
appended, and nothing may be declared twice. Every mistake is a ``SpecError`` that names the file
and the key. The feed ``all`` is there in every game, declared or not.
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic.fields import FieldInfo

from bridge.errors import SpecError
from bridge.spec import model
from bridge.spec.checks import check
from bridge.spec.model import GameSpec

Table = dict[str, JsonValue]

EVERYTHING: Final[Mapping[str, JsonValue]] = {
    "title": "Everything the game tells",
    "untrusted": True,
}
"""The feed ``all`` of a game that declares none."""


def spec_folder() -> Path:
    """Return the folder of the specs that come with the bridge."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "tool_specs"
    return shipped if shipped.is_dir() else package.parent / "tool_specs"


def game_ids(folder: Path) -> list[str]:
    """Return the ids of the games in a folder, in the order of their names."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_game(folder: Path, game: str) -> GameSpec:
    """Read one game. Raises SpecError for the first file and key that is wrong."""
    files = [folder / f"{game}.toml", *sorted((folder / game).glob("*.toml"))]
    merged: Table = {}
    origins: dict[tuple[str, ...], Path] = {}
    for file in files:
        _merge(merged, _read(file), file, origins, ())
    try:
        spec = GameSpec.model_validate(_with_everything(merged))
    except ValidationError as error:
        raise _as_spec_error(error, origins, files[0]) from error
    for key, problem in check(spec):
        raise _located(origins, key, files[0], problem)
    if spec.game.id != game:
        raise SpecError(str(files[0]), "game.id", f"must be {game!r}, as the file is named")
    return spec


def load_games(folder: Path) -> dict[str, GameSpec]:
    """Read every game of a folder, by id. Raises SpecError."""
    return {game: load_game(folder, game) for game in game_ids(folder)}


def json_schema() -> dict[str, JsonValue]:
    """Return the JSON Schema of a spec file, for completion and checking in an editor."""
    schema: dict[str, JsonValue] = GameSpec.model_json_schema(by_alias=True)
    schema["required"] = []  # the files beside the first hold only their part
    schema["title"] = "A game of game-bridge"
    return schema


def _read(file: Path) -> Table:
    try:
        table: Table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SpecError(str(file), "", "there is no such file") from error
    except OSError as error:
        raise SpecError(str(file), "", f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SpecError(str(file), "", f"not TOML: {error}") from error
    return table


def _with_everything(table: Table) -> Table:
    feeds = table.get("feeds", {})
    if not isinstance(feeds, dict):
        return table
    return {**table, "feeds": {**feeds, "all": feeds.get("all", dict(EVERYTHING))}}


def _merge(
    into: Table,
    table: Mapping[str, JsonValue],
    file: Path,
    origins: dict[tuple[str, ...], Path],
    at: tuple[str, ...],
) -> None:
    for key, value in table.items():
        here = (*at, key)
        present = into.get(key)
        if key not in into:
            into[key] = value
            _note_origins(value, file, origins, here)
        elif isinstance(present, dict) and isinstance(value, dict) and _is_merged(here):
            _merge(present, value, file, origins, here)
        elif isinstance(present, list) and isinstance(value, list) and not at:
            into[key] = [*present, *value]
            _note_entries(value, file, origins, here, first=len(present))
        else:
            first = _origin(origins, here, file)
            raise SpecError(str(file), ".".join(here), f"is declared in {first} already")


def _is_merged(at: tuple[str, ...]) -> bool:
    """Say whether a table may be filled by several files: a section, or one upstream's ``via``."""
    return len(at) == 1 or (at[0] == "via" and len(at) == 2)  # noqa: PLR2004 - via, upstream


def _note_origins(
    value: JsonValue, file: Path, origins: dict[tuple[str, ...], Path], at: tuple[str, ...]
) -> None:
    origins[at] = file
    if isinstance(value, dict) and len(at) < 3:  # noqa: PLR2004 - deep enough to find the file
        for key, member in value.items():
            _note_origins(member, file, origins, (*at, key))
    elif isinstance(value, list):
        _note_entries(value, file, origins, at, first=0)


def _note_entries(
    entries: list[JsonValue],
    file: Path,
    origins: dict[tuple[str, ...], Path],
    at: tuple[str, ...],
    *,
    first: int,
) -> None:
    for index in range(first, first + len(entries)):
        origins[*at, str(index)] = file


def _origin(origins: Mapping[tuple[str, ...], Path], key: tuple[str, ...], main: Path) -> str:
    for length in range(len(key), 0, -1):
        if key[:length] in origins:
            return str(origins[key[:length]])
    return str(main)


def _as_spec_error(
    error: ValidationError, origins: Mapping[tuple[str, ...], Path], main: Path
) -> SpecError:
    errors = error.errors(include_url=False, include_input=False)
    # A key that is misspelt is missing as well: what is written says more than what is not.
    first = min(errors, key=lambda each: each["type"] != "extra_forbidden")
    key = _key_of(first["loc"])
    problem = first["msg"]
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key[-1], _known_keys(), n=1)
        problem = f"unknown key; did you mean {near[0]!r}?" if near else "unknown key"
    return _located(origins, key, main, problem)


def _located(
    origins: Mapping[tuple[str, ...], Path], key: tuple[str, ...], main: Path, problem: str
) -> SpecError:
    """Return the error, with the entries of a list counted within their own file."""
    entry = key[:2]
    if len(entry) > 1 and entry[1].isdecimal():
        before = (origins.get((entry[0], str(index))) for index in range(int(entry[1])))
        counted = sum(file == origins.get(entry) for file in before)
        shown = (entry[0], str(counted), *key[2:])
    else:
        shown = key
    return SpecError(_origin(origins, key, main), ".".join(shown), problem)


def _key_of(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """Return a key as the file has it, without the marks that the models leave in it."""
    key = [str(part) for part in location if part != "[key]"]
    if key[:1] == ["upstream"] and len(key) > 2:  # noqa: PLR2004 - the third is the kind
        del key[2]
    return tuple(key)


def _known_keys() -> list[str]:
    models = [part for part in vars(model).values() if _is_model(part)]
    return sorted({field.alias or name for part in models for name, field in _fields(part)})


def _is_model(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)


def _fields(part: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return list(part.model_fields.items())
