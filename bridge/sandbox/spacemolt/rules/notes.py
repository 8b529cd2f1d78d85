"""Notes: documents that take one unit of hold each."""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.papers import Note
from bridge.sandbox.spacemolt.turn import Handlers, Turn

DOCUMENT = "note_document"

handlers = Handlers()


@handlers("create_note")
def create_note(turn: Turn) -> JsonObject:
    """Write a note, docked."""
    _be_docked(turn)
    title = turn.text("title").strip()
    if not title:
        raise GameError("empty_entry", "A note needs a title.")
    turn.ship.load_cargo(DOCUMENT, 1)
    now = turn.universe.timestamp()
    note = Note(
        id=turn.universe.new_id(),
        owner_id=turn.player.id,
        author=turn.player.username,
        title=title,
        content=turn.text("content"),
        created_at=now,
        updated_at=now,
    )
    turn.universe.papers.notes[note.id] = note
    return {
        "note_id": note.id,
        "title": title,
        "content_length": len(note.content),
        "message": "The note is written.",
    }


@handlers("write_note")
def write_note(turn: Turn) -> JsonObject:
    """Replace what a note says, docked."""
    _be_docked(turn)
    note = turn.universe.papers.note(turn.text("note_id"), turn.player.id)
    note.content, note.updated_at = turn.text("content"), turn.universe.timestamp()
    return {
        "note_id": note.id,
        "content_length": len(note.content),
        "message": "The note says something else now.",
    }


@handlers("read_note")
def read_note(turn: Turn) -> JsonObject:
    """Read a note."""
    note = turn.universe.papers.note(turn.text("note_id"), turn.player.id)
    return {
        "note_id": note.id,
        "title": note.title,
        "content": note.content,
        "created_by": note.author,
        "created_at": note.created_at,
        "updated_at": note.updated_at,
        "value": 1,
    }


@handlers("get_notes")
def get_notes(turn: Turn) -> JsonObject:
    """List one's notes."""
    own = [n for n in turn.universe.papers.notes.values() if n.owner_id == turn.player.id]
    return {
        "notes": [
            {
                "note_id": note.id,
                "title": note.title,
                "created_at": note.created_at,
                "updated_at": note.updated_at,
            }
            for note in own
        ],
        "total_count": len(own),
    }


@handlers("delete_note")
def delete_note(turn: Turn) -> JsonObject:
    """Destroy a note, docked."""
    _be_docked(turn)
    note = turn.universe.papers.note(turn.text("note_id"), turn.player.id)
    del turn.universe.papers.notes[note.id]
    if turn.ship.cargo[DOCUMENT]:
        turn.ship.take_cargo(DOCUMENT, 1)
    return {"note_id": note.id, "title": note.title, "message": "The note is gone."}


def _be_docked(turn: Turn) -> None:
    if not turn.player.docked_at:
        raise GameError("not_docked", "Notes are written and destroyed while docked.")
