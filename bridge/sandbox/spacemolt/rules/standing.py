"""Who may do what in a faction."""

from bridge.sandbox.spacemolt.shapes import GameError
from bridge.sandbox.spacemolt.state.society import Faction
from bridge.sandbox.spacemolt.turn import Turn


def own_faction(turn: Turn) -> Faction:
    """Return the player's faction; raises GameError with ``not_in_faction``."""
    faction = turn.universe.society.factions.get(turn.player.faction_id)
    if faction is None:
        raise GameError("not_in_faction", "You are in no faction.")
    return faction


def faction_with(turn: Turn, permission: str) -> Faction:
    """Return the player's faction if his rank has a permission (any, when it is empty)."""
    faction = own_faction(turn)
    if permission and permission not in faction.role_of(turn.player.id).permissions:
        raise GameError("no_permission", f"Your rank lacks the right '{permission}'.")
    return faction


def facility_here(turn: Turn, faction: Faction, service: str, *, anywhere: bool = False) -> int:
    """Return the level of a faction's working facility for a service; raises ``no_facility``."""
    levels = [
        facility.type.level
        for facility in turn.universe.estates.facilities.values()
        if facility.owner_id == faction.id
        and facility.active
        and facility.type.faction_service == service
        and (anywhere or facility.base_id == turn.player.docked_at)
    ]
    if not levels:
        where = "at any base" if anywhere else "at this station"
        raise GameError(
            "no_facility",
            f"Your faction has no facility for '{service}' {where}. See facility(faction_build).",
        )
    return max(levels)
