"""The real stdio server as a subprocess, spoken to in raw JSON-RPC lines."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import websockets
from anyio.streams.buffered import BufferedByteReceiveStream

from bridge.sandbox.spacemolt.world import SpaceMolt
from tests.waiting import PATIENCE_SECONDS

LEGACY = "2025-11-25"
MODERN = "2026-07-28"
NOWHERE = str(Path(__file__).parent / "no-such-folder")
"""Where no settings file of the tester's own is found."""
ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
}


@dataclass
class RealServer:
    process: anyio.abc.Process
    era: str
    _lines: BufferedByteReceiveStream
    _number: int = 0
    notifications: list[Mapping[str, Any]] = field(default_factory=list)
    _replies: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    async def request(self, method: str, **params: Any) -> Mapping[str, Any]:
        """Send a request and return its reply, keeping what comes meanwhile."""
        number = await self.send(method, **params)
        with anyio.fail_after(PATIENCE_SECONDS):
            while number not in self._replies:
                await self.take()
        return self._replies.pop(number)

    async def send(self, method: str, **params: Any) -> int:
        self._number += 1
        if self.era == MODERN:
            params["_meta"] = {**params.get("_meta", {}), **ENVELOPE}
        await self.line({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        return self._number

    async def notify(self, method: str, **params: Any) -> None:
        await self.line({"jsonrpc": "2.0", "method": method, "params": params})

    async def line(self, message: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None
        await self.process.stdin.send(json.dumps(message).encode() + b"\n")

    async def take(self) -> Mapping[str, Any]:
        """Read one message, sort it, and return it."""
        message: Mapping[str, Any] = json.loads(await self._lines.receive_until(b"\n", 2**26))
        if "id" in message and "method" not in message:
            self._replies[message["id"]] = message
        else:
            self.notifications.append(message)
        return message

    async def call(self, tool: str, **arguments: Any) -> str:
        """Call a tool and return its text, error or not."""
        reply = await self.request("tools/call", name=tool, arguments=arguments)
        return "\n".join(block["text"] for block in reply["result"]["content"])

    async def greet(self) -> None:
        """Shake hands, where the era wants it."""
        if self.era == LEGACY:
            await self.request(
                "initialize",
                protocolVersion=LEGACY,
                capabilities={},
                clientInfo={"name": "test", "version": "1"},
            )
            await self.notify("notifications/initialized")

    async def until_updated(self, uri: str) -> None:
        """Wait until a resource is announced as changed."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while not any(
                each["method"] == "notifications/resources/updated" and each["params"]["uri"] == uri
                for each in self.notifications
            ):
                await self.take()


@asynccontextmanager
async def serving(
    *arguments: str, era: str = LEGACY, environment: Mapping[str, str] | None = None
) -> AsyncIterator[RealServer]:
    """Start ``game-bridge serve`` and shake hands; it is killed at the end if it still runs."""
    process = await anyio.open_process(
        [sys.executable, "-W", "ignore", "-m", "bridge", "serve", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "XDG_CONFIG_HOME": NOWHERE, **(environment or {})},
    )
    assert process.stdout is not None
    server = RealServer(process, era, BufferedByteReceiveStream(process.stdout))
    try:
        await server.greet()
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        with anyio.CancelScope(shield=True):
            await process.aclose()


async def registered(url: str, username: str) -> dict[str, str]:
    """Register a player with the simulated SpaceMolt by hand; return the variables that name it."""
    async with websockets.connect(url.replace("http", "ws") + "/spacemolt/ws") as socket:
        await socket.recv()
        payload = {"username": username, "empire": "solarian", "registration_code": "sandbox"}
        await socket.send(json.dumps({"type": "register", "payload": payload}))
        told = json.loads(await socket.recv())
    return {
        "GAME_BRIDGE_SPACEMOLT_USERNAME": username,
        "GAME_BRIDGE_SPACEMOLT_PASSWORD": told["payload"]["password"],
    }


def quiet_world(tick_seconds: float = 0.2) -> SpaceMolt:
    """Return a SpaceMolt in which nobody acts by himself and nothing is limited."""
    return SpaceMolt(tick_seconds=tick_seconds, limits=False, lively=False)


def flags(url: str, state: Path) -> list[str]:
    """Return the flags that point a server to a simulated SpaceMolt."""
    return [
        "--game",
        "spacemolt",
        "--url",
        f"spacemolt={url}/spacemolt",
        "--state",
        str(state),
    ]
