from typing import Any

import pytest

from bridge.sandbox.pipeworks.catalogue import OPERATIONS
from bridge.sandbox.pipeworks.exchange import Call, Reply
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import CONTRACT, Visitor

BODIES: dict[str, dict[str, object]] = {
    "/characters/select": {"character_id": 1},
    "/characters/create": {"world_id": "pipeworks_web"},
    "/change-password": {"old_password": "a", "new_password": "b"},
    "/command": {"command": "look"},
    "/admin/session/kick": {"target_session_id": "x"},
    "/admin/character/kick": {"character_id": 1},
    "/admin/chat/prune": {"max_age_hours": 1},
    "/admin/user/manage": {"target_username": "a", "action": "ban"},
    "/admin/user/create": {
        "username": "a",
        "password": "b",
        "password_confirm": "b",
        "role": "player",
    },
    "/admin/user/create-character": {"target_username": "a", "world_id": "b"},
    "/admin/character/manage": {"character_id": 1, "action": "delete"},
    "/admin/ollama/command": {"server_url": "http://127.0.0.1", "command": "list"},
    "/api/lab/compile-image-prompt": {
        "world_id": "a",
        "species": "b",
        "gender": "male",
        "axes": {},
    },
    "/api/lab/translate": {"world_id": "a", "axes": {}, "ooc_message": "b"},
    "/api/policy-activations": {"world_id": "a", "policy_id": "b", "variant": "c"},
    "/api/policy-publish": {"world_id": "a"},
    "/api/policy-import": {"artifact": {}},
}
POLICY: dict[str, object] = {
    "schema_version": "1",
    "policy_version": 1,
    "status": "draft",
    "content": {},
}


def kind(schema: Any) -> str:
    """A schema in the notation of contract.txt."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        parts = [kind(part) for part in schema["anyOf"]]
        return "|".join(p for p in parts if p != "null") + ("?" if "null" in parts else "")
    if schema["type"] == "array":
        return f"[{kind(schema['items'])}]"
    values = schema.get("additionalProperties", True)
    if schema["type"] == "object" and values is not True:
        return f"{{{kind(values)}}}"
    return str(schema["type"])


def line(whole: Any, path: str, method: str) -> str:
    """An operation of an OpenAPI document as a line of contract.txt."""
    operation = whole["paths"][path][method]
    parts = [method.upper(), path]
    for given in operation.get("parameters", []):
        optional = "" if given["required"] else "~"
        parts.append(f"{given['in']}.{given['name']}{optional}:{kind(given['schema'])}")
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        if "$ref" not in schema:
            return " ".join([*parts, "body:object"])
        body = whole["components"]["schemas"][kind(schema)]
        for name, field in body["properties"].items():
            optional = "" if name in body["required"] else "~"
            parts.append(f"body.{name}{optional}:{kind(field)}")
    return " ".join(parts)


@pytest.fixture
def whole(world: PipeWorks) -> Any:
    answer = world.answer(Call(method="GET", path="/openapi.json"))
    assert isinstance(answer, Reply)
    return answer.content


def test_the_document_lists_the_58_operations_of_the_real_server(whole: Any) -> None:
    mine = {line(whole, path, method) for path, known in whole["paths"].items() for method in known}

    documented = {known.partition(" -> ")[0] for known in CONTRACT}
    assert len(documented) == len(OPERATIONS) == 58
    assert {" ".join(sorted(m.split())) for m in mine} == {
        " ".join(sorted(d.split())) for d in documented
    }


def test_every_shape_that_is_referred_to_exists(whole: Any) -> None:
    shapes = whole["components"]["schemas"]

    def referred(node: Any) -> set[str]:
        if isinstance(node, list):
            return set().union(*map(referred, node))
        if not isinstance(node, dict):
            return set()
        own = {node["$ref"].rpartition("/")[2]} if "$ref" in node else set()
        return own.union(*map(referred, node.values()))

    assert referred(whole) <= set(shapes)
    assert len(shapes) == 89


def test_operation_ids_are_those_of_the_real_server(whole: Any) -> None:
    ids = {o["operationId"] for known in whole["paths"].values() for o in known.values()}

    assert {
        "root__get",
        "heartbeat_ping__session_id__post",
        "upsert_policy_variant_api_policies__policy_id__variants__variant__put",
    } <= ids
    assert len(ids) == 58


def test_every_operation_with_a_session_refuses_a_wrong_one(world: PipeWorks) -> None:
    wrong = "11111111-1111-4111-8111-111111111111"
    visitor = Visitor(world, session_id=wrong)
    statuses = {}
    for operation in OPERATIONS:
        fields = {
            *operation.parameters.model_fields,
            *(operation.body.model_fields if operation.body else ()),
        }
        if "session_id" not in fields:
            continue
        path = operation.path
        for name in ("character_id", "publish_run_id"):
            path = path.replace(f"{{{name}}}", "1")
        path = path.replace("{session_id}", wrong).replace("{", "").replace("}", "")
        query = {"scope": "a", "variant": "v1"}
        body = BODIES.get(operation.path, POLICY) | {"session_id": wrong}
        sent = {} if operation.body is None else body
        statuses[operation.key] = visitor.send(operation.method, path, query, **sent).status

    assert len(statuses) == 47
    assert set(statuses.values()) == {401}
