import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.program import ROOT

README = """# A game
<!-- generated: games -->
old
<!-- end -->
between
<!-- generated: toolsets -->
<!-- end -->
<!-- generated: commands -->
<!-- end -->
<!-- generated: serve -->
<!-- end -->
after
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a small checkout with one game."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "tool_specs").mkdir()
    spec = (ROOT / "examples" / "add_a_game" / "guess.toml").read_text()
    (tmp_path / "tool_specs" / "guess.toml").write_text(spec)
    return tmp_path


def test_docs_writes_the_schema_the_snapshots_and_the_readme(run: Run, checkout: Path) -> None:
    result = run("docs", "--root", str(checkout))

    assert result.exit_code == 0
    schema = json.loads((checkout / "tool_specs" / "game.schema.json").read_text())
    assert "commands" in schema["properties"]
    snapshot = checkout / "tests" / "snapshots" / "guess" / "guess_guess.json"
    assert json.loads(snapshot.read_text())["annotations"]["readOnlyHint"] is False
    readme = (checkout / "README.md").read_text()
    assert "| Guess (`guess`) | `http` | 2 | 2 |" in readme
    assert "| `guess:play` | 2 | default | Guess the number. |" in readme
    assert "| `game-bridge demo` | " in readme
    assert "  --read-only / --no-read-only" in readme
    assert "old\n" not in readme
    assert "\nbetween\n" in readme


def test_what_was_written_is_not_stale(run: Run, checkout: Path) -> None:
    run("docs", "--root", str(checkout))

    result = run("docs", "--check", "--root", str(checkout))

    assert (result.exit_code, result.output) == (0, "")


def test_check_names_what_is_stale_and_writes_nothing(run: Run, checkout: Path) -> None:
    run("docs", "--root", str(checkout))
    snapshots = checkout / "tests" / "snapshots" / "guess"
    (snapshots / "guess_look.json").write_text("{}")
    (snapshots / "guess_gone.json").write_text("{}")
    (checkout / "tool_specs" / "game.schema.json").unlink()

    result = run("docs", "--check", "--root", str(checkout))

    assert result.exit_code == 1
    assert result.stderr.count("stale: ") == 3
    assert "stale: tests/snapshots/guess/guess_gone.json" in result.stderr
    assert (snapshots / "guess_look.json").read_text() == "{}"


def test_a_snapshot_of_a_tool_that_is_gone_is_removed(run: Run, checkout: Path) -> None:
    gone = checkout / "tests" / "snapshots" / "guess" / "guess_gone.json"
    gone.parent.mkdir(parents=True)
    gone.write_text("{}")

    run("docs", "--root", str(checkout))

    assert not gone.exists()


def test_docs_wants_a_checkout(run: Run, tmp_path: Path) -> None:
    result = run("docs", "--root", str(tmp_path))

    assert result.exit_code == 1
    assert "is no checkout of game-bridge" in result.stderr
