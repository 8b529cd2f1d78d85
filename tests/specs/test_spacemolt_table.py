"""SpaceMolt's spec against the command table drawn from the game's own documents.

Both sides are flattened into facts, ``travel.params.target_poi.type`` -> ``string``, and compared.
Whatever differs must be among ``REASONS``, and whatever is there must differ.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import Command, GameSpec, Param, is_queued
from bridge.spec.parts import Spelling

Row = Mapping[str, Any]  # a row of the table, as its JSON has it
Facts = dict[str, object]

TABLE = "spacemolt-commands.json"
V2 = "http_v2"
WEBSITE = "website"
"""The toolset of the website's endpoints, which are no commands of the game."""
EFFECTS = {"read": "query", "write": "write", "drain": "write", "tick": "mutation"}
BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
}

REASONS = {
    # -- Commands
    "session.is": "A step of signing in over HTTP, no command: no socket has it.",
    "agentlogs.is": "The server has it switched off.",
    "citizenship.toolset": "The command list leaves it out, so it has no category there.",
    # -- Effects
    "cancel_order.effect": "What the order held comes back, nothing is lost but time.",
    "citizenship.effect": "One of its actions renounces a citizenship for good.",
    "claim.effect": "A player can be linked to one website account, once.",
    "facility.effect": "The v2 actions show that building and trading wait for a tick.",
    "facility.queued": "The same.",
    "logout.effect": "The player's state is saved, nothing is lost.",
    "register.effect": "It takes a name for good, and a code of the player's.",
    # -- Parameters
    "get_notifications.params.types.items.enum": "Specs have no enum for the items of an array.",
    "forum_list.params.date_from.format": "Specs have no formats, the description says how.",
    "forum_list.params.date_to.format": "The same.",
    "forum_list.params.dev_only.default": "Specs have no defaults: what is not given is not sent.",
    "forum_list.params.limit.default": "The same.",
    "forum_list.params.page.default": "The same.",
    "forum_list.params.sort_by.default": "The same.",
}


def _table() -> Path | None:
    named = os.environ.get("GAME_BRIDGE_REFERENCE")
    folders = [Path(named)] if named else []
    folders += [folder / "shared" / "reference" for folder in Path(__file__).resolve().parents]
    return next((folder / TABLE for folder in folders if (folder / TABLE).is_file()), None)


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    table = _table()
    if table is None:
        pytest.skip(
            f"{TABLE} is not part of the project: put it into shared/reference beside the "
            "checkout or name its folder in GAME_BRIDGE_REFERENCE"
        )
    return {row["name"]: row for row in json.loads(table.read_text("utf-8"))["commands"]}


@pytest.fixture(scope="module")
def spec(whole: GameSpec) -> GameSpec:
    """Return the spec of the game itself."""
    game = {n: command for n, command in whole.commands.items() if command.toolset != WEBSITE}
    return whole.model_copy(update={"commands": game})


@pytest.fixture(scope="module")
def whole() -> GameSpec:
    return load_game(spec_folder(), "spacemolt")


def test_the_spec_says_what_the_table_says_but_for_the_listed_reasons(
    spec: GameSpec, rows: dict[str, Row]
) -> None:
    declared = dict(_facts_of_spec(spec))
    expected = dict(_facts_of_table(rows))

    differences = {
        key: (declared.get(key), expected.get(key))
        for key in declared.keys() | expected.keys()
        if declared.get(key) != expected.get(key)
    }

    unexplained = {key: both for key, both in differences.items() if key not in REASONS}
    assert unexplained == {}
    assert sorted(REASONS.keys() - differences.keys()) == []


def test_the_table_and_the_spec_are_not_empty(spec: GameSpec, rows: dict[str, Row]) -> None:
    seeded = {name for name, row in rows.items() if row["in_seed"]}

    assert len(seeded) == 176
    assert spec.commands.keys() == seeded | {"citizenship"}
    assert sum(1 for row in rows.values() if row.get("mutation_seed")) == 90


def test_the_website_has_the_endpoints_of_the_document(whole: GameSpec) -> None:
    # api.md, "Website API Endpoints"
    endpoints = {
        "website_profile": ("GET", "/me", "query"),
        "website_registration_code": ("GET", "/registration-code", "query"),
        "website_rotate_code": ("POST", "/registration-code/rotate", "irreversible"),
        "website_player": ("GET", "/player/{player_id}", "query"),
        "website_player_log": ("GET", "/player/{player_id}/log", "query"),
        "website_reset_password": ("POST", "/player/{player_id}/reset-password", "irreversible"),
    }

    declared = {n: c for n, c in whole.commands.items() if c.toolset == WEBSITE}

    assert endpoints == {n: (c.method, c.path, c.effect) for n, c in declared.items()}
    assert {tuple(c.upstreams) for c in declared.values()} == {(WEBSITE,)}
    assert {c.auth for c in declared.values()} == {WEBSITE}
    assert whole.toolsets[WEBSITE].admin


