"""Opening fire, scanning, hiding, and giving up one's ship.

An attack on a player starts a battle, or joins the one that the target is in; an attack on a pirate
or a patrol is a duel. The fighting itself goes on by itself from tick to tick.
"""

from bridge.sandbox.spacemolt.life.death import destroy
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.encounters import Battle, Fighter, Npc
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Handlers, Turn

BARE_EYES = 8
SELF_DESTRUCT_FEE = 100
POLICE_RESPONSE = 3

handlers = Handlers()


@handlers("attack")
def attack(turn: Turn) -> JsonObject:
    """Open fire."""
    if not any(module.type.slot == "weapon" for module in turn.ship.modules):
        raise GameError("no_weapons", "You have no weapon fitted.")
    npc = find_npc(turn.universe, turn.text("target_id"))
    if npc is not None:
        return _duel(turn, npc)
    target = turn.universe.find_player(turn.text("target_id"))
    battle = open_fire(turn.universe, turn.player, target)
    return {
        "action": "attack",
        "target_id": target.id,
        "target": target.username,
        "battle_id": battle.id,
        "message": f"You attack {target.username}.",
    }


def open_fire(universe: Universe, attacker: Player, target: Player) -> Battle:
    """Start a battle against a player, or join it on the other side; raises GameError."""
    _check_target(attacker, target)
    battles = universe.encounters.battles
    battle = battles.get(target.battle_id) or battles.get(attacker.battle_id)
    if battle is None:
        battle = Battle(
            id=universe.new_id(),
            system_id=target.system_id,
            place_id=target.place_id,
            started=universe.tick,
        )
        battles[battle.id] = battle
        attacker.stats["battles_started"] += 1
    first = battle.fighters.get(target.id) or join(battle, target, side=2)
    second = battle.fighters.get(attacker.id) or join(battle, attacker, side=3 - first.side)
    second.target_id = target.id
    first.target_id = first.target_id or attacker.id
    attacker.cloaked = False
    _call_police(universe, attacker, target)
    return battle


def join(battle: Battle, player: Player, *, side: int) -> Fighter:
    """Let a player take part in a battle."""
    fighter = Fighter(player_id=player.id, side=side)
    battle.fighters[player.id] = fighter
    player.battle_id = battle.id
    return fighter


def _check_target(attacker: Player, target: Player) -> None:
    if target.id == attacker.id:
        raise GameError("invalid_target", "You cannot attack yourself.")
    if target.system_id != attacker.system_id or target.transit or not target.online:
        raise GameError("invalid_target", f"{target.username} is not in this system.")
    if target.docked_at:
        raise GameError("invalid_target", f"{target.username} is docked and safe.")
    if target.cloaked:
        raise GameError("target_cloaked", "You cannot attack what you cannot see.")


def _call_police(universe: Universe, attacker: Player, target: Player) -> None:
    system = universe.galaxy.systems[attacker.system_id]
    if not system.police or target.bounty[system.empire]:
        return
    attacker.reputation[system.empire] -= 5
    attacker.bounty[system.empire] += 100
    universe.push(
        attacker,
        "police_warning",
        {
            "message": f"{system.name} police: cease fire.",
            "police_level": system.police,
            "response_ticks": POLICE_RESPONSE,
            "system": system.id,
        },
    )


def find_npc(universe: Universe, target: str) -> Npc | None:
    """Return the pirate or patrol of that id or name."""
    for npc in universe.encounters.npcs.values():
        if target == npc.id or target.casefold() == npc.name.casefold():
            return npc
    return None


def _duel(turn: Turn, npc: Npc) -> JsonObject:
    if npc.system_id != turn.system.id:
        raise GameError("invalid_target", f"{npc.name} is not in this system.")
    npc.hunting = turn.player.id
    npc.place_id = turn.place.id
    turn.player.cloaked = False
    if npc.kind == "patrol":
        turn.player.reputation[npc.empire] -= 20
        turn.player.bounty[npc.empire] += 500
    return {
        "action": "attack",
        "target_id": npc.id,
        "target": npc.name,
        "message": f"You attack {npc.name}.",
    }


