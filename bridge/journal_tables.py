"""What the journal's file holds, and how it is read: functions over one open transaction.

An event is a *mark* (its seq, its stream, its identity) and a *payload*. A *stream* is one kind of
one account. Of each stream the newest payloads stay, and its ``floor`` says up to which seq they
are gone. Marks stay much longer: they tell a late reader exactly how much was missed, and keep an
old event that a game repeats from counting as news.
"""

import hashlib
import json
import math
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from pydantic import JsonValue

from bridge.protocol.events import GameEvent, NewEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which events a reader wants."""

    game: str
    account: str
    kinds: Sequence[str] = ("*",)
    """Kinds, with ``*`` for any characters."""
    after: int | None = None
    """The last seq seen; None asks for the newest ``limit``."""
    limit: int = 100
    window: int | None = None
    """Go back no further than the newest ``window`` of these events."""
    upto: int | None = None
    """Go no further than this seq."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a reader gets, oldest first."""

    events: list[GameEvent]
    missed: int
    """How many events after the cursor are no longer to be had. Exact as long as the journal
    remembers their marks; for a cursor older than that, at least so many."""
    more: int
    """How many further events are to be had after these."""
    newest: int
    """The seq of the newest event of these kinds, 0 for none."""
    position: int
    """The newest seq of all when this was read: every later event has a higher one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """That an event was appended, without the event."""

    seq: int
    game: str
    account: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How much a journal keeps."""

    keep: int = 1_000
    """Payloads of each kind of one account, at least; a tenth more before it is tidied."""
    remember: int = 100_000
    """Marks of each account, at least; a tenth more before they are tidied."""
    size: int = 256 * 2**20
    """Bytes in the file, above which the older half of all payloads goes."""
    event_size: int = 256 * 2**10
    """Characters of JSON in one event; of a larger one the beginning is kept as text."""


VERSION: Final = 1
"""Which form of the tables this is; kept in the file as its ``user_version``."""

_SCHEMA: Final = """
CREATE TABLE streams (
  id INTEGER PRIMARY KEY, game TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL,
  marks INTEGER NOT NULL DEFAULT 0, stored INTEGER NOT NULL DEFAULT 0,
  floor INTEGER NOT NULL DEFAULT 0, UNIQUE (game, account, kind));
CREATE TABLE marks (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL, identity BLOB);
CREATE UNIQUE INDEX marks_by_stream ON marks (stream, seq);
CREATE UNIQUE INDEX marks_by_identity ON marks (identity) WHERE identity IS NOT NULL;
CREATE TABLE payloads (
  seq INTEGER PRIMARY KEY, at REAL NOT NULL, own INTEGER NOT NULL, untrusted INTEGER NOT NULL,
  data TEXT NOT NULL)
"""
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_DEEPEST: Final = 100
_BEGINNING: Final = 2_000


def create(db: sqlite3.Connection, start: int) -> None:
    """Make the tables; the first event will have the seq after ``start``."""
    for statement in _SCHEMA.split(";"):
        db.execute(statement)
    db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('marks', ?)", (start,))
    db.execute(f"PRAGMA user_version = {VERSION}")


def append(
    db: sqlite3.Connection,
    retention: Retention,
    game: str,
    account: str,
    events: Sequence[NewEvent],
) -> list[GameEvent]:
    """Store the events and return those that are new, as they were stored."""
    game, account = _text(game), _text(account)
    seqs: list[int] = []
    for event in events:
        identity = _identity(game, account, event.identity)
        if identity is None or not _known(db, identity):
            stream = _stream(db, (game, account, _text(event.kind)))
            mark = db.execute(
                "INSERT INTO marks (stream, identity) VALUES (?, ?)", (stream, identity)
            )
            assert mark.lastrowid is not None
            _write(db, mark.lastrowid, event, retention.event_size)
            seqs.append(mark.lastrowid)
    new = _events(db, seqs)
    if new:
        _tidy(db, retention, game, account)
    return new


def page(db: sqlite3.Connection, query: Query) -> Page:
    """Answer the query."""
    streams = matching(db, query.game, query.account, query.kinds)
    now = position(db)
    # A cursor from beyond the end is of a journal that was lost: its reader begins anew.
    after = query.after if query.after is not None and query.after <= now else None
    limit = max(query.limit, 0)
    if after is None:
        window = limit if query.window is None else min(limit, query.window)
        available = chosen = _available(db, streams, 0, window)
        missed = 0
    else:
        upto = now if query.upto is None else query.upto
        available = [seq for seq in _available(db, streams, after, query.window) if seq <= upto]
        missed = _ever(db, streams, after, upto) - len(available)
        chosen = available[:limit]
    return Page(
        events=_events(db, chosen),
        missed=missed,
        more=len(available) - len(chosen),
        newest=newest(db, streams),
        position=now,
    )


