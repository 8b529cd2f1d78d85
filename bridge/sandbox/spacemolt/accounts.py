"""Accounts: registering, signing in, linking to a website account, coming and going."""

import re

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.shapes import Arguments, GameError, JsonObject
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.turn import Handlers, Turn
from bridge.sandbox.spacemolt.views.people import player_view
from bridge.sandbox.spacemolt.views.places import system_place_view, system_view
from bridge.sandbox.spacemolt.views.ships import module_view, ship_view

STARTING_CREDITS = 1500
REFUSED_CODE = "invalid"
PILOTLESS_TICKS = 30

# Letters of any script, digits, and the signs that the document lists; emoji are not \w.
_USERNAME = re.compile(r"[\w '.!\-\u2190-\U0001FAFF\uFE0F\u200D]{3,24}")

handlers = Handlers()


@handlers("claim")
def claim(turn: Turn) -> JsonObject:
    """Link the player to the website account that the code belongs to."""
    check_code(turn.universe, turn.text("registration_code"))
    if turn.player.claimed_at:
        raise GameError("already_claimed", "This player is already linked to a website account.")
    turn.player.registration_code = turn.text("registration_code")
    turn.player.claimed_at = turn.universe.timestamp()
    return {"message": "The player is now linked to the website account."}


def check_code(universe: Universe, code: str) -> None:
    """Raise GameError unless the code is accepted: any is but ``invalid`` and rotated ones."""
    if not code:
        raise GameError("registration_code_required", "A registration code is required.")
    if code == REFUSED_CODE or universe.website.is_retired(code):
        raise GameError("invalid_registration_code", "That registration code is not valid.")


def register(universe: Universe, arguments: Arguments) -> Player:
    """Create a player, docked at the home base of the empire; raises GameError."""
    username = arguments.text("username")
    check_code(universe, arguments.text("registration_code"))
    if not _USERNAME.fullmatch(username) or username != username.strip():
        raise GameError(
            "invalid_username",
            "Usernames have 3 to 24 letters, digits, spaces, or _ - ' . ! and emoji.",
        )
    if any(p.username.casefold() == username.casefold() for p in universe.players.values()):
        raise GameError("username_taken", f"The name '{username}' is taken.")
    home = read("empires")[arguments.text("empire")]["home"]
    player = create_player(universe, username, arguments.text("empire"), home)
    player.registration_code = arguments.text("registration_code")
    player.claimed_at = universe.timestamp()
    player.docked_at = home
    return player


def create_player(universe: Universe, username: str, empire: str, base_id: str) -> Player:
    """Create a player at the place of a base, with a starter ship and the first credits."""
    base = universe.galaxy.bases[base_id]
    now = universe.timestamp()
    player = Player(
        id=universe.new_id(),
        username=username,
        password=universe.new_password(),
        empire=empire,
        created_at=now,
        system_id=base.system_id,
        place_id=base.place_id,
        home_base=base_id,
        credits=STARTING_CREDITS,
        citizenships={empire: now},
        visited={base.system_id: now},
    )
    player.ship_id = universe.new_ship("mayfly", player.id).id
    player.reputation[empire] = 10
    universe.players[player.id] = player
    return player


def login(universe: Universe, arguments: Arguments) -> Player:
    """Return the player whose name and password these are; raises GameError ``auth_failed``."""
    wanted = arguments.text("username").casefold()
    for player in universe.players.values():
        if player.username.casefold() == wanted and not player.automatic:
            if player.password == arguments.text("password"):
                return player
            break
    raise GameError("auth_failed", "Wrong username or password.")


def arrive(universe: Universe, player: Player) -> JsonObject | None:
    """Note that a player is in the game; returns the ``reconnected`` push when one is due."""
    player.online = True
    player.last_login = universe.timestamp()
    if not player.pilotless_until:
        return None
    left = max(0, player.pilotless_until - universe.tick)
    player.pilotless_until = 0
    return {
        "message": "Your ship flew without you. Welcome back.",
        "was_pilotless": True,
        "ticks_remaining": left,
    }


def leave(universe: Universe, player: Player) -> None:
    """Note that a player is gone; a ship in combat stays behind, and everybody is told."""
    player.online = False
    if not player.battle_id:
        return
    ship = universe.ship_of(player)
    player.pilotless_until = universe.tick + PILOTLESS_TICKS
    universe.push_all(
        [other for other in universe.in_system(player.system_id) if other.id != player.id],
        "pilotless_ship",
        {
            "player_id": player.id,
            "player_username": player.username,
            "ship_id": ship.id,
            "ship_class": ship.class_id,
            "system_id": player.system_id,
            "poi_id": player.place_id,
            "expire_tick": player.pilotless_until,
            "ticks_remaining": PILOTLESS_TICKS,
        },
    )


def greeting(universe: Universe, player: Player) -> JsonObject:
    """Return the whole state of a player, as ``logged_in`` carries it."""
    ship = universe.ship_of(player)
    return {
        "player": player_view(player)
        | {"last_command_at": player.last_active or player.created_at},
        "ship": ship_view(ship, player),
        "modules": [module_view(module) for module in ship.modules],
        "system": system_view(universe, universe.system_of(player), player),
        "poi": system_place_view(universe, universe.place_of(player)),
        "pending_trades": [
            {
                "trade_id": trade.id,
                "offerer_name": universe.players[trade.offerer_id].username,
                "offer_credits": trade.offer_credits,
                "request_credits": trade.request_credits,
            }
            for trade in universe.dealings.trades.values()
            if trade.target_id == player.id
        ],
        "recent_chat": [],
        "unread_chat": {"system": 0, "local": 0, "faction": 0, "private": 0},
        "captains_log": [
            {"index": 0, "entry": entry.entry, "created_at": entry.created_at}
            for entry in player.log[-1:]
        ],
        "message": f"Welcome, {player.username}.",
    }
