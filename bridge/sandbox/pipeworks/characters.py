"""Worlds that an account may enter, and the characters it has there."""

import hashlib
import re
from typing import Final

from bridge.sandbox.pipeworks.bodies import (
    CharactersQuery,
    PlayerCreateCharacterRequest,
    SelectCharacterRequest,
)
from bridge.sandbox.pipeworks.exchange import JsonObject, refusal
from bridge.sandbox.pipeworks.sessions import signed_in
from bridge.sandbox.pipeworks.state import (
    DEFAULT_WORLD,
    Account,
    Character,
    GameWorld,
    Mud,
    character_row,
    stamp,
)

AXES: Final = {
    "age": ("young", "grown", "old"),
    "demeanor": ("resentful", "guarded", "open"),
    "health": ("weary", "sound", "hale"),
}
_SYLLABLES: Final = ("sil", "dor", "ko", "bra", "mu", "rit", "lin", "fi", "men", "tar", "ha", "que")
_SEEDS = 2**31 - 1


def label_of(axis: str, score: float) -> str:
    """Return the word for a score between 0 and 1 on an axis."""
    labels = AXES[axis]
    return labels[max(0, min(int(score * len(labels)), len(labels) - 1))]


def axis_state(mud: Mud, world_id: str, seed: int, axes: dict[str, float]) -> JsonObject:
    """Return scores and labels in the shape of an entity state."""
    return {
        "axes": {
            name: {"label": label_of(name, score), "score": score} for name, score in axes.items()
        },
        "policy_hash": mud.policies.scope_hash(world_id),
        "seed": seed,
        "world_id": world_id,
    }


def entity_state(mud: Mud, character: Character) -> JsonObject:
    """Return what the entity service made of a new character."""
    return axis_state(mud, character.world_id, character.seed, character.base_axes)


def axes_from(seed: int) -> dict[str, float]:
    """Return the scores that belong to a seed, always the same ones."""
    digest = hashlib.sha256(str(seed).encode()).digest()
    return {name: round(digest[i] / 255, 2) for i, name in enumerate(AXES)}


def make_character(
    mud: Mud, account: Account | None, name: str, world_id: str, *, by_guest: bool = False
) -> Character:
    """Store a new character in the spawn room of a world."""
    now = mud.clock.now()
    seed = mud.random.randint(1, _SEEDS)
    axes = axes_from(seed) if mud.worlds[world_id].stock.with_axes else {}
    character = Character(
        id=mud.next_id("characters"),
        account_id=account.id if account else None,
        name=name,
        world_id=world_id,
        seed=seed,
        created_at=now,
        updated_at=now,
        by_guest=by_guest,
        base_axes=dict(axes),
        axes=axes,
    )
    mud.characters[character.id] = character
    return character


def can_enter(mud: Mud, account: Account, world_id: str) -> bool:
    """Say whether an account has access: open world, grant, own character, or admin."""
    world = mud.worlds.get(world_id)
    if world is None or not world.active:
        return False
    return (
        world.open
        or account.role in {"admin", "superuser"}
        or (account.id, world_id) in mud.grants
        or bool(mud.characters_of(account, world_id))
    )


def world_row(mud: Mud, account: Account, world: GameWorld) -> JsonObject:
    """Return a world as /login lists it for an account."""
    owned = len(mud.characters_of(account, world.id))
    enters = can_enter(mud, account, world.id)
    reason = _access_reason(world, enters=enters, owned=owned)
    return {
        "id": world.id,
        "name": world.stock.name,
        "description": world.stock.description,
        "is_active": world.active,
        "config_json": "{}",
        "created_at": stamp(world.created_at),
        "can_access": enters,
        "can_create": reason == "ok",
        "access_mode": "open" if world.open else "invite",
        "naming_mode": "generated",
        "slot_limit_per_account": world.slot_limit,
        "current_character_count": owned,
        "has_permission_grant": (account.id, world.id) in mud.grants,
        "has_existing_character": owned > 0,
        "is_invite_only": not world.open,
        "is_locked": not enters,
        "access_reason": reason,
    }


