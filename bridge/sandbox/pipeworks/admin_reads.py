"""What admins can read about accounts, connections, places, chat and axes."""

from typing import TYPE_CHECKING

from bridge.sandbox.pipeworks.bodies import (
    AxisEventsQuery,
    CharacterQuery,
    ChatMessagesQuery,
    SessionOnly,
)
from bridge.sandbox.pipeworks.characters import AXES, axis_state, label_of
from bridge.sandbox.pipeworks.exchange import JsonObject, refusal
from bridge.sandbox.pipeworks.sessions import permitted
from bridge.sandbox.pipeworks.state import (
    Account,
    AxisEvent,
    Character,
    GameWorld,
    Mud,
    Session,
    stamp,
    stamp_iso,
)

if TYPE_CHECKING:
    from pydantic import JsonValue

_RIGHT = "view_logs"


def players(mud: Mud, query: SessionOnly) -> JsonObject:
    """List the accounts that are not deleted; hashes are cut."""
    permitted(mud, query.session_id, _RIGHT)
    return {
        "players": [
            _player_row(mud, account)
            for account in mud.accounts.values()
            if account.tombstoned_at is None
        ]
    }


def worlds(mud: Mud, query: SessionOnly) -> JsonObject:
    """List the worlds with who is in them; shows session ids."""
    permitted(mud, query.session_id, _RIGHT)
    return {"worlds": [_world_row(mud, world) for world in mud.worlds.values()]}


def connections(mud: Mud, query: SessionOnly) -> JsonObject:
    """List the live sessions with their age."""
    now = mud.clock.now()
    rows: list[JsonValue] = [
        {**_session_row(mud, session), "age_seconds": int(now - session.last_activity)}
        for session in _shown_sessions(mud, query)
    ]
    return {"connections": rows}


def sessions(mud: Mud, query: SessionOnly) -> JsonObject:
    """List the live sessions."""
    return {"sessions": [_session_row(mud, s) for s in _shown_sessions(mud, query)]}


def player_locations(mud: Mud, query: SessionOnly) -> JsonObject:
    """List where characters are; the zone only when the caller plays a character."""
    session, _ = permitted(mud, query.session_id, _RIGHT)
    own_world = _world_of(mud, session)
    rows: list[JsonValue] = []
    for character in mud.characters.values():
        if own_world in {None, character.world_id}:
            zone, _room = mud.worlds[character.world_id].rooms[character.room]
            rows.append(
                {
                    "character_id": character.id,
                    "character_name": character.name,
                    "world_id": character.world_id,
                    "room_id": character.room,
                    "updated_at": stamp(character.updated_at),
                    "zone_id": zone.id if own_world else None,
                }
            )
    return {"locations": rows}


def chat_messages(mud: Mud, query: ChatMessagesQuery) -> JsonObject:
    """List chat of all rooms, whispers too, newest first."""
    permitted(mud, query.session_id, _RIGHT)
    rows: list[JsonValue] = [
        {
            "id": m.id,
            "username": m.speaker,
            "message": m.text,
            "world_id": m.world_id,
            "room_id": m.room,
            "timestamp": stamp(m.at),
        }
        for m in reversed(mud.messages)
        if query.world_id in {None, m.world_id}
    ]
    return {"messages": rows[: max(0, query.limit)]}


def character_axis_state(mud: Mud, query: CharacterQuery) -> JsonObject:
    """Return a character's axes, as it was made and as it is."""
    permitted(mud, query.session_id, _RIGHT)
    character = mud.characters.get(query.character_id)
    if character is None:
        raise refusal(404, "There is no such character")
    described = bool(character.axes)
    return {
        "character_id": character.id,
        "world_id": character.world_id,
        "state_seed": character.seed,
        "state_version": mud.policies.scope_hash(character.world_id) if described else None,
        "state_updated_at": stamp_iso(character.updated_at) if described else None,
        "base_state": _snapshot(mud, character, character.base_axes),
        "current_state": _snapshot(mud, character, character.axes),
        "axes": [
            {
                "axis_id": number,
                "axis_name": name,
                "axis_score": character.axes[name],
                "axis_label": label_of(name, character.axes[name]),
            }
            for number, name in enumerate(AXES, 1)
            if name in character.axes
        ],
    }


