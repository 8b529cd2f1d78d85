"""Gifts of goods, credits or ships: to pilots, to factions, to empires."""

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.rules.hangar import stored_here
from bridge.sandbox.spacemolt.rules.storage import gift
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import find_item, items
from bridge.sandbox.spacemolt.turn import Handlers, Turn

handlers = Handlers()


@handlers("send_gift")
def send_gift(turn: Turn) -> JsonObject:
    """Send one kind of thing: goods, credits or a ship."""
    turn.base_with("storage")
    kinds = [name for name in ("item_id", "credits", "ship_id") if name in turn.arguments]
    if len(kinds) != 1:
        raise GameError("invalid_payload", "Give exactly one of item_id, credits, ship_id.")
    if kinds[0] == "item_id" and "quantity" not in turn.arguments:
        raise GameError("invalid_payload", "quantity is required with item_id.")
    recipient = turn.text("recipient")
    empire = _empire(recipient)
    if empire:
        return _to_empire(turn, empire, kinds[0])
    if recipient.startswith("faction:"):
        return _to_faction(turn, recipient, kinds[0])
    return _to_player(turn, kinds[0])


def _empire(recipient: str) -> str:
    wanted = recipient.removeprefix("empire:").casefold()
    for key, entry in read("empires").items():
        if wanted in (key, entry["name"].casefold()):
            return key
    return ""


def _to_player(turn: Turn, kind: str) -> JsonObject:
    friend = turn.universe.find_player(turn.text("recipient"))
    if friend.id == turn.player.id:
        raise GameError("invalid_target", "A gift to yourself is none.")
    answer: JsonObject = {
        "action": "send_gift",
        "base_id": turn.base.id,
        "recipient": friend.username,
        "message": turn.text("message"),
    }
    if kind == "ship_id":
        ship = stored_here(turn, turn.text("ship_id"))
        ship.owner_id = friend.id
        entry = {"class_id": ship.class_id, "class_name": ship.model.name, "ship_id": ship.id}
        gift(turn, friend, {"ships": [entry]})
        return answer | entry
    if kind == "credits":
        amount = turn.number("credits")
        turn.universe.spend(turn.player, amount)
        friend.credits += amount
        turn.player.stats["credits_gifted"] += amount
        gift(turn, friend, {"credits": amount})
        return answer | {"credits_sent": amount, "wallet_remaining": turn.player.credits}
    goods = _take_goods(turn)
    turn.universe.locker(friend, turn.base.id).put(goods["item_id"], goods["quantity"])
    name = items()[goods["item_id"]].name
    listed = {"item_id": goods["item_id"], "name": name, "quantity": goods["quantity"]}
    gift(turn, friend, {"items": [listed]})
    return answer | goods | {"source": "cargo"}


def _to_faction(turn: Turn, recipient: str, kind: str) -> JsonObject:
    faction = turn.universe.society.find_faction(recipient.removeprefix("faction:"))
    answer: JsonObject = {
        "action": "send_gift",
        "base_id": turn.base.id,
        "recipient": recipient,
        "message": turn.text("message"),
    }
    if kind == "ship_id":
        raise GameError("invalid_target", "Factions take no ships.")
    if kind == "credits":
        amount = turn.number("credits")
        turn.universe.spend(turn.player, amount)
        faction.treasury += amount
        return answer | {"credits_sent": amount, "wallet_remaining": turn.player.credits}
    goods = _take_goods(turn)
    locker = turn.universe.lockers.at(turn.base.id, faction.id)
    locker.put(goods["item_id"], goods["quantity"])
    return answer | goods | {"source": "cargo"}


def _to_empire(turn: Turn, empire: str, kind: str) -> JsonObject:
    base, name = turn.base, read("empires")[empire]["name"]
    if base.empire != empire:
        raise GameError("wrong_station", f"Donate to {name} at one of its stations.")
    answer: JsonObject = {
        "action": "send_gift",
        "base_id": base.id,
        "base_name": base.name,
        "empire_id": empire,
        "empire_name": name,
        "petition_id": turn.universe.new_id(),
        "petition_notice": "The donation is on record.",
        "message": turn.text("message"),
    }
    if kind == "ship_id":
        ship = stored_here(turn, turn.text("ship_id"))
        del turn.universe.ships[ship.id]
        answer |= {"ship_id": ship.id, "class_id": ship.class_id}
    elif kind == "credits":
        amount = turn.number("credits")
        turn.universe.spend(turn.player, amount)
        answer |= {"credits_sent": amount, "wallet_remaining": turn.player.credits}
    else:
        answer |= _take_goods(turn)
    turn.player.reputation[empire] += 1
    return answer


def _take_goods(turn: Turn) -> JsonObject:
    item, quantity = find_item(turn.text("item_id")), turn.number("quantity")
    turn.ship.take_cargo(item.id, quantity)
    return {
        "item_id": item.id,
        "quantity": quantity,
        "cargo_remaining": turn.ship.cargo[item.id],
    }
