"""Running a faction: how it describes itself, its ranks, its rooms."""

from bridge.sandbox.spacemolt.rules.standing import facility_here, faction_with, own_faction
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.society import MEMBER, PERMISSIONS, Faction, Role, Room
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.factions import permissions_view

ROOMS_PER_LEVEL = 5
LONGEST_NAME = 64
LONGEST_DESCRIPTION = 4000

handlers = Handlers()


@handlers("faction_edit")
def faction_edit(turn: Turn) -> JsonObject:
    """Change what a faction says of itself; takes an admin office at this station."""
    faction = faction_with(turn, "manage_roles")
    facility_here(turn, faction, "admin")
    updates = turn.arguments.as_object()
    if not updates:
        raise GameError("invalid_payload", "Nothing to change.")
    for name, value in updates.items():
        setattr(faction, name, value)
    return {"updates": updates, "message": "The faction is updated."}


def _right_names(turn: Turn) -> JsonObject:
    wanted = turn.arguments.record("permissions")
    unknown = [name for name in wanted if name not in PERMISSIONS]
    if unknown:
        raise GameError(
            "invalid_permission",
            f"Unknown permissions: {', '.join(unknown)}. Known: {', '.join(PERMISSIONS)}.",
        )
    return wanted


def _check_rank(turn: Turn, faction: Faction, priority: int) -> None:
    if faction.role_of(turn.player.id).priority <= priority:
        raise GameError("no_permission", "Your own rank must be higher.")


@handlers("faction_create_role")
def faction_create_role(turn: Turn) -> JsonObject:
    """Add a rank."""
    faction, name = faction_with(turn, "manage_roles"), turn.text("name").strip()
    priority = turn.number("priority")
    _check_rank(turn, faction, priority)
    rights = _right_names(turn)
    if not name or any(role.name.casefold() == name.casefold() for role in faction.roles.values()):
        raise GameError("name_taken", "A rank needs a name that no other has.")
    role = Role(
        id=turn.universe.new_id(),
        name=name,
        priority=priority,
        permissions={right for right, given in rights.items() if given},
        custom=True,
    )
    faction.roles[role.id] = role
    return {
        "role_id": role.id,
        "name": name,
        "priority": priority,
        "message": f"The rank {name} exists.",
    }


def _custom_role(turn: Turn, faction: Faction) -> Role:
    role = faction.roles.get(turn.text("role_id"))
    if role is None:
        raise GameError("role_not_found", f"There is no rank '{turn.text('role_id')}'.")
    if not role.custom:
        raise GameError("default_role", "The four first ranks stay as they are.")
    _check_rank(turn, faction, role.priority)
    return role


@handlers("faction_edit_role")
def faction_edit_role(turn: Turn) -> JsonObject:
    """Rename a rank or change its rights."""
    faction = faction_with(turn, "manage_roles")
    role, rights = _custom_role(turn, faction), _right_names(turn)
    updates: JsonObject = {}
    if "name" in turn.arguments:
        role.name = updates["name"] = turn.text("name")
    if rights:
        given = {right for right, wanted in rights.items() if wanted}
        role.permissions = (role.permissions - set(rights)) | given
        updates["permissions"] = permissions_view(role.permissions)
    return {"role_id": role.id, "updates": updates, "message": "The rank is changed."}


@handlers("faction_delete_role")
def faction_delete_role(turn: Turn) -> JsonObject:
    """Remove a rank; who held it becomes a plain member."""
    faction = faction_with(turn, "manage_roles")
    role = _custom_role(turn, faction)
    holders = [member for member, held in faction.members.items() if held == role.id]
    for member in holders:
        faction.members[member] = turn.universe.players[member].role = MEMBER
    del faction.roles[role.id]
    return {
        "role_id": role.id,
        "reassigned_count": len(holders),
        "message": f"The rank {role.name} is gone.",
    }


