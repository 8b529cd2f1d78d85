"""The captain's log: a journal of twenty entries, the newest first."""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.players import LogEntry, Player
from bridge.sandbox.spacemolt.turn import Handlers, Turn

MOST_ENTRIES = 20

handlers = Handlers()


@handlers("captains_log_add")
def add(turn: Turn) -> JsonObject:
    """Add an entry; the oldest makes room when there are too many."""
    entry = LogEntry(created_at=turn.universe.timestamp(), entry=turn.text("entry"))
    turn.player.log.insert(0, entry)
    del turn.player.log[MOST_ENTRIES:]
    turn.player.stats["captains_log_entries"] += 1
    return {"index": 0, "created_at": entry.created_at, "message": "Log entry added."}


@handlers("captains_log_list")
def leaf(turn: Turn) -> JsonObject:
    """Show one entry, and whether there are newer and older ones."""
    index, count = turn.number("index"), len(turn.player.log)
    answer: JsonObject = {
        "index": index,
        "total_count": count,
        "max_entries": MOST_ENTRIES,
        "has_next": index + 1 < count,
        "has_prev": 0 < index <= count,
    }
    if not count and not index:
        return answer
    return answer | {"entry": entry_view(turn.player, index)}


@handlers("captains_log_get")
def read(turn: Turn) -> JsonObject:
    """Show one entry."""
    return entry_view(turn.player, turn.number("index"))


@handlers("captains_log_delete")
def delete(turn: Turn) -> JsonObject:
    """Remove one entry; the others move up."""
    index = turn.number("index")
    entry_view(turn.player, index)
    del turn.player.log[index]
    return {
        "index": index,
        "remaining_count": len(turn.player.log),
        "message": "Log entry deleted.",
    }


def entry_view(player: Player, index: int) -> JsonObject:
    """Describe an entry; raises GameError with ``invalid_index``."""
    if not 0 <= index < len(player.log):
        raise GameError("invalid_index", f"There is no log entry {index}.")
    entry = player.log[index]
    return {"index": index, "entry": entry.entry, "created_at": entry.created_at}
