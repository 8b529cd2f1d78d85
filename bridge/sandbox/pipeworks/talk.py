"""What characters say to each other: storing it, showing it, and what it does to them.

There are no ids and no times in what players can read: only the last 20 lines of the room in
which they stand, as one text. Text is escaped as HTML before it is stored; names are not.
Newlines stay, so a line can imitate other speakers.
"""

import html
from collections.abc import Callable
from typing import Final

from bridge.sandbox.pipeworks.characters import label_of
from bridge.sandbox.pipeworks.exchange import Answer, Blocked, Hung, JsonObject, Reply
from bridge.sandbox.pipeworks.state import AxisEvent, Character, Message, Mud

WINDOW: Final = 20
_TALKING_COSTS = 0.01


def told(message: str, *, success: bool = True) -> Reply:
    """Return the answer of a command: 200, whether it worked or not."""
    content: JsonObject = {"success": success, "message": message}
    return Reply(content=content)


def say(mud: Mud, speaker: Character, text: str) -> Answer:
    """Store a line for the room."""
    if not text:
        return told("Say what?", success=False)

    def spoken(words: str) -> Reply:
        utter(mud, speaker, words)
        return _done(mud, "say", f"You say: {words}")

    return _after_rewriting(mud, speaker, text, spoken)


def utter(mud: Mud, speaker: Character, words: str, *, yelled: bool = False) -> None:
    """Store escaped words for the room, and if yelled for the rooms behind its exits.

    An exit into another zone is stored under ``zone:room``, which nobody reads.
    """
    _, room = mud.worlds[speaker.world_id].rooms[speaker.room]
    behind = room.exits.values() if yelled else ()
    for place in dict.fromkeys([speaker.room, *behind]):
        _store(mud, speaker, f"[YELL] {words}" if yelled else words, place)
    _wear(mud, speaker, _listener(mud, speaker))


def yell(mud: Mud, speaker: Character, text: str) -> Answer:
    """Store a line for the room and the rooms behind its exits."""
    if not text:
        return told("Yell what?", success=False)

    def spoken(words: str) -> Reply:
        utter(mud, speaker, words, yelled=True)
        return _done(mud, "yell", f"You yell: {words}")

    return _after_rewriting(mud, speaker, text, spoken)


def whisper(mud: Mud, speaker: Character, rest: str) -> Answer:
    """Store a line that two can see.

    The first word is the name, so a name of two words cannot be reached. Whispering to oneself
    deadlocks the server where the axis engine is on.
    """
    name, text = _first_word(rest)
    if not text:
        return told("Whisper what, and to whom?", success=False)
    target = next((c for c in mud.online(speaker.world_id) if c.name == name), None)
    if target is None:
        return told(f"'{name}' is not online.", success=False)
    if target.room != speaker.room:
        return told(f"'{name}' is not in this room.", success=False)
    if target is speaker and mud.worlds[speaker.world_id].stock.with_axes:
        return Hung()
    listener = target

    def spoken(words: str) -> Reply:
        confide(mud, speaker, listener, words)
        return _done(mud, "whisper", f"You whisper to {listener.name}: {words}")

    return _after_rewriting(mud, speaker, text, spoken)


def confide(mud: Mud, speaker: Character, listener: Character, words: str) -> None:
    """Store escaped words that only two can see, in the room of the speaker."""
    line = f"[WHISPER: {speaker.name} → {listener.name}] {words}"
    _store(mud, speaker, line, speaker.room, recipient_id=listener.id)
    _wear(mud, speaker, listener)


def window(mud: Mud, reader: Character) -> str:
    """Return the last 20 lines of the reader's room, oldest first, as one text."""
    lines = [
        f"{m.speaker}: {m.text}\n"
        for m in mud.messages
        if m.world_id == reader.world_id
        and m.room == reader.room
        and (m.recipient_id is None or reader.id in {m.recipient_id, m.character_id})
    ][-WINDOW:]
    return "[Recent messages]:\n" + "".join(lines) if lines else "[No messages in this room yet]"


def _first_word(rest: str) -> tuple[str, str]:
    words = [*rest.split(maxsplit=1), "", ""]
    return words[0], words[1]


def _after_rewriting(
    mud: Mud, speaker: Character, text: str, spoken: Callable[[str], Reply]
) -> Answer:
    """Let a language model rewrite the text first, while the whole server waits for it."""
    translated = mud.worlds[speaker.world_id].stock.translated and mud.integrations.translator
    slow = mud.faults.take("llm_delay")
    words = html.escape(mud.rewrite(text) if translated else text)
    if slow:
        return Blocked(seconds=mud.faults.value("llm_delay"), then=lambda: spoken(words))
    return spoken(words)


def _done(mud: Mud, verb: str, message: str) -> Reply:
    mud.executed[verb] += 1
    return told(message)


def _store(
    mud: Mud, speaker: Character, text: str, room: str, recipient_id: int | None = None
) -> None:
    mud.messages.append(
        Message(
            id=mud.next_id("chat_messages"),
            character_id=speaker.id,
            speaker=speaker.name,
            text=text,
            world_id=speaker.world_id,
            room=room,
            at=mud.clock.now(),
            recipient_id=recipient_id,
        )
    )


def _listener(mud: Mud, speaker: Character) -> Character | None:
    return next(
        (c for c in mud.online(speaker.world_id) if c.room == speaker.room and c.id != speaker.id),
        None,
    )


def _wear(mud: Mud, speaker: Character, listener: Character | None) -> None:
    """Talking is not free where the axis engine is on: it costs both sides a little health."""
    if listener is None or not mud.worlds[speaker.world_id].stock.with_axes:
        return
    for character, role in ((speaker, "speaker"), (listener, "listener")):
        old = character.axes["health"]
        new = round(max(0.0, old - _TALKING_COSTS), 4)
        character.axes["health"] = new
        character.updated_at = mud.clock.now()
        mud.axis_events.append(
            AxisEvent(
                id=mud.next_id("events"),
                character_id=character.id,
                world_id=character.world_id,
                kind="chat_interaction",
                at=mud.clock.now(),
                metadata={"role": role, "label": label_of("health", new)},
                deltas=(("health", old, new),),
            )
        )
