"""The server's own OpenAPI document, made from its operations."""

import re
from collections.abc import Sequence

from pydantic import JsonValue
from pydantic.json_schema import models_json_schema

from bridge.sandbox.pipeworks.exchange import JsonObject
from bridge.sandbox.pipeworks.operations import Operation
from bridge.sandbox.pipeworks.replies import reference, schemas

_ANY = "#/components/schemas/JsonValue"
_UNTYPED = "ConditionAxisBody"  # typed as any object in the real document too


def document(operations: Sequence[Operation]) -> JsonObject:
    """Return an OpenAPI 3.1 document that lists every operation."""
    bodies = [o.body for o in operations if o.body and o.body.__name__ != _UNTYPED]
    _, made = models_json_schema(
        [(body, "validation") for body in dict.fromkeys(bodies)],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, JsonValue] = {}
    for operation in operations:
        known = paths.setdefault(operation.path, {})
        if isinstance(known, dict):
            known[operation.method.lower()] = _described(operation)
    typed = {name: _plain(kind) for name, kind in made["$defs"].items() if name != "JsonValue"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "MUD Server", "version": "0.5.9"},
        "paths": paths,
        "components": {"schemas": {**schemas(), **typed}},
    }


def _described(operation: Operation) -> JsonObject:
    words = re.sub(r"\W", "_", f"{operation.name}{operation.path}")
    described: JsonObject = {"operationId": f"{words}_{operation.method.lower()}"}
    if operation.tag:
        described["tags"] = [operation.tag]
    if parameters := _parameters(operation):
        described["parameters"] = parameters
    if operation.body:
        described["requestBody"] = {"required": True, "content": _json(_body_schema(operation))}
    shown: JsonObject = reference(operation.reply) if operation.reply else {}
    content: JsonObject = (
        {"text/html": {"schema": {"type": "string"}}} if operation.html else _json(shown)
    )
    responses: JsonObject = {"200": {"description": "success", "content": content}}
    if parameters or operation.body:
        invalid = _json(reference("HTTPValidationError"))
        responses["422"] = {"description": "validation error", "content": invalid}
    described["responses"] = responses
    return described


def _json(schema: JsonObject) -> JsonObject:
    return {"application/json": {"schema": schema}}


def _body_schema(operation: Operation) -> JsonObject:
    name = operation.body.__name__ if operation.body else _UNTYPED
    if name == _UNTYPED:
        return {"type": "object", "additionalProperties": True}
    return reference(name)


def _parameters(operation: Operation) -> list[JsonValue]:
    schema = operation.parameters.model_json_schema()
    in_path = set(re.findall(r"\{(\w+)\}", operation.path))
    return [
        {
            "name": name,
            "in": "path" if name in in_path else "query",
            "required": name in schema.get("required", []),
            "schema": _plain(kind),
        }
        for name, kind in schema.get("properties", {}).items()
    ]


def _plain(schema: JsonValue) -> JsonValue:
    """Drop what pydantic makes up: titles, descriptions, null as a default, a type for JSON."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("$ref") == _ANY:
        return True
    return {
        key: _plain(value)
        for key, value in schema.items()
        if not (key in {"title", "description"} and isinstance(value, str))
        and not (key == "default" and value is None)
    }
