"""The main job of the README: a story, played by a real client on the real server."""

import time
from pathlib import Path

from tests.cli import program


def test_the_demo_plays_its_story_in_less_than_thirty_seconds(tmp_path: Path) -> None:
    began = time.monotonic()

    # The user's own settings do not reach the demo.
    done = program.run(tmp_path, "demo", extra={"GAME_BRIDGE_READ_ONLY": "1"})

    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - began < 30
    told = done.stdout
    order = ["spacemolt_register", "spacemolt_undock", "Arrived at Main Belt", "Mined 8 Iron Ore"]
    order += ["Docked at", "Sold", "resources/read game://spacemolt", "mining_yield", "Earned"]
    places = [told.index(text) for text in order]
    assert places == sorted(places)
    assert "* changed: game://spacemolt/default/feeds/actions" in told
    assert "... travel is queued for the next tick." in told
    assert "players-words" not in told, "what is meant for models is not for people"
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_a_demo_that_cannot_play_says_why(tmp_path: Path) -> None:
    broken = "import os, sys\nif 'serve' in sys.argv:\n    os._exit(1)\n"
    (tmp_path / "sitecustomize.py").write_text(broken)

    done = program.run(tmp_path, "demo", extra={"PYTHONPATH": f"{tmp_path}:{program.ROOT}"})

    assert done.returncode == 1
    assert done.stderr == (
        "Error: The demo failed. The server did not answer as it should: Connection closed\n"
    )
