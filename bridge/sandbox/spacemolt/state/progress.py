"""What missions count, and how far a player has come."""

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.state.players import ActiveMission, Player

KILL = "kill_pirate"
MINE = "mine_resource"
VISIT = "visit_system"
DELIVER = "deliver_item"


def count(player: Player, kind: str, what: str, amount: int = 1) -> None:
    """Count something towards every mission of the player that asks for it."""
    for mission in player.missions:
        for position, objective in enumerate(objectives(mission)):
            if objective["type"] == kind and wanted(objective) in ("", what):
                mission.counts[position] += amount


def objectives(mission: ActiveMission) -> list[JsonObject]:
    """Return what a mission asks for."""
    found: list[JsonObject] = mission.template["objectives"]
    return found


def wanted(objective: JsonObject) -> str:
    """Return what exactly an objective asks for, or nothing when anything will do."""
    return str(objective.get("item_id") or objective.get("system_id") or "")


def required(objective: JsonObject) -> int:
    """Return how many it takes."""
    return int(objective.get("quantity", 1))


def templates() -> JsonObject:
    """Return the missions that stations offer, by template id."""
    return read("missions")
