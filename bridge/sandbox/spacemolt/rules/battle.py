"""Steering a battle: zones, stances, targets, joining in. Answered at once; it tells at the tick."""

from bridge.sandbox.spacemolt.rules.combat import join
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.encounters import ZONES, Battle, Fighter
from bridge.sandbox.spacemolt.turn import Handlers, Turn

handlers = Handlers()


@handlers("battle")
def battle(turn: Turn) -> JsonObject:
    """Do one of the six things one can do in a battle."""
    action = turn.text("action")
    match action:
        case "help":
            return _help()
        case "engage":
            return _engage(turn)
        case "stance":
            return _stance(turn)
        case "target":
            return _target(turn)
        case _:
            return _move(turn, action)


@handlers("get_battle_status")
def get_battle_status(turn: Turn) -> JsonObject:
    """Describe the battle one is in, or the one in this system."""
    found = _own_battle(turn) or _battle_here(turn)
    if found is None:
        raise GameError("not_in_battle", "There is no battle in this system.")
    sides = sorted({fighter.side for fighter in found.fighters.values()})
    return {
        "battle_id": found.id,
        "system_id": found.system_id,
        "is_participant": turn.player.id in found.fighters,
        "tick_duration": turn.universe.tick - found.started,
        "participants": [_fighter_view(turn, fighter) for fighter in found.fighters.values()],
        "sides": [
            {
                "side_id": side,
                "player_count": sum(f.side == side for f in found.fighters.values()),
            }
            for side in sides
        ],
    }


def _own_battle(turn: Turn) -> Battle | None:
    return turn.universe.encounters.battles.get(turn.player.battle_id)


def _battle_here(turn: Turn) -> Battle | None:
    battles = turn.universe.encounters.battles.values()
    return next((found for found in battles if found.system_id == turn.system.id), None)


def _fighter(turn: Turn) -> tuple[Battle, Fighter]:
    found = _own_battle(turn)
    if found is None:
        raise GameError("not_in_battle", "You are in no battle.")
    return found, found.fighters[turn.player.id]


def _move(turn: Turn, action: str) -> JsonObject:
    found, fighter = _fighter(turn)
    step = 1 if action == "advance" else -1
    fighter.zone = min(max(fighter.zone + step, 0), len(ZONES) - 1)
    return _answer(found, action, f"You are in the {ZONES[fighter.zone]} zone.")


def _stance(turn: Turn) -> JsonObject:
    found, fighter = _fighter(turn)
    stance = turn.text("stance")
    if not stance:
        raise GameError("invalid_payload", "stance is required: fire, evade, brace or flee.")
    fighter.stance, fighter.fleeing = stance, 0
    return _answer(found, "stance", f"Stance: {stance}.") | {"stance": stance}


def _target(turn: Turn) -> JsonObject:
    found, fighter = _fighter(turn)
    if "target_id" not in turn.arguments:
        raise GameError("invalid_payload", "target_id is required.")
    enemy = turn.universe.find_player(turn.text("target_id"))
    if enemy.id not in {other.player_id for other in found.enemies_of(fighter)}:
        raise GameError("invalid_target", f"{enemy.username} is no enemy in this battle.")
    fighter.target_id = enemy.id
    return _answer(found, "target", f"Fire goes to {enemy.username}.") | {"target_id": enemy.id}


def _engage(turn: Turn) -> JsonObject:
    found = _battle_here(turn)
    if found is None:
        raise GameError("not_in_battle", "There is no battle in this system to join.")
    if turn.player.id in found.fighters:
        raise GameError("already_in_battle", "You are in this battle already.")
    if turn.player.docked_at or turn.player.transit:
        raise GameError("docked" if turn.player.docked_at else "in_transit", "Not from here.")
    side = turn.number("side_id") or _own_side(turn, found)
    if side not in {fighter.side for fighter in found.fighters.values()}:
        raise GameError("invalid_target", f"There is no side {side}.")
    join(found, turn.player, side=side)
    return _answer(found, "engage", f"You joined side {side}.")


def _own_side(turn: Turn, found: Battle) -> int:
    for fighter in found.fighters.values():
        faction = turn.universe.players[fighter.player_id].faction_id
        if faction and faction == turn.player.faction_id:
            return fighter.side
    return 1


def _answer(found: Battle, action: str, message: str) -> JsonObject:
    return {"action": action, "battle_id": found.id, "message": message}


def _fighter_view(turn: Turn, fighter: Fighter) -> JsonObject:
    player = turn.universe.players[fighter.player_id]
    ship = turn.universe.ship_of(player)
    return {
        "player_id": player.id,
        "username": player.username,
        "side_id": fighter.side,
        "zone": ZONES[fighter.zone],
        "stance": fighter.stance,
        "target_id": fighter.target_id,
        "ship_class": ship.class_id,
        "ship_name": ship.name or ship.model.name,
        "hull_pct": 100 * ship.hull // ship.max_hull,
        "shield_pct": 100 * ship.shield // max(1, ship.max_shield),
        "damage_dealt": fighter.dealt,
        "damage_taken": fighter.taken,
        "kill_count": fighter.kills,
        "auto_pilot": player.automatic or not player.online,
    }


def _help() -> JsonObject:
    actions = {
        "advance": ("One zone closer: outer, mid, inner, engaged.", []),
        "retreat": ("One zone back.", []),
        "stance": ("fire, evade, brace or flee.", ["stance"]),
        "target": ("Pick whom to fire at.", ["target_id"]),
        "engage": ("Join the battle in this system.", ["side_id"]),
        "help": ("This text.", []),
    }
    return {
        "command": "battle",
        "description": "Steers a battle that is under way.",
        "actions": [
            {"action": name, "description": text, "params": params}
            for name, (text, params) in actions.items()
        ],
    }