def matching(db: sqlite3.Connection, game: str, account: str, kinds: Sequence[str]) -> str:
    """Return the ids of the account's streams whose kind is wanted, as JSON."""
    rows = db.execute(
        "SELECT id, kind FROM streams WHERE game = ? AND account = ?",
        (_text(game), _text(account)),
    )
    wanted = [id_ for id_, kind in rows if any(fnmatchcase(kind, pattern) for pattern in kinds)]
    return json.dumps(wanted)


def oldest(db: sqlite3.Connection, streams: str) -> int:
    """Return the seq of the oldest event still to be had, 0 for none."""
    return _one(
        db,
        "SELECT min((SELECT min(seq) FROM marks WHERE stream = s.id AND seq > s.floor))"
        " FROM streams s WHERE s.id IN (SELECT value FROM json_each(?))",
        (streams,),
    )


def newest(db: sqlite3.Connection, streams: str) -> int:
    """Return the seq of the newest event, 0 for none."""
    return _one(
        db,
        "SELECT max((SELECT max(seq) FROM marks WHERE stream = s.id))"
        " FROM streams s WHERE s.id IN (SELECT value FROM json_each(?))",
        (streams,),
    )


def position(db: sqlite3.Connection) -> int:
    """Return the newest seq ever given out, 0 for none."""
    return _one(db, "SELECT seq FROM sqlite_sequence WHERE name = 'marks'")


def changes(db: sqlite3.Connection, seq: int, limit: int) -> list[Change]:
    """Return what was appended after ``seq``, oldest first."""
    rows = db.execute(
        "SELECT m.seq, s.game, s.account, s.kind FROM marks m JOIN streams s ON s.id = m.stream"
        " WHERE m.seq > ? ORDER BY m.seq LIMIT ?",
        (seq, limit),
    )
    return [
        Change(seq=number, game=game, account=account, kind=kind)
        for number, game, account, kind in rows
    ]


# -- Writing ------------------------------------------------------------------


def _stream(db: sqlite3.Connection, named: tuple[str, str, str]) -> int:
    """Return the id of the stream, after counting one more event in it."""
    db.execute("INSERT OR IGNORE INTO streams (game, account, kind) VALUES (?, ?, ?)", named)
    stream = _one(db, "SELECT id FROM streams WHERE game = ? AND account = ? AND kind = ?", named)
    db.execute("UPDATE streams SET marks = marks + 1, stored = stored + 1 WHERE id = ?", (stream,))
    return stream


def _write(db: sqlite3.Connection, seq: int, event: NewEvent, longest: int) -> None:
    at = event.at if math.isfinite(event.at) else 0.0
    written = _written(event.data, longest)
    values = (seq, at, event.own, event.untrusted, written)
    db.execute("INSERT INTO payloads VALUES (?, ?, ?, ?, ?)", values)


def _identity(game: str, account: str, identity: str | None) -> bytes | None:
    if identity is None:
        return None
    named = json.dumps([game, account, identity])
    return hashlib.blake2b(named.encode(), digest_size=16).digest()


def _known(db: sqlite3.Connection, identity: bytes) -> bool:
    return _one(db, "SELECT count(*) FROM marks WHERE identity = ?", (identity,)) > 0


def _written(data: Mapping[str, JsonValue], longest: int) -> str:
    """Return the data as JSON that any reader takes."""
    clean = {_text(key): _clean(value, 1) for key, value in data.items()}
    written = json.dumps(clean, ensure_ascii=False, separators=(",", ":"))
    if len(written) <= longest:
        return written
    beginning = written[: min(longest, _BEGINNING)]
    return json.dumps({"too_large": len(written), "beginning": beginning}, ensure_ascii=False)


def _clean(value: JsonValue, depth: int) -> JsonValue:
    match value:
        case str():
            return _text(value)
        case float():
            return value if math.isfinite(value) else None
        case list() | dict() if depth >= _DEEPEST:
            return "(nested too deeply to be kept)"
        case list():
            return [_clean(item, depth + 1) for item in value]
        case dict():
            return {_text(key): _clean(item, depth + 1) for key, item in value.items()}
        case _:
            return value


def _text(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)


# -- Tidying ------------------------------------------------------------------


