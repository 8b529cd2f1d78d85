"""What factions are to each other: allies, enemies, at war, at peace."""

from bridge.sandbox.spacemolt.rules.standing import faction_with
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.society import Faction, War
from bridge.sandbox.spacemolt.turn import Handlers, Turn

handlers = Handlers()


def _sides(turn: Turn) -> tuple[Faction, Faction]:
    own = faction_with(turn, "manage_diplomacy")
    other = turn.universe.society.find_faction(turn.text("target_faction_id"))
    if other.id == own.id:
        raise GameError("invalid_target", "That is your own faction.")
    return own, other


def _answer(other: Faction, message: str) -> JsonObject:
    return {"target_faction_id": other.id, "target_name": other.name, "message": message}


def _tell(turn: Turn, kind: str, own: Faction, other: Faction, **more: str) -> None:
    members = [turn.universe.players[member] for member in other.members]
    told: JsonObject = {
        "faction_id": own.id,
        "faction_name": own.name,
        "faction_tag": own.tag,
        **more,
    }
    turn.universe.push_all(members, kind, told)


@handlers("faction_propose_ally")
def propose_ally(turn: Turn) -> JsonObject:
    """Propose an alliance; the other side must accept."""
    own, other = _sides(turn)
    if other.id in own.allies or other.id in own.wars:
        raise GameError("invalid_target", "You are allied or at war with them.")
    other.alliance_proposals[own.id] = turn.universe.timestamp()
    _tell(turn, "faction_ally_proposed", own, other)
    return _answer(other, f"An alliance is proposed to {other.name}.")


@handlers("faction_accept_ally")
def accept_ally(turn: Turn) -> JsonObject:
    """Accept an alliance."""
    own, other = _sides(turn)
    if own.alliance_proposals.pop(other.id, None) is None:
        raise GameError("proposal_not_found", f"{other.name} has proposed no alliance.")
    own.allies.add(other.id)
    other.allies.add(own.id)
    own.enemies.discard(other.id)
    other.enemies.discard(own.id)
    return _answer(other, f"You are allied with {other.name}.")


@handlers("faction_remove_ally")
def remove_ally(turn: Turn) -> JsonObject:
    """End an alliance, on both sides."""
    own, other = _sides(turn)
    removed = other.id in own.allies
    own.allies.discard(other.id)
    other.allies.discard(own.id)
    return _answer(other, "No alliance any more.") | {"removed": removed}


@handlers("faction_set_enemy")
def set_enemy(turn: Turn) -> JsonObject:
    """Mark a faction as an enemy."""
    own, other = _sides(turn)
    own.allies.discard(other.id)
    other.allies.discard(own.id)
    own.enemies.add(other.id)
    return _answer(other, f"{other.name} is an enemy.")


@handlers("faction_remove_enemy")
def remove_enemy(turn: Turn) -> JsonObject:
    """Stop treating a faction as an enemy; a war goes on."""
    own, other = _sides(turn)
    removed = other.id in own.enemies
    own.enemies.discard(other.id)
    return _answer(other, f"{other.name} is neutral.") | {"removed": removed}


@handlers("faction_declare_war")
def declare_war(turn: Turn) -> JsonObject:
    """Declare war; the other side is told."""
    own, other = _sides(turn)
    if other.id in own.wars:
        raise GameError("already_at_war", f"You are at war with {other.name}.")
    reason, now = turn.text("reason"), turn.universe.timestamp()
    for one, enemy in ((own, other), (other, own)):
        one.wars[enemy.id] = War(declared_by=own.id, reason=reason, started_at=now)
        one.allies.discard(enemy.id)
        one.enemies.add(enemy.id)
    _tell(turn, "faction_war_declared", own, other, reason=reason)
    return _answer(other, f"You are at war with {other.name}.") | {"reason": reason}


@handlers("faction_propose_peace")
def propose_peace(turn: Turn) -> JsonObject:
    """Propose peace to an enemy in a war."""
    own, other = _sides(turn)
    if other.id not in own.wars:
        raise GameError("not_at_war", f"You are not at war with {other.name}.")
    terms = turn.text("terms")
    other.peace_proposals[own.id] = {"terms": terms, "proposed_at": turn.universe.timestamp()}
    _tell(turn, "faction_peace_proposed", own, other, terms=terms)
    return _answer(other, f"Peace is proposed to {other.name}.") | {"terms": terms}


@handlers("faction_accept_peace")
def accept_peace(turn: Turn) -> JsonObject:
    """Accept peace; the war is over."""
    own, other = _sides(turn)
    if own.peace_proposals.pop(other.id, None) is None:
        raise GameError("proposal_not_found", f"{other.name} has proposed no peace.")
    own.wars.pop(other.id, None)
    other.wars.pop(own.id, None)
    other.peace_proposals.pop(own.id, None)
    return _answer(other, f"You are at peace with {other.name}.")
