import math
import sqlite3
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge import journal_tables
from bridge.journal_tables import Page, Query, Retention
from bridge.protocol.events import GameEvent, NewEvent


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = empty()
    yield connection
    connection.close()


def empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    journal_tables.create(connection, 0)
    return connection


def append(
    db: sqlite3.Connection,
    *kinds: str,
    retention: Retention | None = None,
    account: str = "vex",
    identity: str | None = None,
) -> list[GameEvent]:
    events = [NewEvent(kind=kind, at=1.0, identity=identity) for kind in kinds]
    return journal_tables.append(db, retention or Retention(), "spacemolt", account, events)


def page(
    db: sqlite3.Connection,
    *kinds: str,
    after: int | None = 0,
    limit: int = 1_000,
    window: int | None = None,
) -> Page:
    query = Query(
        game="spacemolt", account="vex", kinds=kinds, after=after, limit=limit, window=window
    )
    return journal_tables.page(db, query)


def seqs(found: Page) -> list[int]:
    return [event.seq for event in found.events]


def test_seq_grows_over_all_accounts(db: sqlite3.Connection) -> None:
    first = append(db, "chat", account="vex")
    second = append(db, "chat", account="nova")
    third = append(db, "chat", account="vex")

    assert [event.seq for event in first + second + third] == [1, 2, 3]


def test_kinds_are_matched_with_wildcards_and_case(db: sqlite3.Connection) -> None:
    append(db, "chat_message", "combat_update", "chat_joined", "Chat_other")

    assert seqs(page(db, "chat_*")) == [1, 3]
    assert seqs(page(db, "combat_update", "chat_joined")) == [2, 3]
    assert seqs(page(db, "*")) == [1, 2, 3, 4]
    assert seqs(page(db)) == []


def test_the_newest_come_oldest_first(db: sqlite3.Connection) -> None:
    append(db, *["chat"] * 5)

    newest = page(db, "*", after=None, limit=2)

    assert seqs(newest) == [4, 5]
    assert newest.missed == 0


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_of_nothing_gives_nothing(db: sqlite3.Connection, limit: int) -> None:
    append(db, *["chat"] * 5)

    assert page(db, "*", after=None, limit=limit).events == []
    assert page(db, "*", after=0, limit=limit).events == []


def test_a_chatty_kind_does_not_push_out_a_rare_one(db: sqlite3.Connection) -> None:
    retention = Retention(keep=10)
    append(db, "player_died", retention=retention)

    for _ in range(100):
        append(db, "chat", retention=retention)

    assert seqs(page(db, "player_died")) == [1]
    assert len(page(db, "chat").events) == 10


def test_a_pruned_event_that_is_repeated_is_still_no_news(db: sqlite3.Connection) -> None:
    retention = Retention(keep=2)
    append(db, "chat", identity="m-1", retention=retention)
    append(db, *["chat"] * 10, retention=retention)

    assert seqs(page(db, "chat")) == [10, 11]
    assert append(db, "chat", identity="m-1", retention=retention) == []


def test_the_same_identity_in_another_account_is_another_event(db: sqlite3.Connection) -> None:
    assert append(db, "chat", identity="m-1", account="vex")
    assert append(db, "chat", identity="m-1", account="nova")


def test_a_file_that_grows_too_large_loses_its_older_half(db: sqlite3.Connection) -> None:
    retention = Retention(size=100_000)
    events = [NewEvent(kind="log", at=1.0, data={"text": "x" * 1_000})]

    for _ in range(500):
        journal_tables.append(db, retention, "spacemolt", "vex", events)

    found = page(db, "log")
    assert 20 < len(found.events) < 100
    assert found.events[-1].seq == 500
    assert found.missed + len(found.events) == 500


def test_a_single_event_above_the_size_is_kept(db: sqlite3.Connection) -> None:
    append(db, "log", retention=Retention(size=1))

    assert seqs(page(db, "log")) == [1]


def test_of_an_event_that_is_too_large_the_beginning_is_kept(db: sqlite3.Connection) -> None:
    events = [NewEvent(kind="map", at=1.0, data={"text": "x" * 5_000})]

    journal_tables.append(db, Retention(event_size=100), "spacemolt", "vex", events)

    assert page(db, "map").events[0].data == {
        "too_large": 5_011,
        "beginning": '{"text":"' + "x" * 91,
    }


