"""A journal that fails while one plays: what came of a call is known all the same."""

import sqlite3
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Done
from tests.gateway.spacemolt_table import Table, laid
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio


async def result_of(table: Table, command: str) -> tuple[JsonValue, str]:
    """Call a command and return what it brought, and what is said about news."""
    with anyio.fail_after(PATIENCE_SECONDS):
        answer = await table.gateway.call(f"spacemolt_{command}", {})
    assert isinstance(answer.outcome, Done)
    return answer.outcome.result, " ".join(answer.news)


def broken(folder: Path) -> None:
    """Spoil the journal, so that nothing can be written to or read from it any more."""
    with sqlite3.connect(folder / "journal.db") as journal:
        tables = journal.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in tables:
            if not name.startswith("sqlite_"):
                journal.execute(f"ALTER TABLE {name} RENAME TO {name}_gone")
    journal.close()


async def test_an_action_that_was_done_is_not_reported_as_failed(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        broken(tmp_path)

        result, news = await result_of(table, "undock")
        _, again = await result_of(table, "get_status")

    assert result
    assert news == again == "News cannot be read; bridge_events says why."
    assert table.world.executed["undock"] == 1


async def test_the_status_says_that_news_cannot_be_read(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        broken(tmp_path)

        answer = await table.gateway.call("bridge_status", {})

    assert isinstance(answer.outcome, Done)
    assert "journal" in str(answer.outcome.result)
