"""Every tool of every game, as hosts and models get it, against what any of them refuses."""

import json
import re
from collections.abc import Iterator, Mapping

import mcp_types as wire
import pytest
from pydantic import JsonValue

from bridge.cli.surface import Listing
from bridge.server.instructions import instructions
from bridge.settings import ToolsMode

from .games import MODES, gateway, listed, specs

NAME = re.compile(r"[a-z][a-z0-9_]*")
PROPERTY = re.compile(r"[a-zA-Z0-9_]{1,64}")
HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
KEYWORDS = {
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "description",
    "enum",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "pattern",
}
"""Everything else is refused, dropped or misread by some host: $ref, oneOf, const, default, ..."""
TYPES = {"string", "integer", "number", "boolean", "array", "object"}
SECRET = re.compile(r"password|secret|api_?key$|(^|_)token|session_id|credential", re.IGNORECASE)
NO_SECRETS = frozenset({"registration_code"})


def every_tool() -> list[Listing]:
    return listed(gateway("all", admin=True))


def names(tool: Listing) -> str:
    return str(tool["name"])


def described(tool: Listing) -> Iterator[str]:
    yield str(tool["description"])
    for _, schema in schemas(tool["inputSchema"]):
        yield str(schema.get("description", ""))


def schemas(schema: JsonValue, path: str = "") -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    assert isinstance(schema, dict), path
    yield path, schema
    properties = schema.get("properties", {})
    assert isinstance(properties, dict)
    for name, member in properties.items():
        yield from schemas(member, f"{path}.{name}")
    if "items" in schema:
        yield from schemas(schema["items"], f"{path}[]")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from schemas(schema["additionalProperties"], f"{path}.*")


@pytest.mark.parametrize("tool", every_tool(), ids=names)
def test_the_name_is_one_that_every_host_takes(tool: Listing) -> None:
    name = str(tool["name"])

    assert NAME.fullmatch(name)
    assert len(name) <= 45
    assert name.split("_", maxsplit=1)[0] in {*specs(), "bridge"}


@pytest.mark.parametrize("tool", every_tool(), ids=names)
def test_the_description_is_short_plain_and_about_the_tool(tool: Listing) -> None:
    text = str(tool["description"])

    assert text.isascii()
    assert ";" not in text
    assert len(text) <= 300
    assert 1 <= len(re.findall(r"[.!?](?: |$)", text)) <= 3, text
    assert text[0].isupper()
    assert text[-1] == "."
    assert text == text.strip()


@pytest.mark.parametrize("tool", every_tool(), ids=names)
def test_the_schema_says_only_what_every_host_understands(tool: Listing) -> None:
    schema = tool["inputSchema"]
    assert isinstance(schema, dict)

    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    for path, part in schemas(schema):
        assert set(part) <= KEYWORDS, (path, part)
        assert part["type"] in TYPES, path
        assert part["type"] != "array" or "items" in part, path
        properties = part.get("properties", {})
        assert isinstance(properties, dict)
        assert all(PROPERTY.fullmatch(name) for name in properties), path
        required = part.get("required", [])
        assert isinstance(required, list)
        assert required or "required" not in part, path
        assert set(map(str, required)) <= set(properties), path
        enum = part.get("enum", [""])
        assert isinstance(enum, list)
        assert enum
        assert all(isinstance(choice, str) for choice in enum), path
        assert str(part.get("description", "")).isascii(), path
        assert ";" not in str(part.get("description", "")), path


@pytest.mark.parametrize("tool", every_tool(), ids=names)
def test_the_schema_is_small_enough_to_be_kept_whole(tool: Listing) -> None:
    assert len(json.dumps(tool["inputSchema"])) < 5_000
    assert len(json.dumps(tool)) < 6_000


@pytest.mark.parametrize("tool", every_tool(), ids=names)
def test_all_four_annotations_are_explicit_and_agree(tool: Listing) -> None:
    hints = tool["annotations"]
    assert isinstance(hints, dict)

    assert tuple(hints) == HINTS
    assert all(isinstance(hint, bool) for hint in hints.values())
    assert not (hints["readOnlyHint"] and hints["destructiveHint"])
    assert hints["idempotentHint"] or not hints["readOnlyHint"]


