"""How ships look to a client, with their modules, their classes and what they carry."""

from collections.abc import Mapping
from dataclasses import asdict

from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.state.goods import ShipClass, items
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Module, Ship


def ship_view(ship: Ship, player: Player) -> JsonObject:
    """Describe a ship to its owner."""
    cpu, power = ship.grid_used()
    view: JsonObject = {
        "id": ship.id,
        "owner_id": ship.owner_id,
        "class_id": ship.class_id,
        "name": ship.name or ship.model.name,
        "hull": ship.hull,
        "max_hull": ship.max_hull,
        "shield": ship.shield,
        "max_shield": ship.max_shield,
        "shield_recharge": ship.shield_recharge,
        "armor": ship.armor,
        "speed": ship.speed,
        "fuel": ship.fuel,
        "max_fuel": ship.max_fuel,
        "cargo_used": ship.load,
        "cargo_capacity": ship.capacity,
        "cpu_used": cpu,
        "cpu_capacity": ship.model.stats["cpu"],
        "power_used": power,
        "power_capacity": ship.model.stats["power"],
        "weapon_slots": ship.model.slots["weapon"],
        "defense_slots": ship.model.slots["defense"],
        "utility_slots": ship.model.slots["utility"],
        "ore_cargo_efficiency": 100,
        "ice_cargo_efficiency": 100,
        "gas_cargo_efficiency": 100,
        "modules": [module.id for module in ship.modules],
        "cargo": cargo_view(ship.cargo),
        "created_at": ship.created_at,
        "active_buffs": [asdict(buff) for buff in ship.buffs],
    }
    if ship.name:
        view["custom_name"] = ship.name
    if player.docked_at and player.ship_id == ship.id:
        view["docked_at_base"] = player.docked_at
    return view


def module_view(module: Module) -> JsonObject:
    """Describe a module with everything it does."""
    kind = module.type
    view: JsonObject = {
        "id": module.id,
        "type_id": module.type_id,
        "name": items()[module.type_id].name,
        "type": kind.type,
        "slot": kind.slot,
        "size": items()[module.type_id].size,
        "cpu_usage": kind.cpu,
        "power_usage": kind.power,
        "wear": round(module.wear, 4),
        "wear_status": wear_status(module.wear),
        **kind.effects,
    }
    if "magazine_size" in kind.effects:
        view["current_ammo"] = module.rounds
        if module.ammo_id:
            view["loaded_ammo_id"] = module.ammo_id
            view["loaded_ammo_name"] = items()[module.ammo_id].name
    return view


def brief_module_view(module: Module) -> JsonObject:
    """Describe a module in a wreck."""
    return {
        "id": module.id,
        "name": items()[module.type_id].name,
        "type": module.type.type,
        "type_id": module.type_id,
        "wear": round(module.wear, 4),
    }


def wear_status(wear: float) -> str:
    """Name a degree of wear."""
    if wear < 0.05:
        return "pristine"
    return "worn" if wear < 0.5 else "damaged"


def class_view(model: ShipClass) -> JsonObject:
    """Describe a ship class."""
    stats = model.stats
    view: JsonObject = {
        "id": model.id,
        "name": model.name,
        "class": model.role,
        "category": model.category,
        "description": model.about,
        "tier": model.tier,
        "price": model.price,
        "scale": model.scale,
        "base_hull": stats["hull"],
        "base_shield": stats["shield"],
        "base_shield_recharge": stats["shield_recharge"],
        "base_armor": stats["armor"],
        "base_speed": stats["speed"],
        "base_fuel": stats["fuel"],
        "cargo_capacity": stats["cargo"],
        "cpu_capacity": stats["cpu"],
        "power_capacity": stats["power"],
        "weapon_slots": model.slots["weapon"],
        "defense_slots": model.slots["defense"],
        "utility_slots": model.slots["utility"],
        "default_modules": list(model.modules),
        "piloting_required": model.piloting,
        "shipyard_tier": model.tier,
        "build_time": 5 * model.tier,
        "build_materials": [
            {"item_id": item_id, "quantity": quantity} for item_id, quantity in model.needs.items()
        ],
    }
    if model.empire:
        view["faction"] = model.empire
    if model.starter:
        view["starter_ship"] = True
    return view


def cargo_view(cargo: Mapping[str, int]) -> list[JsonObject]:
    """List goods with names and sizes."""
    return [
        {
            "item_id": item_id,
            "name": items()[item_id].name,
            "quantity": quantity,
            "size": items()[item_id].size,
        }
        for item_id, quantity in sorted(cargo.items())
        if quantity
    ]
