"""Who is asking: sessions, their lifetime, and what each role may do.

A kicked, banned, logged-out, expired or superseded session is simply not there any more; all of
them get the same answer. Roles are looked up on every request.
"""

from typing import Final

from bridge.sandbox.pipeworks.exchange import refusal
from bridge.sandbox.pipeworks.state import Account, Character, Mud, Session

ROLES: Final = ("player", "worldbuilder", "admin", "superuser")
_ADMIN = frozenset({"view_logs", "create_users", "kick_users", "ban_users", "stop_server"})
_RIGHTS: Final = {
    "player": frozenset[str](),
    "worldbuilder": frozenset[str](),  # no operation asks for a right that it would have
    "admin": _ADMIN,
    "superuser": _ADMIN | {"manage_users"},
}


def open_session(mud: Mud, account: Account, client_type: str) -> Session:
    """Return a new session; in one-session mode the account's older ones end."""
    if mud.one_session:
        mud.end_sessions(lambda session: session.account_id == account.id)
    now = mud.clock.now()
    session = Session(
        id=mud.new_uuid(),
        account_id=account.id,
        created_at=now,
        last_activity=now,
        expires_at=_end(mud, now),
        client_type=client_type,
    )
    mud.sessions[session.id] = session
    account.last_login = now
    return session


def signed_in(mud: Mud, session_id: str) -> tuple[Session, Account]:
    """Return a live session and its account, and extend it; otherwise refuse with 401."""
    now = mud.clock.now()
    session = mud.sessions.get(session_id)
    if session is None or (session.expires_at is not None and session.expires_at <= now):
        mud.sessions.pop(session_id, None)
        raise refusal(401, "Invalid or expired session")
    account = mud.accounts.get(session.account_id)
    if account is None:
        raise refusal(401, "Invalid session user")
    session.last_activity = now
    if mud.sliding:
        session.expires_at = _end(mud, now)
    return session, account


def playing(mud: Mud, session_id: str) -> tuple[Account, Character]:
    """Return who plays which character; 409 until one is selected."""
    session, account = signed_in(mud, session_id)
    character = mud.characters.get(session.character_id or 0)
    if character is None:
        raise refusal(409, "No character selected for session. Select a character first.")
    return account, character


def may(account: Account, right: str) -> bool:
    """Say whether the account's role includes a right."""
    return right in _RIGHTS[account.role]


def permitted(mud: Mud, session_id: str, right: str) -> tuple[Session, Account]:
    """Return the session and account of somebody who has a right; otherwise 401 or 403."""
    session, account = signed_in(mud, session_id)
    if not may(account, right):
        raise refusal(403, f"Insufficient permissions. Required: {right}")
    return session, account


def administrator(mud: Mud, session_id: str, area: str) -> Account:
    """Return the account of an admin or superuser; otherwise 401 or 403."""
    _, account = signed_in(mud, session_id)
    if account.role not in {"admin", "superuser"}:
        raise refusal(403, f"{area} requires admin or superuser role.")
    return account


def outranks(account: Account, other: Account) -> bool:
    """Say whether one account's role is above the other's; nobody manages an equal."""
    return ROLES.index(account.role) > ROLES.index(other.role)


def _end(mud: Mud, now: float) -> float | None:
    return now + mud.session_minutes * 60 if mud.session_minutes else None
