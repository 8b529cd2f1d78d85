"""The two stock worlds: their zones, rooms and things.

Room ids are not unique over zones. The zones of a world are merged in the order in which they
are loaded, and on a clash the last one wins: most spawn rooms of The Undertaking can never be
seen, the tap room of its tavern among them. An exit into another zone is written ``zone:room``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A place; exits map a direction to a room id, or to ``zone:room``."""

    name: str
    description: str
    exits: Mapping[str, str] = field(default_factory=dict)
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A file of rooms, with the room to which ``recall`` leads."""

    id: str
    spawn: str
    rooms: Mapping[str, Room]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What a world is made of, before anybody enters it."""

    id: str
    name: str
    description: str
    zones: tuple[Zone, ...]
    items: Mapping[str, str]
    open: bool
    translated: bool
    with_axes: bool

    def rooms(self) -> dict[str, tuple[Zone, Room]]:
        """Return every room that can be reached by its id, with the zone that won it."""
        return {
            room_id: (zone, room) for zone in self.zones for room_id, room in zone.rooms.items()
        }


WEB = Stock(
    id="pipeworks_web",
    name="PipeWorks Web",
    description="One landing where everybody who comes over the web arrives.",
    zones=(
        Zone(
            id="landing",
            spawn="spawn",
            rooms={
                "spawn": Room(
                    name="The Condensate Landing",
                    description=(
                        "Warm pipes as thick as barrels cross the ceiling and drip on a floor of"
                        " iron grating. Somebody has dragged benches into a ring."
                    ),
                )
            },
        ),
    ),
    items={},
    open=True,
    translated=True,
    with_axes=True,
)

_TAVERN = Zone(
    id="crooked_valve",
    spawn="spawn",
    rooms={
        "spawn": Room(
            name="The Crooked Valve, Tap Room",
            description="A long counter, nine stools, and a clock that someone stopped.",
            exits={"west": "high_street:street_middle", "up": "snug"},
            items=("pewter_mug",),
        ),
        "snug": Room(
            name="The Snug",
            description="Two chairs and a curtain. Talk here is meant to stay here.",
            exits={"down": "spawn"},
        ),
    },
)
_COURT = Zone(
    id="ledger_court",
    spawn="spawn",
    rooms={
        "spawn": Room(
            name="Ledger Court",
            description="Clerks hurry over wet flagstones with their collars up.",
            exits={"south": "archive"},
        ),
        "archive": Room(
            name="The Sunken Archive",
            description="Shelves lean on each other like tired men. It smells of glue.",
            exits={"north": "spawn", "east": "high_street:street_north"},
            items=("blotted_receipt",),
        ),
    },
)
_ROPEWALK = Zone(
    id="ropewalk",
    spawn="spawn",
    rooms={
        "spawn": Room(
            name="Head of the Ropewalk",
            description="Hemp dust hangs in the light of a single high window.",
            exits={"west": "long_floor"},
        ),
        "long_floor": Room(
            name="The Long Floor",
            description="Two hundred paces of boards, worn hollow by walking backwards.",
            exits={"east": "spawn", "south": "high_street:street_south"},
            items=("tarred_twine",),
        ),
    },
)
_FOUNDRY = Zone(
    id="foundry",
    spawn="foundry_gate",
    rooms={
        "foundry_gate": Room(
            name="The Foundry Gate",
            description="Heat rolls out between two brick pillars. The watchman's hut is empty.",
            exits={"north": "high_street:street_south", "east": "casting_floor"},
        ),
        "casting_floor": Room(
            name="The Casting Floor",
            description="Sand moulds in rows, some still ticking as they cool.",
            exits={"west": "foundry_gate"},
            items=("iron_slag",),
        ),
    },
)
_CELLARS = Zone(
    id="cellars",
    spawn="spawn",
    rooms={
        "spawn": Room(
            name="The First Cellar",
            description="Barrels, and a draught from behind one of them.",
            exits={"east": "drain"},
        ),
        "drain": Room(
            name="The Brick Drain",
            description="Ankle-deep water that is going somewhere in a hurry.",
            exits={"up": "high_street:street_middle"},
            items=("lost_glove",),
        ),
    },
)
_STREET = Zone(
    id="high_street",
    spawn="spawn",
    rooms={
        "spawn": Room(
            name="The Undertaking, Front Steps",
            description="Broad steps before a door that is never open when one tries it.",
            exits={"south": "street_middle", "north": "street_north"},
        ),
        "street_north": Room(
            name="High Street, Upper End",
            description="The tram lines end here in a heap of gravel.",
            exits={"south": "spawn", "west": "ledger_court:archive"},
            items=("tram_ticket",),
        ),
        "street_middle": Room(
            name="High Street by the Lamp",
            description="A gas lamp gutters over cobbles that shine even in dry weather.",
            exits={
                "north": "spawn",
                "south": "street_south",
                "east": "crooked_valve:spawn",
                "down": "cellars:drain",
            },
            items=("worn_cobblestone", "gas_lamp"),
        ),
        "street_south": Room(
            name="High Street, Lower End",
            description="Carts wait here for a weighbridge that was taken away years ago.",
            exits={
                "north": "street_middle",
                "west": "ropewalk:long_floor",
                "south": "foundry:foundry_gate",
            },
        ),
    },
)

UNDERTAKING = Stock(
    id="daily_undertaking",
    name="The Undertaking",
    description="Six zones around one street, with things to pick up.",
    zones=(_TAVERN, _COURT, _ROPEWALK, _FOUNDRY, _CELLARS, _STREET),
    items={
        "worn_cobblestone": "Worn Cobblestone",
        "gas_lamp": "Flickering Gas Lamp",
        "tram_ticket": "Punched Tram Ticket",
        "tarred_twine": "Length of Tarred Twine",
        "iron_slag": "Lump of Iron Slag",
        "blotted_receipt": "Blotted Receipt",
        "lost_glove": "Lost Glove",
        "pewter_mug": "Pewter Mug",
    },
    open=False,
    translated=False,
    with_axes=False,
)
