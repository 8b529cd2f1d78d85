"""What answers tell of where the account is: the room's items, what is carried, who is about."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from bridge.protocol.verdict import Done, Unknown
from bridge.quirks.hooks import SPOKEN, Answered, Learnt, Memory
from bridge.quirks.pipeworks import places
from bridge.quirks.pipeworks.lines import MOVES, SPEECH, Line, is_same, line_of
from bridge.quirks.pipeworks.objections import CARRIED, ITEMS_HERE, PEOPLE
from bridge.quirks.pipeworks.rooms import inventory_in, room_in
from bridge.quirks.pipeworks.showing import ME

PLAYED: Final = "played"
"""Noted on disk, so that other processes of the user notice that they play somebody else now."""

_OF_A_PLACE: Final = (ITEMS_HERE, SPOKEN)
_OF_A_CHARACTER: Final = (*_OF_A_PLACE, CARRIED, PEOPLE)

# facts: "The username exists only in this response: lose it and the account is lost"
_GUEST_LOST: Final = (
    "The user name was in the lost answer, so nobody can play such a guest: call "
    "pipeworks_register_guest again, with another character name."
)


def learn(memory: Memory, answered: Answered) -> Learnt:
    """Remember what an answer tells."""
    if answered.command == "register_guest" and isinstance(answered.outcome, Unknown):
        return Learnt(notes=(_GUEST_LOST,))
    if not isinstance(answered.outcome, Done):
        return Learnt()
    result = answered.outcome.result
    line = line_of(answered.command, answered.arguments)
    if line is not None:
        _heed(memory, line, result)
    elif answered.command == "status" and isinstance(result, Mapping):
        memory[ME] = answered.known.get("character_name")
        memory[PEOPLE] = result.get("active_players")
        _carry(memory, result.get("inventory"))
    elif answered.command == "select_character":
        _forget(memory, _OF_A_CHARACTER)
        memory[PLAYED] = answered.arguments.get("character_id")
    else:
        places.learn(memory, answered.command, answered.arguments, answered.outcome)
    return Learnt()


def _heed(memory: Memory, line: Line, result: JsonValue) -> None:
    if line.verb in MOVES or line.verb == "recall":
        _forget(memory, _OF_A_PLACE)
    room = room_in(result)
    if room is not None:
        memory[ITEMS_HERE] = list[JsonValue](room.items)
    if line.verb in SPEECH:
        spoken = memory.get(SPOKEN)
        memory[SPOKEN] = (spoken if isinstance(spoken, int) else 0) + 1
    if line.verb == "inventory":
        _carry(memory, result)
    if line.verb in ("take", "drop"):
        _count(memory, line)


def _carry(memory: Memory, text: JsonValue) -> None:
    carried = inventory_in(text)
    if carried is not None:
        memory[CARRIED] = list[JsonValue](carried)


def _count(memory: Memory, line: Line) -> None:
    """Heed that something was taken up or thrown away."""
    carried = memory.get(CARRIED)
    if not isinstance(carried, list):
        return
    rest = [each for each in carried if not is_same(str(each), line.rest)]
    memory[CARRIED] = [*rest, line.rest] if line.verb == "take" else rest


def _forget(memory: Memory, names: tuple[str, ...]) -> None:
    for name in names:
        memory.pop(name, None)
