"""What a model is shown: the tools as MCP lists them, and what they cost."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

if TYPE_CHECKING:
    from bridge.gateway.gateway import Gateway

BYTES_PER_TOKEN = 4
"""About; what a token is differs from model to model."""

Listing = Mapping[str, JsonValue]
"""One tool as it stands in the answer to ``tools/list``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a number of tools cost a model that reads them."""

    tools: int
    characters: int
    tokens: int


def as_listed(gateway: "Gateway") -> list[Listing]:
    """Return the tools exactly as the server lists them."""
    from bridge.server.present import Presenter
    from bridge.server.tools import ToolHandlers

    presenter = Presenter(store=gateway.store, now=time.time)
    tools = ToolHandlers(gateway=gateway, presenter=presenter).listed
    return [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in tools]


def weigh(tools: Sequence[Listing]) -> Weight:
    """Return what the tools cost, in compact JSON."""
    texts = [json.dumps(tool, ensure_ascii=False, separators=(",", ":")) for tool in tools]
    size = sum(len(text.encode()) for text in texts)
    return Weight(
        tools=len(texts),
        characters=sum(len(text) for text in texts),
        tokens=-(-size // BYTES_PER_TOKEN),
    )


def by_game(gateway: "Gateway", tools: Sequence[Listing]) -> dict[str, list[Listing]]:
    """Return the tools by game; the bridge's own under ``bridge``."""
    groups: dict[str, list[Listing]] = {}
    for tool in tools:
        found = gateway.toolbox.find(str(tool["name"]))
        game = found.game if found is not None and found.game is not None else "bridge"
        groups.setdefault(game, []).append(tool)
    return groups
