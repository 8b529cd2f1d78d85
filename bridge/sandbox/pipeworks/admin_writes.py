"""What admins can do to accounts, sessions, characters, chat, the server, and through ollama.

Most of it needs admin; roles, deletion, foreign passwords, pruning and managing characters need
superuser. Nobody can touch an account of the own rank.
"""

from collections.abc import Callable
from typing import Final

from bridge.sandbox.pipeworks.accounts import (
    add_account,
    check_password,
    checked_username,
    set_password,
)
from bridge.sandbox.pipeworks.bodies import (
    ChatPruneRequest,
    ClearOllamaContextRequest,
    CreateCharacterRequest,
    CreateUserRequest,
    KickCharacterRequest,
    KickSessionRequest,
    ManageCharacterRequest,
    OllamaCommandRequest,
    ServerStopRequest,
    UserManagementRequest,
)
from bridge.sandbox.pipeworks.characters import existing_world, provision
from bridge.sandbox.pipeworks.exchange import JsonObject, refusal
from bridge.sandbox.pipeworks.sessions import ROLES, outranks, permitted
from bridge.sandbox.pipeworks.state import Account, Character, Mud


def create_user(mud: Mud, body: CreateUserRequest) -> JsonObject:
    """Make a lasting account; an admin may make players and worldbuilders only."""
    _, account = permitted(mud, body.session_id, "create_users")
    role = body.role.strip().lower()
    if role not in ROLES:
        raise refusal(400, f"No such role. There are: {', '.join(ROLES)}")
    if account.role != "superuser" and role not in {"player", "worldbuilder"}:
        raise refusal(403, f"You may not create an account with role {role}.")
    username = checked_username(mud, body.username)
    check_password(body.password, body.password_confirm)
    add_account(mud, username, body.password, role=role, origin=account.role)
    return {"success": True, "message": f"Account {username} created as {role}."}


def create_character(mud: Mud, body: CreateCharacterRequest) -> JsonObject:
    """Make a character for somebody, also in a world that needs an invitation."""
    permitted(mud, body.session_id, "create_users")
    target = _target(mud, body.target_username)
    world_id = body.world_id.strip()
    if not world_id:
        raise refusal(400, "A world_id must be given")
    return provision(mud, target, existing_world(mud, world_id))


def manage_user(mud: Mud, body: UserManagementRequest) -> JsonObject:
    """Change an account; an unknown action is refused before the session is looked at."""
    known = _ACTIONS.get(body.action)
    if known is None:
        raise refusal(400, f"No such action. There are: {', '.join(_ACTIONS)}")
    right, act = known
    _, account = permitted(mud, body.session_id, right)
    target = _target(mud, body.target_username)
    if not outranks(account, target):
        raise refusal(403, "You cannot manage an account of the same or a higher rank.")
    act(mud, target, body)
    return {"success": True, "message": f"{body.action} done for {target.username}."}


def kick_session(mud: Mud, body: KickSessionRequest) -> JsonObject:
    """End one session; an unknown one is no error."""
    permitted(mud, body.session_id, "kick_users")
    ended = mud.end_sessions(lambda session: session.id == body.target_session_id)
    return {
        "success": bool(ended),
        "message": "Session ended." if ended else "Session not found.",
    }


def kick_character(mud: Mud, body: KickCharacterRequest) -> JsonObject:
    """End every session of a character."""
    permitted(mud, body.session_id, "kick_users")
    character = _character(mud, body.character_id)
    ended = mud.end_sessions(lambda session: session.character_id == character.id)
    return {
        "success": bool(ended),
        "message": f"Kicked {character.name}." if ended else f"{character.name} is not online.",
        "removed_sessions": ended,
    }


def manage_character(mud: Mud, body: ManageCharacterRequest) -> JsonObject:
    """Retire a character (tombstone) or remove it (delete)."""
    permitted(mud, body.session_id, "manage_users")
    if body.action not in {"tombstone", "delete"}:
        raise refusal(400, "No such action. There are: tombstone, delete")
    character = _character(mud, body.character_id)
    if body.action == "tombstone" and character.tombstoned_at is not None:
        raise refusal(409, "The character has its tombstone already")
    mud.end_sessions(lambda session: session.character_id == character.id)
    if body.action == "tombstone":
        character.tombstoned_at = mud.clock.now()
    else:
        del mud.characters[character.id]
    return {
        "success": True,
        "message": f"{body.action} done for {character.name}.",
        "character_id": body.character_id,
        "action": body.action,
    }


