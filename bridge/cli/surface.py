"""What a model is shown: the tools as MCP lists them, and what they cost."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import JsonValue

from bridge.cli.tokens import by_bytes

if TYPE_CHECKING:
    from bridge.gateway.gateway import Gateway

SHOWN: Final = ("name", "description", "inputSchema")
"""What hosts hand on to the model; the rest is for the host and its user."""

Listing = Mapping[str, JsonValue]
"""One tool as it stands in the answer to ``tools/list``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a number of tools cost a model that reads them."""

    tools: int
    tokens: int
    size: int
    """Bytes of what the model is shown."""
    sent: int
    """Bytes of what the host is sent."""


def as_listed(gateway: "Gateway") -> list[Listing]:
    """Return the tools exactly as the server lists them."""
    from bridge.server.listing import wire_tool

    tools = map(wire_tool, gateway.toolbox.list())
    return [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in tools]


def weigh(tools: Sequence[Listing], count: Callable[[str], int] = by_bytes) -> Weight:
    """Return what the tools cost, in compact JSON."""
    texts = [compact({key: tool[key] for key in SHOWN if key in tool}) for tool in tools]
    return Weight(
        tools=len(texts),
        tokens=sum(count(text) for text in texts),
        size=sum(len(text.encode()) for text in texts),
        sent=sum(len(compact(tool).encode()) for tool in tools),
    )


def compact(value: JsonValue | Listing) -> str:
    """Return a value as JSON without blanks, as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def by_game(gateway: "Gateway", tools: Sequence[Listing]) -> dict[str, list[Listing]]:
    """Return the tools by game; the bridge's own under ``bridge``."""
    groups: dict[str, list[Listing]] = {}
    for tool in tools:
        found = gateway.toolbox.find(str(tool["name"]))
        game = found.game if found is not None and found.game is not None else "bridge"
        groups.setdefault(game, []).append(tool)
    return groups
