"""The example entry for Claude Desktop, started as it stands and played line by line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from tests.cli import program

ENTRY = json.loads((program.ROOT / "examples" / "claude_desktop_config.json").read_text())
SERVER = ENTRY["mcpServers"]["game-bridge"]
PILOT = {"username": "Desk Top", "empire": "crimson", "registration_code": "sandbox"}


class Host:
    """Speaks JSON-RPC over the pipes of a server, as a desktop host does."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.notifications: list[dict[str, JsonValue]] = []
        self._last = 0

    def ask(self, method: str, **params: JsonValue) -> dict[str, JsonValue]:
        self._last += 1
        self.tell(method, identity=self._last, **params)
        while True:
            message = json.loads(self._line())
            if message.get("id") == self._last:
                assert "error" not in message, message
                result: dict[str, JsonValue] = message["result"]
                return result
            self.notifications.append(message)

    def tell(self, method: str, identity: int | None = None, **params: JsonValue) -> None:
        message: dict[str, JsonValue] = {"jsonrpc": "2.0", "method": method, "params": params}
        if identity is not None:
            message["id"] = identity
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def call(self, tool: str, **arguments: JsonValue) -> str:
        result = self.ask("tools/call", name=tool, arguments=arguments)
        assert not result.get("isError"), result
        content = result["content"]
        assert isinstance(content, list)
        (block,) = content
        assert isinstance(block, dict)
        return str(block["text"])

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server has ended"
        return line


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """Yield a host that has started the very entry of the example."""
    installed = Path(sys.executable).with_name(SERVER["command"])
    command = [str(installed)] if installed.exists() else program.PROGRAM
    with subprocess.Popen(
        [*command, *SERVER["args"]],
        env=program.environment(tmp_path),
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield Host(process)
        _, complaints = process.communicate(timeout=5)
        assert (process.returncode, complaints) == (0, "")


def greet(host: Host) -> dict[str, JsonValue]:
    client: dict[str, JsonValue] = {"name": "claude-ai", "version": "1"}
    hello = host.ask("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)
    host.tell("notifications/initialized")
    return hello


def test_the_example_for_claude_desktop_plays_as_it_stands(host: Host) -> None:
    hello = greet(host)
    listed = host.ask("tools/list")["tools"]
    registered = host.call("spacemolt_register", **PILOT)
    host.ask("resources/subscribe", uri="game://spacemolt/default/feeds/actions")
    undocked = host.call("spacemolt_undock")
    status = host.call("spacemolt_get_status")

    assert hello["protocolVersion"] == "2025-11-25"
    assert isinstance(listed, list)
    assert len(listed) > 10
    assert "never shown" in registered
    assert '"action":"undock"' in undocked
    assert '"username":"Desk Top"' in status


def test_what_the_games_tell_reaches_the_host(host: Host) -> None:
    greet(host)
    host.call("spacemolt_register", **PILOT)
    host.ask("resources/subscribe", uri="game://spacemolt/default/feeds/actions")

    place = json.loads(host.call("spacemolt_get_system"))
    belts = [poi["id"] for poi in place["system"]["pois"] if "asteroid" in poi["type"]]
    host.call("spacemolt_undock")
    host.call("spacemolt_travel", target_poi=belts[0])
    host.call("spacemolt_mine")
    told = host.call("bridge_events", wait_seconds=5)

    assert "mining_yield" in told
    methods = [message["method"] for message in host.notifications]
    assert "notifications/resources/updated" in methods
