"""Talking: to a system, a place, a faction, or one pilot; and petitions to empires."""

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.dealings import ChatMessage
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Handlers, Turn

PETITION_PAUSE = 3600.0

handlers = Handlers()


@handlers("chat")
def chat(turn: Turn) -> JsonObject:
    """Say something; everybody else who can hear it is told."""
    channel, content = turn.text("channel"), turn.text("content")
    if not content.strip():
        raise GameError("invalid_payload", "content must not be empty.")
    say(turn.universe, turn.player, channel, content, turn.text("target_id"))
    turn.player.stats["chat_messages_sent"] += 1
    return {"action": "chat", "channel": channel}


def say(
    universe: Universe, speaker: Player, channel: str, content: str, target: str = ""
) -> ChatMessage:
    """Let a player say something; raises GameError when the channel has no such listener."""
    scope, extra, listeners = _audience(universe, speaker, channel, target)
    now = universe.clock.now()
    message = ChatMessage(
        id=universe.new_id(),
        channel=channel,
        scope=scope,
        sender_id=speaker.id,
        sender=speaker.username,
        content=content,
        timestamp=universe.timestamp(universe.dealings.moment(now) - now),
        target_id=extra.get("target_id", scope),
        target_name=extra.get("target_name", ""),
        system_id=extra.get("system_id", ""),
        place_id=extra.get("poi_id", ""),
        faction_id=extra.get("faction_id", ""),
    )
    universe.dealings.messages.append(message)
    others = [listener for listener in listeners if listener.id != speaker.id]
    universe.push_all(others, "chat_message", message_view(message, "timestamp"))
    return message


def message_view(message: ChatMessage, time_field: str) -> JsonObject:
    """Describe a message; pushes and the history name its time differently."""
    view: JsonObject = {
        "id": message.id,
        "channel": message.channel,
        "sender_id": message.sender_id,
        "sender": message.sender,
        "content": message.content,
        time_field: message.timestamp,
        "target_id": message.target_id,
        "empire_official": message.official,
    }
    optional = {
        "target_name": message.target_name,
        "system_id": message.system_id,
        "poi_id": message.place_id,
        "faction_id": message.faction_id,
    }
    return view | {name: value for name, value in optional.items() if value}


@handlers("get_chat_history")
def get_chat_history(turn: Turn) -> JsonObject:
    """Read a channel, newest first."""
    channel = turn.text("channel")
    scope, _, _ = _audience(turn.universe, turn.player, channel, turn.text("target_id"))
    before, after = turn.text("before"), turn.text("after")
    found = [
        message
        for message in reversed(turn.universe.dealings.messages)
        if (message.channel, message.scope) == (channel, scope)
        and (not before or message.timestamp < before)
        and (not after or message.timestamp > after)
    ]
    limit = turn.number("limit", 50)
    return {
        "channel": channel,
        "messages": [message_view(message, "timestamp_utc") for message in found[:limit]],
        "total_count": len(found),
        "has_more": len(found) > limit,
    }


@handlers("petition")
def petition(turn: Turn) -> JsonObject:
    """Write to an empire's government, once an hour each."""
    empire, now = turn.text("empire_id"), turn.universe.clock.now()
    ready = turn.player.petitioned.get(empire, 0.0) + PETITION_PAUSE
    if now < ready:
        raise GameError(
            "rate_limited",
            "One petition per empire and hour.",
            wait_seconds=round(ready - now, 1),
        )
    turn.player.petitioned[empire] = now
    name = read("empires")[empire]["name"]
    return {"empire_id": empire, "empire_name": name, "message": f"{name} has your petition."}


Audience = tuple[str, dict[str, str], list[Player]]


def _audience(universe: Universe, speaker: Player, channel: str, target: str) -> Audience:
    """Return the scope of a channel, the fields that name it, and who listens."""
    match channel:
        case "system" | "emergency":
            system = speaker.system_id
            return system, {"system_id": system}, universe.in_system(system)
        case "local":
            extra = {"poi_id": speaker.place_id, "system_id": speaker.system_id}
            return speaker.place_id, extra, universe.present(speaker.place_id)
        case "faction":
            return _faction_audience(universe, speaker)
        case _:
            return _private_audience(universe, speaker, target)


def _faction_audience(universe: Universe, speaker: Player) -> Audience:
    faction = universe.society.factions.get(speaker.faction_id)
    if faction is None:
        raise GameError("not_in_faction", "You are in no faction.")
    members = [universe.players[member] for member in faction.members]
    online = [member for member in members if member.online]
    return faction.id, {"faction_id": faction.id}, online


def _private_audience(universe: Universe, speaker: Player, target: str) -> Audience:
    if not target:
        raise GameError("invalid_payload", "target_id is required on the private channel.")
    other = universe.find_player(target)
    key = ":".join(sorted((speaker.id, other.id)))
    return key, {"target_id": key, "target_name": other.username}, [other]
