"""Taxes and citizenship: what empires want from a player."""

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.rules.hangar import fleet_of
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.state.goods import items
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Ship
from bridge.sandbox.spacemolt.turn import Handlers, Turn

SOURCES = ("mission", "market", "salvage", "ship_sale", "rescue")
WEEK = 7 * 24 * 3600

handlers = Handlers()


def fitted_value(ship: Ship) -> int:
    """Return what a ship and its modules are worth."""
    return ship.model.price + sum(items()[module.type_id].value for module in ship.modules)


@handlers("get_tax_estimate")
def get_tax_estimate(turn: Turn) -> JsonObject:
    """Work out what would be due now; nothing is taken."""
    player = turn.player
    gross = sum(player.taxable[source] for source in SOURCES)
    ships = [(ship.id, fitted_value(ship)) for ship in fleet_of(turn.universe, player)]
    property_value = sum(value for _, value in ships)
    income, estates = _income_tax(player, gross), _property_tax(player, property_value)
    return {
        "action": "get_tax_estimate",
        "tax_collection_active": False,
        "taxable_income_to_date": gross,
        "taxable_income_by_source": [
            {"category": source, "amount": player.taxable[source]} for source in SOURCES
        ],
        "income_tax": income,
        "income_tax_total": sum(row["owed"] for row in income),
        "assessed_property_value": property_value,
        "assessed_property_by_ship": [{"ship_id": key, "value": value} for key, value in ships],
        "property_tax": estates,
        "property_tax_total": sum(row["owed"] for row in estates),
        "sales_tax_rates": _sales_taxes(player),
        "next_assessment_approx_seconds": WEEK,
    }


def _income_tax(player: Player, gross: int) -> list[JsonObject]:
    rates = {empire: read("empires")[empire]["income_tax"] for empire in player.citizenships}
    return [
        {
            "empire": empire,
            "gross": gross,
            "rate_bps": rate,
            "credit": 0,
            "owed": gross * rate // 10_000,
        }
        for empire, rate in rates.items()
    ]


def _property_tax(player: Player, value: int) -> list[JsonObject]:
    rate = read("policy")["property_tax_bps"]
    return [
        {
            "empire": empire,
            "assessed_value": value,
            "rate_bps": rate,
            "owed": value * rate // 10_000,
        }
        for empire in player.citizenships
    ]


def _sales_taxes(player: Player) -> list[JsonObject]:
    return [
        {
            "empire": empire,
            "rate_bps": entry["sales_tax"],
            "reason": "citizen" if empire in player.citizenships else "visitor",
        }
        for empire, entry in read("empires").items()
    ]
