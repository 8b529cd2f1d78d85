"""First steps with an MCP client of your own.

Run: python examples/first_steps.py

Starts the server on the simulated games, as a host would, and makes a few calls.
"""

import sys

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import TextContent

SERVER = StdioServerParameters(
    command=sys.executable,
    args=["-m", "bridge", "serve", "--sandbox", "--game", "spacemolt"],
)

PILOT = {"username": "First Steps", "empire": "nebula", "registration_code": "sandbox"}


async def waiting(progress: float, total: float | None, message: str | None) -> None:
    """Show what a call waits for: actions in SpaceMolt happen on ticks."""
    print(f"   ... {message} ({progress:.0f} s of {total or 'at most 45'})")


async def call(client: Client, tool: str, arguments: dict[str, str] | None = None) -> None:
    """Call a tool and print what a model would read, or the beginning of it."""
    print(">", tool, arguments or "")
    result = await client.call_tool(tool, arguments or {}, progress_callback=waiting)
    for block in result.content:
        if isinstance(block, TextContent):
            print("  ", block.text[:300])


async def main() -> None:
    """Register, look around, undock, and ask the bridge how things stand."""
    async with Client(SERVER) as client:
        tools = await client.list_tools()
        print(len(tools.tools), "tools, such as", tools.tools[-1].name)
        await call(client, "spacemolt_register", PILOT)
        await call(client, "spacemolt_get_system")
        await call(client, "spacemolt_undock")
        # Commands that are not listed are found by words, and called by name.
        await call(client, "bridge_find", {"words": "what is in my hold"})
        await call(client, "bridge_call", {"tool": "spacemolt_get_cargo"})
        await call(client, "bridge_status")


anyio.run(main)