def test_every_command_of_http_v2_is_spelt_as_its_document_has_it(
    spec: GameSpec, rows: dict[str, Row]
) -> None:
    spellings = spec.via[V2]

    told = {name: _spelt(spellings[name], rows[name]) for name in spellings}
    wanted = {name: _spelt_in_table(row) for name, row in rows.items() if name in spec.commands}

    assert told == {name: spelling for name, spelling in wanted.items() if spelling}


def test_the_actions_that_http_v2_queues_are_those_that_are_not_queries(
    spec: GameSpec, rows: dict[str, Row]
) -> None:
    wrong = [
        (name, spelling["path"])
        for name, command in spec.commands.items()
        for spelling in rows[name]["v2"]
        if _waits(command, spelling.get("action")) != spelling["mutation"]
    ]

    assert wrong == []


def test_no_parameter_of_an_action_collides_with_a_renamed_one(
    spec: GameSpec, rows: dict[str, Row]
) -> None:
    for name, spelling in spec.via[V2].items():
        for action in rows[name]["v2"]:
            renames = list(action.get("rename", {}).values())

            assert len(renames) == len(set(renames)), f"{name} {action['path']}"
            assert action.get("rename", {}).items() <= spelling.rename.items()


def _facts_of_table(rows: Mapping[str, Row]) -> Iterator[tuple[str, object]]:
    for name, row in rows.items():
        yield f"{name}.is", True
        if name in ("session", "agentlogs"):
            continue
        category = row["category"]
        yield f"{name}.toolset", _snake(category) if category else None
        yield f"{name}.effect", "irreversible" if row.get("destructive") else EFFECTS[row["effect"]]
        yield f"{name}.queued", row["mutation"]
        yield f"{name}.signed_in", row["auth"]
        for param in row["params"]:
            yield from _facts_of_row(f"{name}.params.{param['name']}", param)


def _facts_of_row(key: str, row: Row) -> Iterator[tuple[str, object]]:
    yield f"{key}.type", row["type"]
    yield f"{key}.required", row["required"]
    for part in (*BOUNDS, "enum", "default", "format"):
        if part in row:
            yield f"{key}.{part}", row[part]
    if "values" in row:
        yield f"{key}.values", row["values"]["type"]
    yield from _facts_of_fields(key, row)
    items = row.get("items", {})
    if items:
        yield f"{key}.items.type", items["type"]
    if "enum" in items:
        yield f"{key}.items.enum", items["enum"]
    yield from _facts_of_fields(f"{key}.items", items)


def _facts_of_fields(key: str, row: Row) -> Iterator[tuple[str, object]]:
    for field in row.get("properties", []):
        yield from _facts_of_row(f"{key}.{field['name']}", field)


def _facts_of_spec(spec: GameSpec) -> Iterator[tuple[str, object]]:
    for name, command in spec.commands.items():
        yield f"{name}.is", True
        yield f"{name}.toolset", command.toolset
        yield f"{name}.effect", command.effect
        yield f"{name}.queued", is_queued(command)
        yield f"{name}.signed_in", spec.auth_of(command) == "player"
        for param, declared in command.params.items():
            yield from _facts_of_param(spec, f"{name}.params.{param}", declared)


def _facts_of_param(spec: GameSpec, key: str, param: Param) -> Iterator[tuple[str, object]]:
    yield f"{key}.type", param.type
    yield f"{key}.required", not param.optional
    for part, attribute in BOUNDS.items():
        if getattr(param, attribute) is not None:
            yield f"{key}.{part}", getattr(param, attribute)
    if param.enum:
        yield f"{key}.enum", param.enum
    if param.values is not None:
        yield f"{key}.values", param.values
    if param.record is not None:
        yield from _facts_of_record(spec, key, param.record)
    if param.items in spec.records:
        yield f"{key}.items.type", "object"
        yield from _facts_of_record(spec, f"{key}.items", param.items)
    elif param.items is not None:
        yield f"{key}.items.type", param.items


def _facts_of_record(spec: GameSpec, key: str, record: str) -> Iterator[tuple[str, object]]:
    for name, field in spec.records[record].items():
        yield from _facts_of_param(spec, f"{key}.{name}", field)


def _spelt(spelling: Spelling, row: Row) -> Facts:
    actions = [action["action"] for action in row["v2"] if "action" in action] or [""]
    path = str(spelling.path).removeprefix("/")
    return {
        "paths": sorted(path.replace("{action}", action) for action in actions),
        "rename": spelling.rename,
        "add": spelling.add,
        "cannot": sorted(spelling.cannot),
    }


def _spelt_in_table(row: Row) -> Facts:
    if not row["v2"]:
        return {}
    return {
        "paths": sorted(action["path"] for action in row["v2"]),
        "rename": {old: new for action in row["v2"] for old, new in _of(action, "rename").items()},
        "add": {key: value for action in row["v2"] for key, value in _of(action, "const").items()},
        "cannot": sorted(param for action in row["v2"] for param in action.get("missing", [])),
    }


def _of(action: Row, part: str) -> Row:
    found: Row = action.get(part, {})
    return found


def _waits(command: Command, action: str | None) -> bool:
    return is_queued(command) and action not in command.query_when.get("action", [])


def _snake(category: str) -> str:
    return re.sub(r"[^a-z]+", "_", category.lower().replace("'", ""))