@handlers("faction_rooms")
def faction_rooms(turn: Turn) -> JsonObject:
    """List the rooms at this station."""
    faction, base = own_faction(turn), turn.base
    level = facility_here(turn, faction, "common_space")
    rooms = [room for room in faction.rooms.values() if room.base_id == base.id]
    return {
        "action": "faction_rooms",
        "faction": faction.name,
        "tag": faction.tag,
        "station": base.name,
        "max_rooms": ROOMS_PER_LEVEL * level,
        "rooms": [
            {
                "room_id": room.id,
                "name": room.name,
                "access": room.access,
                "author": room.author,
                "updated_at": room.updated_at,
            }
            for room in rooms
        ],
        "message": f"{len(rooms)} rooms.",
    }


@handlers("faction_write_room")
def faction_write_room(turn: Turn) -> JsonObject:
    """Write a room, new or existing."""
    faction = faction_with(turn, "manage_facilities")
    level = facility_here(turn, faction, "common_space")
    if len(turn.text("name")) > LONGEST_NAME or len(turn.text("description")) > LONGEST_DESCRIPTION:
        raise GameError("invalid_payload", "The name or the description is too long.")
    if "room_id" in turn.arguments:
        room = _room(turn, faction)
        room.updated_at = turn.universe.timestamp()
        for name, value in turn.arguments.as_object().items():
            if name != "room_id":
                setattr(room, name, value)
    else:
        room = _new_room(turn, faction, ROOMS_PER_LEVEL * level)
    return {
        "action": "faction_write_room",
        "faction": faction.name,
        "room_id": room.id,
        "name": room.name,
        "access": room.access,
        "message": f"The room {room.name} is written.",
    }


def _new_room(turn: Turn, faction: Faction, most: int) -> Room:
    if not turn.text("name"):
        raise GameError("invalid_payload", "A new room needs a name.")
    if sum(room.base_id == turn.base.id for room in faction.rooms.values()) >= most:
        raise GameError("too_many_rooms", f"At most {most} rooms here.")
    now = turn.universe.timestamp()
    room = Room(
        id=turn.universe.new_id(),
        base_id=turn.base.id,
        name=turn.text("name"),
        description=turn.text("description"),
        access=turn.text("access", "members"),
        author=turn.player.username,
        created_at=now,
        updated_at=now,
    )
    faction.rooms[room.id] = room
    return room


def _room(turn: Turn, faction: Faction) -> Room:
    room = faction.rooms.get(turn.text("room_id"))
    if room is None:
        raise GameError("room_not_found", f"There is no room '{turn.text('room_id')}'.")
    return room


@handlers("faction_visit_room")
def faction_visit_room(turn: Turn) -> JsonObject:
    """Read a room of one's faction, or a public one of any."""
    for faction in turn.universe.society.factions.values():
        room = faction.rooms.get(turn.text("room_id"))
        if room is None:
            continue
        member = turn.player.id in faction.members
        rights = faction.role_of(turn.player.id).permissions if member else set()
        allowed = {
            "public": True,
            "members": member,
            "officers": "officer_room_access" in rights,
        }
        if not allowed[room.access]:
            raise GameError("no_permission", "The door is locked.")
        return {
            "action": "faction_visit_room",
            "room_id": room.id,
            "name": room.name,
            "description": room.description,
            "access": room.access,
            "author": room.author,
            "created_at": room.created_at,
            "updated_at": room.updated_at,
        }
    raise GameError("room_not_found", f"There is no room '{turn.text('room_id')}'.")


@handlers("faction_delete_room")
def faction_delete_room(turn: Turn) -> JsonObject:
    """Remove a room."""
    faction = faction_with(turn, "manage_facilities")
    room = _room(turn, faction)
    del faction.rooms[room.id]
    return {
        "action": "faction_delete_room",
        "room_id": room.id,
        "message": f"The room {room.name} is gone.",
    }
