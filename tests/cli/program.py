"""Running the command line as users do: a process of its own, with a home of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-m", "bridge"]


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment in which nothing of the user's own settings is found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GAME_BRIDGE")}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    folders = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_STATE_HOME": str(home)}
    return kept | folders | {"PYTHONPATH": path} | dict(extra or {})


def run(
    home: Path, *arguments: str, extra: Mapping[str, str] | None = None, typed: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, in 30 seconds at most."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=environment(home, extra),
        cwd=home,
        input=typed,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@contextmanager
def started(home: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Start a command, and end it if it still runs."""
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        env=environment(home),
        cwd=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@contextmanager
def sandbox(home: Path, game: str) -> Iterator[str]:
    """Serve one simulated game in a process of its own; yields its address."""
    with started(home, "sandbox", "--port", "0", "--tick", "0.1", "--game", game) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1]