def prune_chat(mud: Mud, body: ChatPruneRequest) -> JsonObject:
    """Forget chat lines older than so many hours."""
    permitted(mud, body.session_id, "manage_users")
    if body.max_age_hours < 1:
        raise refusal(422, "max_age_hours begins at 1")
    if body.room and not body.world_id:
        raise refusal(422, "room needs world_id")
    limit = mud.clock.now() - body.max_age_hours * 3600
    kept = [
        m
        for m in mud.messages
        if m.at >= limit
        or body.world_id not in {None, m.world_id}
        or body.room not in {None, m.room}
    ]
    pruned = len(mud.messages) - len(kept)
    mud.messages[:] = kept
    return {"success": True, "message": f"Pruned {pruned} messages.", "pruned_count": pruned}


def stop_server(mud: Mud, body: ServerStopRequest) -> JsonObject:
    """Stop the server half a second from now; it does not come back by itself."""
    permitted(mud, body.session_id, "stop_server")
    mud.stopping_at = mud.clock.now() + 0.5
    return {"success": True, "message": "The server stops in 0.5 seconds."}


def ollama_command(mud: Mud, body: OllamaCommandRequest) -> JsonObject:
    """Answer as a language model server would; this one never calls the given address."""
    permitted(mud, body.session_id, "view_logs")
    verb = [*body.command.split(), ""][0]
    if verb not in {"list", "ps", "pull", "run", "show"}:
        return {"success": False, "output": f"Unknown command: {verb}"}
    if not mud.integrations.ollama:
        return {"success": False, "output": f"Cannot connect to {body.server_url}"}
    return {"success": True, "output": f"{verb}: lamplighter:7b"}


def clear_ollama_context(mud: Mud, body: ClearOllamaContextRequest) -> JsonObject:
    """Forget what was said to the language model."""
    permitted(mud, body.session_id, "view_logs")
    return {"success": True, "message": "Context cleared."}


def _target(mud: Mud, username: str) -> Account:
    account = mud.account_named(username)
    if account is None or account.tombstoned_at is not None:
        raise refusal(404, f"There is no user '{username}'")
    return account


def _character(mud: Mud, character_id: int) -> Character:
    character = mud.characters.get(character_id)
    if character is None:
        raise refusal(404, "There is no such character")
    return character


def _change_role(_: Mud, target: Account, body: UserManagementRequest) -> None:
    role = (body.new_role or "").strip().lower()
    if role not in ROLES:
        raise refusal(400, f"No such role. There are: {', '.join(ROLES)}")
    target.role = role


def _ban(mud: Mud, target: Account, _: UserManagementRequest) -> None:
    target.active = False
    mud.end_sessions(lambda session: session.account_id == target.id)


def _unban(_: Mud, target: Account, __: UserManagementRequest) -> None:
    target.active = True


def _delete(mud: Mud, target: Account, body: UserManagementRequest) -> None:
    """Delete softly: the name stays taken, and login calls the account deactivated."""
    _ban(mud, target, body)
    target.tombstoned_at = mud.clock.now()


def _change_password(mud: Mud, target: Account, body: UserManagementRequest) -> None:
    """Set a password of eight characters or more; the policy does not bind superusers."""
    if len(body.new_password or "") < 8:
        raise refusal(400, "A password needs 8 characters or more")
    set_password(mud, target, body.new_password or "")


_ACTIONS: Final[dict[str, tuple[str, Callable[[Mud, Account, UserManagementRequest], None]]]] = {
    "change_role": ("manage_users", _change_role),
    "ban": ("ban_users", _ban),
    "deactivate": ("ban_users", _ban),
    "unban": ("ban_users", _unban),
    "delete": ("manage_users", _delete),
    "change_password": ("manage_users", _change_password),
}
