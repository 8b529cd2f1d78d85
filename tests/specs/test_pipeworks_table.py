"""PipeWorks' spec against the server's own OpenAPI document.

Every command is rendered, once with all of its parameters and once with the required ones only.
What the requests show is flattened into facts, ``POST /logout.session`` -> ``body``, and compared
with the same facts of the document. Whatever differs must be among ``REASONS``, and whatever is
there must differ.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from bridge.protocol.judge import judge_reply
from bridge.protocol.render import Way, http_call
from bridge.protocol.verdict import Refused
from bridge.protocol.wire import HttpCall, HttpReply
from bridge.sandbox.pipeworks.world import PipeWorks
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import GameSpec, HttpUpstream, Param

Schema = Mapping[str, Any]  # a part of the document, as its JSON has it
Facts = dict[str, object]

DOCUMENT = "pipeworks-openapi.json"
SANDBOX = "sandbox"
SESSION = "session_id"
BOUNDS = {"minimum": "minimum", "maximum": "maximum", "minLength": "min_length"}
KNOWN: Mapping[str, JsonValue] = {
    SESSION: "11111111-1111-4111-8111-111111111111",
    "username": "wanderer",
    "password": "old-secret",
    "new_password": "new-secret",
    "target_session_id": "22222222-2222-4222-8222-222222222222",
}

PIPELINE = "POST /api/pipeline/condition-axis/generate"
REASONS = {
    # -- Facts of the running server that its document does not have
    "POST /register.username.minLength": "It refuses shorter names.",
    "POST /register-guest.character_name.minLength": "It refuses blank names.",
    "POST /characters/create.world_id.minLength": "It refuses a blank world.",
    "POST /admin/user/create.username.minLength": "It refuses shorter names.",
    "POST /admin/user/create-character.target_username.minLength": "It knows no blank name.",
    "POST /admin/user/create-character.world_id.minLength": "It refuses a blank world.",
    "POST /admin/user/manage.target_username.minLength": "It knows no blank name.",
    "POST /admin/chat/prune.max_age_hours.minimum": "It refuses less than an hour.",
    "GET /admin/characters/{character_id}/axis-events.limit.minimum": "Less makes no sense.",
    "GET /admin/database/chat-messages.limit.minimum": "Less makes no sense.",
    # -- Paths cannot hold an empty part
    "GET /admin/database/table/{table_name}.table_name.minLength": "It would be another path.",
    "GET /admin/{path}.path.minLength": "It would be another path.",
    "GET /play/{world_id}/{path}.path.minLength": "It would be another path.",
    # -- Ours is stricter on purpose
    "POST /api/policies/{policy_id}/validate.status.minLength": "A list of statuses says more.",
    "PUT /api/policies/{policy_id}/variants/{variant}.status.minLength": "The same.",
    "POST /characters/select.world_id.required": "It finds the character again after a renewal.",
    # -- The document leaves this body untyped; the server reads these and refuses others
    f"{PIPELINE}.world_id.in": "The body is untyped.",
    f"{PIPELINE}.world_id.type": "The body is untyped.",
    f"{PIPELINE}.world_id.required": "The body is untyped.",
    f"{PIPELINE}.inputs.in": "The body is untyped.",
    f"{PIPELINE}.inputs.type": "The body is untyped.",
    f"{PIPELINE}.inputs.required": "The body is untyped.",
    f"{PIPELINE}.seed.in": "The body is untyped.",
    f"{PIPELINE}.seed.type": "The body is untyped.",
    f"{PIPELINE}.seed.required": "The body is untyped.",
    f"{PIPELINE}.seed.minimum": "The body is untyped.",
    f"{PIPELINE}.seed.maximum": "The body is untyped.",
    f"{PIPELINE}.bundle_id.in": "The body is untyped.",
    f"{PIPELINE}.bundle_id.type": "The body is untyped.",
    f"{PIPELINE}.bundle_id.required": "The body is untyped.",
}


def _documents() -> Iterator[str]:
    """Yield where the server's own document can be read: in the sandbox, and where it is at hand."""
    yield SANDBOX
    named = os.environ.get("GAME_BRIDGE_REFERENCE")
    folders = [Path(named)] if named else []
    folders += [folder / "shared" / "reference" for folder in Path(__file__).resolve().parents]
    found = (folder / DOCUMENT for folder in folders if (folder / DOCUMENT).is_file())
    yield from [str(file) for file in found][:1]


@pytest.fixture(scope="module", params=_documents(), ids=lambda each: Path(each).stem)
def document(request: pytest.FixtureRequest) -> Schema:
    if request.param == SANDBOX:
        return PipeWorks().openapi()
    read: Schema = json.loads(Path(request.param).read_text("utf-8"))
    return read


@pytest.fixture(scope="module")
def spec() -> GameSpec:
    return load_game(spec_folder(), "pipeworks")


