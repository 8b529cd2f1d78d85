"""Fuel, repairs, ammunition, and using up or throwing away what is in the hold."""

from collections import Counter

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.encounters import CONTAINER, Wreck
from bridge.sandbox.spacemolt.state.goods import Item, find_item, items
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Buff, Ship
from bridge.sandbox.spacemolt.turn import Handlers, Turn

REPAIR_PRICE = 2
CONTAINER_TICKS = 60

handlers = Handlers()


@handlers("refuel")
def refuel(turn: Turn) -> JsonObject:
    """Fill up at the station, from fuel cells, or give fuel to another ship."""
    target = turn.text("target")
    if target == "fleet":
        return {"action": "refuel", "source": "fleet", **_fleet_view(turn, "fuel")}
    if target:
        return _give_fuel(turn, turn.universe.find_player(target))
    ship = turn.ship
    if ship.fuel >= ship.max_fuel:
        raise GameError("tank_full", "The tank is full.")
    base = turn.universe.base_of(turn.player)
    if base and "refuel" in base.services and "item_id" not in turn.arguments:
        return _refuel_at_station(turn)
    return _crack_cells(turn)


def _refuel_at_station(turn: Turn) -> JsonObject:
    ship, base = turn.ship, turn.base
    wanted = turn.number("quantity") or ship.max_fuel
    amount = min(wanted, ship.max_fuel - ship.fuel, base.fuel, turn.player.credits)
    if base.fuel <= 0:
        raise GameError("station_fuel_depleted", f"{base.name} has no fuel left.")
    if amount <= 0:
        raise GameError("no_credits", "Fuel costs one credit a unit and you have none.")
    turn.universe.spend(turn.player, amount)
    base.fuel -= amount
    ship.fuel += amount
    return {
        "action": "refuel",
        "source": "station",
        "fuel": amount,
        "fuel_now": ship.fuel,
        "fuel_max": ship.max_fuel,
        "cost": amount,
        "message": f"Took on {amount} fuel for {amount} credits.",
    }


