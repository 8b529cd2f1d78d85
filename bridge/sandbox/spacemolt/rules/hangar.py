"""One's own ships: listing, boarding, naming, refitting, selling, scrapping."""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import items
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Ship
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Handlers, Turn

RESALE = 0.5

handlers = Handlers()


def fleet_of(universe: Universe, player: Player) -> list[Ship]:
    """Return every ship that a player owns."""
    return [ship for ship in universe.ships.values() if ship.owner_id == player.id]


@handlers("list_ships")
def list_ships(turn: Turn) -> JsonObject:
    """List every ship one owns."""
    owned = fleet_of(turn.universe, turn.player)
    return {
        "ships": [_entry(turn, ship) for ship in owned],
        "count": len(owned),
        "active_ship_id": turn.ship.id,
        "active_ship_class": turn.ship.class_id,
    }


def _entry(turn: Turn, ship: Ship) -> JsonObject:
    active = ship.id == turn.player.ship_id
    base = turn.universe.galaxy.bases.get(ship.stored_at)
    listing = turn.universe.yards.listing_of(ship.id)
    view: JsonObject = {
        "ship_id": ship.id,
        "class_id": ship.class_id,
        "class_name": ship.model.name,
        "custom_name": ship.name,
        "is_active": active,
        "hull": f"{ship.hull}/{ship.max_hull}",
        "fuel": f"{ship.fuel}/{ship.max_fuel}",
        "cargo_used": ship.load,
        "modules": len(ship.modules),
        "location": base.name if base else turn.place.name,
    }
    if base:
        view["location_base_id"] = base.id
    if listing:
        view |= {
            "listing_id": listing.id,
            "listing_price": listing.price,
            "listing_base_id": listing.base_id,
        }
    return view


def stored_here(turn: Turn, ship_id: str) -> Ship:
    """Return one's ship that is stored at this base; raises GameError with ``invalid_ship``."""
    ship = turn.universe.ships.get(ship_id)
    if ship is None or ship.owner_id != turn.player.id:
        raise GameError("invalid_ship", f"You own no ship '{ship_id}'. See list_ships.")
    if ship.id == turn.player.ship_id:
        raise GameError("active_ship", "That is the ship you are flying.")
    if ship.stored_at != turn.base.id:
        raise GameError("invalid_ship", "That ship is stored elsewhere.")
    if turn.universe.yards.listing_of(ship.id):
        raise GameError("ship_listed", "That ship is for sale. Cancel the listing first.")
    return ship


def board(turn: Turn, ship: Ship) -> Ship:
    """Leave the active ship at this base, its cargo in storage, and board another; returns it."""
    old = turn.ship
    unload(turn, old)
    old.stored_at = turn.base.id
    ship.stored_at = ""
    ship.owner_id = turn.player.id
    turn.player.ship_id = ship.id
    return old


def unload(turn: Turn, ship: Ship) -> list[JsonObject]:
    """Move a ship's cargo into storage at this base; returns what was moved."""
    locker, moved = turn.universe.locker(turn.player), []
    for item_id, quantity in ship.cargo.items():
        locker.put(item_id, quantity)
        moved.append({"item_id": item_id, "name": items()[item_id].name, "quantity": quantity})
    ship.cargo.clear()
    ship.loose.clear()
    return moved


def strip(turn: Turn, ship: Ship) -> list[JsonObject]:
    """Move a ship's modules into storage at this base; returns what was moved."""
    locker, moved = turn.universe.locker(turn.player), []
    for module in ship.modules:
        locker.put(module.type_id, 1)
        moved.append({"module_type": module.type_id, "name": items()[module.type_id].name})
    ship.modules.clear()
    return moved


@handlers("switch_ship")
def switch_ship(turn: Turn) -> JsonObject:
    """Board another ship that is stored here."""
    turn.base_with("shipyard")
    ship = stored_here(turn, turn.text("ship_id"))
    cargo = [
        {"item_id": key, "name": items()[key].name, "quantity": quantity}
        for key, quantity in turn.ship.cargo.items()
    ]
    old = board(turn, ship)
    return {
        "active_ship_id": ship.id,
        "active_ship_class": ship.class_id,
        "stored_ship_id": old.id,
        "stored_ship_class": old.class_id,
        "cargo_to_storage": cargo,
        "message": f"You fly the {ship.name or ship.model.name} now.",
    }


@handlers("name_ship")
def name_ship(turn: Turn) -> JsonObject:
    """Name the active ship, or clear its name."""
    name = turn.text("name").strip()
    if name and not 3 <= len(name) <= 32:
        raise GameError("invalid_name", "Ship names have 3 to 32 characters.")
    taken = {ship.name.casefold() for ship in turn.universe.ships.values() if ship is not turn.ship}
    if name and name.casefold() in taken:
        raise GameError("name_taken", f"Another ship is called '{name}'.")
    turn.ship.name = name
    return {
        "ship_id": turn.ship.id,
        "ship_name": name or turn.ship.model.name,
        "message": "The ship has its name." if name else "The name is cleared.",
    }


@handlers("refit_ship")
def refit_ship(turn: Turn) -> JsonObject:
    """Reset the active ship to what its class is today."""
    turn.base_with("shipyard")
    ship = turn.ship
    fitted = sorted(module.type_id for module in ship.modules)
    if fitted == sorted(ship.model.modules) and not ship.cargo:
        raise GameError("already_current", "The ship is as its class should be.")
    modules, cargo = strip(turn, ship), unload(turn, ship)
    ship.modules = [turn.universe.new_module(kind) for kind in ship.model.modules]
    ship.hull = min(ship.hull, ship.max_hull)
    ship.shield = min(ship.shield, ship.max_shield)
    return {
        "ship_id": ship.id,
        "class_id": ship.class_id,
        "modules_returned": len(modules),
        "cargo_returned": sum(entry["quantity"] for entry in cargo),
        "default_modules": len(ship.modules),
        "message": "Refit done; the rest is in your storage.",
    }


@handlers("sell_ship")
def sell_ship(turn: Turn) -> JsonObject:
    """Sell a stored ship to the station, for half of its price."""
    turn.base_with("shipyard")
    ship = stored_here(turn, turn.text("ship_id"))
    price = round(ship.model.price * RESALE)
    answer: JsonObject = {
        "credits_earned": price,
        "days_owned": 0,
        "cargo_to_storage": unload(turn, ship),
        "modules_to_storage": strip(turn, ship),
    }
    del turn.universe.ships[ship.id]
    turn.universe.earn(turn.player, price, taxable="ship_sale")
    return answer | {
        "credits_total": turn.player.credits,
        "message": f"Sold the {ship.model.name} for {price} credits.",
    }


@handlers("scrap_ship")
def scrap_ship(turn: Turn) -> JsonObject:
    """Break up a stored ship for nothing."""
    turn.base_with("shipyard")
    ship = stored_here(turn, turn.text("ship_id"))
    answer: JsonObject = {
        "scrapped_ship_id": ship.id,
        "scrapped_class": ship.class_id,
        "cargo_to_storage": unload(turn, ship),
        "modules_to_storage": strip(turn, ship),
        "message": f"The {ship.model.name} is no more.",
    }
    del turn.universe.ships[ship.id]
    return answer
