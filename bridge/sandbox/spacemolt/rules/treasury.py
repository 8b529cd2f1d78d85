"""A faction's money: in, out, in orders, and in missions that it posts."""

from bridge.sandbox.spacemolt.rules.missions import FACTION_PREFIX
from bridge.sandbox.spacemolt.rules.settlement import listing_fee
from bridge.sandbox.spacemolt.rules.standing import facility_here, faction_with
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.exchange import BUY, SELL, Order
from bridge.sandbox.spacemolt.state.goods import Item, find_item
from bridge.sandbox.spacemolt.state.society import Faction, PostedMission
from bridge.sandbox.spacemolt.turn import Handlers, Turn

MOST_POSTED = 10
TICKS_PER_HOUR = 360

handlers = Handlers()


def pay(faction: Faction, amount: int) -> None:
    """Take credits out of a treasury; raises GameError with ``no_credits``."""
    if faction.treasury < amount:
        raise GameError("no_credits", f"The treasury has {faction.treasury}, not {amount}.")
    faction.treasury -= amount


@handlers("faction_deposit_credits")
def faction_deposit_credits(turn: Turn) -> JsonObject:
    """Pay credits into the treasury."""
    faction, amount = faction_with(turn, ""), turn.number("amount")
    turn.universe.spend(turn.player, amount)
    faction.treasury += amount
    return _balance(turn, faction, "faction_deposit_credits", amount)


@handlers("faction_withdraw_credits")
def faction_withdraw_credits(turn: Turn) -> JsonObject:
    """Take credits out of the treasury."""
    faction, amount = faction_with(turn, "manage_treasury"), turn.number("amount")
    pay(faction, amount)
    turn.player.credits += amount
    return _balance(turn, faction, "faction_withdraw_credits", amount)


def _balance(turn: Turn, faction: Faction, action: str, amount: int) -> JsonObject:
    data: JsonObject = {"amount": amount}
    turn.universe.record(turn.player, "faction", action, f"{action} {amount}", data)
    return {
        "action": action,
        "amount": amount,
        "faction_credits": faction.treasury,
        "player_credits": turn.player.credits,
    }


@handlers("faction_create_buy_order")
def faction_create_buy_order(turn: Turn) -> JsonObject:
    """Bid with the treasury's credits; goods go to the faction's storage."""
    faction, item, quantity, price = _order_terms(turn)
    fee = listing_fee(price, quantity)
    pay(faction, quantity * price + fee)
    answer = _post(turn, faction, item, BUY, fee)
    return answer | {"total_escrowed": quantity * price}


@handlers("faction_create_sell_order")
def faction_create_sell_order(turn: Turn) -> JsonObject:
    """Offer goods of the faction's storage; credits go to the treasury."""
    faction, item, quantity, price = _order_terms(turn)
    fee = listing_fee(price, quantity)
    locker = turn.universe.lockers.at(turn.base.id, faction.id)
    if locker.items[item.id] >= quantity:
        pay(faction, fee)
    locker.take(item.id, quantity)
    return _post(turn, faction, item, SELL, fee)


def _order_terms(turn: Turn) -> tuple[Faction, Item, int, int]:
    faction = faction_with(turn, "manage_treasury")
    turn.base_with("market")
    item = find_item(turn.text("item_id"))
    return faction, item, turn.number("quantity"), turn.number("price_each")


def _post(turn: Turn, faction: Faction, item: Item, side: str, fee: int) -> JsonObject:
    quantity, price = turn.number("quantity"), turn.number("price_each")
    order = _standing(turn, faction, item, side)
    consolidated = order is not None
    if order is None:
        order = turn.universe.exchange.add(
            Order(
                id=turn.universe.new_id(),
                base_id=turn.base.id,
                item_id=item.id,
                side=side,
                price_each=price,
                quantity=0,
                sequence=0,
                owner_id=faction.id,
                faction_id=faction.id,
                created_at=turn.universe.timestamp(),
            )
        )
    order.quantity += quantity
    order.fee += fee
    return {
        "action": f"faction_create_{side}_order",
        "order_id": order.id,
        "consolidated": consolidated,
        "faction_id": faction.id,
        "faction_tag": faction.tag,
        "item": item.name,
        "item_id": item.id,
        "quantity": quantity,
        "price_each": price,
        "listing_fee": fee,
        "message": f"{faction.name}: {side} {quantity} {item.name} at {price}.",
    }


