"""The other pilots: they chat, move about, scan, offer trades, and one of them fights.

Everything they do by themselves follows from the world's seed. Each deed can also be asked for.
"""

from collections import Counter

from bridge.sandbox.spacemolt.accounts import create_player
from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.rules.chat import say
from bridge.sandbox.spacemolt.rules.combat import open_fire, scan_player
from bridge.sandbox.spacemolt.rules.trades import make_offer
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.dealings import ChatMessage, TradeOffer
from bridge.sandbox.spacemolt.state.encounters import Battle
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe

RAIDER = "raider"


def populate(universe: Universe) -> None:
    """Put the other pilots where they start."""
    for entry in read("pilots").values():
        place = universe.galaxy.places[entry["at"]]
        home = read("empires")[entry["empire"]]["home"]
        pilot = create_player(universe, entry["username"], entry["empire"], home)
        universe.ships.pop(pilot.ship_id)
        ship = universe.new_ship(entry["ship"], pilot.id)
        ship.cargo.update({"iron_ore": 10, "fuel_cell": 5})
        pilot.ship_id = ship.id
        pilot.automatic = pilot.online = True
        pilot.credits = 20_000
        pilot.status_message = entry["status"]
        pilot.system_id, pilot.place_id = place.system_id, place.id


def others(universe: Universe) -> list[Player]:
    """Return the pilots whom nobody plays, in their fixed order."""
    return [player for player in universe.players.values() if player.automatic]


def act(universe: Universe) -> None:
    """Let every other pilot do what comes to its mind at this tick: mostly nothing."""
    for pilot in others(universe):
        roll, pick = universe.rng.random(), universe.rng.random()
        pilot.docked_at = ""
        if pilot.transit or pilot.battle_id:
            continue
        audience = _strangers(universe, pilot)
        try:
            _do(universe, pilot, audience, roll, pick)
        except GameError:
            continue


def _do(
    universe: Universe, pilot: Player, audience: list[Player], roll: float, pick: float
) -> None:
    lawless = not universe.system_of(pilot).police
    if _entry(pilot)["trade"] == RAIDER and lawless and audience and roll < 0.2:
        open_fire(universe, pilot, audience[int(pick * len(audience))])
    elif roll < 0.04:
        say(universe, pilot, "system", _line(pilot, pick))
    elif roll < 0.07:
        _wander(universe, pilot, pick)
    elif roll < 0.10 and audience:
        scan_player(universe, pilot, audience[int(pick * len(audience))])
    elif roll < 0.11 and audience:
        _make_small_offer(universe, pilot, audience[int(pick * len(audience))])


def speak(universe: Universe, listener: Player, content: str, channel: str) -> ChatMessage:
    """Let a pilot say something that this player hears."""
    pilot = others(universe)[0]
    _bring(universe, pilot, listener)
    return say(universe, pilot, channel, content or _line(pilot, 0.0), listener.id)


def look_at(universe: Universe, target: Player) -> JsonObject:
    """Let a pilot scan this player."""
    pilot = others(universe)[1]
    _bring(universe, pilot, target)
    return scan_player(universe, pilot, target)


def assault(universe: Universe, target: Player) -> Battle:
    """Let the raider attack this player, who is undocked for it."""
    pilot = next(p for p in others(universe) if _entry(p)["trade"] == RAIDER)
    target.docked_at = ""
    _bring(universe, pilot, target)
    return open_fire(universe, pilot, target)


def propose(universe: Universe, target: Player) -> TradeOffer:
    """Let a pilot offer this player a trade."""
    pilot = others(universe)[1]
    _bring(universe, pilot, target)
    return _make_small_offer(universe, pilot, target)


def _make_small_offer(universe: Universe, pilot: Player, target: Player) -> TradeOffer:
    universe.ship_of(pilot).cargo["fuel_cell"] += 2
    return make_offer(
        universe,
        pilot,
        target,
        give=Counter({"fuel_cell": 2}),
        give_credits=0,
        want=Counter(),
        want_credits=10,
    )


def _strangers(universe: Universe, pilot: Player) -> list[Player]:
    return [
        other
        for other in universe.present(pilot.place_id)
        if not (other.automatic or other.docked_at or other.cloaked)
    ]


def _entry(pilot: Player) -> JsonObject:
    entries = read("pilots").values()
    found: JsonObject = next(entry for entry in entries if entry["username"] == pilot.username)
    return found


def _line(pilot: Player, pick: float) -> str:
    lines = _entry(pilot)["lines"]
    return str(lines[int(pick * len(lines))])


def _wander(universe: Universe, pilot: Player, pick: float) -> None:
    places = [place for place in universe.system_of(pilot).places.values() if not place.hidden]
    pilot.place_id = places[int(pick * len(places))].id


def _bring(universe: Universe, pilot: Player, to: Player) -> None:
    """Put a pilot where somebody is; a test asks for it, so nobody wonders how."""
    if to.transit:
        raise GameError("in_transit", f"{to.username} is in flight.")
    pilot.system_id, pilot.place_id = to.system_id, to.place_id
    pilot.cloaked = False
    universe.ship_of(pilot).restore()
