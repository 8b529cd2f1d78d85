"""Which command a call of the HTTP v2 storage tool means."""

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.universe import Universe

CREDITS = "credits"


def command_for(universe: Universe, action: str, payload: JsonObject) -> tuple[str, JsonObject]:
    """Return the command and its payload; raises GameError when the call means nothing."""
    target = str(payload.get("target", "self"))
    if action == "view":
        name = "view_faction_storage" if target == "faction" else "view_storage"
        return name, _only(payload, "station_id")
    if "item_id" not in payload:
        raise GameError("invalid_params", "item_id is required.")
    if action == "withdraw":
        return _withdrawal(payload, target)
    return _deposit(universe, payload, target)


def _withdrawal(payload: JsonObject, target: str) -> tuple[str, JsonObject]:
    if payload["item_id"] == CREDITS:
        return "faction_withdraw_credits", {"amount": payload.get("quantity")}
    goods = _only(payload, "item_id", "quantity")
    if target == "faction":
        return "faction_withdraw_items", goods
    if payload.get("source") == "faction":
        direct = {"target": "self"} if "target" in payload else {}
        return "faction_withdraw_items", goods | direct
    return "withdraw_items", goods


def _deposit(universe: Universe, payload: JsonObject, target: str) -> tuple[str, JsonObject]:
    goods = _only(payload, "item_id", "quantity", "source")
    own_goods = target in ("self", "faction") or target.startswith("faction:")
    if payload["item_id"] == CREDITS:
        if target == "faction":
            return "faction_deposit_credits", {"amount": payload.get("quantity")}
        return "send_gift", _gift(payload, target) | {"credits": payload.get("quantity")}
    if own_goods or payload.get("source", "cargo") != "cargo":
        name = "faction_deposit_items" if target == "faction" else "deposit_items"
        return name, goods | {"target": target}
    if payload["item_id"] in universe.ships:
        return "send_gift", _gift(payload, target) | {"ship_id": payload["item_id"]}
    return "send_gift", _gift(payload, target) | _only(payload, "item_id", "quantity")


def _gift(payload: JsonObject, target: str) -> JsonObject:
    return {"recipient": target, **_only(payload, "message")}


def _only(payload: JsonObject, *names: str) -> JsonObject:
    return {name: payload[name] for name in names if name in payload}


def help_view() -> JsonObject:
    """Explain the tool."""
    texts = {
        "view": "List what is stored (target self or faction).",
        "deposit": "Move goods to self, faction, faction:TAG or a pilot.",
        "withdraw": "Move goods into the hold from self or faction.",
    }
    return {
        "command": "storage",
        "description": "One tool for all storage.",
        "actions": [{"action": name, "description": text} for name, text in texts.items()],
        "sources": {"cargo": "the hold", "storage": "one's own", "faction": "the faction's"},
        "targets": {"self": "one's own", "faction": "the faction's", "NAME": "a pilot"},
    }
