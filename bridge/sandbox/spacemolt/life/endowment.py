"""Makes a player rich at once, so that a test can try any command without playing for hours."""

from bridge.sandbox.spacemolt.rules.factions import found
from bridge.sandbox.spacemolt.rules.quarters import put_up
from bridge.sandbox.spacemolt.state.encounters import Wreck
from bridge.sandbox.spacemolt.state.estates import FACTION, facility_types
from bridge.sandbox.spacemolt.state.goods import skills
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Ship
from bridge.sandbox.spacemolt.state.universe import Universe

CREDITS = 1_000_000
LEVEL = 30
GOODS = {
    "iron_ore": 100,
    "steel_plate": 60,
    "circuit_board": 30,
    "copper_wire": 20,
    "fuel_cell": 30,
    "repair_kit": 20,
    "hull_patch": 10,
    "shield_cell": 5,
    "focus_stim": 2,
    "standard_rounds_box": 5,
    "mining_drone": 3,
    "shield_booster_i": 2,
    "armor_plate_i": 1,
}
MODULES = (
    "mining_laser_i",
    "ice_harvester_i",
    "gas_harvester_i",
    "scanner_i",
    "survey_scanner_i",
    "cloaking_device_i",
    "tow_rig_i",
    "drone_bay_i",
    "refueling_pump_i",
    "repair_arm_i",
    "autocannon_i",
)


def endow(universe: Universe, player: Player) -> None:
    """Give a player credits, skills, a big ship with every tool, goods, a second ship, a faction.

    The faction has every facility at the
    player's home base, where the second ship and more goods are stored; a wreck floats there too.
    """
    base_id = player.home_base
    player.credits += CREDITS
    for skill in skills():
        player.levels[skill] = max(player.levels[skill], LEVEL)
    _equip(universe, player)
    spare = universe.new_ship("viper", player.id)
    spare.stored_at = base_id
    universe.lockers.at(base_id, player.id).items.update(GOODS)
    if not player.faction_id:
        tag = f"S{len(universe.society.factions):03d}"
        found(universe, player, f"Union of {player.username}", tag)
    faction = universe.society.factions[player.faction_id]
    faction.treasury += CREDITS
    universe.lockers.at(base_id, faction.id).items.update(GOODS)
    for kind in facility_types().values():
        if kind.owner == FACTION:
            put_up(universe, kind, base_id, FACTION, faction.id)
    leave_wreck(universe, player)


def _equip(universe: Universe, player: Player) -> None:
    universe.ships.pop(player.ship_id, None)
    ship = universe.new_ship("argosy", player.id)
    ship.modules = [universe.new_module(kind) for kind in MODULES]
    ship.restore()
    ship.cargo.update(GOODS)
    _wear_one(universe, ship)
    player.ship_id = ship.id


def _wear_one(universe: Universe, ship: Ship) -> None:
    worn = universe.new_module("armor_plate_i")
    worn.wear = 0.6
    ship.loose.append(worn)


def leave_wreck(universe: Universe, player: Player) -> Wreck:
    """Let a wreck with cargo and a module float where the player is; returns it."""
    wreck = Wreck(
        id=universe.new_id(),
        type="ship",
        system_id=player.system_id,
        place_id=player.place_id,
        ship_class="viper",
        ship_name="Old Viper",
        victim_id="",
        victim_name="Nobody",
        created_at=universe.timestamp(),
        expires_tick=universe.tick + 100_000,
        expires_at=universe.after_ticks(100_000),
        salvage_value=400,
        modules=[universe.new_module("shield_booster_i")],
    )
    wreck.cargo.update({"iron_ore": 5, "components": 3})
    universe.encounters.wrecks[wreck.id] = wreck
    return wreck