def character_axis_events(mud: Mud, query: AxisEventsQuery) -> JsonObject:
    """Return the newest changes of a character's axes; none for an unknown one."""
    permitted(mud, query.session_id, _RIGHT)
    found = [e for e in reversed(mud.axis_events) if e.character_id == query.character_id]
    return {
        "character_id": query.character_id,
        "events": [_event_row(event) for event in found[: max(0, query.limit)]],
    }


def _snapshot(mud: Mud, character: Character, axes: dict[str, float]) -> JsonObject | None:
    return axis_state(mud, character.world_id, character.seed, axes) if axes else None


def _world_of(mud: Mud, session: Session) -> str | None:
    character = mud.characters.get(session.character_id or 0)
    return character.world_id if character else None


def _shown_sessions(mud: Mud, query: SessionOnly) -> list[Session]:
    """Return the sessions of the caller's world if it plays there, otherwise all."""
    session, _ = permitted(mud, query.session_id, _RIGHT)
    own_world = _world_of(mud, session)
    return [s for s in mud.live_sessions() if own_world in {None, _world_of(mud, s)}]


def _username(mud: Mud, session: Session) -> str | None:
    account = mud.accounts.get(session.account_id)
    return account.username if account else None


def _session_row(mud: Mud, session: Session) -> JsonObject:
    character = mud.characters.get(session.character_id or 0)
    return {
        "id": [*mud.sessions].index(session.id) + 1,
        "username": _username(mud, session),
        "character_name": character.name if character else None,
        "world_id": character.world_id if character else None,
        "session_id": session.id,
        "created_at": stamp(session.created_at),
        "last_activity": stamp(session.last_activity),
        "expires_at": stamp(session.expires_at),
        "client_type": session.client_type,
    }


def _player_row(mud: Mud, account: Account) -> JsonObject:
    own = [s for s in mud.live_sessions() if s.account_id == account.id]
    online_in: list[JsonValue] = [
        *sorted({world for s in own if (world := _world_of(mud, s)) is not None})
    ]
    return {
        "id": account.id,
        "username": account.username,
        "password_hash": account.password_hash[:20] + "...",
        "role": account.role,
        "account_origin": account.origin,
        "is_guest": account.expires_at is not None,
        "guest_expires_at": stamp(account.expires_at),
        "created_at": stamp(account.created_at),
        "last_login": stamp(account.last_login),
        "is_active": account.active,
        "tombstoned_at": stamp(account.tombstoned_at),
        "character_count": sum(c.account_id == account.id for c in mud.characters.values()),
        "is_online_account": bool(own),
        "is_online_in_world": bool(online_in),
        "online_world_ids": online_in,
    }


def _world_row(mud: Mud, world: GameWorld) -> JsonObject:
    here = [s for s in mud.live_sessions() if _world_of(mud, s) == world.id]
    return {
        "world_id": world.id,
        "name": world.stock.name,
        "description": world.stock.description,
        "is_active": world.active,
        "is_online": bool(here),
        "active_session_count": len(here),
        "active_character_count": len({s.character_id for s in here}),
        "last_activity": stamp(max((s.last_activity for s in here), default=None)),
        "active_characters": [
            {
                "character_id": session.character_id,
                "character_name": mud.characters[session.character_id or 0].name,
                "username": _username(mud, session),
                "session_id": session.id,
                "last_activity": stamp(session.last_activity),
                "client_type": session.client_type,
            }
            for session in here
        ],
    }


def _event_row(event: AxisEvent) -> JsonObject:
    return {
        "event_id": event.id,
        "world_id": event.world_id,
        "event_type": event.kind,
        "event_type_description": "Two characters talked.",
        "timestamp": stamp_iso(event.at),
        "metadata": {**event.metadata},
        "deltas": [
            {
                "axis_name": axis,
                "old_score": old,
                "new_score": new,
                "delta": round(new - old, 4),
            }
            for axis, old, new in event.deltas
        ],
    }
