"""The OpenAPI documents of both HTTP APIs, generated from the command table."""

from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.table import Command, Param, commands
from bridge.sandbox.spacemolt.wire.operations import operations, tools

_KEYS = (
    ("least", "minimum"),
    ("most", "maximum"),
    ("shortest", "minLength"),
    ("longest", "maxLength"),
    ("pattern", "pattern"),
    ("format", "format"),
    ("default", "default"),
    ("about", "description"),
)
_SECURITY: list[JsonObject] = [{"SessionId": []}]
_ENVELOPE_V1 = ("result", "notifications", "session", "error")
_ENVELOPE_V2 = ("result", "structuredContent", "notifications", "session", "error")


def document_v1(version: str) -> JsonObject:
    """Return the document of v1."""
    paths: JsonObject = {f"/{name}": {"post": _post_v1(c)} for name, c in commands().items()}
    paths["/session"] = {"post": _session("createSession", "auth")}
    return {
        **_head("SpaceMolt Game API (simulated)", "1.0.0", version),
        "servers": [{"url": "/spacemolt/api/v1"}],
        "paths": dict(sorted(paths.items())),
        "components": _components("APIResponse", _ENVELOPE_V1),
    }


def document_v2(version: str) -> JsonObject:
    """Return the document of v2."""
    paths: JsonObject = {}
    for (tool, action), operation in operations().items():
        path = f"/api/v2/{tool}/{action}" if action else f"/api/v2/{tool}"
        post = _operation(
            operation.form, tool.removeprefix("spacemolt_"), mutation=operation.mutation
        )
        post["operationId"] = f"{tool}_{action}" if action else tool
        post["security"] = _SECURITY
        post["responses"] = _responses("V2Response", "structuredContent", operation.form)
        paths.setdefault(path, {})["post"] = post
    for tool in tools():
        paths.setdefault(f"/api/v2/{tool}/help", {})["get"] = _help(tool)
    paths["/api/v2/session"] = {"post": _session("createSession", "session")}
    paths["/api/v2/notifications"] = {"get": _notifications()}
    paths["/api/v2/agentlogs"] = {"post": _post_v1(commands()["agentlogs"])}
    return {
        **_head("SpaceMolt REST API v2 (simulated)", "2.0.0", version),
        "servers": [{"url": "/spacemolt"}],
        "paths": dict(sorted(paths.items())),
        "components": _components("V2Response", _ENVELOPE_V2),
    }


def schema(param: Param) -> JsonObject:
    """Return the JSON Schema of a parameter."""
    view: JsonObject = {"type": param.type}
    if param.enum:
        view["enum"] = list(param.enum)
    for name, key in _KEYS:
        value = getattr(param, name)
        if value is not None and value != "":
            view[key] = value
    if param.items:
        view["items"] = schema(param.items)
    if param.fields:
        view["properties"] = {item.name: schema(item) for item in param.fields}
        required = [item.name for item in param.fields if item.required]
        view |= {"required": required} if required else {}
    if param.values:
        view["additionalProperties"] = {"type": param.values}
    return view


def _head(title: str, version: str, server_version: str) -> JsonObject:
    return {
        "openapi": "3.0.3",
        "info": {
            "title": title,
            "version": version,
            "x-gameserver-version": f"v{server_version}",
            "description": "Generated from the simulation's own command table.",
        },
    }


def _components(name: str, keys: tuple[str, ...]) -> JsonObject:
    return {
        "securitySchemes": {
            "SessionId": {"type": "apiKey", "in": "header", "name": "X-Session-Id"}
        },
        "schemas": {
            name: {"type": "object", "properties": {key: {"nullable": True} for key in keys}}
        },
    }


def _operation(command: Command, tag: str, *, mutation: bool) -> JsonObject:
    view: JsonObject = {"summary": command.about, "tags": [tag]}
    if command.params:
        required = [param.name for param in command.params if param.required]
        body: JsonObject = {
            "type": "object",
            "properties": {param.name: schema(param) for param in command.params},
        }
        body |= {"required": required} if required else {}
        view["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if mutation:
        view["x-is-mutation"] = True
    return view


def _post_v1(command: Command) -> JsonObject:
    return {
        "operationId": command.name,
        **_operation(command, command.tag, mutation=command.mutation),
        "security": _SECURITY if command.auth else [],
        "responses": _responses("APIResponse", "result", command),
    }


def _responses(envelope: str, key: str, command: Command) -> JsonObject:
    fields: JsonObject = {name: {} for name in command.gives}
    result: JsonObject = {"type": "object", "properties": fields}
    whole = {
        "allOf": [
            {"$ref": f"#/components/schemas/{envelope}"},
            {"type": "object", "properties": {key: result}},
        ]
    }
    return {
        "200": {
            "description": "Carried out.",
            "content": {"application/json": {"schema": whole}},
        },
        "400": {"description": "Refused."},
        "401": {"description": "No session, or nobody signed in."},
        "429": {"description": "Too many requests."},
    }


def _session(operation_id: str, tag: str) -> JsonObject:
    return {
        "operationId": operation_id,
        "summary": "Open a session; it ends after thirty idle minutes.",
        "tags": [tag],
        "responses": {"200": {"description": "Opened."}},
    }


def _help(tool: str) -> JsonObject:
    return {
        "operationId": f"{tool}_help",
        "summary": f"Explain the actions of {tool}.",
        "tags": [tool.removeprefix("spacemolt_")],
        "responses": {"200": {"description": "Text."}},
    }


def _notifications() -> JsonObject:
    poll = commands()["get_notifications"]
    return {
        "operationId": "getNotifications",
        "summary": poll.about,
        "tags": ["session"],
        "security": _SECURITY,
        "parameters": [
            {"name": param.name, "in": "query", "schema": schema(param)} for param in poll.params
        ],
        "responses": {"200": {"description": "What waited."}},
    }
