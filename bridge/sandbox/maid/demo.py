"""The credentials that every simulated MAID starts with. They open nothing but a sandbox.

API keys, by what they may do; all of them 60 requests a minute, ``ROOMY`` 6000:

- ``PUBLIC``, ``PLAYERS``, ``PLAYER_WRITER``, ``WORLD``, ``WORLD_WRITER``, ``ADMIN``: READ_PUBLIC,
  READ_PLAYERS, WRITE_PLAYERS, READ_WORLD, WRITE_WORLD, ADMIN, each alone;
- ``READ_ALL``, ``WRITE_ALL``, ``FULL``: the documented combinations; ``ROOMY``: like ``FULL``;
- ``REVOKED`` and ``EXPIRED``: FULL_ACCESS once, refused now.

Players: ``player1`` with the password ``secret`` plays Gandalf and Frodo and is online;
``player2`` with ``secret2`` plays Eowyn and is offline; ``banned1`` with ``secret`` is banned for
good. Admin users: ``viewer``, ``moderator``, ``builder``, ``admin`` and ``superadmin``, each with
its name and ``-password`` as the password.
"""

from bridge.sandbox.maid.keys import ApiKey, Window, expand
from bridge.sandbox.maid.records import ROLES, Staff

PUBLIC = "maid_a0000001_publicpublicpublicpublicpublic00"
PLAYERS = "maid_a0000002_playersplayersplayersplayers0000"
PLAYER_WRITER = "maid_a0000003_playerwriterplayerwriter00000000"
WORLD = "maid_a0000004_worldworldworldworldworldworld00"
WORLD_WRITER = "maid_a0000005_worldwriterworldwriter0000000000"
ADMIN = "maid_a0000006_adminadminadminadminadminadmin00"
READ_ALL = "maid_a0000007_readallreadallreadallreadall0000"
WRITE_ALL = "maid_a0000008_writeallwriteallwriteallwriteall"
FULL = "maid_a0000009_fullfullfullfullfullfullfullfull"
ROOMY = "maid_a000000a_roomyroomyroomyroomyroomyroomy00"
REVOKED = "maid_a000000b_revokedrevokedrevokedrevoked0000"
EXPIRED = "maid_a000000c_expiredexpiredexpiredexpired0000"

PLAYER1, PLAYER1_PASSWORD = "player1", "secret"
PLAYER2, PLAYER2_PASSWORD = "player2", "secret2"
BANNED1, BANNED1_PASSWORD = "banned1", "secret"

_GRANTED = {
    PUBLIC: "READ_PUBLIC",
    PLAYERS: "READ_PLAYERS",
    PLAYER_WRITER: "WRITE_PLAYERS",
    WORLD: "READ_WORLD",
    WORLD_WRITER: "WRITE_WORLD",
    ADMIN: "ADMIN",
    READ_ALL: "READ_ALL",
    WRITE_ALL: "WRITE_ALL",
    FULL: "FULL_ACCESS",
    ROOMY: "FULL_ACCESS",
    REVOKED: "FULL_ACCESS",
    EXPIRED: "FULL_ACCESS",
}


def key_id(raw: str) -> str:
    """Return the id of a demo key, which its text begins with."""
    return f"{raw[5:13]}-0000-4000-8000-000000000000"


def staff_password(username: str) -> str:
    """Return the password of a demo admin user."""
    return f"{username}-password"


def api_keys(now: float) -> list[ApiKey]:
    """Return the demo keys, made thirty days ago."""
    return [
        ApiKey(
            raw=raw,
            key_id=key_id(raw),
            name=f"demo {granted}",
            permissions=expand([granted]),
            created_at=now - 30 * 86_400,
            created_by="admin",
            expires_at=now - 1 if raw == EXPIRED else None,
            is_active=raw != REVOKED,
            window=Window(6_000 if raw == ROOMY else 60),
        )
        for raw, granted in _GRANTED.items()
    ]


def staff(now: float) -> list[Staff]:
    """Return one admin user of each role."""
    return [
        Staff(
            id=f"5a000000-0000-4000-8000-0000000000{rank}",
            username=role.lower(),
            password=staff_password(role.lower()),
            role=role,
            created_at=now - 30 * 86_400,
        )
        for role, rank in ROLES.items()
    ]
