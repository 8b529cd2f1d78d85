"""The world as it stands when the simulated MAID starts: 65 rooms, 60 NPCs, 110 items, 120 accounts.

Ids are the same in every sandbox, so that examples can name them; everything that is chosen at
random comes from the seed.
"""

import random
import uuid
from collections.abc import Mapping
from itertools import pairwise

from bridge.sandbox.maid import demo
from bridge.sandbox.maid.records import Account, Area, Character, Exit, Item, Npc, Room

_SPACE = uuid.UUID("6d616964-0000-4000-8000-000000000000")
_AREAS = {
    "Town": (
        "Town Square|Market Street|Chapel|Town Hall|Barracks|Inn|Stables|Bakery|Smithy"
        "|North Gate|South Gate|Fountain Court|Library"
    ),
    "Harbour": (
        "Quay|Fish Market|Lighthouse|Warehouse|Rope Walk|Ferry Landing|Shipyard|Customs House"
        "|Sailors' Rest|Breakwater|Tar Pits|Signal Tower|Sea Cave"
    ),
    "Woods": (
        "Forest Edge|Mossy Path|Old Oak|Clearing|Brook|Wolf Hollow|Hunter's Hut|Fallen Pine"
        "|Standing Stones|Fern Dell|Fox Earth|Charcoal Kiln|Deep Thicket"
    ),
    "Mines": (
        "Pit Head|Main Shaft|Timbered Gallery|Ore Chute|Flooded Level|Crystal Vein|Bat Roost"
        "|Lamp Room|Collapsed Drift|Echoing Hall|Furnace|Deep Well|Forgotten Vault"
    ),
    "Moor": (
        "Causeway|Peat Cutting|Lonely Cairn|Witch's Cottage|Reed Bed|Sunken Track|Grey Tarn"
        "|Windy Ridge|Broken Mill|Gallows Hill|Barrow|Will-o'-Wisp Pool|Beacon"
    ),
}
_OPPOSITES = {"north": "south", "east": "west", "up": "down"}
_NPCS = {
    "guard": False,
    "merchant": False,
    "villager": False,
    "wolf": True,
    "goblin": True,
    "bandit": True,
}
_ITEMS = {"weapon": "sword", "armour": "shield", "potion": "flask", "scenery": "statue"}
_FIRST = (
    "ada",
    "bran",
    "cora",
    "dirk",
    "elsa",
    "finn",
    "gwen",
    "hugo",
    "iris",
    "jory",
    "kara",
    "luc",
)
_LAST = ("ash", "brook", "crow", "dale", "elm", "fox", "gale", "hill", "iron", "lake")


def stable_id(kind: str, name: str) -> str:
    """Return the id of something the world starts with."""
    return str(uuid.uuid5(_SPACE, f"{kind}:{name}"))


def areas() -> dict[str, Area]:
    """Return the areas by id."""
    made = (
        Area(id=stable_id("area", name), name=name, description=f"All that is called the {name}.")
        for name in _AREAS
    )
    return {area.id: area for area in made}


def rooms() -> dict[str, Room]:
    """Return the rooms by id: each area is a street, and the streets begin side by side."""
    made: dict[str, Room] = {}
    before: Room | None = None
    for area_name, names in _AREAS.items():
        street = [_room(name, area_name) for name in names.split("|")]
        made.update({room.id: room for room in street})
        for here, there in pairwise(street):
            _connect(here, "north", there, locked=there.name == "Forgotten Vault")
        if before is not None:
            _connect(before, "east", street[0])
        before = street[0]
    return made


def npcs(rng: random.Random, places: Mapping[str, Room]) -> dict[str, Npc]:
    """Return the NPCs by id."""
    made: dict[str, Npc] = {}
    for number in range(60):
        kind = list(_NPCS)[number % len(_NPCS)]
        identity = stable_id("npc", str(number))
        made[identity] = Npc(
            id=identity,
            name=kind.title(),
            kind=kind,
            description=f"A {kind} going about its business.",
            room_id=rng.choice(list(places)),
            is_hostile=_NPCS[kind],
        )
    return made


def items(rng: random.Random, places: Mapping[str, Room]) -> dict[str, Item]:
    """Return the items on the ground by id."""
    made: dict[str, Item] = {}
    for number in range(110):
        kind = list(_ITEMS)[number % len(_ITEMS)]
        identity = stable_id("item", str(number))
        made[identity] = Item(
            id=identity,
            name=_ITEMS[kind].title(),
            kind=kind,
            description=f"A weathered {_ITEMS[kind]}.",
            room_id=rng.choice(list(places)),
            is_takeable=kind != "scenery",
        )
    return made


def accounts(rng: random.Random, places: Mapping[str, Room], now: float) -> dict[str, Account]:
    """Return the accounts by id: the three of the demo, and 117 others, a third of them online."""
    made = [*_demo_accounts(now)]
    names = [first + last for last in _LAST for first in _FIRST][:117]
    for number, username in enumerate(names):
        status = "active" if number % 12 else rng.choice(["banned", "suspended"])
        account = _account(
            username, rng.random().hex(), now - rng.randrange(400) * 86_400, username.title()
        )
        account.role = "builder" if number % 20 == 1 else "user"
        account.banned, account.suspended = status == "banned", status == "suspended"
        account.is_online = status == "active" and number % 3 == 1
        account.last_login = now - rng.randrange(40_000) if rng.random() < 0.9 else None
        account.gold = rng.randrange(5_000)
        account.characters[0].room_id = rng.choice(list(places))
        made.append(account)
    return {account.id: account for account in made}


def _demo_accounts(now: float) -> list[Account]:
    player1 = _account(demo.PLAYER1, demo.PLAYER1_PASSWORD, now - 90 * 86_400, "Gandalf")
    player1.is_online = True
    player1.last_login = now - 600
    player1.characters[0].calling, player1.characters[0].level = "Wizard", 20
    player1.characters.append(_character("Frodo", "Rogue"))
    player2 = _account(demo.PLAYER2, demo.PLAYER2_PASSWORD, now - 60 * 86_400, "Eowyn")
    banned1 = _account(demo.BANNED1, demo.BANNED1_PASSWORD, now - 30 * 86_400, "Wormtongue")
    banned1.banned = True
    return [player1, player2, banned1]


def _account(username: str, password: str, created_at: float, character: str) -> Account:
    return Account(
        id=stable_id("player", username),
        username=username,
        email=f"{username}@example.com",
        password=password,
        created_at=created_at,
        characters=[_character(character, "Warrior")],
    )


def _character(name: str, calling: str) -> Character:
    return Character(
        id=stable_id("character", name),
        name=name,
        calling=calling,
        room_id=stable_id("room", "Town Square"),
    )


def _room(name: str, area_name: str) -> Room:
    return Room(
        id=stable_id("room", name),
        name=name,
        description=f"{name}, a part of the {area_name}.",
        area_id=stable_id("area", area_name),
        properties={
            "terrain": "cobblestone" if area_name == "Town" else "earth",
            "light_level": "dark" if area_name == "Mines" else "bright",
        },
    )


def _connect(here: Room, direction: str, there: Room, *, locked: bool = False) -> None:
    back = _OPPOSITES[direction]
    here.exits.append(Exit(direction=direction, destination_id=there.id, is_locked=locked))
    there.exits.append(Exit(direction=back, destination_id=here.id, is_locked=locked))
