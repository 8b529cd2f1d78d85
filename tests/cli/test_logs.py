"""What a process of its own writes to stderr, however it ends."""

import subprocess
import sys
import textwrap

import pytest

from tests.cli.conftest import Run
from tests.server.child import ROOT

SECRET = "correct-horse-battery"
PROLOGUE = f"""
import logging, os, sys, threading
from bridge.cli.logs import log_to_stderr
from bridge.credentials import Secrets

SECRET = {SECRET[::-1]!r}[::-1]
secrets = Secrets()
secrets.add(SECRET)
log_to_stderr(secrets, {{"GAME_BRIDGE_LOG": "debug"}})
"""


def stderr_of(script: str) -> str:
    program = PROLOGUE + textwrap.dedent(script)
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("raise ValueError(SECRET)", "ValueError: [secret]"),
        ("logging.error('with %s', SECRET)", "with [secret]"),
        ("import warnings; warnings.warn(SECRET)", "UserWarning: [secret]"),
        (
            """
            def fail():
                raise ValueError(SECRET)
            thread = threading.Thread(target=fail)
            thread.start()
            thread.join()
            """,
            "A thread of game-bridge failed",
        ),
        (
            """
            class Broken:
                def __del__(self):
                    raise ValueError(SECRET)
            Broken()
            """,
            "Ignored: ",
        ),
        (
            """
            import asyncio
            async def main():
                asyncio.get_running_loop().call_soon(lambda: int(SECRET))
                await asyncio.sleep(0.01)
            asyncio.run(main())
            """,
            "Exception in callback",
        ),
        (
            """
            import anyio
            async def fail():
                raise ValueError(SECRET)
            async def main():
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(fail)
            anyio.run(main)
            """,
            "ExceptionGroup",
        ),
        (
            """
            import json
            logging.debug("%s", json.dumps({"arguments": json.dumps({"p": SECRET})}))
            logging.getLogger("websockets.client").warning("> TEXT %r", SECRET)
            """,
            "> TEXT '[secret]'",
        ),
    ],
)
def test_nothing_that_goes_wrong_in_the_process_shows_a_secret(script: str, told: str) -> None:
    errors = stderr_of(script)

    assert told in errors
    assert SECRET not in errors


def test_loggers_that_show_half_a_secret_are_not_asked_for_details() -> None:
    errors = stderr_of(
        """
        for name in ("websockets.client", "httpcore.connection"):
            logging.getLogger(name).debug("> TEXT '...%s'", SECRET[6:])
            logging.getLogger(name).info("told by %s", name)
        """
    )

    assert SECRET[6:] not in errors
    assert "told by websockets.client" in errors
    assert "told by httpcore.connection" in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("accounts",),
        ("call", "bridge_status", "--sandbox"),
        ("claim", "moltforsale"),
        ("doctor", "--sandbox"),
        ("login", "maid", "--stdin", "--no-check"),
        ("logout", "maid"),
        ("register", "maid"),
        ("website", "player", "Vex", "--url", "spacemolt=http://127.0.0.1:1"),
    ],
    ids=" ".join,
)
def test_whatever_reads_secrets_logs_and_crashes_without_them(
    run: Run, kept: dict[str, str], arguments: tuple[str, ...]
) -> None:
    sys.excepthook = sys.__excepthook__

    run(*arguments)

    assert sys.excepthook is not sys.__excepthook__
    assert kept == {}


def test_an_interrupt_is_no_crash() -> None:
    assert stderr_of("sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)") == ""