def test_the_spec_says_what_the_document_says_but_for_the_listed_reasons(
    spec: GameSpec, document: Schema
) -> None:
    declared = dict(_facts_of_spec(spec))
    expected = dict(_facts_of_document(document))

    differences = {
        key: (declared.get(key), expected.get(key))
        for key in declared.keys() | expected.keys()
        if declared.get(key) != expected.get(key)
    }

    unexplained = {key: both for key, both in differences.items() if key not in REASONS}
    assert unexplained == {}
    assert sorted(REASONS.keys() - differences.keys()) == []


def test_the_document_has_58_operations_and_the_session_travels_in_four_ways(
    document: Schema,
) -> None:
    ways = [value for key, value in _facts_of_document(document) if key.endswith(".session")]

    assert len(ways) == 58
    assert {way: ways.count(way) for way in set(ways)} == {
        "query": 27,
        "body": 17,
        "path": 3,
        "none": 11,
    }


def test_every_operation_is_offered_by_name(spec: GameSpec) -> None:
    offered = {key for key, commands in _by_operation(spec).items() if _is_offered(spec, commands)}

    assert len(offered) == 58
    assert _by_operation(spec).keys() == offered


def test_every_secret_that_the_document_has_in_a_reply_is_cut_out(
    spec: GameSpec, document: Schema
) -> None:
    secrets = {
        path.rpartition(".")[2]
        for key in _by_operation(spec)
        for path in _secrets_in_reply(document, key)
    }

    assert secrets == {SESSION}
    assert {SESSION, "target_session_id", "password_hash"} <= set(spec.game.redact)


def test_what_a_player_does_is_one_line_of_text(spec: GameSpec) -> None:
    sent = {
        ("look", ()): "look",
        ("move", (("direction", "up"),)): "up",
        ("take", (("item", "Worn Cobblestone"),)): "take Worn Cobblestone",
        ("say", (("message", "hello, all"),)): "say hello, all",
        ("whisper", (("target", "Wanda"), ("message", "psst"))): "whisper Wanda psst",
        ("raw_command", (("line", "yell HEY"),)): "yell HEY",
    }

    lines = {
        call: _body(http_call(_way(spec), call[0], dict(call[1]), KNOWN))["command"]
        for call in sent
    }

    assert lines == sent


def test_only_what_needs_a_role_is_for_admins_and_nothing_of_it_is_shown_by_default(
    spec: GameSpec,
) -> None:
    default = {name for name, toolset in spec.toolsets.items() if toolset.default}
    needing = {command.toolset for command in spec.commands.values() if command.permission}

    assert default == {"account", "character", "play", "talk"}
    assert not needing & default
    assert {name for name, toolset in spec.toolsets.items() if toolset.admin} == {
        "account_admin",
        "server_admin",
        "lab",
        "policy",
        "pipeline",
        "ollama",
    }


@pytest.mark.parametrize(
    ("status", "body", "code", "then"),
    [
        (200, {"success": False, "message": "No way there."}, "refused", "tell"),
        (401, {"detail": "Invalid or expired session"}, "session_gone", "sign_in_again"),
        (401, {"detail": "Current password is incorrect"}, "wrong_current_password", "tell"),
        (401, {"detail": "Invalid username or password"}, "wrong_password", "stop"),
        (401, {"detail": "Account is deactivated"}, "account_deactivated", "stop"),
        (
            403,
            {"detail": "Insufficient permissions. Required: view_logs"},
            "permission_missing",
            "tell",
        ),
        (403, {"detail": "World access denied"}, "world_closed", "tell"),
        (409, {"detail": "No character selected for session."}, "no_character", "sign_in_again"),
        (422, {"detail": "No.", "code": "POLICY_ID_INVALID"}, "POLICY_ID_INVALID", "tell"),
        (502, None, "integration_missing", "tell"),
    ],
)
def test_refusals_that_look_alike_are_told_apart(
    spec: GameSpec, status: int, body: JsonValue, code: str, then: str
) -> None:
    upstream = spec.upstream["http"]
    assert isinstance(upstream, HttpUpstream)
    headers = {"content-type": "application/json"}
    reply = HttpReply(status=status, headers=headers, body=body)

    verdict = judge_reply(spec, upstream, spec.commands["look"], reply, "handle")

    assert isinstance(verdict.outcome, Refused)
    assert (verdict.outcome.code, verdict.then) == (code, then)
    assert verdict.outcome.hint


