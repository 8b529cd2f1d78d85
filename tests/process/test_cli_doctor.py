"""``game-bridge doctor`` as a real process."""

import os
import subprocess
import sys
from pathlib import Path

from tests.process.real_server import NOWHERE


def doctor(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bridge", "doctor", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "XDG_CONFIG_HOME": NOWHERE, **environment},
    )


def test_in_the_sandbox_everything_is_well_and_the_servers_say_so() -> None:
    found = doctor("--sandbox")

    assert found.returncode == 0, found.stdout + found.stderr
    assert "maid readiness" in found.stdout
    assert "NOT WELL" not in found.stdout


def test_what_is_not_well_is_said_with_the_next_step_and_no_secret(tmp_path: Path) -> None:
    found = doctor(
        "--game",
        "moltforsale",
        XDG_STATE_HOME=str(tmp_path),
        PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",
        GAME_BRIDGE_MOLTFORSALE_API_KEY="molt_sk_not_to_be_shown",
    )

    assert found.returncode == 1
    assert "NOT WELL   keyring" in found.stdout
    assert "GAME_BRIDGE_SPACEMOLT_PASSWORD" in found.stdout
    assert "api_key in environment" in found.stdout
    assert "not_to_be_shown" not in found.stdout + found.stderr


def test_a_server_is_asked_only_where_one_plays_or_when_it_is_named(tmp_path: Path) -> None:
    nowhere = {"XDG_STATE_HOME": str(tmp_path)}

    unplayed = doctor(**nowhere)
    named = doctor("--game", "maid", **nowhere)

    assert "left alone maid account default" in unplayed.stdout
    assert "maid readiness" not in unplayed.stdout
    assert "NOT WELL   maid readiness" in named.stdout