def test_forgotten_marks_make_the_missed_count_a_lower_bound(db: sqlite3.Connection) -> None:
    retention = Retention(keep=5, remember=20)

    for _ in range(100):
        append(db, "chat", retention=retention)

    late = page(db, "*", after=0)
    assert seqs(late) == [96, 97, 98, 99, 100]
    assert 15 <= late.missed <= 95
    assert page(db, "*", after=90).missed == 5


def test_forgetting_everything_of_a_kind_leaves_no_trace_of_it(db: sqlite3.Connection) -> None:
    retention = Retention(keep=5, remember=20)
    append(db, "player_died", retention=retention)

    for _ in range(100):
        append(db, "chat", retention=retention)

    assert page(db, "player_died").newest == 0
    assert db.execute("SELECT kind FROM streams").fetchall() == [("chat",)]
    assert db.execute("SELECT count(*) FROM payloads").fetchone() == (5,)


def test_a_cursor_from_beyond_the_end_begins_anew(db: sqlite3.Connection) -> None:
    append(db, *["chat"] * 5)

    found = page(db, "*", after=1_000, limit=2)

    assert seqs(found) == [4, 5]
    assert found.missed == 0


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [
        ("a\ud800b", "a\ufffdb"),
        ("\U0001f680 \x00 \u202e", "\U0001f680 \x00 \u202e"),
        (math.nan, None),
        (-math.inf, None),
        ([1.5, {"\udfff": math.inf}], [1.5, {"\ufffd": None}]),
        (2**80, 2**80),
        (True, True),
    ],
)
def test_what_json_cannot_say_is_replaced(
    db: sqlite3.Connection, given_value: JsonValue, kept: JsonValue
) -> None:
    event = NewEvent(kind="odd\udcff", at=math.nan, data={"value": given_value}, identity="\ud800")

    appended = journal_tables.append(db, Retention(), "spacemolt", "vex\ud800", [event])

    assert appended[0].data == {"value": kept}
    assert appended[0].kind == "odd\ufffd"
    assert appended[0].at == 0.0
    query = Query(game="spacemolt", account="vex\ud800", after=0)
    assert journal_tables.page(db, query).events == appended


def test_data_nested_too_deeply_is_cut_off(db: sqlite3.Connection) -> None:
    value: JsonValue = 1
    for _ in range(5_000):
        value = [value]

    journal_tables.append(
        db, Retention(), "spacemolt", "vex", [NewEvent(kind="deep", at=1.0, data={"value": value})]
    )

    kept = page(db, "deep").events[0].data["value"]
    for _ in range(99):
        assert isinstance(kept, list)
        kept = kept[0]
    assert kept == "(nested too deeply to be kept)"


def is_wanted(event: GameEvent, wanted: tuple[str, ...]) -> bool:
    return any(fnmatch(event.kind, pattern) for pattern in wanted)


KINDS = ("chat", "chat_private", "combat")
batches = st.lists(
    st.tuples(
        st.sampled_from(["vex", "nova"]), st.lists(st.sampled_from(KINDS), min_size=1, max_size=4)
    ),
    max_size=30,
)


@given(
    batches=batches,
    keep=st.integers(1, 6),
    after=st.integers(0, 40),
    window=st.none() | st.integers(0, 12),
    limit=st.integers(0, 12),
    wanted=st.sampled_from([("*",), ("chat*",), ("chat",), ("combat", "chat")]),
)
def test_what_was_missed_and_what_is_given_add_up_to_all_that_came(
    *,
    batches: list[tuple[str, list[str]]],
    keep: int,
    after: int,
    window: int | None,
    limit: int,
    wanted: tuple[str, ...],
) -> None:
    db = empty()
    came = []
    for account, kinds in batches:
        events = append(db, *kinds, retention=Retention(keep=keep), account=account)
        came += [event for event in events if account == "vex" and is_wanted(event, wanted)]
    after = min(after, journal_tables.position(db))

    found = page(db, *wanted, after=after, limit=limit, window=window)
    whole = page(db, *wanted, after=after, window=window)

    later = [event for event in came if event.seq > after]
    assert len(whole.events) + whole.missed == len(later)
    assert found.events == whole.events[:limit]
    assert found.missed == whole.missed
    assert found.newest == (came[-1].seq if came else 0)
    # Each kind keeps its newest, so there is no gap among the newest of all.
    newest = min(keep, len(later)) if window is None else min(keep, len(later), window)
    assert whole.events[len(whole.events) - newest :] == later[len(later) - newest :]
    assert [event for event in later if event in whole.events] == whole.events
    db.close()
