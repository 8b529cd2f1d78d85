"""A short story in SpaceMolt, played through MCP as a model would: tool by tool.

Nothing here knows the bridge from the inside: it plays whatever server the client is connected to.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, Protocol

import anyio
from mcp import Client
from mcp_types import CallToolResult, TextContent, TextResourceContents
from pydantic import JsonValue

MOST_MINES: Final = 4
"""Enough for a story; a full hold takes eight."""

NEWS_SECONDS: Final = 3.0
"""How long to wait for word that a feed has changed."""

END_OF_WORDS: Final = "</players-words>"
"""The line that ends what other players wrote, in the text of a result."""

Result = Mapping[str, JsonValue]


class StoryError(Exception):
    """The story could not go on; the message says what the game or the bridge said."""


class Stage(Protocol):
    """Where the story is shown."""

    def chapter(self, title: str) -> None:
        """Begin a chapter."""

    def asked(self, tool: str, arguments: Result) -> AbstractContextManager[None]:
        """Show a call; the context is open until it is answered."""

    def waiting(self, message: str) -> None:
        """Show what a call waits for."""

    def answered(self, text: str, notes: list[str]) -> None:
        """Show what came of the call."""

    def news(self, uri: str) -> None:
        """Show that a resource has changed."""

    def read(self, uri: str, text: str) -> None:
        """Show what a resource says."""


@dataclass(slots=True)
class Story:
    """One newcomer's first round: mine, sell, and hear what happened meanwhile."""

    client: Client
    stage: Stage
    changed: list[str] = field(default_factory=list)
    """The resources that have changed, in the order in which that was told."""
    _heard: anyio.Event = field(default_factory=anyio.Event)

    async def play(self, username: str) -> int:
        """Play the story and return the credits earned. Raises StoryError."""
        self.stage.chapter("A new pilot")
        await self.call(
            "spacemolt_register",
            {"username": username, "empire": "solarian", "registration_code": "sandbox"},
        )
        before = await self._credits()
        async with anyio.create_task_group() as tasks:
            await tasks.start(self._listen)
            await self._mine()
            await self._sell()
            await self._read_news()
            tasks.cancel_scope.cancel()
        self.stage.chapter("What it was worth")
        return await self._credits() - before

    async def call(self, tool: str, arguments: Result) -> Result:
        """Call a tool, show it, and return its data. Raises StoryError when it is refused."""

        async def report(progress: float, total: float | None, message: str | None) -> None:
            so_far = f"{progress:.0f} of {total:.0f} s" if total else f"{progress:.0f} s"
            self.stage.waiting(f"{message or tool} ({so_far})")

        with self.stage.asked(tool, arguments):
            result = await self.client.call_tool(tool, dict(arguments), progress_callback=report)
        data, notes = _data(result), _notes(result)
        if result.is_error:
            raise StoryError(f"{tool}: {_text(result)}")
        self.stage.answered(_in_words(data), notes)
        return data

    async def _credits(self) -> int:
        status = await self.call("spacemolt_get_status", {})
        return _number(_member(status, "player"), "credits")

    async def _listen(self, *, task_status: "anyio.abc.TaskStatus[None]") -> None:
        """Subscribe to every feed and note which of them change; ``all`` would repeat the others."""
        listed = await self.client.list_resources()
        uris = [str(each.uri) for each in listed.resources]
        feeds = [uri for uri in uris if "/feeds/" in uri and not uri.endswith("/all")]
        async with self.client.listen(resource_subscriptions=feeds) as updates:
            task_status.started()
            async for update in updates:
                uri = str(getattr(update, "uri", ""))
                self.stage.news(uri)
                self.changed.append(uri)
                self._heard.set()

    async def _mine(self) -> None:
        self.stage.chapter("Out to the belt")
        await self.call("spacemolt_undock", {})
        place = await self.call("spacemolt_get_system", {})
        belt = _first_place(place, "type", "asteroid_belt")
        await self.call("spacemolt_travel", {"target_poi": belt})
        self.stage.chapter("Mining, one tick each")
        for _ in range(MOST_MINES):
            mined = await self.call("spacemolt_mine", {})
            if _number(mined, "cargo_used") >= _number(mined, "cargo_capacity"):
                break

    async def _sell(self) -> None:
        self.stage.chapter("Back to the station")
        place = await self.call("spacemolt_get_system", {})
        await self.call("spacemolt_travel", {"target_poi": _first_place(place, "has_base", True)})
        await self.call("spacemolt_dock", {})
        self.stage.chapter("Selling what was mined")
        hold = await self.call("bridge_call", {"tool": "spacemolt_get_cargo"})
        for item in _entries(hold, "cargo"):
            sale = {"item_id": item["item_id"], "quantity": item["quantity"]}
            await self.call("spacemolt_sell", sale)

    async def _read_news(self) -> None:
        self.stage.chapter("What the game told meanwhile")
        with anyio.move_on_after(NEWS_SECONDS):
            await self._heard.wait()
        if not self.changed:
            raise StoryError("No feed has changed, although the game pushed events.")
        for uri in dict.fromkeys(self.changed):
            read = await self.client.read_resource(uri)
            for content in read.contents:
                if isinstance(content, TextResourceContents):
                    self.stage.read(uri, content.text)


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def _notes(result: CallToolResult) -> list[str]:
    """Return what the bridge says after the game's own answer, others' words left out."""
    lines = _text(result).splitlines()
    last = lines.index(END_OF_WORDS) if END_OF_WORDS in lines else 0
    return lines[last + 1 :]


def _data(result: CallToolResult) -> Result:
    data = result.structured_content
    if not isinstance(data, Mapping):
        return {}
    inner = data.get("players_words", data)
    return inner if isinstance(inner, Mapping) else {}


def _in_words(data: Result) -> str:
    """Return the game's own sentence where there is one, else what the data is about."""
    said = data.get("message")
    if isinstance(said, str):
        return said
    player, ship = _member(data, "player"), _member(data, "ship")
    if "credits" in player:
        hull = f", flying a {ship['class_id']}" if "class_id" in ship else ""
        return f"{player.get('username')} has {player['credits']} credits{hull}."
    if "pois" in _member(data, "system"):
        places = [str(place.get("name")) for place in _entries(_member(data, "system"), "pois")]
        return f"Places in {_member(data, 'system').get('name')}: {', '.join(places)}."
    if "cargo" in data:
        held = [f"{item.get('quantity')} {item.get('name')}" for item in _entries(data, "cargo")]
        return f"In the hold: {', '.join(held)}."
    if data.get("action") == "arrived":
        pilots = [str(pilot.get("username")) for pilot in _entries(data, "online_players")]
        met = f" Pilots here: {', '.join(pilots)}." if pilots else ""
        return f"Arrived at {data.get('poi')}.{met}"
    action = data.get("action")
    return f"Done: {action}." if isinstance(action, str) else "Done."


def _first_place(place: Result, key: str, value: JsonValue) -> str:
    for entry in _entries(_member(place, "system"), "pois"):
        if entry.get(key) == value:
            return str(entry["id"])
    raise StoryError(f"There is no place here whose {key} is {value}.")


def _entries(data: Result, key: str) -> Iterator[Result]:
    entries = data.get(key)
    if isinstance(entries, list):
        yield from (entry for entry in entries if isinstance(entry, Mapping))


def _member(data: Result, key: str) -> Result:
    member = data.get(key)
    return member if isinstance(member, Mapping) else {}


def _number(data: Result, key: str) -> int:
    number = data.get(key)
    return number if isinstance(number, int) else 0
