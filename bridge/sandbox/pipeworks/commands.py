"""What a line of a player means: one verb, the rest verbatim.

The line is trimmed, one leading slash is optional, the verb may be written in any case. The
answer is always 200 with ``success``, except for a slash alone, which crashes the request.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from bridge.sandbox.pipeworks.bodies import CommandRequest, SessionOnly
from bridge.sandbox.pipeworks.exchange import Answer, Crash, JsonObject
from bridge.sandbox.pipeworks.places import Room
from bridge.sandbox.pipeworks.sessions import may, playing
from bridge.sandbox.pipeworks.state import Account, Character, Mud
from bridge.sandbox.pipeworks.talk import say, told, whisper, window, yell

Verb: TypeAlias = Callable[[Mud, Account, Character, str], Answer]

# "w" is always west: the alias of whisper that the game's help suggests is never reached.
_DIRECTIONS: Final = {
    alias: direction
    for direction in ("north", "south", "east", "west", "up", "down")
    for alias in (direction, direction[0])
}


def command(mud: Mud, body: CommandRequest) -> Answer:
    """Execute one line of a player."""
    account, character = playing(mud, body.session_id)
    line = body.command.strip()
    if not line:
        return told("Enter a command.", success=False)
    words = line.removeprefix("/").split(maxsplit=1)
    if not words:
        return Crash()
    verb, rest = words[0].lower(), words[1] if len(words) > 1 else ""
    if verb in _DIRECTIONS:
        return _move(mud, character, _DIRECTIONS[verb])
    run = _VERBS.get(verb)
    if run is None:
        return told(
            f"Nobody here understands '{verb}'. The line 'help' lists what they do.", success=False
        )
    return run(mud, account, character, rest)


def status(mud: Mud, query: SessionOnly) -> JsonObject:
    """Tell who is in this world, the caller's room id and inventory text."""
    _, character = playing(mud, query.session_id)
    return {
        "active_players": [c.name for c in mud.online(character.world_id)],
        "current_room": character.room,
        "inventory": _inventory_text(mud, character),
    }


def chat(mud: Mud, query: SessionOnly) -> JsonObject:
    """Show the window of the caller's room."""
    _, character = playing(mud, query.session_id)
    return {"chat": window(mud, character)}


def room_text(mud: Mud, character: Character) -> str:
    """Return the room as look and moves show it; empty sections are left out."""
    world = mud.worlds[character.world_id]
    _, room = world.rooms[character.room]
    others = [
        c.name
        for c in mud.online(character.world_id)
        if c.room == character.room and c.id != character.id
    ]
    exits = [
        f"{direction}: {world.rooms[_bare(target)][1].name}"
        for direction, target in room.exits.items()
    ]
    sections = {
        "Items here": [world.stock.items[item] for item in room.items],
        "Players here": others,
        "Exits": exits,
    }
    text = f"\n=== {room.name} ===\n{room.description}\n"
    for title, lines in sections.items():
        if lines:
            text += f"\n[{title}]:\n" + "".join(f"  - {line}\n" for line in lines)
    return text


def _bare(target: str) -> str:
    """Return the room id of an exit, without the zone."""
    return target.rpartition(":")[2]


def _place(mud: Mud, character: Character) -> Room:
    return mud.worlds[character.world_id].rooms[character.room][1]


def _arrive(mud: Mud, character: Character, room_id: str, verb: str, line: str) -> Answer:
    character.room = room_id
    character.updated_at = mud.clock.now()
    mud.executed[verb] += 1
    return told(line + "\n" + room_text(mud, character))


def _move(mud: Mud, character: Character, direction: str) -> Answer:
    target = _place(mud, character).exits.get(direction)
    if target is None:
        return told(f"There is no way {direction} from here.", success=False)
    return _arrive(mud, character, _bare(target), direction, f"You go {direction}.")


