"""Station storage: one's own, the faction's, and gifts to others.

``source`` and ``target`` name where goods come from and go to: the hold, one's own storage
(``storage`` or ``self``), the faction's (``faction``), another faction's (``faction:TAG``), or a
pilot by name.
"""

from dataclasses import dataclass

from bridge.sandbox.spacemolt.rules.standing import faction_with
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import Item, find_item
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.ships import Ship
from bridge.sandbox.spacemolt.state.storage import Locker
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.ships import cargo_view

KEPT_ACTIVITY = 50

handlers = Handlers()


@handlers("view_storage")
def view_storage(turn: Turn) -> JsonObject:
    """List what one has stored at a station."""
    base_id = station(turn)
    locker = turn.universe.locker(turn.player, base_id)
    return {
        "base_id": base_id,
        "items": cargo_view(locker.items),
        "ships": [
            {
                "ship_id": ship.id,
                "class_id": ship.class_id,
                "class_name": ship.model.name,
                "modules": len(ship.modules),
                "cargo_used": ship.load,
            }
            for ship in turn.universe.ships.values()
            if ship.owner_id == turn.player.id and ship.stored_at == base_id
        ],
        "gifts": list(locker.gifts),
        "hint": "Use withdraw_items to move goods into your hold.",
    }


def station(turn: Turn) -> str:
    """Return the station that is named, or where one is docked; raises GameError."""
    wanted = turn.text("station_id")
    if not wanted:
        return turn.base_with("storage").id
    if wanted not in turn.universe.galaxy.bases:
        raise GameError("invalid_base", f"There is no station '{wanted}'.")
    return wanted


@handlers("deposit_items")
def deposit_items(turn: Turn) -> JsonObject:
    """Put goods into storage, or move them between storages."""
    target = turn.text("target") or "self"
    return move(turn, "deposit_items", turn.text("source") or "cargo", target)


@handlers("withdraw_items")
def withdraw_items(turn: Turn) -> JsonObject:
    """Take goods out of storage into the hold."""
    source = turn.text("source") or "storage"
    if source == "faction" and turn.text("target") == "self":
        return move(turn, "withdraw_items", source, "self")
    return move(turn, "withdraw_items", "storage" if source == "cargo" else source, "cargo")


@handlers("faction_deposit_items")
def faction_deposit_items(turn: Turn) -> JsonObject:
    """Put goods into the faction's storage."""
    target = turn.text("target") or "faction"
    return move(turn, "faction_deposit_items", turn.text("source") or "cargo", target)


@handlers("faction_withdraw_items")
def faction_withdraw_items(turn: Turn) -> JsonObject:
    """Take goods out of the faction's storage."""
    target = "self" if turn.text("target") == "self" else "cargo"
    return move(turn, "faction_withdraw_items", "faction", target)


def move(turn: Turn, action: str, source: str, target: str) -> JsonObject:
    """Move goods from one of one's places to another; raises GameError when it cannot be."""
    turn.base_with("storage")
    item, quantity = find_item(turn.text("item_id")), turn.number("quantity")
    here, there = _end(turn, source, taking=True), _end(turn, target, taking=False)
    if here.name == there.name:
        raise GameError("invalid_target", "Source and target are the same.")
    if there.ship and there.ship.fits(item.id) < quantity:
        there.ship.load_cargo(item.id, quantity)
    here.take(item.id, quantity)
    there.put(item.id, quantity)
    _note(turn, action, (here, there), item, quantity)
    ship = turn.ship
    if here.ship:
        return {
            "action": action,
            "item_id": item.id,
            "quantity": quantity,
            "cargo_remaining": ship.cargo[item.id],
            "cargo_space": ship.room,
            "storage_total": there.count(item.id),
        }
    if there.ship:
        return {
            "action": action,
            "item_id": item.id,
            "quantity": quantity,
            "cargo_total": ship.cargo[item.id],
            "cargo_space": ship.room,
            "storage_remaining": here.count(item.id),
        }
    return {
        "action": action,
        "item_id": item.id,
        "quantity": quantity,
        "source": here.name,
        "destination": there.name,
        "source_remaining": here.count(item.id),
        "dest_total": there.count(item.id),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """Where goods come from or go to: a hold or a locker."""

    name: str
    ship: Ship | None = None
    locker: Locker | None = None

    def take(self, item_id: str, quantity: int) -> None:
        if self.ship:
            self.ship.take_cargo(item_id, quantity)
        elif self.locker:
            self.locker.take(item_id, quantity)

    def put(self, item_id: str, quantity: int) -> None:
        if self.ship:
            self.ship.load_cargo(item_id, quantity)
        elif self.locker:
            self.locker.put(item_id, quantity)

    def count(self, item_id: str) -> int:
        if self.ship:
            return self.ship.cargo[item_id]
        return self.locker.items[item_id] if self.locker else 0


def _end(turn: Turn, name: str, *, taking: bool) -> _End:
    lockers, base = turn.universe.lockers, turn.base
    if name == "cargo":
        return _End(name="cargo", ship=turn.ship)
    if name in ("self", "storage"):
        return _End(name="storage", locker=turn.universe.locker(turn.player))
    if name == "faction":
        faction = faction_with(turn, "manage_treasury" if taking else "")
        return _End(name="faction", locker=lockers.at(base.id, faction.id))
    if name.startswith("faction:") and not taking:
        faction = turn.universe.society.find_faction(name.removeprefix("faction:"))
        return _End(name=name, locker=lockers.at(base.id, faction.id))
    if taking:
        raise GameError("invalid_target", f"Nothing can be taken from '{name}'.")
    friend = turn.universe.find_player(name)
    return _End(name=friend.username, locker=lockers.at(base.id, friend.id))


def _note(turn: Turn, action: str, ends: tuple[_End, _End], item: Item, quantity: int) -> None:
    entry: JsonObject = {
        "action": action,
        "player": turn.player.username,
        "item": item.id,
        "quantity": quantity,
        "timestamp": turn.universe.timestamp(),
    }
    for end in ends:
        if end.locker and end.name == "faction":
            end.locker.activity.insert(0, entry)
            del end.locker.activity[KEPT_ACTIVITY:]
    data: JsonObject = {"item_id": item.id, "quantity": quantity}
    summary = f"{quantity} {item.name}: {ends[0].name} to {ends[1].name}"
    turn.universe.record(turn.player, "storage", action, summary, data)


@handlers("view_faction_storage")
def view_faction_storage(turn: Turn) -> JsonObject:
    """List what the faction has stored at a station."""
    faction = faction_with(turn, "")
    base_id = station(turn)
    locker = turn.universe.lockers.at(base_id, faction.id)
    return {
        "base_id": base_id,
        "faction_id": faction.id,
        "faction_name": faction.name,
        "faction_tag": faction.tag,
        "credits": faction.treasury,
        "items": cargo_view(locker.items),
        "recent_activity": list(locker.activity),
        "hint": "Use faction_withdraw_items to move goods into your hold.",
    }


def gift(turn: Turn, friend: Player, entry: JsonObject) -> None:
    """Note a gift where its recipient will find it."""
    locker = turn.universe.locker(friend, turn.base.id)
    locker.gifts.append(
        {
            "sender": turn.player.username,
            "sender_id": turn.player.id,
            "message": turn.text("message"),
            "timestamp": turn.universe.timestamp(),
            **entry,
        }
    )
    friend.stats["gifts_received"] += 1
    turn.player.stats["gifts_sent"] += 1
