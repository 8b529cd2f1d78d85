"""A host that talks JSON-RPC to a server process, line by line."""

import json
import os
import subprocess
import sys
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from select import select
from termios import FIONREAD
from typing import Any

from tests.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
NEARLY_FULL = 50_000
"""Bytes in a pipe of 64 KiB that short writes fill page by page."""
STILL_SECONDS = 0.3

ENVELOPE: dict[str, Any] = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
}


@dataclass
class Child:
    """The process and what it has said so far."""

    process: "subprocess.Popen[bytes]"
    seen: deque[dict[str, Any]] = field(default_factory=deque)
    _rest: bytes = b""
    _id: int = 0

    def write(self, line: str | bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write((line.encode() if isinstance(line, str) else line) + b"\n")
        self.process.stdin.flush()

    def send(self, method: str, params: dict[str, Any] | None = None) -> int:
        """Send a request and return its id."""
        self._id += 1
        self.write(
            json.dumps({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params or {}})
        )
        return self._id

    def notify(self, method: str, params: dict[str, Any] | None = None) -> None:
        self.write(json.dumps({"jsonrpc": "2.0", "method": method, "params": params or {}}))

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request and return the answer to it."""
        wanted = self.send(method, params)
        return self.until(lambda message: message.get("id") == wanted)

    def ask_modern(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return self.ask(method, {**(params or {}), "_meta": ENVELOPE})

    def initialize(self) -> dict[str, Any]:
        answer = self.ask(
            "initialize",
            {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        )
        self.notify("notifications/initialized")
        return answer

    def call(self, name: str) -> dict[str, Any]:
        return self.ask("tools/call", {"name": name, "arguments": {}})

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first message, seen or to come, that is wanted."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            for message in self.seen:
                if wanted(message):
                    self.seen.remove(message)
                    return message
            self._read(deadline)

    def _read(self, deadline: float) -> None:
        assert self.process.stdout is not None
        out = self.process.stdout.fileno()
        left = deadline - time.monotonic()
        assert left > 0, "the server said nothing more"
        if select([out], [], [], left)[0]:
            data = os.read(out, 1 << 20)
            assert data, "the server has ended"
            *lines, self._rest = (self._rest + data).split(b"\n")
            self.seen.extend(json.loads(line) for line in lines)

    def wait_until_stdout_is_full(self) -> None:
        """Wait until nothing more goes into the pipe, because nothing is read."""
        assert self.process.stdout is not None
        waiting, before = array("i", [0]), 0
        now = began = grown = time.monotonic()
        while now - grown < STILL_SECONDS and now - began < PATIENCE_SECONDS:
            ioctl(self.process.stdout, FIONREAD, waiting)
            now = time.monotonic()
            if waiting[0] != before or waiting[0] < NEARLY_FULL:
                before, grown = waiting[0], now
        assert before >= NEARLY_FULL

    def ended(self) -> tuple[int, float, str]:
        """Wait for the end; return the status, the seconds it took, and what went to stderr."""
        began = time.monotonic()
        assert self.process.stderr is not None
        select([self.process.stderr], [], [], PATIENCE_SECONDS)
        errors = self.process.stderr.read().decode()
        status = self.process.wait(PATIENCE_SECONDS)
        return status, time.monotonic() - began, errors


@contextmanager
def serving(era: str = "auto", close_seconds: float = 0.0) -> Iterator[Child]:
    """Start the server with the fake gateway; it never outlives the test."""
    command = [sys.executable, "-m", "tests.server.serve_fake", era, str(close_seconds)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield Child(process)
        finally:
            process.kill()