def test_annotations_follow_from_the_effect_and_from_what_is_asked_about() -> None:
    for tool in every_tool():
        found = gateway("all", admin=True).toolbox.command_of(str(tool["name"]))
        if found is None:
            continue
        effect, is_asked_about = found[2].effect, found[2].confirm
        hints = tool["annotations"]
        assert isinstance(hints, dict)
        assert hints["readOnlyHint"] is (effect == "query")
        assert hints["destructiveHint"] is (effect == "irreversible" or is_asked_about)


@pytest.mark.parametrize("tool", every_tool(), ids=names)
def test_no_secret_is_a_parameter(tool: Listing) -> None:
    for path, _ in schemas(tool["inputSchema"]):
        last = path.rpartition(".")[2]
        assert last in NO_SECRETS or not SECRET.search(last), path


def test_what_is_said_names_only_tools_that_there_are() -> None:
    said: dict[str, list[str]] = {"instructions": [instructions(specs())]}
    for tool in every_tool():
        said[str(tool["name"])] = list(described(tool))
    for game, spec in specs().items():
        said[f"{game} guide"] = [spec.game.guide]
        said[f"{game} errors"] = [rule.hint for rule in spec.errors]
    offered = {str(tool["name"]) for tool in every_tool()}

    mention = re.compile(rf"\b(?:{'|'.join(specs())}|bridge)_[a-z][a-z_]*[a-z]")
    for where, texts in said.items():
        for name in (name for text in texts for name in mention.findall(text)):
            assert name in offered or name == "pipeworks_web", (where, name)


@pytest.mark.parametrize("game", list(specs()))
def test_every_rule_for_a_refusal_says_what_to_do_next(game: str) -> None:
    for rule in specs()[game].errors:
        which = (rule.code, rule.status, rule.text, rule.when)
        assert rule.hint.strip(), which
        assert len(rule.hint) <= 300, which
        assert rule.hint.isascii(), which


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", "2026-07-28"])
def test_the_wire_models_of_both_eras_take_the_list(mode: ToolsMode, version: str) -> None:
    tools = listed(gateway(mode, admin=True))
    whole: dict[str, object] = {"tools": tools}
    if version == "2026-07-28":
        whole |= {"resultType": "complete", "ttlMs": 1, "cacheScope": "public"}

    result = wire.ListToolsResult.model_validate(whole)

    again = result.model_dump(by_alias=True, mode="json", exclude_none=True)
    assert again["tools"] == tools
    assert len({tool.name for tool in result.tools}) == len(tools)


def test_several_accounts_are_an_argument_and_one_is_none() -> None:
    one = listed(gateway("all"))
    two = listed(gateway("all", accounts=("ann", "bob")))

    for tool in two:
        schema = tool["inputSchema"]
        assert isinstance(schema, dict)
        properties = schema["properties"]
        assert isinstance(properties, dict)
        if not str(tool["name"]).startswith("bridge_"):
            account = properties["account"]
            assert isinstance(account, dict)
            assert account["enum"] == ["ann", "bob"]
    games = [tool for tool in one if not str(tool["name"]).startswith("bridge_")]
    assert all(
        "account" not in str(tool["inputSchema"]) for tool in games if "claim" not in names(tool)
    )


def test_a_read_only_surface_has_nothing_that_only_changes_things() -> None:
    for tool in listed(gateway("all", admin=True, read_only=True)):
        found = gateway("all", admin=True).toolbox.command_of(str(tool["name"]))
        if found is not None:
            assert found[2].effect == "query" or found[2].query_when


def test_the_instructions_fit_into_what_hosts_keep() -> None:
    text = instructions(specs())

    assert len(text.encode()) < 2_000
    assert text.endswith("the game's own.")
    assert text.isascii()
