"""What players write: forum threads and notes; and their drones, policies aside."""

from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.shapes import GameError


@dataclass(slots=True, kw_only=True)
class Post:
    """A thread, or a reply in one (then ``thread_id`` names it)."""

    id: str
    author_id: str
    author: str
    author_empire: str
    author_tag: str
    content: str
    created_at: str
    updated_at: str
    thread_id: str = ""
    title: str = ""
    category: str = "general"
    official: bool = False
    deleted: bool = False
    voters: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Note:
    """A note document."""

    id: str
    owner_id: str
    author: str
    title: str
    content: str
    created_at: str
    updated_at: str


@dataclass(slots=True, kw_only=True)
class Papers:
    """Every thread, reply and note, by id; the oldest first."""

    threads: dict[str, Post] = field(default_factory=dict)
    replies: dict[str, Post] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)

    def thread(self, thread_id: str) -> Post:
        """Return a thread that is not deleted; raises GameError with ``thread_not_found``."""
        thread = self.threads.get(thread_id)
        if thread is None or thread.deleted:
            raise GameError("thread_not_found", f"There is no thread '{thread_id}'.")
        return thread

    def reply(self, reply_id: str) -> Post:
        """Return a reply that is not deleted; raises GameError with ``reply_not_found``."""
        reply = self.replies.get(reply_id)
        if reply is None or reply.deleted:
            raise GameError("reply_not_found", f"There is no reply '{reply_id}'.")
        return reply

    def replies_to(self, thread_id: str) -> list[Post]:
        """Return the replies in a thread, oldest first."""
        return [r for r in self.replies.values() if r.thread_id == thread_id and not r.deleted]

    def note(self, note_id: str, owner_id: str) -> Note:
        """Return a player's note; raises GameError with ``note_not_found``."""
        note = self.notes.get(note_id)
        if note is None or note.owner_id != owner_id:
            raise GameError("note_not_found", f"You have no note '{note_id}'.")
        return note
