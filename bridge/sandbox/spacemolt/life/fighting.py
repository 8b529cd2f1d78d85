"""One tick of every fight: battles between players, and duels with pirates and patrols.

Stances: fire deals and takes in full; evade takes half and burns fuel; brace takes a quarter and
recharges double; flee takes in full, falls back a zone a tick and escapes after three ticks outside.
"""

from dataclasses import dataclass

from bridge.sandbox.spacemolt.life.death import destroy, leave_battle
from bridge.sandbox.spacemolt.state import progress
from bridge.sandbox.spacemolt.state.encounters import Battle, Fighter, Npc, Wreck
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Ship
from bridge.sandbox.spacemolt.state.universe import Universe

TAKEN = {"fire": 1.0, "evade": 0.5, "brace": 0.25, "flee": 1.0}
ESCAPE_TICKS = 3
PIRATE_BOUNTY = 300
PIRATE_WRECK_TICKS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What one salvo did."""

    damage: int
    shield: int
    hull: int
    destroyed: bool


def fight(universe: Universe) -> None:
    """Let one tick of every fight happen."""
    for battle in list(universe.encounters.battles.values()):
        for fighter in list(battle.fighters.values()):
            if fighter.player_id in battle.fighters and battle.id in universe.encounters.battles:
                _act(universe, battle, fighter)
    for npc in list(universe.encounters.npcs.values()):
        if npc.hunting:
            _duel(universe, npc)


def firepower(ship: Ship, player: Player, zone: int) -> tuple[int, str]:
    """Return the damage of a salvo from a zone, and its kind; magazines lose rounds by it."""
    total, kind = 0, "energy"
    for module in ship.modules:
        if module.type.slot != "weapon" or zone < 3 - module.effect("reach"):
            continue
        if module.effect("magazine_size"):
            if not module.rounds:
                continue
            module.rounds = max(0, module.rounds - 10)
        total += module.effect("damage")
        kind = str(module.type.effects["damage_type"])
    return round(total * (1 + 0.02 * player.level("weapons"))), kind


def hit(ship: Ship, damage: int) -> Hit:
    """Take damage: the shield first, then the hull behind its armour."""
    on_shield = min(ship.shield, damage)
    ship.shield -= on_shield
    rest = damage - on_shield
    on_hull = min(ship.hull, max(1, rest - ship.armor)) if rest > 0 else 0
    ship.hull -= on_hull
    return Hit(damage=damage, shield=on_shield, hull=on_hull, destroyed=ship.hull <= 0)


def _act(universe: Universe, battle: Battle, fighter: Fighter) -> None:
    player = universe.players[fighter.player_id]
    ship = universe.ship_of(player)
    if player.automatic and ship.hull < ship.max_hull * 0.3:
        fighter.stance = "flee"
    match fighter.stance:
        case "flee":
            _fall_back(universe, player, fighter)
        case "evade":
            ship.fuel = max(0, ship.fuel - 1)
        case "brace":
            ship.shield = min(ship.max_shield, ship.shield + ship.shield_recharge)
        case _:
            _fire(universe, battle, fighter, player)


def _fall_back(universe: Universe, player: Player, fighter: Fighter) -> None:
    if fighter.zone:
        fighter.zone -= 1
        return
    fighter.fleeing += 1
    if fighter.fleeing >= ESCAPE_TICKS:
        player.stats["battles_fled"] += 1
        leave_battle(universe, player)
        universe.push(player, "battle_left", {"message": "You escaped.", "tick": universe.tick})


def _fire(universe: Universe, battle: Battle, fighter: Fighter, player: Player) -> None:
    enemies = battle.enemies_of(fighter)
    if not enemies:
        return
    enemy = next((e for e in enemies if e.player_id == fighter.target_id), enemies[0])
    power, kind = firepower(universe.ship_of(player), player, fighter.zone)
    if not power:
        return
    target = universe.players[enemy.player_id]
    result = hit(universe.ship_of(target), round(power * TAKEN[enemy.stance]))
    fighter.dealt += result.damage
    enemy.taken += result.damage
    player.stats["damage_dealt"] += result.damage
    target.stats["damage_taken"] += result.damage
    _tell(universe, [player, target], (player.username, target.username), kind, result)
    universe.teach(player, "weapons", 3)
    universe.teach(target, "shields", 2)
    if result.destroyed:
        fighter.kills += 1
        player.stats["ships_destroyed"] += 1
        _count_war_kill(universe, player, target)
        destroy(
            universe,
            target,
            cause="combat",
            killer_id=player.id,
            killer_name=player.username,
        )


def _count_war_kill(universe: Universe, player: Player, target: Player) -> None:
    ours = universe.society.factions.get(player.faction_id)
    theirs = universe.society.factions.get(target.faction_id)
    if ours and theirs and theirs.id in ours.wars:
        ours.wars[theirs.id].our_kills += 1
        theirs.wars[ours.id].their_kills += 1


def _tell(
    universe: Universe, audience: list[Player], names: tuple[str, str], kind: str, result: Hit
) -> None:
    universe.push_all(
        audience,
        "combat_update",
        {
            "tick": universe.tick,
            "attacker": names[0],
            "target": names[1],
            "damage": result.damage,
            "damage_type": kind,
            "shield_hit": result.shield,
            "hull_hit": result.hull,
            "destroyed": result.destroyed,
        },
    )


def _duel(universe: Universe, npc: Npc) -> None:
    player = universe.players.get(npc.hunting)
    gone = player is None or player.place_id != npc.place_id or player.transit or player.docked_at
    if player is None or gone:
        npc.hunting = ""
        return
    ship = universe.ship_of(player)
    power, kind = firepower(ship, player, 3)
    if power:
        result = _hit_npc(npc, power)
        _tell(universe, [player], (player.username, npc.name), kind, result)
        universe.teach(player, "weapons", 3)
        if result.destroyed:
            _bring_down(universe, npc, player)
            return
    result = hit(ship, npc.damage)
    _tell(universe, [player], (npc.name, player.username), "kinetic", result)
    if result.destroyed:
        npc.hunting = ""
        destroy(universe, player, cause=npc.kind, killer_id=npc.id, killer_name=npc.name)


def _hit_npc(npc: Npc, damage: int) -> Hit:
    on_shield = min(npc.shield, damage)
    npc.shield -= on_shield
    on_hull = min(npc.hull, damage - on_shield)
    npc.hull -= on_hull
    return Hit(damage=damage, shield=on_shield, hull=on_hull, destroyed=npc.hull <= 0)


def _bring_down(universe: Universe, npc: Npc, player: Player) -> None:
    del universe.encounters.npcs[npc.id]
    wreck = Wreck(
        id=universe.new_id(),
        type=npc.kind,
        system_id=npc.system_id,
        place_id=npc.place_id,
        ship_class=npc.ship_class,
        ship_name=npc.name,
        victim_id=npc.id,
        victim_name=npc.name,
        killer_id=player.id,
        killer_name=player.username,
        created_at=universe.timestamp(),
        expires_tick=universe.tick + PIRATE_WRECK_TICKS,
        expires_at=universe.after_ticks(PIRATE_WRECK_TICKS),
        salvage_value=120,
    )
    wreck.cargo["metal_scrap"] = 5
    wreck.cargo["components"] = 2
    universe.encounters.wrecks[wreck.id] = wreck
    player.stats["npcs_destroyed"] += 1
    if npc.kind == "pirate":
        player.stats["pirates_destroyed"] += 1
        universe.earn(player, PIRATE_BOUNTY)
        progress.count(player, progress.KILL, npc.tier)
    universe.push(
        player,
        "pirate_destroyed" if npc.kind == "pirate" else "battle_ended",
        {
            "pirate_id": npc.id,
            "pirate_name": npc.name,
            "tier": npc.tier,
            "reward": PIRATE_BOUNTY if npc.kind == "pirate" else 0,
            "wreck_id": wreck.id,
            "tick": universe.tick,
        },
    )