def _recall(mud: Mud, _: Account, character: Character, __: str) -> Answer:
    zone, _room = mud.worlds[character.world_id].rooms[character.room]
    return _arrive(mud, character, zone.spawn, "recall", "You hurry back to where you began.")


def _look(mud: Mud, _: Account, character: Character, __: str) -> Answer:
    mud.executed["look"] += 1
    return told(room_text(mud, character))


def _inventory_text(mud: Mud, character: Character) -> str:
    names = mud.worlds[character.world_id].stock.items
    if not character.inventory:
        return "Your inventory is empty."
    return "Your inventory:\n" + "".join(f"  - {names[item]}\n" for item in character.inventory)


def _inventory(mud: Mud, _: Account, character: Character, __: str) -> Answer:
    mud.executed["inventory"] += 1
    return told(_inventory_text(mud, character))


def _item(mud: Mud, character: Character, among: tuple[str, ...], name: str) -> str | None:
    """Return the thing with this full display name, in any case."""
    names = mud.worlds[character.world_id].stock.items
    return next((item for item in among if names[item].lower() == name.lower()), None)


def _get(mud: Mud, _: Account, character: Character, rest: str) -> Answer:
    """Take a thing; it also stays where it is, and taking it again changes nothing."""
    if not rest:
        return told("Get what?", success=False)
    item = _item(mud, character, _place(mud, character).items, rest)
    if item is None:
        return told(f"There is no '{rest}' here.", success=False)
    if item not in character.inventory:
        character.inventory.append(item)
    mud.executed["get"] += 1
    return told(f"You picked up {mud.worlds[character.world_id].stock.items[item]}.")


def _drop(mud: Mud, _: Account, character: Character, rest: str) -> Answer:
    """Lose a thing for good: it is not put into the room."""
    if not rest:
        return told("Drop what?", success=False)
    item = _item(mud, character, tuple(character.inventory), rest)
    if item is None:
        return told(f"You have no '{rest}'.", success=False)
    character.inventory.remove(item)
    mud.executed["drop"] += 1
    return told(f"You dropped {mud.worlds[character.world_id].stock.items[item]}.")


def _who(mud: Mud, _: Account, character: Character, __: str) -> Answer:
    mud.executed["who"] += 1
    names = [f"  - {c.name}" for c in mud.online(character.world_id)]
    return told("Active players:\n" + "\n".join(names))


def _kick(mud: Mud, account: Account, character: Character, rest: str) -> Answer:
    """End all sessions of a character; spaces in its name are fine."""
    if not may(account, "kick_users"):
        return told("You may not kick anybody.", success=False)
    target = mud.character_named(rest, character.world_id)
    if target is None:
        return told(f"There is no character '{rest}'.", success=False)
    ended = mud.end_sessions(lambda session: session.character_id == target.id)
    if not ended:
        return told(f"'{rest}' is not online.", success=False)
    mud.executed["kick"] += 1
    return told(f"Kicked {target.name}.")


def _help(mud: Mud, _: Account, __: Character, ___: str) -> Answer:
    mud.executed["help"] += 1
    return told(
        "[Commands]\n  north south east west up down (n s e w u d)\n  look inventory get drop"
        "\n  say yell whisper\n  recall who help\nA leading slash is optional."
    )


_VERBS: Final[dict[str, Verb]] = {
    **dict.fromkeys(("look", "l"), _look),
    **dict.fromkeys(("inventory", "inv", "i"), _inventory),
    **dict.fromkeys(("get", "take"), _get),
    "drop": _drop,
    **dict.fromkeys(("say", "chat"), lambda mud, _, who, rest: say(mud, who, rest)),
    "yell": lambda mud, _, who, rest: yell(mud, who, rest),
    "whisper": lambda mud, _, who, rest: whisper(mud, who, rest),
    **dict.fromkeys(("recall", "flee", "scurry"), _recall),
    "who": _who,
    "kick": _kick,
    **dict.fromkeys(("help", "?"), _help),
}
