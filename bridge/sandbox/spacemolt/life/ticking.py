"""What happens at every tick besides what players ordered: fights, recovery, endings."""

from bridge.sandbox.spacemolt.life import fighting, markets, others, pirates, yards
from bridge.sandbox.spacemolt.life.death import leave_battle
from bridge.sandbox.spacemolt.rules import drones, missions, trades
from bridge.sandbox.spacemolt.state.universe import Universe


def live(universe: Universe, *, lively: bool) -> None:
    """Let one tick pass; without ``lively`` nobody acts on his own."""
    fighting.fight(universe)
    if lively:
        pirates.prowl(universe)
        others.act(universe)
    markets.restock(universe)
    yards.build(universe)
    drones.work(universe)
    _recover(universe)
    _end(universe)


def _recover(universe: Universe) -> None:
    for player in universe.players.values():
        ship = universe.ship_of(player)
        ship.buffs = [buff for buff in ship.buffs if buff.expires_at > universe.tick]
        if not player.battle_id:
            ship.shield = min(ship.max_shield, ship.shield + ship.shield_recharge)
    for place in universe.galaxy.places.values():
        for deposit in place.deposits.values():
            deposit.remaining = min(deposit.full, deposit.remaining + 1)
    for base in universe.galaxy.bases.values():
        base.fuel = min(base.max_fuel, base.fuel + 5)


def _end(universe: Universe) -> None:
    wrecks = universe.encounters.wrecks
    for wreck in list(wrecks.values()):
        if wreck.expires_tick <= universe.tick or (wreck.empty and not wreck.salvage_value):
            del wrecks[wreck.id]
    for offer in list(universe.dealings.trades.values()):
        if offer.expires_tick <= universe.tick:
            trades.give_back(universe, offer)
    missions.expire(universe)
    for player in universe.players.values():
        if player.pilotless_until and player.pilotless_until <= universe.tick:
            player.pilotless_until = 0
            leave_battle(universe, player)
