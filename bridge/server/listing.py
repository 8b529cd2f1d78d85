"""Tools as MCP lists them."""

import mcp_types as wire

from bridge.gateway.surface.toolbox import Tool


def wire_tool(tool: Tool) -> wire.Tool:
    """Return a tool as hosts are told of it, with all four annotations."""
    return wire.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=dict(tool.input_schema),
        annotations=wire.ToolAnnotations(
            read_only_hint=tool.read_only,
            destructive_hint=tool.destructive,
            idempotent_hint=tool.idempotent,
            open_world_hint=tool.open_world,
        ),
    )
