"""Drones: loading, launching, recalling, and giving them a script.

A mining drone with a script digs one unit per tick where it was deployed, until it is full; on
recall its load moves into the hold as far as it fits.
"""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.drones import (
    BANDWIDTH,
    CAPACITY,
    DEPLOYED,
    HULL,
    IN_BAY,
    Drone,
)
from bridge.sandbox.spacemolt.state.goods import find_item, room_for
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.ships import cargo_view

LONGEST_SCRIPT = 2000
PREVIEW = 40

handlers = Handlers()


def _drone(turn: Turn) -> Drone:
    return turn.universe.drones.find(turn.text("drone_id"), turn.player.id)


def _bay(turn: Turn) -> JsonObject:
    drones = turn.universe.drones
    return {
        "bay_capacity": turn.ship.bonus("drone_capacity"),
        "bay_count": len(drones.of(turn.player.id, IN_BAY)),
    }


def _bandwidth(turn: Turn) -> JsonObject:
    out = turn.universe.drones.of(turn.player.id, DEPLOYED)
    return {
        "bandwidth_total": turn.ship.bonus("drone_bandwidth"),
        "bandwidth_used": BANDWIDTH * len(out),
    }


@handlers("load_drone")
def load_drone(turn: Turn) -> JsonObject:
    """Move a drone from the hold into the bay."""
    item = find_item(turn.text("item_id"))
    if item.category != "drone":
        raise GameError("invalid_item", f"{item.name} is no drone.")
    bay = _bay(turn)
    if bay["bay_count"] >= bay["bay_capacity"]:
        raise GameError("no_bay", "There is no room in a drone bay. Install drone_bay_i.")
    turn.ship.take_cargo(item.id, 1)
    drone = Drone(
        id=turn.universe.new_id(),
        owner_id=turn.player.id,
        item_id=item.id,
        loaded_at=turn.universe.timestamp(),
    )
    turn.universe.drones.drones[drone.id] = drone
    return {
        "drone_id": drone.id,
        "drone_type": item.id,
        "hull": drone.hull,
        "status": drone.status,
        **_bay(turn),
        "message": f"{item.name} is in the bay.",
    }


@handlers("unload_drone")
def unload_drone(turn: Turn) -> JsonObject:
    """Move a drone from the bay into the hold."""
    drone = _drone(turn)
    if drone.status != IN_BAY:
        raise GameError("drone_deployed", "Recall it first.")
    turn.ship.load_cargo(drone.item_id, 1)
    del turn.universe.drones.drones[drone.id]
    return {"drone_id": drone.id, "item_id": drone.item_id, "message": "The drone is cargo now."}


@handlers("deploy_drone")
def deploy_drone(turn: Turn) -> JsonObject:
    """Launch a drone."""
    drone, band = _drone(turn), _bandwidth(turn)
    if drone.status != IN_BAY:
        raise GameError("drone_deployed", "It is out already.")
    if band["bandwidth_used"] + BANDWIDTH > band["bandwidth_total"]:
        raise GameError("no_bandwidth", "There is no bandwidth left for another drone.")
    drone.status = DEPLOYED
    drone.system_id, drone.place_id = turn.system.id, turn.place.id
    drone.deployed_at = turn.universe.timestamp()
    turn.universe.teach(turn.player, "drone_control", 5)
    return {
        "drone_id": drone.id,
        "drone_type": drone.item_id,
        "hull": drone.hull,
        "max_hull": HULL,
        "status": drone.status,
        **_bandwidth(turn),
        "message": "The drone is out.",
    }


@handlers("recall_drone")
def recall_drone(turn: Turn) -> JsonObject:
    """Call one drone back, or all that are here."""
    out = turn.universe.drones.of(turn.player.id, DEPLOYED)
    if turn.arguments.flag("all"):
        chosen = out
    elif "drone_id" in turn.arguments:
        chosen = [_drone(turn)]
        if chosen[0].status != DEPLOYED:
            raise GameError("not_deployed", "It is in the bay.")
    else:
        raise GameError("invalid_payload", "Give drone_id, or all: true.")
    here = [drone for drone in chosen if drone.place_id == turn.place.id]
    for drone in here:
        _take_in(turn, drone)
    return {
        "recalled": len(here),
        "skipped": len(chosen) - len(here),
        "message": f"{len(here)} drones are back.",
    }


def _take_in(turn: Turn, drone: Drone) -> None:
    drone.status, drone.system_id, drone.place_id = IN_BAY, "", ""
    for item_id in list(drone.cargo):
        moved = min(drone.cargo[item_id], turn.ship.fits(item_id))
        if moved:
            turn.ship.load_cargo(item_id, moved)
        drone.cargo[item_id] -= moved
        if not drone.cargo[item_id]:
            del drone.cargo[item_id]


@handlers("upload_drone_script")
def upload_drone_script(turn: Turn) -> JsonObject:
    """Give a drone a script, or clear it."""
    drone, script = _drone(turn), turn.text("script")
    if len(script) > LONGEST_SCRIPT:
        raise GameError("invalid_payload", f"A script has at most {LONGEST_SCRIPT} characters.")
    drone.script = script
    return {
        "drone_id": drone.id,
        "script_len": len(script),
        "message": "Script stored." if script else "Script cleared.",
    }


@handlers("get_drones")
def get_drones(turn: Turn) -> JsonObject:
    """List one's drones."""
    drones = turn.universe.drones.of(turn.player.id)
    return {
        "drones": [_brief(drone) for drone in drones],
        "deployed_count": sum(drone.status == DEPLOYED for drone in drones),
        **_bay(turn),
        **_bandwidth(turn),
    }


def _brief(drone: Drone) -> JsonObject:
    view: JsonObject = {
        "id": drone.id,
        "type": drone.item_id,
        "status": drone.status,
        "hull": drone.hull,
        "max_hull": HULL,
        "cargo_pct": 100 * room_for(drone.cargo) // CAPACITY,
        "has_script": bool(drone.script),
        "script_preview": drone.script[:PREVIEW],
    }
    return view | ({"poi_id": drone.place_id} if drone.place_id else {})


@handlers("get_drone")
def get_drone(turn: Turn) -> JsonObject:
    """Describe one drone."""
    drone = _drone(turn)
    view: JsonObject = {
        "id": drone.id,
        "type": drone.item_id,
        "item_id": drone.item_id,
        "status": drone.status,
        "hull": drone.hull,
        "max_hull": HULL,
        "script": drone.script,
        "memory": drone.memory,
        "cargo": cargo_view(drone.cargo),
        "cargo_used": room_for(drone.cargo),
        "cargo_capacity": CAPACITY,
        "loaded_at": drone.loaded_at,
    }
    optional = {
        "poi_id": drone.place_id,
        "system_id": drone.system_id,
        "deployed_at": drone.deployed_at,
    }
    return view | {name: value for name, value in optional.items() if value}


def work(universe: Universe) -> None:
    """Let every deployed mining drone with a script dig."""
    for drone in universe.drones.drones.values():
        if drone.status != DEPLOYED or drone.item_id != "mining_drone" or not drone.script:
            continue
        deposits = universe.galaxy.places[drone.place_id].deposits.values()
        if deposits and drone.room:
            deposit = max(deposits, key=lambda deposit: deposit.richness)
            drone.cargo[deposit.item_id] += 1
            drone.memory["last_action"] = f"mined {deposit.item_id}"
