"""How factions look to a client: briefly to everybody, in full to members."""

from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.society import PERMISSIONS, Faction, Role
from bridge.sandbox.spacemolt.state.universe import Universe


def brief_view(universe: Universe, faction: Faction) -> JsonObject:
    """Describe a faction in a list."""
    return {
        "id": faction.id,
        "name": faction.name,
        "tag": faction.tag,
        "leader_username": universe.players[faction.leader_id].username,
        "member_count": len(faction.members),
        "owned_bases": 0,
        "primary_color": faction.primary_color,
        "secondary_color": faction.secondary_color,
    }


def permissions_view(permissions: set[str]) -> JsonObject:
    """List every right, and whether it is given."""
    return {name: name in permissions for name in PERMISSIONS}


def role_view(role: Role) -> JsonObject:
    """Describe a rank."""
    return {
        "id": role.id,
        "name": role.name,
        "priority": role.priority,
        "permissions": permissions_view(role.permissions),
    }


def full_view(
    universe: Universe, faction: Faction, viewer: Player, *, limit: int, offset: int
) -> JsonObject:
    """Describe a faction; its own members see members, ranks, treasury and relations."""
    own = universe.society.factions.get(viewer.faction_id)
    view: JsonObject = {
        **brief_view(universe, faction),
        "leader_id": faction.leader_id,
        "created_at": faction.created_at,
        "description": faction.description,
        "charter": faction.charter,
        "is_member": viewer.id in faction.members,
        "is_ally": own is not None and faction.id in own.allies,
        "is_enemy": own is not None and faction.id in own.enemies,
        "at_war": own is not None and faction.id in own.wars,
    }
    if viewer.id in faction.members:
        view |= _inside(universe, faction, limit, offset)
    return view


def _inside(universe: Universe, faction: Faction, limit: int, offset: int) -> JsonObject:
    ids = list(faction.members)[offset : offset + limit]
    return {
        "treasury": faction.treasury,
        "members": [_member_view(universe, faction, player_id) for player_id in ids],
        "members_limit": limit,
        "members_offset": offset,
        "members_truncated": offset + limit < len(faction.members),
        "roles": [role_view(role) for role in faction.roles.values()],
        "allies": [_named(universe, other) for other in sorted(faction.allies)],
        "enemies": [_named(universe, other) for other in sorted(faction.enemies)],
        "wars": [
            {
                **_target(universe, other, "target_faction"),
                "declared_by": war.declared_by,
                "reason": war.reason,
                "started_at": war.started_at,
                "our_kills": war.our_kills,
                "their_kills": war.their_kills,
            }
            for other, war in faction.wars.items()
        ],
        "alliance_proposals": [
            {**_target(universe, other, "from_faction"), "proposed_at": when}
            for other, when in faction.alliance_proposals.items()
        ],
        "peace_proposals": [
            {**_target(universe, other, "from_faction"), **proposal}
            for other, proposal in faction.peace_proposals.items()
        ],
        "facilities": _facilities(universe, faction),
    }


def _facilities(universe: Universe, faction: Faction) -> list[JsonObject]:
    return [
        {
            "facility_id": facility.id,
            "base_id": facility.base_id,
            "name": facility.type.name,
            "type": facility.type_id,
            "faction_service": facility.type.faction_service,
            "active": facility.active,
        }
        for facility in universe.estates.facilities.values()
        if facility.owner_id == faction.id
    ]


def _member_view(universe: Universe, faction: Faction, player_id: str) -> JsonObject:
    player = universe.players[player_id]
    return {
        "player_id": player.id,
        "username": player.username,
        "role": faction.members[player_id],
        "joined_at": faction.joined[player_id],
        "last_seen": player.last_active or player.created_at,
        "is_online": player.online,
    }


def _named(universe: Universe, faction_id: str) -> JsonObject:
    view = brief_view(universe, universe.society.factions[faction_id])
    return {key: view[key] for key in ("id", "name", "tag", "leader_username", "member_count")}


def _target(universe: Universe, faction_id: str, prefix: str) -> JsonObject:
    faction = universe.society.factions[faction_id]
    return {
        f"{prefix}_id": faction.id,
        f"{prefix}_name": faction.name,
        f"{prefix}_tag": faction.tag,
    }