def _crack_cells(turn: Turn) -> JsonObject:
    ship = turn.ship
    if "item_id" in turn.arguments:
        cell = find_item(turn.text("item_id"))
    else:
        cells = sorted(
            (item for item in items().values() if item.fuel and ship.cargo[item.id]),
            key=lambda item: item.value,
        )
        if not cells:
            raise GameError("no_fuel_cells", "You are not docked and carry no fuel cells.")
        cell = cells[0]
    if not cell.fuel:
        raise GameError("invalid_item", f"{cell.name} is no fuel cell.")
    useful = -(-(ship.max_fuel - ship.fuel) // cell.fuel)
    count = min(max(1, turn.number("quantity", 1)), useful, max(1, ship.cargo[cell.id]))
    ship.take_cargo(cell.id, count)
    before = ship.fuel
    ship.fuel = min(ship.max_fuel, ship.fuel + count * cell.fuel)
    return {
        "action": "refuel",
        "source": "fuel_cells",
        "item_id": cell.id,
        "item_name": cell.name,
        "cells_used": count,
        "fuel": ship.fuel - before,
        "fuel_now": ship.fuel,
        "fuel_max": ship.max_fuel,
        "message": f"Cracked {count} {cell.name}.",
    }


def _give_fuel(turn: Turn, other: Player) -> JsonObject:
    if not turn.ship.has_special("refueling_pump"):
        raise GameError("no_equipment", "Giving fuel takes a refueling pump.")
    _must_be_here(turn, other)
    theirs = turn.universe.ship_of(other)
    wanted = max(1, turn.number("quantity", 1))
    amount = min(wanted, turn.ship.fuel, theirs.max_fuel - theirs.fuel)
    if amount <= 0:
        raise GameError("tank_full", "There is nothing to give, or no room for it.")
    turn.ship.fuel -= amount
    theirs.fuel += amount
    turn.player.stats["refuels_given"] += 1
    return {
        "action": "refuel",
        "source": "ship",
        "has_pump": True,
        "fuel": amount,
        "fuel_now": turn.ship.fuel,
        "target_player_id": other.id,
        "target_player_name": other.username,
        "target_fuel_now": theirs.fuel,
        "target_fuel_max": theirs.max_fuel,
        "message": f"Gave {amount} fuel to {other.username}.",
    }


@handlers("repair")
def repair(turn: Turn) -> JsonObject:
    """Mend the hull at the station or with kits, or another ship's with a repair arm."""
    target = turn.text("target")
    if target == "fleet":
        return {"action": "repair", "source": "fleet", **_fleet_view(turn, "hull")}
    if target:
        other = turn.universe.find_player(target)
        if not turn.ship.has_special("repair_arm"):
            raise GameError("no_equipment", "Mending another ship takes a repair arm.")
        _must_be_here(turn, other)
        turn.player.stats["repairs_given"] += 1
        theirs = turn.universe.ship_of(other)
        return _use_kits(turn, theirs) | {
            "has_arm": True,
            "target_player_id": other.id,
            "target_player_name": other.username,
            "target_hull_now": theirs.hull,
            "target_hull_max": theirs.max_hull,
        }
    base = turn.universe.base_of(turn.player)
    if base and "repair" in base.services and "item_id" not in turn.arguments:
        return _repair_at_station(turn)
    return _use_kits(turn, turn.ship)


def _repair_at_station(turn: Turn) -> JsonObject:
    ship = turn.ship
    amount = min(ship.max_hull - ship.hull, turn.player.credits // REPAIR_PRICE)
    if ship.hull >= ship.max_hull:
        raise GameError("hull_full", "The hull is whole.")
    if amount <= 0:
        raise GameError("no_credits", "You cannot pay for the repair.")
    turn.universe.spend(turn.player, amount * REPAIR_PRICE)
    ship.hull += amount
    return {
        "action": "repair",
        "source": "station",
        "repaired": amount,
        "hull": ship.hull,
        "max_hull": ship.max_hull,
        "cost": amount * REPAIR_PRICE,
        "message": f"Repaired {amount} for {amount * REPAIR_PRICE} credits.",
    }


def _use_kits(turn: Turn, ship: Ship) -> JsonObject:
    if ship.hull >= ship.max_hull:
        raise GameError("hull_full", "The hull is whole.")
    kit = _choose_kit(turn)
    useful = -(-(ship.max_hull - ship.hull) // kit.amount)
    count = min(max(1, turn.number("quantity", 1)), useful)
    turn.ship.take_cargo(kit.id, count)
    before = ship.hull
    ship.hull = min(ship.max_hull, ship.hull + count * kit.amount)
    turn.universe.teach(turn.player, "repair", 3 * count)
    return {
        "action": "repair",
        "source": "repair_kits",
        "item_id": kit.id,
        "item_name": kit.name,
        "kits_used": count,
        "repaired": ship.hull - before,
        "hull": ship.hull,
        "max_hull": ship.max_hull,
        "message": f"Mended {ship.hull - before} with {count} {kit.name}.",
    }


def _choose_kit(turn: Turn) -> Item:
    if "item_id" in turn.arguments:
        kit = find_item(turn.text("item_id"))
        if kit.effect != "repair":
            raise GameError("invalid_item", f"{kit.name} mends nothing.")
        return kit
    kits = [i for i in items().values() if i.effect == "repair" and turn.ship.cargo[i.id]]
    if not kits:
        raise GameError("item_not_available", "You carry no repair kits.")
    return min(kits, key=lambda item: item.value)


def _must_be_here(turn: Turn, other: Player) -> None:
    if other.place_id != turn.place.id or other.transit or turn.player.transit:
        raise GameError("invalid_target", f"{other.username} is not here.")


def _fleet_view(turn: Turn, what: str) -> JsonObject:
    fleet = turn.universe.society.fleets.get(turn.player.fleet_id)
    if fleet is None:
        raise GameError("not_in_fleet", "You are in no fleet.")
    members = [turn.universe.players[player_id] for player_id in fleet.members]
    tell = _fuel_of if what == "fuel" else _hull_of
    views = [
        {
            "player_id": member.id,
            "username": member.username,
            "is_leader": member.id == fleet.leader_id,
            "is_you": member.id == turn.player.id,
            "ship_class": turn.universe.ship_of(member).class_id,
            **tell(turn.universe.ship_of(member)),
        }
        for member in members
    ]
    now = turn.ship.fuel if what == "fuel" else turn.ship.hull
    return {"fleet_id": fleet.id, "members": views, what: now}


def _fuel_of(ship: Ship) -> JsonObject:
    return {
        "ship_id": ship.id,
        "fuel": ship.fuel,
        "max_fuel": ship.max_fuel,
        "fuel_pct": 100 * ship.fuel // ship.max_fuel,
        "fuel_per_jump": ship.fuel_per_jump,
    }


def _hull_of(ship: Ship) -> JsonObject:
    return {
        "hull": ship.hull,
        "max_hull": ship.max_hull,
        "hull_pct": 100 * ship.hull // ship.max_hull,
        "shield": ship.shield,
        "max_shield": ship.max_shield,
    }


@handlers("use_item")
def use_item(turn: Turn) -> JsonObject:
    """Use up a consumable from the hold."""
    item = find_item(turn.text("item_id"))
    if not item.effect:
        raise GameError("invalid_item", f"{item.name} cannot be used like that.")
    if item.effect == "warp" and turn.player.transit:
        raise GameError("already_traveling", "The warp does not work in flight.")
    count = 1 if item.effect in ("buff", "warp") else turn.number("quantity", 1)
    turn.ship.take_cargo(item.id, count)
    turn.player.stats["consumables_used"] += count
    return {
        "action": "use_item",
        "item_id": item.id,
        "item_name": item.name,
        "effect_type": item.effect,
        "quantity_used": count,
        "quantity_remaining": turn.ship.cargo[item.id],
        **_effect(turn, item, count),
    }


def _effect(turn: Turn, item: Item, count: int) -> JsonObject:
    ship = turn.ship
    match item.effect:
        case "repair":
            before, ship.hull = ship.hull, min(ship.max_hull, ship.hull + count * item.amount)
            return {
                "hull": ship.hull,
                "max_hull": ship.max_hull,
                "hull_restored": ship.hull - before,
            }
        case "shield":
            old, ship.shield = ship.shield, min(ship.max_shield, ship.shield + count * item.amount)
            return {
                "shield": ship.shield,
                "max_shield": ship.max_shield,
                "shield_restored": ship.shield - old,
            }
        case "buff":
            return _buff(turn, item)
        case _:
            return _warp(turn)


def _buff(turn: Turn, item: Item) -> JsonObject:
    ends = turn.universe.tick + item.ticks
    ship = turn.ship
    ship.buffs = [buff for buff in ship.buffs if buff.item_id != item.id]
    ship.buffs.append(Buff(item_id=item.id, stat=item.stat, amount=item.amount, expires_at=ends))
    return {"stat": item.stat, "amount": item.amount, "duration": item.ticks, "expires_at": ends}


def _warp(turn: Turn) -> JsonObject:
    origin, player = turn.system, turn.player
    goal = turn.universe.rng.choice(sorted(origin.links))
    start = turn.place.id
    player.docked_at = ""
    player.system_id = goal
    player.place_id = next(iter(turn.universe.galaxy.systems[goal].places))
    return {
        "origin_system": origin.id,
        "origin_poi": start,
        "destination_system": goal,
        "destination_poi": player.place_id,
    }


@handlers("jettison")
def jettison(turn: Turn) -> JsonObject:
    """Throw goods overboard, into one container per player and place."""
    item, quantity = find_item(turn.text("item_id")), turn.number("quantity")
    turn.ship.take_cargo(item.id, quantity)
    container = _container(turn)
    container.cargo[item.id] += quantity
    turn.player.stats["items_jettisoned"] += quantity
    return {
        "item_id": item.id,
        "item_name": item.name,
        "quantity": quantity,
        "container_id": container.id,
        "message": f"Jettisoned {quantity} {item.name}.",
    }


def _container(turn: Turn) -> Wreck:
    wrecks = turn.universe.encounters.wrecks
    for wreck in wrecks.values():
        if (wreck.type, wreck.place_id, wreck.victim_id) == (
            CONTAINER,
            turn.place.id,
            turn.player.id,
        ):
            return wreck
    container = Wreck(
        id=turn.universe.new_id(),
        type=CONTAINER,
        system_id=turn.system.id,
        place_id=turn.place.id,
        ship_class="",
        ship_name="Container",
        victim_id=turn.player.id,
        victim_name=turn.player.username,
        created_at=turn.universe.timestamp(),
        expires_tick=turn.universe.tick + CONTAINER_TICKS,
        expires_at=turn.universe.after_ticks(CONTAINER_TICKS),
        cargo=Counter(),
    )
    wrecks[container.id] = container
    return container


@handlers("reload")
def reload(turn: Turn) -> JsonObject:
    """Fill a weapon's magazine with one box of ammunition."""
    wanted = turn.text("weapon_instance_id")
    weapon = next((module for module in turn.ship.modules if module.id == wanted), None)
    if weapon is None or weapon.type.slot != "weapon":
        raise GameError("invalid_module", f"You have no weapon '{wanted}' fitted.")
    ammo = find_item(turn.text("ammo_item_id"))
    if not ammo.ammo or ammo.ammo != weapon.type.effects.get("ammo_type"):
        raise GameError("invalid_item", f"{ammo.name} does not fit that weapon.")
    turn.ship.take_cargo(ammo.id, 1)
    previous, discarded = weapon.ammo_id, weapon.rounds
    weapon.ammo_id, weapon.rounds = ammo.id, weapon.effect("magazine_size")
    answer: JsonObject = {
        "action": "reload",
        "weapon_id": weapon.id,
        "weapon_name": items()[weapon.type_id].name,
        "ammo_id": ammo.id,
        "ammo_name": ammo.name,
        "current_ammo": weapon.rounds,
        "magazine_size": weapon.effect("magazine_size"),
    }
    if previous:
        answer |= {"previous_ammo": previous, "rounds_discarded": discarded}
    return answer