def _standing(turn: Turn, faction: Faction, item: Item, side: str) -> Order | None:
    for order in turn.universe.exchange.at_base(turn.base.id):
        same = (order.item_id, order.side, order.price_each)
        if order.faction_id == faction.id and same == (item.id, side, turn.number("price_each")):
            return order
    return None


@handlers("faction_post_mission")
def faction_post_mission(turn: Turn) -> JsonObject:
    """Post a mission; its reward is set aside from treasury and storage."""
    faction = faction_with(turn, "manage_treasury")
    facility_here(turn, faction, "missions")
    if len(faction.missions) >= MOST_POSTED:
        raise GameError("too_many_missions", f"At most {MOST_POSTED} missions at once.")
    template = _template(turn, faction)
    rewards = template["rewards"]
    locker = turn.universe.lockers.at(turn.base.id, faction.id)
    for item_id, quantity in rewards["items"].items():
        if locker.items[item_id] < quantity:
            locker.take(item_id, quantity)
    pay(faction, rewards["credits"])
    for item_id, quantity in rewards["items"].items():
        locker.take(item_id, quantity)
    posted = PostedMission(
        template_id=f"{FACTION_PREFIX}{turn.universe.new_id()[:12]}",
        base_id=turn.base.id,
        posted_by=turn.player.username,
        template=template,
    )
    faction.missions[posted.template_id] = posted
    return {
        "template_id": posted.template_id,
        "title": template["title"],
        "status": "posted",
        "escrowed": rewards,
        "message": f"{template['title']} is on the board.",
    }


def _template(turn: Turn, faction: Faction) -> JsonObject:
    objectives = turn.arguments.objects("objectives")
    if not objectives:
        raise GameError("empty_entry", "A mission needs an objective.")
    rewards = turn.arguments.record("rewards")
    goods = {
        find_item(str(entry.get("item_id", ""))).id: int(entry.get("quantity", 1))
        for entry in rewards.get("items", [])
    }
    for objective in objectives:
        if "item_id" in objective:
            objective["item_id"] = find_item(objective["item_id"]).id
    return {
        "title": turn.text("title"),
        "type": turn.text("type"),
        "about": turn.text("description"),
        "difficulty": 1,
        "ticks": turn.number("expiration_hours", 72) * TICKS_PER_HOUR,
        "giver": {
            "name": turn.text("giver_name", faction.name),
            "title": turn.text("giver_title", "Faction board"),
        },
        "objectives": objectives,
        "rewards": {"credits": int(rewards.get("credits", 0)), "items": goods},
        "repeatable": False,
        "says": turn.arguments.record("dialog"),
        "triggers": turn.arguments.texts("triggers"),
    }


@handlers("faction_list_missions")
def faction_list_missions(turn: Turn) -> JsonObject:
    """List what one's faction has posted here."""
    faction, base = faction_with(turn, ""), turn.base
    posted = [mission for mission in faction.missions.values() if mission.base_id == base.id]
    return {
        "missions": [
            {
                "template_id": mission.template_id,
                "title": mission.template["title"],
                "type": mission.template["type"],
                "difficulty": mission.template["difficulty"],
                "reward_credits": mission.template["rewards"]["credits"],
                "posted_by": mission.posted_by,
                "active_instances": _active(turn, mission),
            }
            for mission in posted
        ],
        "count": len(posted),
        "max_posted": MOST_POSTED,
        "message": f"{len(posted)} missions posted here.",
    }


def _active(turn: Turn, posted: PostedMission) -> int:
    return sum(
        mission.template_id == posted.template_id
        for player in turn.universe.players.values()
        for mission in player.missions
    )


@handlers("faction_cancel_mission")
def faction_cancel_mission(turn: Turn) -> JsonObject:
    """Withdraw a posted mission nobody works on; its reward comes back."""
    faction = faction_with(turn, "manage_treasury")
    posted = faction.missions.get(turn.text("template_id"))
    if posted is None:
        raise GameError("mission_not_found", "Your faction has posted no such mission.")
    if _active(turn, posted):
        raise GameError("mission_active", "Somebody is working on it.")
    del faction.missions[posted.template_id]
    rewards = posted.template["rewards"]
    faction.treasury += rewards["credits"]
    locker = turn.universe.lockers.at(posted.base_id, faction.id)
    for item_id, quantity in rewards["items"].items():
        locker.put(item_id, quantity)
    return {"status": "cancelled", "message": "The mission is withdrawn."}
