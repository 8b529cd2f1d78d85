"""A host that plays MAID through the real stdio server, a process of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mcp import Client
from mcp_types import TextContent
from pydantic import JsonValue

from tests.journeys import support


@dataclass
class Host:
    client: Client
    keyring: Path

    async def call(self, tool: str, **arguments: JsonValue) -> str:
        """Call a tool by its name in MAID and return its text; it must not be an error."""
        text, is_error = await self.tried(tool, **arguments)
        assert not is_error, text
        return text

    async def tried(self, tool: str, **arguments: JsonValue) -> tuple[str, bool]:
        """Call a tool and return its text, and whether that is an error."""
        name = tool if tool.startswith("bridge_") else f"maid_{tool}"
        result = await self.client.call_tool(name, dict(arguments))
        (content,) = result.content
        assert isinstance(content, TextContent)
        return content.text, bool(result.is_error)

    def kept(self) -> Mapping[str, str]:
        """Return what the server has put into the keyring."""
        return support.kept(self.keyring)


@asynccontextmanager
async def hosted(url: str, home: Path, *flags: str, **credentials: str) -> AsyncIterator[Host]:
    """Start ``game-bridge serve`` for a MAID at an address; credentials are variables."""
    server = support.serving("maid", url, home, *flags)
    environment = server.env or {}
    keyring = Path(environment[support.KEYRING])
    server.env = environment | {
        f"GAME_BRIDGE_MAID_{slot.upper()}": value for slot, value in credentials.items()
    }
    async with Client(server, read_timeout_seconds=20) as client:
        yield Host(client, keyring)
