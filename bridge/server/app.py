"""The MCP server: the parts put together on the SDK's low-level ``Server``.

One server object serves both wire eras, over stdio and over HTTP. Every handler is guarded: what
nobody foresaw ends neither the server nor tells the host more than that it happened.
"""

import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.models import InitializationOptions
from mcp_types import Icon
from pydantic import JsonValue

from bridge.server.completions import CompletionHandlers
from bridge.server.credential_pages import CredentialPages
from bridge.server.guard import guarded
from bridge.server.instructions import instructions
from bridge.server.needs import Playing
from bridge.server.present import Presenter
from bridge.server.prompts import PromptHandlers
from bridge.server.resources import ResourceHandlers
from bridge.server.subscriptions import Subscriptions
from bridge.server.tools import ToolHandlers

NAME = "game-bridge"

_CONSTANT = CacheHint(ttl_ms=3_600_000)
_CACHE_HINTS: Mapping[CacheableMethod, CacheHint] = {
    "server/discover": _CONSTANT,
    "tools/list": _CONSTANT,
    "prompts/list": _CONSTANT,
    "resources/templates/list": _CONSTANT,
    "resources/list": CacheHint(ttl_ms=60_000),
    "resources/read": CacheHint(ttl_ms=0),
}
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E"
    "%3Cpath d='M2 17h20M4 17a8 8 0 0116 0M8 17v-6m4 6V9m4 8v-6' fill='none' stroke='%23468'"
    " stroke-width='2'/%3E%3C/svg%3E"
)
_HANDLES_REMEMBERED = 100


class BridgeServer(Server[None]):
    """The SDK's server, with the same capabilities over every transport."""

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """Return what ``initialize`` answers; the HTTP transport asks for it without options."""
        options = notification_options or NotificationOptions(
            prompts_changed=True, resources_changed=True, tools_changed=True
        )
        return super().create_initialization_options(options, experimental_capabilities, extensions)


def build_server(
    gateway: Playing, *, structured: bool = False, announce_every: float = 1.0, near: bool = True
) -> BridgeServer:
    """Return the MCP server for the gateway; nothing is opened before it runs.

    ``announce_every`` is the least number of seconds between two announcements of one resource.
    ``near``: the host is on this machine, so that its player can open a page of ours.
    The gateway's ``running()`` must be open while the server serves.
    """
    storing = _Storing(gateway)
    presenter = Presenter(store=storing, now=time.time, structured=structured)
    pages = CredentialPages(take=gateway.take, now=time.time)
    tools = ToolHandlers(gateway=gateway, presenter=presenter, pages=pages if near else None)
    resources = ResourceHandlers(gateway=gateway, presenter=presenter)
    prompts = PromptHandlers(gateway=gateway, presenter=presenter)
    completions = CompletionHandlers(gateway=gateway, handles=storing.handles)
    subscriptions = Subscriptions(gateway=gateway, interval=announce_every)
    schemas = {tool.name: tool.input_schema for tool in tools.listed}

    @asynccontextmanager
    async def lifespan(_server: Server[None]) -> AsyncIterator[None]:
        async with subscriptions.running(), pages.running():
            yield

    return BridgeServer(
        NAME,
        version=_version(),
        title="Game Bridge",
        instructions=instructions(gateway.specs),
        icons=[Icon(src=_ICON, mime_type="image/svg+xml", sizes=["any"])],
        cache_hints=_CACHE_HINTS,
        lifespan=lifespan,
        get_tool_input_schema=schemas.get,
        on_list_tools=guarded(tools.list),
        on_call_tool=guarded(tools.call),
        on_list_resources=guarded(resources.list),
        on_list_resource_templates=guarded(resources.templates),
        on_read_resource=guarded(resources.read),
        on_subscribe_resource=guarded(subscriptions.subscribe),
        on_unsubscribe_resource=guarded(subscriptions.unsubscribe),
        on_subscriptions_listen=guarded(subscriptions.listen),
        on_list_prompts=guarded(prompts.list),
        on_get_prompt=guarded(prompts.get),
        on_completion=guarded(completions.complete),
    )


@dataclass(frozen=True, slots=True)
class _Storing:
    """Keeps what is too large to be shown, and remembers the newest handles for completions."""

    gateway: Playing
    handles: deque[str] = field(default_factory=lambda: deque(maxlen=_HANDLES_REMEMBERED))

    def __call__(self, content: JsonValue, /, *, untrusted: bool = False) -> str:
        """Keep it and return the handle to read it with."""
        handle = self.gateway.store(content, untrusted=untrusted)
        self.handles.append(handle)
        return handle


def _version() -> str:
    try:
        return version(NAME)
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
