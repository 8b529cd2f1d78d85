"""The era gate: hosts that ask which era it is and then speak the other one.

The SDK lets the first request on a stream decide its era for good. Some hosts send
``server/discover`` (2026-07-28), lose patience within 0.6 seconds, and go on with ``initialize``
(2025) on the same stream, which the SDK then refuses. So ``server/discover`` is answered here, from
what the server would have said, and never reaches the SDK before another request has decided.
"""

from collections.abc import Mapping
from typing import Any, Literal

import mcp_types as wire
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from mcp.server.caching import CacheHint
from mcp.server.lowlevel import Server
from mcp.shared.inbound import InboundLadderRejection, classify_inbound_request
from mcp.shared.message import SessionMessage
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

Era = Literal["auto", "legacy"]
"""``legacy`` tells hosts that ask for it that there is no newer era here."""

DISCOVER = "server/discover"


async def era_gate(
    server: Server[Any],
    incoming: ObjectReceiveStream[SessionMessage | Exception],
    replies: ObjectSendStream[SessionMessage],
    onward: ObjectSendStream[SessionMessage | Exception],
    *,
    era: Era = "auto",
) -> None:
    """Pass on what comes in, but for ``server/discover`` as long as nothing else has decided.

    Runs until ``incoming`` ends, then closes ``replies`` and ``onward``: a clone of the write
    stream that stays open would keep the process from ending.
    """
    modern = False
    async with onward, replies:
        async for item in incoming:
            request = item.message if isinstance(item, SessionMessage) else None
            if isinstance(request, wire.JSONRPCRequest):
                if request.method == DISCOVER and not modern:
                    await replies.send(SessionMessage(_discovered(server, request, era)))
                    continue
                modern = modern or _is_modern(request)
            await onward.send(item)


def _is_modern(request: wire.JSONRPCRequest) -> bool:
    meta = (request.params or {}).get("_meta")
    enveloped = isinstance(meta, Mapping) and wire.PROTOCOL_VERSION_META_KEY in meta
    return enveloped and request.method != "initialize"


def _discovered(
    server: Server[Any], request: wire.JSONRPCRequest, era: Era
) -> wire.JSONRPCResponse | wire.JSONRPCError:
    if era == "legacy":
        error = wire.ErrorData(
            code=wire.METHOD_NOT_FOUND, message="Method not found", data=request.method
        )
        return wire.JSONRPCError(jsonrpc="2.0", id=request.id, error=error)
    route = classify_inbound_request({"method": request.method, "params": request.params})
    if isinstance(route, InboundLadderRejection):
        error = wire.ErrorData(code=route.code, message=route.message, data=route.data)
        return wire.JSONRPCError(jsonrpc="2.0", id=request.id, error=error)
    result = discover_result(server, route.protocol_version)
    return wire.JSONRPCResponse(jsonrpc="2.0", id=request.id, result=result)


def discover_result(server: Server[Any], protocol_version: str) -> dict[str, Any]:
    """Return what the SDK itself would answer to ``server/discover``."""
    hint = server.cache_hints.get(DISCOVER, CacheHint())
    result = wire.DiscoverResult(
        supported_versions=list(MODERN_PROTOCOL_VERSIONS),
        capabilities=server.get_capabilities(protocol_version=protocol_version),
        instructions=server.instructions,
        ttl_ms=hint.ttl_ms,
        cache_scope=hint.scope,
    )
    dumped = result.model_dump(by_alias=True, mode="json", exclude_none=True)
    return {**dumped, "_meta": {wire.SERVER_INFO_META_KEY: server.server_info_stamp}}
