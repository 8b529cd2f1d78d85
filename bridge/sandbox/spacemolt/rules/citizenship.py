"""Citizenship of empires: seeking it, giving it up, taking an application back."""

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.turn import Handlers, Turn

handlers = Handlers()


@handlers("citizenship")
def citizenship(turn: Turn) -> JsonObject:
    """Do one of the four things one can do about citizenship."""
    action = turn.text("action")
    if action == "list":
        return _list(turn)
    empire = turn.text("empire_id")
    if not empire:
        raise GameError("invalid_payload", "empire_id is required.")
    deed = {"apply": _apply, "renounce": _renounce, "withdraw": _withdraw}[action]
    return {"empire_id": empire, **deed(turn, empire)}


def _list(turn: Turn) -> JsonObject:
    player = turn.player
    pending = [p for p in player.petitions if p["status"] == "pending"]
    return {
        "origin": player.empire,
        "citizenships": [
            {"empire_id": empire, "granted_at": when}
            for empire, when in player.citizenships.items()
        ],
        "pending_petitions": pending,
        "recent_decisions": [p for p in player.petitions if p["status"] != "pending"],
        "empires": [_summary(player, empire) for empire in read("empires")],
        "rules": ["Fees are kept when citizenship is granted, and returned otherwise."],
    }


def _summary(player: Player, empire: str) -> JsonObject:
    entry = read("empires")[empire]
    terms = entry["citizenship"]
    reason = _obstacle(player, empire)
    view: JsonObject = {
        "empire_id": empire,
        "empire_name": entry["name"],
        "open": terms["open"],
        "exclusive": terms["exclusive"],
        "auto_approve": terms["auto_approve"],
        "fee": terms["fee"],
        "min_balance": terms["min_balance"],
        "min_reputation": terms["min_reputation"],
        "your_reputation": player.reputation[empire],
        "is_citizen": empire in player.citizenships,
        "has_pending": _pending(player, empire) is not None,
        "eligible": reason is None,
    }
    return view | ({"ineligible_reason": reason.code} if reason else {})


def _pending(player: Player, empire: str) -> JsonObject | None:
    for petition in player.petitions:
        if petition["empire_id"] == empire and petition["status"] == "pending":
            return petition
    return None


def _obstacle(player: Player, empire: str) -> GameError | None:
    terms = read("empires")[empire]["citizenship"]
    checks = (
        (terms["open"], "citizenship_closed", "The empire takes nobody."),
        (empire not in player.citizenships, "already_citizen", "You are a citizen."),
        (_pending(player, empire) is None, "already_pending", "Your application is pending."),
        (
            player.reputation[empire] >= terms["min_reputation"],
            "insufficient_reputation",
            f"It takes a reputation of {terms['min_reputation']}.",
        ),
        (
            player.credits >= terms["min_balance"] + terms["fee"],
            "insufficient_credits",
            f"It takes {terms['min_balance'] + terms['fee']} credits.",
        ),
    )
    failed = next((check for check in checks if not check[0]), None)
    return GameError(failed[1], failed[2]) if failed else None


def _apply(turn: Turn, empire: str) -> JsonObject:
    player, terms = turn.player, read("empires")[empire]["citizenship"]
    obstacle = _obstacle(player, empire)
    if obstacle:
        raise obstacle
    turn.universe.spend(player, terms["fee"])
    now, granted = turn.universe.timestamp(), terms["auto_approve"]
    petition: JsonObject = {
        "id": turn.universe.new_id(),
        "empire_id": empire,
        "player_id": player.id,
        "player_name": player.username,
        "player_home_empire": player.empire,
        "credits": player.credits,
        "reputation": player.reputation[empire],
        "held_citizenships": list(player.citizenships),
        "fee_paid": terms["fee"],
        "created_at": now,
        "status": "granted" if granted else "pending",
    }
    player.petitions.append(petition)
    answer: JsonObject = {
        "petition": petition,
        "petition_id": petition["id"],
        "status": petition["status"],
        "fee_paid": terms["fee"],
    }
    if not granted:
        return answer | {"message": "Your application is with the empire."}
    if terms["exclusive"]:
        answer["renounced"] = list(player.citizenships)
        player.citizenships.clear()
    player.citizenships[empire] = now
    grant = {"empire_id": empire, "granted_at": now, "granted_by": "policy"}
    return answer | {"citizenship": grant, "message": "You are a citizen."}


def _renounce(turn: Turn, empire: str) -> JsonObject:
    if turn.player.citizenships.pop(empire, None) is None:
        raise GameError("not_citizen", "You are no citizen there.")
    return {"renounced": [empire], "status": "renounced", "message": "You are no citizen any more."}


def _withdraw(turn: Turn, empire: str) -> JsonObject:
    petition = _pending(turn.player, empire)
    if petition is None:
        raise GameError("petition_not_found", "You have no application there.")
    turn.player.petitions.remove(petition)
    turn.player.credits += petition["fee_paid"]
    return {
        "petition_id": petition["id"],
        "fee_refunded": petition["fee_paid"],
        "status": "withdrawn",
        "message": "Application withdrawn; the fee is back.",
    }
