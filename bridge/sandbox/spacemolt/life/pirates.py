"""Pirates in lawless space, and patrols at the empires' homes."""

from bridge.sandbox.spacemolt.data import read
from bridge.sandbox.spacemolt.state.encounters import Npc
from bridge.sandbox.spacemolt.state.places import Place
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.state.universe import Universe

PIRATES = 3
RESPAWN_TICKS = 50
WARNING_TICKS = 3

_NAMES = ("Rusty Gale", "Black Wick", "Mother Hex", "Cinder Jack", "Pale Anchor")


def station_patrols(universe: Universe) -> None:
    """Put one patrol at the home of every empire."""
    for empire, entry in read("empires").items():
        base = universe.galaxy.bases[entry["home"]]
        patrol = Npc(
            id=universe.new_id(),
            kind="patrol",
            name=f"{entry['name']} Patrol",
            system_id=base.system_id,
            place_id=base.place_id,
            ship_class="warden",
            hull=600,
            max_hull=600,
            shield=300,
            max_shield=300,
            damage=30,
            tier="medium",
            empire=empire,
            role="patrol",
        )
        universe.encounters.npcs[patrol.id] = patrol


def prowl(universe: Universe) -> None:
    """Let pirates appear, warn whom they find, and then attack."""
    pirates = [npc for npc in universe.encounters.npcs.values() if npc.kind == "pirate"]
    if len(pirates) < PIRATES and universe.tick % RESPAWN_TICKS == 0:
        spawn_pirate(universe)
    for pirate in pirates:
        if not pirate.hunting:
            _stalk(universe, pirate)


def spawn_pirate(universe: Universe) -> Npc:
    """Let one more pirate appear somewhere lawless."""
    places = [place for place in universe.galaxy.places.values() if _is_haunt(universe, place)]
    place = universe.rng.choice(places)
    pirate = Npc(
        id=universe.new_id(),
        kind="pirate",
        name=f"{universe.rng.choice(_NAMES)} {universe.rng.randrange(100, 1000)}",
        system_id=place.system_id,
        place_id=place.id,
        ship_class="viper",
        hull=60,
        max_hull=60,
        shield=20,
        max_shield=20,
        damage=8,
        tier="small",
    )
    universe.encounters.npcs[pirate.id] = pirate
    return pirate


def _is_haunt(universe: Universe, place: Place) -> bool:
    lawless = not universe.galaxy.systems[place.system_id].police
    return lawless and bool(place.deposits) and not place.hidden


def _stalk(universe: Universe, pirate: Npc) -> None:
    prey = [player for player in universe.present(pirate.place_id) if _is_prey(player)]
    if not prey:
        pirate.warned_until = 0
        return
    if not pirate.warned_until:
        pirate.warned_until = universe.tick + WARNING_TICKS
        universe.push_all(
            prey,
            "pirate_warning",
            {
                "pirate_id": pirate.id,
                "pirate_name": pirate.name,
                "tier": pirate.tier,
                "is_boss": False,
                "attack_in_ticks": WARNING_TICKS,
            },
        )
    elif universe.tick >= pirate.warned_until:
        pirate.hunting, pirate.warned_until = prey[0].id, 0


def _is_prey(player: Player) -> bool:
    return not (player.automatic or player.docked_at or player.cloaked)
