"""Modules: fitting them, taking them off, mending them."""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import ModuleType, items, module_types
from bridge.sandbox.spacemolt.state.ships import Module
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.ships import wear_status

MENDED_PER_KIT = 0.25

handlers = Handlers()


@handlers("install_mod")
def install_mod(turn: Turn) -> JsonObject:
    """Fit a module from the hold, by instance or by type."""
    wanted, ship = turn.text("module_id"), turn.ship
    module = next((m for m in ship.loose if wanted in (m.id, m.type_id)), None)
    type_id = module.type_id if module else wanted
    if type_id not in module_types():
        raise GameError("invalid_module", f"There is no module '{wanted}' in your hold.")
    check_fit(turn, module_types()[type_id])
    if module:
        ship.loose.remove(module)
    else:
        module = turn.universe.new_module(type_id)
    try:
        ship.take_cargo(type_id, 1)
    except GameError:
        raise GameError("item_not_available", f"You carry no {items()[type_id].name}.") from None
    ship.modules.append(module)
    _load(turn, module)
    turn.player.stats["modules_installed"] += 1
    turn.universe.teach(turn.player, "engineering", 5)
    cpu, power = ship.grid_used()
    answer: JsonObject = {
        "module_id": module.id,
        "cpu_used": cpu,
        "power_used": power,
        "message": f"{items()[type_id].name} installed.",
    }
    if module.effect("magazine_size"):
        answer |= {
            "current_ammo": module.rounds,
            "magazine_size": module.effect("magazine_size"),
            "loaded_ammo": module.ammo_id,
        }
    return answer


def _load(turn: Turn, module: Module) -> None:
    kind = module.type.effects.get("ammo_type")
    box = next(
        (i for i in items().values() if kind and i.ammo == kind and turn.ship.cargo[i.id]), None
    )
    if box and not module.rounds:
        turn.ship.take_cargo(box.id, 1)
        module.ammo_id, module.rounds = box.id, module.effect("magazine_size")


def check_fit(turn: Turn, kind: ModuleType) -> None:
    """Raise GameError when a module does not fit: no slot, no CPU, or no power."""
    ship = turn.ship
    if ship.slots_used(kind.slot) >= ship.model.slots[kind.slot]:
        raise GameError("no_slot", f"No {kind.slot} slot is free. Uninstall something first.")
    cpu, power = ship.grid_used()
    if cpu + kind.cpu > ship.model.stats["cpu"]:
        raise GameError("no_cpu", f"That takes {kind.cpu} CPU.")
    if power + kind.power > ship.model.stats["power"]:
        raise GameError("no_power", f"That takes {kind.power} power.")


@handlers("uninstall_mod")
def uninstall_mod(turn: Turn) -> JsonObject:
    """Take a module off and put it into the hold."""
    wanted, ship = turn.text("module_id"), turn.ship
    found = [m for m in ship.modules if wanted in (m.id, m.type_id)]
    if not found:
        raise GameError("invalid_module", f"You have no module '{wanted}' fitted. See get_ship.")
    if len(found) > 1:
        raise GameError("ambiguous_module", "Several are fitted; name one by its instance id.")
    module = found[0]
    ship.load_cargo(module.type_id, 1)
    ship.modules.remove(module)
    ship.loose.append(module)
    ship.hull, ship.shield = min(ship.hull, ship.max_hull), min(ship.shield, ship.max_shield)
    cpu, power = ship.grid_used()
    return {
        "module_id": module.id,
        "cpu_used": cpu,
        "power_used": power,
        "damaged": module.wear > 0.5,
        "wear": module.wear,
        "wear_status": wear_status(module.wear),
        "message": f"{items()[module.type_id].name} is in your hold.",
    }


@handlers("repair_module")
def repair_module(turn: Turn) -> JsonObject:
    """Mend a worn module in the hold with one repair kit."""
    turn.base_with("repair")
    wanted = turn.text("module_id")
    module = next((m for m in turn.ship.loose if wanted in (m.id, m.type_id)), None)
    if module is None:
        raise GameError("invalid_module", f"There is no used module '{wanted}' in your hold.")
    turn.ship.take_cargo("repair_kit", 1)
    before = module.wear
    module.wear = max(0.0, before - MENDED_PER_KIT * (1 + 0.02 * turn.player.level("repair")))
    turn.universe.teach(turn.player, "repair", 6)
    return {
        "module_id": module.id,
        "wear_before": before,
        "wear_after": module.wear,
        "repair_amount": before - module.wear,
        "wear_status": wear_status(module.wear),
        "xp_gained": {"repair": 6},
        "message": f"{items()[module.type_id].name} mended.",
    }
