"""Rooms and inventories, read out of the text in which the server shows them."""

import re
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

_NAME: Final = re.compile(r"^=== (.+) ===$", re.MULTILINE)
_ITEM: Final = "  - "


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a look at a room shows."""

    name: str
    items: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


def room_in(text: JsonValue) -> Room | None:
    """Return the room that a text shows, None if it shows none."""
    if not isinstance(text, str):
        return None
    found = _NAME.search(text)
    if found is None:
        return None
    return Room(
        name=found[1],
        items=tuple(_listed(text, "[Items here]:")),
        people=tuple(_listed(text, "[Players here]:")),
    )


def inventory_in(text: JsonValue) -> list[str] | None:
    """Return what a text says is carried, None if it is not about that."""
    if not isinstance(text, str) or "inventory" not in text.lower():
        return None
    items = [line.removeprefix(_ITEM) for line in text.split("\n") if line.startswith(_ITEM)]
    return items if items or "\n" not in text.strip() else None


def _listed(text: str, title: str) -> list[str]:
    """Return the list under a title; the last one of that title, since names can imitate it."""
    listed: list[str] = []
    inside = False
    for line in text.split("\n"):
        if line == title:
            listed, inside = [], True
        elif inside and line.startswith(_ITEM):
            listed.append(line.removeprefix(_ITEM))
        else:
            inside = False
    return listed