def _facts_of_document(document: Schema) -> Iterator[tuple[str, object]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            key = f"{method.upper()} {path}"
            fields = [
                *((p["in"], p["name"], p["schema"], p["required"]) for p in _params(operation)),
                *_fields_of_body(document, operation),
            ]
            places = [place for place, name, _, _ in fields if name == SESSION]
            yield f"{key}.is", True
            yield f"{key}.session", places[0] if places else "none"
            for place, name, schema, required in fields:
                if name != SESSION:
                    yield from _facts_of_field(f"{key}.{name}", place, schema, required=required)


def _params(operation: Schema) -> Iterator[Schema]:
    for param in operation.get("parameters", []):
        yield {**param, "required": param.get("required", False)}


def _fields_of_body(document: Schema, operation: Schema) -> Iterator[tuple[str, str, Schema, bool]]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = _resolved(document, content.get("application/json", {}).get("schema", {}))
    for name, field in schema.get("properties", {}).items():
        yield "body", name, field, name in schema.get("required", [])


def _facts_of_field(
    key: str, place: str, schema: Schema, *, required: bool
) -> Iterator[tuple[str, object]]:
    choices = [choice for choice in schema.get("anyOf", [schema]) if choice.get("type") != "null"]
    yield f"{key}.in", place
    yield f"{key}.type", choices[0].get("type")
    yield f"{key}.required", required
    for bound in BOUNDS:
        if bound in choices[0]:
            yield f"{key}.{bound}", choices[0][bound]


def _facts_of_spec(spec: GameSpec) -> Iterator[tuple[str, object]]:
    for key, names in _by_operation(spec).items():
        places = {_place_of_session(_rendered(spec, name)) for name in names}
        yield f"{key}.is", True
        yield f"{key}.session", "/".join(sorted(places))
        always = [_sent(_rendered(spec, name, only_required=True)) for name in names]
        for field, (place, value) in _everything_sent(spec, names).items():
            param = _param_called(spec, names, field)
            yield f"{key}.{field}.in", place
            yield f"{key}.{field}.type", param.type if param else _type_of(value)
            yield f"{key}.{field}.required", all(field in sent for sent in always)
            if param:
                yield from _bounds(f"{key}.{field}", param)


def _bounds(key: str, param: Param) -> Iterator[tuple[str, object]]:
    for bound, attribute in BOUNDS.items():
        if getattr(param, attribute) is not None:
            yield f"{key}.{bound}", getattr(param, attribute)


def _by_operation(spec: GameSpec) -> Mapping[str, list[str]]:
    found = defaultdict(list)
    for name in spec.commands:
        call = _rendered(spec, name)
        found[f"{call.method} {call.path}"].append(name)
    return found


def _rendered(spec: GameSpec, name: str, *, only_required: bool = False) -> HttpCall:
    params = spec.commands[name].params
    arguments = {
        param: _sample(declared)
        for param, declared in params.items()
        if not (only_required and declared.optional)
    }
    return http_call(_way(spec), name, arguments, KNOWN)


def _way(spec: GameSpec) -> Way:
    return Way(spec, "http", "http://mud.example")


def _sample(param: Param) -> JsonValue:
    samples: Mapping[str, JsonValue] = {
        "string": param.enum[0] if param.enum else "text",
        "integer": int(param.minimum or 1),
        "number": 0.5,
        "boolean": True,
        "array": ["text"],
        "object": {"key": "value"},
    }
    return samples[param.type]


def _place_of_session(call: HttpCall) -> str:
    session = KNOWN[SESSION]
    if call.query.get(SESSION) == session:
        return "query"
    if _body(call).get(SESSION) == session:
        return "body"
    return "path" if str(session) in call.url else "none"


def _sent(call: HttpCall) -> dict[str, tuple[str, JsonValue]]:
    in_path = [part[1:-1] for part in call.path.split("/") if part.startswith("{")]
    sent: dict[str, tuple[str, JsonValue]] = dict.fromkeys(in_path, ("path", ""))
    sent |= {name: ("query", value) for name, value in call.query.items()}
    sent |= {name: ("body", value) for name, value in _body(call).items()}
    sent.pop(SESSION, None)
    return sent


def _everything_sent(spec: GameSpec, names: list[str]) -> dict[str, tuple[str, JsonValue]]:
    sent: dict[str, tuple[str, JsonValue]] = {}
    for name in names:
        sent |= _sent(_rendered(spec, name))
    return sent


def _param_called(spec: GameSpec, names: list[str], field: str) -> Param | None:
    found = [
        param
        for name in names
        for key, param in spec.commands[name].params.items()
        if (param.wire or key) == field
    ]
    return found[0] if found else None


def _body(call: HttpCall) -> Mapping[str, JsonValue]:
    return call.body if isinstance(call.body, Mapping) else {}


def _type_of(value: JsonValue) -> str:
    return "string" if isinstance(value, str) else type(value).__name__


def _is_offered(spec: GameSpec, names: list[str]) -> bool:
    return any(spec.commands[name].offered for name in names)


def _secrets_in_reply(document: Schema, key: str) -> Iterator[str]:
    method, path = key.split(" ")
    answers = document["paths"][path][method.lower()]["responses"]
    schema = answers["200"]["content"].get("application/json", {}).get("schema", {})
    yield from _secrets_in(document, schema, "")


def _secrets_in(document: Schema, schema: Schema, at: str) -> Iterator[str]:
    whole = _resolved(document, schema)
    for name, field in whole.get("properties", {}).items():
        if name in (SESSION, "password_hash"):
            yield f"{at}{name}"
        yield from _secrets_in(document, field, f"{at}{name}.")
    if "items" in whole:
        yield from _secrets_in(document, whole["items"], f"{at}*.")


def _resolved(document: Schema, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return found