def _tidy(db: sqlite3.Connection, retention: Retention, game: str, account: str) -> None:
    keep, remember = retention.keep, retention.remember
    full = db.execute(
        "SELECT id, stored - ? FROM streams WHERE game = ? AND account = ? AND stored > ?",
        (keep, game, account, keep + keep // 10),
    ).fetchall()
    for stream, surplus in full:
        wanted = json.dumps([stream])
        _drop(db, wanted, _nth_stored(db, wanted, surplus))
    marks = _one(
        db, "SELECT sum(marks) FROM streams WHERE game = ? AND account = ?", (game, account)
    )
    if marks > remember + remember // 10:
        _forget(db, matching(db, game, account, ["*"]), marks - remember)
    pages = _one(db, "PRAGMA page_count") - _one(db, "PRAGMA freelist_count")
    if pages * _one(db, "PRAGMA page_size") > retention.size:
        _halve(db)


def _nth_stored(db: sqlite3.Connection, streams: str, count: int) -> int:
    return _one(
        db,
        "SELECT m.seq FROM streams s CROSS JOIN marks m INDEXED BY marks_by_stream"
        " ON m.stream = s.id AND m.seq > s.floor"
        " WHERE s.id IN (SELECT value FROM json_each(?)) ORDER BY m.seq LIMIT 1 OFFSET ?",
        (streams, count - 1),
    )


def _drop(db: sqlite3.Connection, streams: str, upto: int) -> None:
    """Delete the payloads of the streams up to and including a seq."""
    named = {"streams": streams, "upto": upto}
    db.execute(
        "DELETE FROM payloads WHERE seq IN (SELECT m.seq FROM streams s CROSS JOIN marks m"
        " INDEXED BY marks_by_stream ON m.stream = s.id AND m.seq > s.floor AND m.seq <= :upto"
        " WHERE s.id IN (SELECT value FROM json_each(:streams)))",
        named,
    )
    db.execute(
        "UPDATE streams SET floor = max(floor, :upto), stored = (SELECT count(*) FROM marks"
        " WHERE stream = streams.id AND seq > max(streams.floor, :upto))"
        " WHERE id IN (SELECT value FROM json_each(:streams))",
        named,
    )


def _forget(db: sqlite3.Connection, streams: str, count: int) -> None:
    """Delete the oldest marks of the streams, and the payloads that still belong to them."""
    upto = _one(
        db,
        "SELECT seq FROM marks WHERE stream IN (SELECT value FROM json_each(?))"
        " ORDER BY seq LIMIT 1 OFFSET ?",
        (streams, count - 1),
    )
    _drop(db, streams, upto)
    named = {"streams": streams, "upto": upto}
    db.execute(
        "DELETE FROM marks WHERE seq <= :upto"
        " AND stream IN (SELECT value FROM json_each(:streams))",
        named,
    )
    db.execute(
        "UPDATE streams SET marks = (SELECT count(*) FROM marks WHERE stream = streams.id)"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (streams,),
    )
    db.execute("DELETE FROM streams WHERE marks = 0")


def _halve(db: sqlite3.Connection) -> None:
    count = _one(db, "SELECT count(*) FROM payloads")
    if count > 1:
        statement = "SELECT seq FROM payloads ORDER BY seq LIMIT 1 OFFSET ?"
        upto = _one(db, statement, (count // 2 - 1,))
        _drop(db, json.dumps([id_ for (id_,) in db.execute("SELECT id FROM streams")]), upto)


# -- Reading ------------------------------------------------------------------


def _available(db: sqlite3.Connection, streams: str, after: int, window: int | None) -> list[int]:
    rows = db.execute(
        "SELECT m.seq FROM streams s CROSS JOIN marks m INDEXED BY marks_by_stream"
        " ON m.stream = s.id AND m.seq > max(s.floor, ?)"
        " WHERE s.id IN (SELECT value FROM json_each(?)) ORDER BY m.seq DESC LIMIT ?",
        (after, streams, -1 if window is None else max(window, 0)),
    )
    return [seq for (seq,) in rows][::-1]


def _ever(db: sqlite3.Connection, streams: str, after: int, upto: int) -> int:
    return _one(
        db,
        "SELECT count(*) FROM marks INDEXED BY marks_by_stream"
        " WHERE stream IN (SELECT value FROM json_each(?)) AND seq > ? AND seq <= ?",
        (streams, after, upto),
    )


def _events(db: sqlite3.Connection, seqs: Sequence[int]) -> list[GameEvent]:
    rows = db.execute(
        "SELECT p.seq, s.game, s.account, s.kind, p.at, p.data, p.own, p.untrusted"
        " FROM payloads p JOIN marks m ON m.seq = p.seq JOIN streams s ON s.id = m.stream"
        " WHERE p.seq IN (SELECT value FROM json_each(?)) ORDER BY p.seq",
        (json.dumps(list(seqs)),),
    )
    return [
        GameEvent(
            seq=seq,
            game=game,
            account=account,
            kind=kind,
            at=at,
            data=json.loads(data),
            own=bool(own),
            untrusted=bool(untrusted),
        )
        for seq, game, account, kind, at, data, own, untrusted in rows
    ]


def _one(
    db: sqlite3.Connection,
    statement: str,
    values: Sequence[str | int | bytes] = (),
) -> int:
    row = db.execute(statement, values).fetchone()
    return int(row[0] or 0) if row else 0
