"""The database as an admin sees it: tables, their columns, and every value in them.

Nothing is hidden here: ``users`` shows whole password hashes and ``sessions`` shows ids that are
live, exactly as the real server does.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from pydantic import JsonValue

from bridge.sandbox.pipeworks.bodies import SessionOnly, TableQuery
from bridge.sandbox.pipeworks.characters import label_of
from bridge.sandbox.pipeworks.exchange import JsonObject, refusal
from bridge.sandbox.pipeworks.policies import hash_of
from bridge.sandbox.pipeworks.sessions import permitted
from bridge.sandbox.pipeworks.state import Mud, stamp, stamp_iso

Row: TypeAlias = list[JsonValue]
Rows: TypeAlias = Iterable[Row]


@dataclass(frozen=True, slots=True)
class _Table:
    """Columns, references (column, table, column there), and how to read the rows."""

    columns: str
    references: tuple[tuple[str, str, str], ...]
    rows: Callable[[Mud], Rows]


def tables(mud: Mud, query: SessionOnly) -> JsonObject:
    """List every table with its columns and size."""
    permitted(mud, query.session_id, "view_logs")
    return {
        "tables": [
            {
                "name": name,
                "columns": [*table.columns.split()],
                "row_count": len(list(table.rows(mud))),
            }
            for name, table in sorted(_TABLES.items())
        ]
    }


def schema(mud: Mud, query: SessionOnly) -> JsonObject:
    """List every table with its columns and references."""
    permitted(mud, query.session_id, "view_logs")
    return {
        "tables": [
            {
                "name": name,
                "columns": [*table.columns.split()],
                "foreign_keys": [
                    {
                        "from_column": column,
                        "ref_table": other,
                        "ref_column": there,
                        "on_update": "NO ACTION",
                        "on_delete": "NO ACTION",
                    }
                    for column, other, there in table.references
                ],
            }
            for name, table in sorted(_TABLES.items())
        ]
    }


def table_rows(mud: Mud, query: TableQuery) -> JsonObject:
    """Return a page of a table."""
    permitted(mud, query.session_id, "view_logs")
    table = _TABLES.get(query.table_name)
    if table is None:
        raise refusal(404, f"Table '{query.table_name}' not found")
    rows: list[JsonValue] = [*table.rows(mud)]
    return {
        "table": query.table_name,
        "columns": [*table.columns.split()],
        "rows": rows[query.offset : query.offset + query.limit],
    }


def _users(mud: Mud) -> Rows:
    return (
        [
            a.id,
            a.username,
            a.password_hash,
            a.role,
            a.origin,
            int(a.expires_at is not None),
            stamp(a.expires_at),
            stamp(a.created_at),
            stamp(a.last_login),
            int(a.active),
            stamp(a.tombstoned_at),
        ]
        for a in mud.accounts.values()
    )


def _sessions(mud: Mud) -> Rows:
    for number, s in enumerate(mud.sessions.values(), 1):
        character = mud.characters.get(s.character_id or 0)
        yield [
            number,
            s.account_id,
            s.character_id,
            character.world_id if character else None,
            s.id,
            stamp(s.created_at),
            stamp(s.last_activity),
            stamp(s.expires_at),
            s.client_type,
        ]


def _characters(mud: Mud) -> Rows:
    return (
        [
            c.id,
            c.account_id,
            c.name,
            c.world_id,
            json.dumps(c.inventory),
            int(c.by_guest),
            c.seed,
            json.dumps(c.base_axes),
            stamp(c.created_at),
            stamp(c.updated_at),
            stamp(c.tombstoned_at),
        ]
        for c in mud.characters.values()
    )


def _locations(mud: Mud) -> Rows:
    return ([c.id, c.world_id, c.room, stamp(c.updated_at)] for c in mud.characters.values())


def _messages(mud: Mud) -> Rows:
    return (
        [m.id, m.character_id, m.text, m.world_id, m.room, m.recipient_id, stamp(m.at)]
        for m in mud.messages
    )


def _worlds(mud: Mud) -> Rows:
    return (
        [
            w.id,
            w.stock.name,
            w.stock.description,
            int(w.active),
            "{}",
            stamp(w.created_at),
        ]
        for w in mud.worlds.values()
    )


def _grants(mud: Mud) -> Rows:
    return ([account_id, world_id, 1] for account_id, world_id in sorted(mud.grants))


def _scores(mud: Mud) -> Rows:
    for c in mud.characters.values():
        for name, score in c.axes.items():
            yield [c.id, name, score, label_of(name, score), stamp_iso(c.updated_at)]


def _events(mud: Mud) -> Rows:
    return (
        [e.id, e.character_id, e.world_id, e.kind, json.dumps(e.metadata), stamp_iso(e.at)]
        for e in mud.axis_events
    )


def _variants(mud: Mud) -> Rows:
    return (
        [
            v.policy_id,
            v.variant,
            v.policy_version,
            v.status,
            json.dumps(v.content),
            hash_of(v.content),
            v.updated_at,
            v.updated_by,
        ]
        for v in mud.policies.variants.values()
    )


def _activations(mud: Mud) -> Rows:
    return (
        [a.id, a.scope[0], a.scope[1], a.policy_id, a.variant, a.at, a.by, a.rollback_of]
        for a in mud.policies.activations
    )


_TABLES: Final = {
    "users": _Table(
        "id username password_hash role account_origin is_guest guest_expires_at created_at"
        " last_login is_active tombstoned_at",
        (),
        _users,
    ),
    "sessions": _Table(
        "id user_id character_id world_id session_id created_at last_activity expires_at"
        " client_type",
        (("user_id", "users", "id"), ("character_id", "characters", "id")),
        _sessions,
    ),
    "characters": _Table(
        "id user_id name world_id inventory is_guest_created state_seed base_state_json"
        " created_at updated_at tombstoned_at",
        (("user_id", "users", "id"), ("world_id", "worlds", "id")),
        _characters,
    ),
    "character_locations": _Table(
        "character_id world_id room_id updated_at",
        (("character_id", "characters", "id"),),
        _locations,
    ),
    "chat_messages": _Table(
        "id character_id message world_id room recipient_character_id timestamp",
        (("character_id", "characters", "id"),),
        _messages,
    ),
    "worlds": _Table("id name description is_active config_json created_at", (), _worlds),
    "world_permissions": _Table(
        "user_id world_id can_access",
        (("user_id", "users", "id"), ("world_id", "worlds", "id")),
        _grants,
    ),
    "character_axis_score": _Table(
        "character_id axis_name axis_score axis_label updated_at",
        (("character_id", "characters", "id"),),
        _scores,
    ),
    "event": _Table(
        "id character_id world_id event_type metadata timestamp",
        (("character_id", "characters", "id"),),
        _events,
    ),
    "policy_variant": _Table(
        "policy_id variant policy_version status content_json content_hash updated_at updated_by",
        (),
        _variants,
    ),
    "policy_activation": _Table(
        "id world_id client_profile policy_id variant activated_at activated_by"
        " rollback_of_activation_id",
        (("world_id", "worlds", "id"),),
        _activations,
    ),
}
