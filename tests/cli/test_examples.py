"""Every example runs as it stands."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import program
from tests.cli.conftest import Run

EXAMPLES = program.ROOT / "examples"


@pytest.mark.parametrize(
    ("script", "shown"),
    [("first_steps.py", '"connection":{"websocket":"open"}'), ("watch_a_feed.py", "mining_yield")],
)
def test_a_script_plays_the_sandbox(tmp_path: Path, script: str, shown: str) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / script)],
        env=program.environment(tmp_path),
        cwd=program.ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout


@pytest.mark.parametrize(
    ("file", "key"), [("claude_desktop_config.json", "mcpServers"), ("vscode_mcp.json", "servers")]
)
def test_a_host_configuration_starts_the_sandbox(file: str, key: str) -> None:
    entry = json.loads((EXAMPLES / file).read_text())[key]["game-bridge"]

    assert (entry["command"], entry["args"]) == ("game-bridge", ["serve", "--sandbox"])


def test_a_game_of_ones_own_is_played_from_its_spec_and_its_server(
    run: Run, tmp_path: Path
) -> None:
    folder = EXAMPLES / "add_a_game"
    with subprocess.Popen(
        [sys.executable, str(folder / "server.py"), "0"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        flags = ["--specs", str(folder), "--url", f"guess={url}", "--state", str(tmp_path)]
        said = {run("call", "guess_guess", f"number={n}", *flags).stdout for n in range(1, 10)}
        wrong = run("call", "guess_guess", "number=10", *flags)
        told = run("call", "bridge_events", "wait_seconds=5", "--game", "guess", *flags)
        server.kill()

    assert '{"answer":"higher"}\n' in said
    assert '{"answer":"right"}\n' in said
    assert "number must be at most 9" in wrong.stdout
    assert told.exit_code == 0
    assert '"said":' in told.stdout
