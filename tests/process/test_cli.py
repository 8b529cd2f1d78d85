"""The command line as a process: what it prints where, how it ends, and what it loads."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.cli import program
from tests.waiting import PATIENCE_SECONDS

HEAVY = ["mcp", "httpx", "starlette", "uvicorn", "rich", "keyring", "websockets"]


def loaded_by(home: Path, *arguments: str) -> set[str]:
    """Return which of the heavy packages a command loads."""
    script = (
        "import sys\n"
        "from bridge.cli.main import game_bridge\n"
        f"game_bridge({list(arguments)!r}, standalone_mode=False)\n"
        f"print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=program.environment(home),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("arguments", [["games"], ["check"]])
def test_commands_that_need_no_network_load_nothing_heavy(
    tmp_path: Path, arguments: list[str]
) -> None:
    assert loaded_by(tmp_path, *arguments) == set()


def test_a_done_call_ends_with_status_zero_and_its_text_alone_on_stdout(tmp_path: Path) -> None:
    done = program.run(
        tmp_path, "call", "spacemolt_get_version", "--sandbox", "--game", "spacemolt", "--json"
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["outcome"] == "done"


def test_a_refused_call_ends_with_status_one(tmp_path: Path) -> None:
    done = program.run(tmp_path, "call", "spacemolt_get_status", "--sandbox", "--game", "spacemolt")

    assert (done.returncode, done.stderr) == (1, "")
    assert "game-bridge login spacemolt" in done.stdout


def test_a_call_whose_fate_is_not_known_ends_with_status_three(tmp_path: Path) -> None:
    with program.sandbox(tmp_path, "moltforsale") as url:
        who = {"handle": "newcomer", "displayName": "Newcomer", "bio": "I am new."}
        joined = httpx.post(f"{url}/api/v1/agents/register", json=who).json()
        key = {"GAME_BRIDGE_MOLTFORSALE_API_KEY": joined["agent"]["api_key"]}
        fault = {"faults": {"drop_reply_after_act": {"times": 1}}}
        control = url.replace("/moltforsale", "/_control/moltforsale")
        httpx.post(control, json=fault).raise_for_status()

        flags = ["--url", f"moltforsale={url}", "--game", "moltforsale"]
        done = program.run(tmp_path, "call", "moltforsale_post", "content=Hi", *flags, extra=key)

        executed = httpx.get(control).json()["executed"]
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith("Unknown: ")
    assert executed["POST"] == 1


def test_a_wrong_flag_of_serve_says_so_on_stderr_only(tmp_path: Path) -> None:
    done = program.run(tmp_path, "serve", "--game", "chess")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == (
        "Error: --game: there is no game 'chess'. There are: maid, moltforsale, pipeworks, "
        "spacemolt."
    )


def test_serve_says_nothing_before_it_is_asked_and_ends_with_its_input(tmp_path: Path) -> None:
    done = program.run(tmp_path, "serve", "--sandbox", typed="")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def catches(process: int, number: int) -> bool:
    """Say whether a process has something of its own to do at a signal."""
    (caught,) = re.findall(r"SigCgt:\s*(\w+)", Path(f"/proc/{process}/status").read_text())
    return bool(int(caught, 16) >> (number - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_well_when_it_is_told_to_while_it_still_starts(
    tmp_path: Path, number: signal.Signals
) -> None:
    with program.started(tmp_path, "serve") as process:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not catches(process.pid, signal.SIGTERM):
            assert time.monotonic() < deadline
        process.send_signal(number)
        said, complained = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, said, complained) == (0, "", "")


def test_without_a_keyring_the_choices_are_named(tmp_path: Path) -> None:
    none = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    typed = "username=vex\npassword=0123456789\n"

    done = program.run(
        tmp_path, "login", "spacemolt", "--stdin", "--no-check", typed=typed, extra=none
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "GAME_BRIDGE_<GAME>_<SLOT>" in done.stderr
    assert "0123456789" not in done.stderr


NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def test_what_everybody_may_ask_needs_no_keyring(tmp_path: Path) -> None:
    with program.sandbox(tmp_path, "spacemolt") as url:
        flags = ["--url", f"spacemolt={url}", "--game", "spacemolt"]
        asked = program.run(tmp_path, "call", "spacemolt_get_version", *flags, extra=NO_KEYRING)
        acted = program.run(tmp_path, "call", "spacemolt_mine", *flags, extra=NO_KEYRING)

    assert (asked.returncode, asked.stderr) == (0, "")
    assert (acted.returncode, acted.stderr) == (1, "")
    assert "GAME_BRIDGE_<GAME>_<SLOT>" in acted.stdout
    assert "Look with" not in acted.stdout


def test_a_question_that_nobody_answers_names_the_other_ways(tmp_path: Path) -> None:
    done = program.run(tmp_path, "login", "spacemolt")

    assert (done.returncode, done.stdout) == (1, "")
    assert "Nobody is there to answer." in done.stderr
    assert "--stdin" in done.stderr


@pytest.mark.parametrize("arguments", [["games"], ["demo"], ["doctor", "--sandbox"]])
def test_who_closes_the_pipe_early_hears_no_more(tmp_path: Path, arguments: list[str]) -> None:
    with program.started(tmp_path, *arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaints = process.stderr.read()
        process.wait(timeout=PATIENCE_SECONDS)

    assert (process.returncode, complaints) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
@pytest.mark.parametrize("command", ["games", "demo"])
def test_an_output_that_is_full_is_said_in_a_line(tmp_path: Path, command: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*program.PROGRAM, command],
            env=program.environment(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "No space left on device" in done.stderr


def test_a_state_folder_that_cannot_be_made_costs_the_news_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    flags = ["--sandbox", "--game", "moltforsale", "--state", str(tmp_path / "file" / "state")]

    done = program.run(tmp_path, "call", "moltforsale_health", *flags)

    assert done.returncode == 0
    assert "News cannot be read; bridge_events says why." in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_ends_cleanly_when_it_is_told_to(
    tmp_path: Path, ending: signal.Signals
) -> None:
    with program.started(tmp_path, "sandbox", "--port", "0", "--game", "maid") as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[1]
        assert "API key maid_" in process.stdout.readline()
        assert httpx.get(f"{address}/api/v1/health").status_code == 200

        process.send_signal(ending)
        _, complaints = process.communicate(timeout=5)

    assert (process.returncode, complaints) == (0, "")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with program.started(tmp_path, "sandbox", "--port", "0", "--game", "maid") as process:
        assert process.stdout is not None
        port = process.stdout.readline().split()[1].split(":")[2].split("/")[0]

        done = program.run(tmp_path, "sandbox", "--port", port)

    assert done.returncode == 2
    assert f"Port {port} cannot be had" in done.stderr
