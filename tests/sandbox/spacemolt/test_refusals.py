"""Whatever the game refuses, it takes nothing for it."""

from collections.abc import Iterator

import pytest

from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.table import Command, commands
from tests.sandbox.spacemolt.pilot import Pilot
from tests.sandbox.spacemolt.test_table import SHELL

SITUATIONS = ("new and docked", "new and in space", "rich and docked", "rich and far away")
PLAUSIBLE = {
    "item_id": "iron_ore",
    "quantity": 100_000,
    "ship_class": "viper",
    "recipe_id": "smelt_steel",
    "target_id": "Ann",
    "player_id": "Bob",
    "recipient": "Bob",
    "facility_type": "small_refinery",
    "credits": 99_999_999,
    "amount": 99_999_999,
    "price_each": 99_999,
}


def place(pilot: Pilot, situation: str) -> None:
    if situation.startswith("rich"):
        pilot.endowed()
    if situation.endswith("space"):
        pilot.player.docked_at = ""
    if situation.endswith("far away"):
        pilot.player.system_id, pilot.player.place_id = "the_drift", "drift_rocks"
        pilot.player.docked_at = ""


def payloads(command: Command) -> Iterator[JsonObject]:
    plain = dict(command.example().get("payload", {}))
    known = {p.name: PLAUSIBLE[p.name] for p in command.params if p.name in PLAUSIBLE}
    actions = [choice for p in command.params if p.name == "action" for choice in p.enum]
    for chosen in [{"action": choice} for choice in actions] or [{}]:
        yield {**plain, **chosen}
        yield {**plain, **known, **chosen}


def belongings(pilot: Pilot) -> JsonObject:
    universe, player = pilot.game.universe, pilot.player
    faction = universe.society.factions.get(player.faction_id)
    base = player.home_base
    return {
        "credits": player.credits,
        "cargo": dict(pilot.ship.cargo),
        "fuel": pilot.ship.fuel,
        "hull": pilot.ship.hull,
        "modules": [module.id for module in pilot.ship.modules],
        "stored": dict(universe.lockers.at(base, player.id).items),
        "treasury": faction.treasury if faction else 0,
        "shared": dict(universe.lockers.at(base, faction.id).items) if faction else {},
        "orders": len(universe.exchange.orders),
        "facilities": len(universe.estates.facilities),
    }


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_refusal_costs_nothing(game: Game, situation: str) -> None:
    Pilot(game, "Bob")
    ann = Pilot(game, "Ann")
    place(ann, situation)
    refused = 0
    for command in commands().values():
        if command.name in SHELL:
            continue
        for payload in payloads(command):
            before = belongings(ann)
            try:
                ann.say(command.name, **payload)
            except GameError:
                assert belongings(ann) == before, (command.name, payload)
                refused += 1

    assert refused > 100
