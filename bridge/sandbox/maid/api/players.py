"""Players as an integration sees them: listing, details, moderation."""

from bridge.sandbox.maid.endpoint import Call, KeyWith, endpoint
from bridge.sandbox.maid.forms import Ban, Form, Kick, PlayersQuery, PlayerUpdate
from bridge.sandbox.maid.game import Game
from bridge.sandbox.maid.records import Account, stamp_or_none
from bridge.sandbox.maid.wire import HttpError, JsonObject


def _list_players(game: Game, _: Call, query: PlayersQuery) -> JsonObject:
    now = game.now()
    found = [account for account in game.accounts.values() if _wanted(account, query, now)]
    found.sort(
        key=lambda account: _sort_key(account, query.sort_by, now),
        reverse=query.sort_order == "desc",
    )
    first = (query.page - 1) * query.page_size
    return {
        "players": [one.brief(now) for one in found[first : first + query.page_size]],
        "total": len(found),
        "page": query.page,
        "page_size": query.page_size,
        "has_next": first + query.page_size < len(found),
        "has_previous": query.page > 1,
    }


def _wanted(account: Account, query: PlayersQuery, now: float) -> bool:
    text = (query.search or "").lower()
    return (
        (text in account.username.lower() or text in account.email.lower())
        and query.status in {None, account.status(now)}
        and query.role in {None, account.role}
        and (account.is_online or not query.online_only)
    )


def _sort_key(account: Account, name: str, now: float) -> tuple[str | float, str]:
    match name:
        case "created_at":
            return account.created_at, account.username
        case "last_login":
            return account.last_login or 0.0, account.username
        case "status":
            return account.status(now), account.username
        case _:
            return account.username, account.username


def _account(game: Game, call: Call) -> Account:
    account = game.accounts.get(call.path["player_id"])
    if account is None:
        raise HttpError(404, "Player not found")
    return account


def _player(game: Game, call: Call, _: Form) -> JsonObject:
    account, now = _account(game, call), game.now()
    account.lock.is_closed(now)
    character = account.characters[0] if account.is_online and account.characters else None
    return {
        **account.brief(now),
        "email": account.email,
        "login_attempts": account.lock.attempts,
        "locked_until": stamp_or_none(account.lock.until),
        "current_character": character.id if character else None,
        "current_location": game.rooms[character.room_id].name if character else None,
        "metadata": account.metadata,
    }


def _update_player(game: Game, call: Call, change: PlayerUpdate) -> JsonObject:
    account = _account(game, call)
    changed = change.model_dump(exclude_none=True)
    if not changed:
        raise HttpError(400, "No fields to update")
    others = (one for one in game.accounts.values() if one is not account)
    if any(one.email == change.email for one in others):
        raise HttpError(409, "Email is already in use")
    account.email = change.email or account.email
    account.metadata = dict(change.metadata) if change.metadata is not None else account.metadata
    return {
        "player_id": account.id,
        "username": account.username,
        "updated_fields": list(changed),
        "success": True,
        "message": f"Updated {len(changed)} field(s)",
    }


def _done(account: Account, message: str, **more: object) -> JsonObject:
    return {
        "player_id": account.id,
        "username": account.username,
        **more,
        "success": True,
        "message": message,
    }


def _kick_player(game: Game, call: Call, kick: Kick) -> JsonObject:
    account = _account(game, call)
    if not account.is_online:
        raise HttpError(400, "Player is not online")
    game.end_session(account, kick.reason)
    return _done(account, "Player kicked successfully", reason=kick.reason)


def _ban_player(game: Game, call: Call, ban: Ban) -> JsonObject:
    account, now = _account(game, call), game.now()
    if account.is_banned(now):
        raise HttpError(409, "Player is already banned")
    account.banned = True
    hours = ban.duration_hours
    account.banned_until = None if hours is None else now + hours * 3_600
    if account.is_online:
        game.end_session(account, ban.reason)
    return _done(
        account,
        "Player banned successfully",
        reason=ban.reason,
        banned_until=stamp_or_none(account.banned_until),
    )


def _unban_player(game: Game, call: Call, _: Form) -> JsonObject:
    account = _account(game, call)
    if not account.is_banned(game.now()):
        raise HttpError(400, "Player is not banned")
    account.lift_ban()
    return _done(account, "Player unbanned successfully")


_READ, _WRITE, _ADMIN = KeyWith("READ_PLAYERS"), KeyWith("WRITE_PLAYERS"), KeyWith("ADMIN")
_ONE = "/api/v1/players/{player_id}"

ENDPOINTS = (
    endpoint("list_players", "GET /api/v1/players", _READ, _list_players, PlayersQuery),
    endpoint("player", f"GET {_ONE}", _READ, _player, Form),
    endpoint("update_player", f"PATCH {_ONE}", _WRITE, _update_player, PlayerUpdate),
    endpoint("kick_player", f"POST {_ONE}/kick", _ADMIN, _kick_player, Kick),
    endpoint("ban_player", f"POST {_ONE}/ban", _ADMIN, _ban_player, Ban),
    endpoint("unban_player", f"DELETE {_ONE}/ban", _ADMIN, _unban_player, Form),
)
