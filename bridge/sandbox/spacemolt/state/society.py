"""Factions and fleets: who belongs together, with what rights, and on what terms with others."""

from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject

PERMISSIONS = (
    "broadcast",
    "invite",
    "kick",
    "manage_bases",
    "manage_diplomacy",
    "manage_facilities",
    "manage_roles",
    "manage_treasury",
    "officer_room_access",
    "promote",
)
LEADER = "leader"
MEMBER = "member"
RECRUIT = "recruit"
FLEET_SIZE = 8


@dataclass(slots=True, kw_only=True)
class Role:
    """A rank in a faction; a higher priority commands a lower one."""

    id: str
    name: str
    priority: int
    permissions: set[str] = field(default_factory=set)
    custom: bool = False


@dataclass(slots=True, kw_only=True)
class War:
    """A declared war, as one of the two sides sees it."""

    declared_by: str
    reason: str
    started_at: str
    our_kills: int = 0
    their_kills: int = 0


@dataclass(slots=True, kw_only=True)
class Room:
    """A room in a faction's common space."""

    id: str
    base_id: str
    name: str
    description: str
    access: str
    author: str
    created_at: str
    updated_at: str


@dataclass(slots=True, kw_only=True)
class PostedMission:
    """A mission that a faction pays for; the reward is set aside."""

    template_id: str
    base_id: str
    posted_by: str
    template: JsonObject
    active: int = 0


def first_roles() -> dict[str, Role]:
    """Return the four ranks that every faction has."""
    officer = {"invite", "kick", "promote", "officer_room_access", "broadcast"}
    ranks = (
        Role(id=RECRUIT, name="Recruit", priority=1),
        Role(id=MEMBER, name="Member", priority=10, permissions={"invite"}),
        Role(id="officer", name="Officer", priority=50, permissions=officer),
        Role(id=LEADER, name="Leader", priority=100, permissions=set(PERMISSIONS)),
    )
    return {role.id: role for role in ranks}


@dataclass(slots=True, kw_only=True)
class Faction:
    """A faction. Members, invitations and relations are kept by id."""

    id: str
    name: str
    tag: str
    leader_id: str
    created_at: str
    description: str = ""
    charter: str = ""
    primary_color: str = "#FFFFFF"
    secondary_color: str = "#000000"
    treasury: int = 0
    ally_fuel_access: bool = False
    ally_intel_opt_out: bool = False
    members: dict[str, str] = field(default_factory=dict)
    joined: dict[str, str] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=first_roles)
    invites: dict[str, JsonObject] = field(default_factory=dict)
    allies: set[str] = field(default_factory=set)
    enemies: set[str] = field(default_factory=set)
    wars: dict[str, War] = field(default_factory=dict)
    alliance_proposals: dict[str, str] = field(default_factory=dict)
    peace_proposals: dict[str, JsonObject] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    missions: dict[str, PostedMission] = field(default_factory=dict)
    intel: dict[str, JsonObject] = field(default_factory=dict)
    trade_intel: dict[str, JsonObject] = field(default_factory=dict)

    def role_of(self, player_id: str) -> Role:
        """Return a member's rank."""
        return self.roles[self.members[player_id]]


@dataclass(slots=True, kw_only=True)
class Fleet:
    """Players who fly together behind a leader."""

    id: str
    leader_id: str
    members: list[str]
    invites: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Society:
    """Every faction and fleet, by id."""

    factions: dict[str, Faction] = field(default_factory=dict)
    fleets: dict[str, Fleet] = field(default_factory=dict)

    def find_faction(self, target: str) -> Faction:
        """Return the faction of that id, tag or name; raises GameError ``faction_not_found``."""
        for faction in self.factions.values():
            if target == faction.id or target.casefold() in (
                faction.tag.casefold(),
                faction.name.casefold(),
            ):
                return faction
        raise GameError("faction_not_found", f"There is no faction '{target}'.")