def list_characters(mud: Mud, query: CharactersQuery) -> JsonObject:
    """List the caller's characters in one world: the named one, else the default."""
    _, account = signed_in(mud, query.session_id)
    if query.world_id and not can_enter(mud, account, query.world_id):
        raise refusal(403, "World access denied")
    rows = mud.characters_of(account, query.world_id or DEFAULT_WORLD)
    if query.exclude_legacy_defaults:
        legacy = re.compile(rf"{re.escape(account.username)}_char(_\d+)?")
        rows = [c for c in rows if not legacy.fullmatch(c.name)] or rows
    return {"characters": [character_row(c) for c in rows]}


def select_character(mud: Mud, body: SelectCharacterRequest) -> JsonObject:
    """Bind the session to a character of the caller, in any world; nothing moves."""
    session, account = signed_in(mud, body.session_id)
    character = mud.characters.get(body.character_id)
    if (
        character is None
        or character.account_id != account.id
        or character.tombstoned_at is not None
    ):
        raise refusal(404, "You have no such character")
    world_id = body.world_id or character.world_id
    if not can_enter(mud, account, world_id):
        raise refusal(403, "World access denied")
    if character.world_id != world_id:
        raise refusal(409, "That character lives in another world")
    session.character_id = character.id
    return {
        "success": True,
        "message": "Character selected.",
        "character_name": character.name,
    }


def create_character(mud: Mud, body: PlayerCreateCharacterRequest) -> JsonObject:
    """Make a character with a generated name for the caller."""
    _, account = signed_in(mud, body.session_id)
    world_id = body.world_id.strip()
    if not world_id:
        raise refusal(400, "A world_id must be given")
    if not mud.integrations.self_create:
        raise refusal(403, "Players may not make characters on this server.")
    world = existing_world(mud, world_id)
    if world.active and not can_enter(mud, account, world_id):
        raise refusal(403, f"Nobody has invited you to the world '{world_id}'.")
    return provision(mud, account, world)


def provision(mud: Mud, account: Account, world: GameWorld) -> JsonObject:
    """Make a character if a slot is free and the name service answers."""
    if not world.active:
        raise refusal(409, f"The world '{world.id}' is switched off")
    if len(mud.characters_of(account, world.id)) >= world.slot_limit:
        raise refusal(409, f"'{account.username}' has used every slot in '{world.id}'.")
    if not mud.integrations.names or mud.faults.take("names_down"):
        raise refusal(502, "The service that makes names does not answer.")
    character = make_character(mud, account, _generated_name(mud, world.id), world.id)
    down = not mud.integrations.entity or mud.faults.take("entity_down")
    described = world.stock.with_axes and not down
    return {
        "success": True,
        "message": f"{character.name} now belongs to '{account.username}'.",
        "character_id": character.id,
        "character_name": character.name,
        "world_id": world.id,
        "seed": character.seed,
        "entity_state": entity_state(mud, character) if described else None,
        "entity_state_error": "Entity state API unavailable." if down else None,
    }


def existing_world(mud: Mud, world_id: str) -> GameWorld:
    """Return a world, inactive ones included; 404 when there is none."""
    world = mud.worlds.get(world_id)
    if world is None:
        raise refusal(404, f"There is no world '{world_id}'")
    return world


def _access_reason(world: GameWorld, *, enters: bool, owned: int) -> str:
    if not world.active:
        return "world_inactive"
    if not enters:
        return "invite_required"
    return "ok" if owned < world.slot_limit else "slot_limit_reached"


def _generated_name(mud: Mud, world_id: str) -> str:
    while True:
        words = (
            "".join(mud.random.choices(_SYLLABLES, k=mud.random.randint(2, 3))) for _ in range(2)
        )
        name = " ".join(word.capitalize() for word in words)
        if mud.character_named(name, world_id) is None:
            return name
