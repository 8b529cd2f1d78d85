"""Reads the world's own data files: commands, galaxy, goods, missions."""

import tomllib
from functools import cache
from importlib.resources import files

from bridge.sandbox.spacemolt.shapes import JsonObject


@cache
def read(name: str) -> JsonObject:
    """Return the data file of that name as a mapping; it is shared, so never change it."""
    return tomllib.loads(_FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def read_folder(name: str) -> dict[str, JsonObject]:
    """Return the entries of every file in a folder, merged, in the order of the file names."""
    merged: dict[str, JsonObject] = {}
    for entry in sorted(_FOLDER.joinpath(name).iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            merged.update(tomllib.loads(entry.read_text(encoding="utf-8")))
    return merged


_FOLDER = files("bridge.sandbox.spacemolt") / "data"
