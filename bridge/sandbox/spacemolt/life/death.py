"""The end of a ship: a wreck for others, and a new start for its pilot."""

from collections import Counter

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.encounters import Wreck
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Ship
from bridge.sandbox.spacemolt.state.universe import Universe

WRECK_TICKS = 100_000
CLONE_COST = 50

# What the report of a death says even when it is nothing.
_ALWAYS = ("clone_cost", "insurance_payout")


def destroy(
    universe: Universe,
    player: Player,
    *,
    cause: str,
    killer_id: str = "",
    killer_name: str = "",
    fee: int = 0,
) -> Wreck:
    """Destroy a player's ship; the pilot wakes at home in a starter ship. Returns the wreck."""
    ship = universe.ship_of(player)
    wreck = _leave_wreck(universe, player, ship, killer_id, killer_name)
    payout = universe.insurance.pay(ship.id, universe.tick) if cause != "self_destruct" else 0
    cost = min(CLONE_COST, player.credits + payout)
    player.credits += payout - cost
    _count(player, cause, payout)
    report: JsonObject = {
        "cause": cause,
        "killer_id": killer_id,
        "killer_name": killer_name,
        "respawn_base": player.home_base,
        "clone_cost": cost,
        "insurance_payout": payout,
        "ship_lost": ship.class_id,
        "wreck_id": wreck.id,
        "self_destruct_fee": fee,
        "combat_log": _combat_log(universe, player, ship, killer_name),
    }
    respawn(universe, player)
    kept = {key: value for key, value in report.items() if value or key in _ALWAYS}
    universe.push(player, "player_died", kept)
    universe.record(player, "combat", "death", f"Lost a {ship.model.name}", {"cause": cause})
    universe.interruptions[player.id] = GameError("combat_interrupt", "Your ship was destroyed.")
    return wreck


def _combat_log(universe: Universe, player: Player, ship: Ship, killer_name: str) -> JsonObject:
    return {
        "attacker_ship": killer_name,
        "combat_rounds": 1,
        "death_location": player.place_id,
        "death_system": player.system_id,
        "hull_damage": ship.max_hull,
        "shield_damage": ship.max_shield,
        "total_damage": ship.max_hull + ship.max_shield,
        "message": f"{ship.model.name} was lost at {universe.place_of(player).name}.",
    }


def respawn(universe: Universe, player: Player) -> None:
    """Let a pilot wake at home, docked, in a starter ship; the old ship is gone."""
    leave_battle(universe, player)
    universe.ships.pop(player.ship_id, None)
    base = universe.galaxy.bases[player.home_base]
    player.transit = None
    player.system_id, player.place_id, player.docked_at = base.system_id, base.place_id, base.id
    player.cloaked = False
    towed = universe.encounters.wrecks.get(player.towing)
    if towed is not None:
        towed.towed_by = ""
    player.towing = ""
    player.ship_id = universe.new_ship("mayfly", player.id).id


def leave_battle(universe: Universe, player: Player) -> None:
    """Take a player out of a battle; it ends when nobody is left to fight."""
    battle = universe.encounters.battles.get(player.battle_id)
    player.battle_id = ""
    if battle is None:
        return
    battle.fighters.pop(player.id, None)
    sides = {fighter.side for fighter in battle.fighters.values()}
    if len(sides) > 1:
        return
    universe.encounters.battles.pop(battle.id, None)
    for player_id in battle.fighters:
        universe.players[player_id].battle_id = ""


def _leave_wreck(
    universe: Universe, player: Player, ship: Ship, killer_id: str, killer_name: str
) -> Wreck:
    # Half of every stack survives, and every second module.
    cargo = Counter({key: (count + 1) // 2 for key, count in ship.cargo.items()})
    wreck = Wreck(
        id=universe.new_id(),
        type="ship",
        system_id=player.system_id,
        place_id=player.place_id,
        ship_class=ship.class_id,
        ship_name=ship.name or ship.model.name,
        victim_id=player.id,
        victim_name=player.username,
        killer_id=killer_id,
        killer_name=killer_name,
        created_at=universe.timestamp(),
        expires_tick=universe.tick + WRECK_TICKS,
        expires_at=universe.after_ticks(WRECK_TICKS),
        salvage_value=50 + ship.model.price // 10,
        cargo=cargo,
        modules=ship.modules[::2],
    )
    universe.encounters.wrecks[wreck.id] = wreck
    return wreck


def _count(player: Player, cause: str, payout: int) -> None:
    player.stats["ships_lost"] += 1
    player.stats["times_destroyed"] += 1
    player.stats["insurance_payouts_received"] += payout
    names = {"self_destruct": "deaths_by_self_destruct", "pirate": "deaths_by_pirate"}
    player.stats[names.get(cause, "deaths_by_player")] += 1
