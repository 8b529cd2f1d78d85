"""Follow what a game tells, as it happens.

Run: python examples/watch_a_feed.py

Registers a pilot on the simulated SpaceMolt, subscribes to a feed, and prints what is new each
time the server says that the feed has changed, while the pilot mines.
"""

import re
import sys

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import TextResourceContents

SERVER = StdioServerParameters(
    command=sys.executable,
    args=["-m", "bridge", "serve", "--sandbox", "--game", "spacemolt"],
)
FEED = "game://spacemolt/default/feeds/actions"
PILOT = {"username": "Watcher", "empire": "solarian", "registration_code": "sandbox"}


async def read_on(client: Client, cursor: int) -> int:
    """Print the events after the cursor and return the next one."""
    read = await client.read_resource(f"{FEED}?after={cursor}&limit=20")
    for content in read.contents:
        if isinstance(content, TextResourceContents):
            print(content.text)
            # The first line says where to go on: "... Next: after=17."
            if found := re.search(r"after=(\d+)", content.text.splitlines()[0]):
                cursor = int(found.group(1))
    return cursor


async def watch(client: Client) -> None:
    """Print what is new each time the feed changes, for three changes."""
    cursor = 0
    async with client.listen(resource_subscriptions=[FEED]) as changes:
        for _ in range(3):
            await anext(changes)
            cursor = await read_on(client, cursor)


async def mine(client: Client) -> None:
    """Fly to the belt and mine, for as long as somebody watches."""
    await client.call_tool("spacemolt_undock")
    await client.call_tool("spacemolt_travel", {"target_poi": "main_belt"})
    while True:
        await client.call_tool("spacemolt_mine")


async def main() -> None:
    """Mine and watch at the same time."""
    async with Client(SERVER) as client:
        await client.call_tool("spacemolt_register", PILOT)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(mine, client)
            await watch(client)
            tasks.cancel_scope.cancel()


anyio.run(main)
