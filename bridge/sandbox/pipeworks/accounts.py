"""Registering, logging in and out, and changing passwords."""

from bridge.sandbox.pipeworks import passwords
from bridge.sandbox.pipeworks.bodies import (
    ChangePasswordRequest,
    LoginDirectRequest,
    LoginRequest,
    LogoutRequest,
    Nothing,
    RegisterGuestRequest,
    RegisterRequest,
    SessionOnly,
)
from bridge.sandbox.pipeworks.characters import entity_state, make_character, world_row
from bridge.sandbox.pipeworks.exchange import JsonObject, refusal
from bridge.sandbox.pipeworks.sessions import open_session, signed_in
from bridge.sandbox.pipeworks.state import DAY, DEFAULT_WORLD, Account, Mud, character_row


def root(_mud: Mud, _: Nothing) -> JsonObject:
    """Name the server and its version."""
    return {"message": "MUD Server API", "version": "0.5.9"}


def health(mud: Mud, _: Nothing) -> JsonObject:
    """Count the sessions of the last half hour, which the server calls players."""
    since = mud.clock.now() - 30 * 60
    return {
        "status": "ok",
        "active_players": sum(s.last_activity >= since for s in mud.live_sessions()),
    }


def add_account(
    mud: Mud, username: str, password: str, *, role: str, origin: str, visitor: bool = False
) -> Account:
    """Store a new account; a NUL byte in the password is the 500 of the real server."""
    now = mud.clock.now()
    account = Account(
        id=mud.next_id("users"),
        username=username,
        password_hash=_new_hash(mud, password),
        role=role,
        origin=origin,
        created_at=now,
        expires_at=now + DAY if visitor else None,
    )
    mud.accounts[account.id] = account
    return account


def set_password(mud: Mud, account: Account, password: str) -> None:
    """Replace an account's password; sessions stay as they are."""
    account.password_hash = _new_hash(mud, password)


def check_password(password: str, confirmed: str) -> None:
    """Refuse with 400 unless both are the same and the policy is met."""
    if password != confirmed:
        raise refusal(400, "The two passwords differ")
    if faults := passwords.faults_of(password):
        raise refusal(400, " ".join(faults))


def checked_username(mud: Mud, username: str) -> str:
    """Return the trimmed user name; 400 when its length is wrong or it is taken."""
    name = username.strip()
    if not 2 <= len(name) <= 20:
        raise refusal(400, "A user name has 2 to 20 characters")
    if mud.account_named(name) is not None:
        raise refusal(400, "That user name is in use")
    return name


def register(mud: Mud, body: RegisterRequest) -> JsonObject:
    """Make a visitor account without a character."""
    if not mud.integrations.registration:
        raise refusal(403, "This server takes no new accounts at present.")
    username = checked_username(mud, body.username)
    check_password(body.password, body.password_confirm)
    add_account(mud, username, body.password, role="player", origin="visitor", visitor=True)
    return {"success": True, "message": f"Temporary account {username} created. Log in next."}


def register_guest(mud: Mud, body: RegisterGuestRequest) -> JsonObject:
    """Make a visitor account with a character; the user name is told here and never again."""
    if not mud.integrations.guests:
        raise refusal(403, "This server takes no guests at present.")
    name = body.character_name.strip()
    if not name:
        raise refusal(400, "A guest needs a name for the character")
    if mud.character_named(name, DEFAULT_WORLD) is not None:
        raise refusal(400, "That character name is in use")
    check_password(body.password, body.password_confirm)
    if not mud.integrations.entity or mud.faults.take("entity_down"):
        raise refusal(503, "Entity state API unavailable.")
    username = _guest_name(mud)
    account = add_account(
        mud, username, body.password, role="player", origin="visitor", visitor=True
    )
    character = make_character(mud, account, name, DEFAULT_WORLD, by_guest=True)
    return {
        "success": True,
        "message": f"Temporary guest account created. Log in as {username}.",
        "username": username,
        "character_id": character.id,
        "character_name": character.name,
        "world_id": character.world_id,
        "entity_state": entity_state(mud, character),
        "entity_state_error": None,
    }


def login(mud: Mud, body: LoginRequest, client_type: str) -> JsonObject:
    """Open an account session; tells the characters of one world, and every world."""
    username = body.username.strip()
    if not 2 <= len(username) <= 20:
        raise refusal(400, "A user name has 2 to 20 characters")
    account = mud.account_named(username)
    if account is None or not passwords.matches(body.password, account.password_hash):
        raise refusal(401, "Invalid username or password")
    if not account.active:
        raise refusal(401, "Account is deactivated")
    session = open_session(mud, account, client_type.strip().lower() or "unknown")
    world_id = (body.world_id or "").strip() or DEFAULT_WORLD
    return {
        "success": True,
        "message": "Logged in. Select a character to enter a world.",
        "session_id": session.id,
        "role": account.role,
        "characters": [character_row(c) for c in mud.characters_of(account, world_id)],
        "available_worlds": [world_row(mud, account, world) for world in mud.worlds.values()],
    }


def login_direct(_mud: Mud, _: LoginDirectRequest) -> JsonObject:
    """Refuse: this login was retired."""
    raise refusal(410, "Direct world login is gone. Use /login, then /characters/select.")


def logout(mud: Mud, body: LogoutRequest) -> JsonObject:
    """End the session."""
    session, account = signed_in(mud, body.session_id)
    del mud.sessions[session.id]
    return {"success": True, "message": f"{account.username} is logged out."}


def ping(mud: Mud, body: SessionOnly) -> JsonObject:
    """Extend the session and do nothing else."""
    signed_in(mud, body.session_id)
    return {"ok": True}


def change_password(mud: Mud, body: ChangePasswordRequest) -> JsonObject:
    """Replace the password; a wrong current one is a 401 that says nothing about the session."""
    _, account = signed_in(mud, body.session_id)
    if not passwords.matches(body.old_password, account.password_hash):
        raise refusal(401, "Current password is incorrect")
    if body.new_password == body.old_password:
        raise refusal(400, "That is the password you have now")
    check_password(body.new_password, body.new_password)
    set_password(mud, account, body.new_password)
    return {"success": True, "message": "Password changed."}


def _new_hash(mud: Mud, password: str) -> str:
    try:
        return passwords.hashed(password, f"{mud.random.getrandbits(88):022x}")
    except ValueError:
        raise refusal(500, "The account could not be stored.") from None


def _guest_name(mud: Mud) -> str:
    while True:
        name = f"guest_{mud.random.randrange(100_000):05d}"
        if mud.account_named(name) is None:
            return name