@handlers("scan")
def scan(turn: Turn) -> JsonObject:
    """Scan a pilot or a computer-flown ship."""
    npc = find_npc(turn.universe, turn.text("target_id"))
    result = _scan_player(turn) if npc is None else _scan_npc(turn, npc)
    turn.player.stats["scans_performed"] += 1
    turn.universe.teach(turn.player, "scanning", 4)
    return result


def _scan_player(turn: Turn) -> JsonObject:
    target = turn.universe.find_player(turn.text("target_id"))
    if target.place_id != turn.place.id or target.transit or target.id == turn.player.id:
        raise GameError("invalid_target", f"{target.username} is not here.")
    return scan_player(turn.universe, turn.player, target)


def scan_player(universe: Universe, scanner: Player, target: Player) -> JsonObject:
    """Scan a player, who is told; returns what was seen."""
    power = BARE_EYES + universe.ship_of(scanner).bonus("scanner_power") + scanner.level("scanning")
    ship = universe.ship_of(target)
    hiding = ship.bonus("cloak_strength") if target.cloaked else 0
    facts: JsonObject = {}
    if power > hiding:
        facts = {"username": target.username, "ship_class": ship.class_id}
        if power >= BARE_EYES + 10:
            facts |= {"hull": ship.hull, "shield": ship.shield}
        if target.faction_id:
            facts["faction_id"] = target.faction_id
    universe.push(
        target,
        "scan_detected",
        {
            "scanner_id": scanner.id,
            "scanner_username": scanner.username,
            "scanner_ship_class": universe.ship_of(scanner).class_id,
            "revealed_info": list(facts),
            "message": f"{scanner.username} scanned you.",
        },
    )
    result: JsonObject = {
        "target_id": target.id,
        "success": bool(facts),
        "cloaked": target.cloaked,
        "revealed_info": list(facts),
        **facts,
    }
    # Only the push names what is in the hold.
    seen = {"cargo_types": sorted(ship.cargo)} if "hull" in facts else {}
    universe.push(scanner, "scan_result", {**result, **seen})
    return result


def _scan_npc(turn: Turn, npc: Npc) -> JsonObject:
    if npc.place_id != turn.place.id:
        raise GameError("invalid_target", f"{npc.name} is not here.")
    facts: JsonObject = {
        "username": npc.name,
        "ship_class": npc.ship_class,
        "hull": npc.hull,
        "shield": npc.shield,
    }
    return {
        "target_id": npc.id,
        "success": True,
        "cloaked": False,
        "revealed_info": list(facts),
        **facts,
    }


@handlers("cloak")
def cloak(turn: Turn) -> JsonObject:
    """Switch the cloaking device on or off."""
    strength = turn.ship.bonus("cloak_strength")
    if not strength:
        raise GameError("no_cloak", "You have no cloaking device fitted.")
    enable = turn.arguments.flag("enable", default=not turn.player.cloaked)
    if enable and (turn.player.docked_at or turn.player.battle_id):
        raise GameError("docked" if turn.player.docked_at else "combat_interrupt", "Not here.")
    if enable and not turn.player.cloaked:
        turn.player.stats["cloak_activations"] += 1
        turn.universe.teach(turn.player, "cloaking", 5)
    turn.player.cloaked = enable
    strength = round(strength * (1 + 0.05 * turn.player.level("cloaking")))
    return {
        "enabled": enable,
        "cloak_strength": strength if enable else 0,
        "message": "The cloak is up." if enable else "The cloak is down.",
    }


@handlers("self_destruct")
def self_destruct(turn: Turn) -> JsonObject:
    """Blow up one's own ship."""
    lost = turn.ship.class_id
    turn.player.stats["self_destructs"] += 1
    fee = min(SELF_DESTRUCT_FEE, turn.player.credits)
    turn.player.credits -= fee
    destroy(turn.universe, turn.player, cause="self_destruct", fee=fee)
    return {
        "action": "self_destruct",
        "ship_lost": lost,
        "respawn_base": turn.player.home_base,
        "message": "Your ship is gone. You wake at your home base.",
    }
