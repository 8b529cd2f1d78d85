"""How one looks to others, what one has done, and calling for help."""

from bridge.sandbox.spacemolt.rules.chat import say
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.turn import Handlers, Turn

DISTRESS_PAUSE = 3600.0
DISTRESS_SECONDS = 3 * 3600

handlers = Handlers()


@handlers("set_colors")
def set_colors(turn: Turn) -> JsonObject:
    """Paint the ship."""
    turn.player.primary_color = turn.text("primary_color")
    turn.player.secondary_color = turn.text("secondary_color")
    return {"action": "set_colors"}


@handlers("set_status")
def set_status(turn: Turn) -> JsonObject:
    """Set the status line and the clan tag; what is not named stays."""
    turn.player.status_message = turn.text("status_message", turn.player.status_message)
    turn.player.clan_tag = turn.text("clan_tag", turn.player.clan_tag)
    return {"action": "set_status"}


@handlers("get_action_log")
def get_action_log(turn: Turn) -> JsonObject:
    """Page through what one did, or what the members of one's faction did."""
    category, faction_id = turn.text("category"), turn.text("faction_id")
    entries = list(reversed(turn.player.actions))
    if faction_id:
        faction = turn.universe.society.find_faction(faction_id)
        if turn.player.id not in faction.members:
            raise GameError("not_member", "You are not in that faction.")
        members = [turn.universe.players[member] for member in faction.members]
        entries = [e for m in members for e in m.actions if e["category"] == "faction"]
        entries.sort(key=lambda entry: str(entry["created_at"]), reverse=True)
    found = [entry for entry in entries if category in ("", entry["category"])]
    page, size = turn.number("page", 1), turn.number("page_size", 50)
    answer: JsonObject = {
        "category": category or "all",
        "entries": found[(page - 1) * size : page * size],
        "page": page,
        "page_size": size,
        "total": len(found),
        "total_pages": -(-len(found) // size),
        "has_more": page * size < len(found),
    }
    return answer | ({"faction_id": faction_id} if faction_id else {})


@handlers("distress_signal")
def distress_signal(turn: Turn) -> JsonObject:
    """Call everybody in the system for help, once an hour."""
    player, now = turn.player, turn.universe.clock.now()
    if player.docked_at:
        raise GameError("docked", "You are docked and safe.")
    if now < player.distress_until:
        wait = round(player.distress_until - now, 1)
        raise GameError("rate_limited", "One distress signal an hour.", wait_seconds=wait)
    player.distress_until = now + DISTRESS_PAUSE
    kind = turn.text("distress_type", "fuel")
    listeners = [p for p in turn.universe.in_system(turn.system.id) if p.id != player.id]
    say(turn.universe, player, "emergency", f"Distress ({kind}) at {turn.place.name}!")
    return {
        "action": "distress_signal",
        "distress_type": kind,
        "system": turn.system.id,
        "system_name": turn.system.name,
        "poi": turn.place.id,
        "poi_name": turn.place.name,
        "missions_sent": len(listeners),
        "expires_seconds": DISTRESS_SECONDS,
        "message": f"{len(listeners)} pilots heard you.",
    }
