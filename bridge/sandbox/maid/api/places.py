"""The world as an integration sees it: rooms, what is in them, areas."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from bridge.sandbox.maid.endpoint import Call, KeyWith, endpoint
from bridge.sandbox.maid.forms import Form, ItemsQuery, NpcsQuery, RoomsQuery, SliceQuery
from bridge.sandbox.maid.game import Game
from bridge.sandbox.maid.records import Character, Item, Npc, Room
from bridge.sandbox.maid.wire import HttpError, JsonObject

ThingT = TypeVar("ThingT")


def _sliced(
    found: Iterable[ThingT], query: SliceQuery, shown: Callable[[ThingT], JsonObject]
) -> JsonObject:
    everything = list(found)
    last = query.offset + query.limit
    return {
        "items": [shown(one) for one in everything[query.offset : last]],
        "total": len(everything),
        "offset": query.offset,
        "limit": query.limit,
        "has_more": last < len(everything),
    }


def _people(game: Game, room: Room) -> list[Character]:
    played = (account.characters[0] for account in game.online() if account.characters)
    return [character for character in played if character.room_id == room.id]


def _npcs(game: Game, room: Room) -> list[Npc]:
    return [npc for npc in game.npcs.values() if npc.room_id == room.id]


def _items(game: Game, room: Room) -> list[Item]:
    return [item for item in game.items.values() if item.room_id == room.id]


def _brief(game: Game, room: Room) -> JsonObject:
    entities = len(_people(game, room)) + len(_npcs(game, room)) + len(_items(game, room))
    return {
        "id": room.id,
        "name": room.name,
        "area_id": room.area_id,
        "area_name": game.areas[room.area_id].name,
        "entity_count": entities,
    }


def _list_rooms(game: Game, _: Call, query: RoomsQuery) -> JsonObject:
    found = [room for room in game.rooms.values() if query.area_id in {None, room.area_id}]
    return _sliced(found, query, lambda room: _brief(game, room))


def _found(game: Game, call: Call) -> Room:
    room = game.rooms.get(call.path["room_id"])
    if room is None:
        raise HttpError(404, "Room not found")
    return room


def _room(game: Game, call: Call, _: Form) -> JsonObject:
    room = _found(game, call)
    exits = [
        {
            "direction": way.direction,
            "destination_id": way.destination_id,
            "destination_name": game.rooms[way.destination_id].name,
            "is_locked": way.is_locked,
        }
        for way in room.exits
    ]
    return {
        **_brief(game, room),
        "description": room.description,
        "exits": exits,
        "properties": room.properties,
    }


def _room_contents(game: Game, call: Call, _: Form) -> JsonObject:
    room = _found(game, call)
    players = [_entity(one.id, one.name, "player", "") for one in _people(game, room)]
    npcs = [_entity(one.id, one.name, "npc", one.description) for one in _npcs(game, room)]
    items = [_entity(one.id, one.name, "item", one.description) for one in _items(game, room)]
    return {
        "room_id": room.id,
        "room_name": room.name,
        "players": players,
        "npcs": npcs,
        "items": items,
        "total_count": len(players) + len(npcs) + len(items),
    }


def _entity(identity: str, name: str, kind: str, description: str) -> JsonObject:
    return {"id": identity, "name": name, "entity_type": kind, "description": description}


def _list_npcs(game: Game, _: Call, query: NpcsQuery) -> JsonObject:
    found = [
        npc
        for npc in game.npcs.values()
        if query.room_id in {None, npc.room_id}
        and query.npc_type in {None, npc.kind}
        and query.is_hostile in {None, npc.is_hostile}
    ]
    return _sliced(
        found,
        query,
        lambda npc: {
            "id": npc.id,
            "name": npc.name,
            "npc_type": npc.kind,
            "description": npc.description,
            "room_id": npc.room_id,
            "room_name": game.rooms[npc.room_id].name,
            "is_hostile": npc.is_hostile,
        },
    )


def _list_items(game: Game, _: Call, query: ItemsQuery) -> JsonObject:
    found = [
        item
        for item in game.items.values()
        if query.room_id in {None, item.room_id}
        and query.item_type in {None, item.kind}
        and query.is_takeable in {None, item.is_takeable}
    ]
    return _sliced(
        found,
        query,
        lambda item: {
            "id": item.id,
            "name": item.name,
            "item_type": item.kind,
            "description": item.description,
            "room_id": item.room_id,
            "room_name": game.rooms[item.room_id].name,
            "is_takeable": item.is_takeable,
        },
    )


def _list_areas(game: Game, _: Call, __: Form) -> JsonObject:
    areas = [
        {
            "id": area.id,
            "name": area.name,
            "description": area.description,
            "room_count": sum(room.area_id == area.id for room in game.rooms.values()),
        }
        for area in game.areas.values()
    ]
    return {"items": areas, "total": len(areas)}


_READ = KeyWith("READ_WORLD")
_ROOM = "/api/v1/world/rooms/{room_id}"

ENDPOINTS = (
    endpoint("list_rooms", "GET /api/v1/world/rooms", _READ, _list_rooms, RoomsQuery),
    endpoint("room", f"GET {_ROOM}", _READ, _room, Form),
    endpoint("room_contents", f"GET {_ROOM}/contents", _READ, _room_contents, Form),
    endpoint("list_npcs", "GET /api/v1/world/npcs", _READ, _list_npcs, NpcsQuery),
    endpoint("list_items", "GET /api/v1/world/items", _READ, _list_items, ItemsQuery),
    endpoint("list_areas", "GET /api/v1/world/areas", _READ, _list_areas, Form),
)
