"""The OpenAPI document of the simulated game, made from its endpoints as FastAPI makes it."""

import re
from collections.abc import Sequence

from bridge.sandbox.maid.endpoint import Call, Endpoint, Everybody, endpoint
from bridge.sandbox.maid.forms import Form
from bridge.sandbox.maid.game import VERSION, Game
from bridge.sandbox.maid.wire import HttpReply, JsonObject

_DOCS = """<!doctype html><title>MAID API (sandbox)</title>
<h1>MAID API (sandbox)</h1><p>The description: <a href="openapi.json">openapi.json</a></p>"""


def self_description(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """Return the endpoints that describe the others: ``/api/openapi.json`` and two pages."""
    document = _document(endpoints)

    def openapi(_: Game, __: Call, ___: Form) -> JsonObject:
        return document

    def docs(_: Game, __: Call, ___: Form) -> HttpReply:
        return HttpReply.of_text(200, _DOCS, "text/html; charset=utf-8")

    return (
        endpoint("openapi", "GET /api/openapi.json", Everybody(), openapi, Form),
        endpoint("docs", "GET /api/docs", Everybody(), docs, Form),
        endpoint("redoc", "GET /api/redoc", Everybody(), docs, Form),
    )


def _document(endpoints: Sequence[Endpoint]) -> JsonObject:
    paths: dict[str, dict[str, JsonObject]] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {"openapi": "3.1.0", "info": {"title": "MAID", "version": VERSION}, "paths": paths}


def _operation(one: Endpoint) -> JsonObject:
    schema = one.form.model_json_schema(by_alias=True)
    in_query = one.method == "GET"
    operation: JsonObject = {
        "operationId": one.name,
        "parameters": [*_path_parameters(one.path), *(_query(schema) if in_query else [])],
        "responses": {str(one.status): {"description": "Successful Response"}},
    }
    if one.form.model_fields and not in_query:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _path_parameters(path: str) -> list[JsonObject]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query(schema: JsonObject) -> list[JsonObject]:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return []
    return [
        {"name": name, "in": "query", "required": False, "schema": one}
        for name, one in properties.items()
    ]
