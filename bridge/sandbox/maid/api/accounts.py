"""Players as they see themselves: signing in, characters, settings.

Five bad passwords in a row close an account for fifteen minutes, whatever is tried then.
"""

from bridge.sandbox.maid.endpoint import Call, Everybody, SignedInPlayer, endpoint
from bridge.sandbox.maid.forms import Form, Login, NewCharacter, Refresh, Settings
from bridge.sandbox.maid.game import Game
from bridge.sandbox.maid.population import stable_id
from bridge.sandbox.maid.records import Account, Character, Staff, stamp, stamp_or_none
from bridge.sandbox.maid.wire import HttpError, JsonObject


def check_password(game: Game, owner: Account | Staff | None, given: str) -> None:
    """Let a good password pass; HttpError 401 if it is bad, 403 while the account is locked."""
    now = game.now()
    if owner is not None and owner.lock.is_closed(now):
        raise HttpError(403, f"Account is locked until {stamp_or_none(owner.lock.until)}")
    if owner is None or given != owner.password:
        game.executed["bad_login"] += 1
        if owner is not None:
            owner.lock.note_failure(now)
        raise HttpError(401, "Invalid username or password")
    owner.lock.open()


def _login(game: Game, _: Call, login: Login) -> JsonObject:
    account = game.account_named(login.username)
    check_password(game, account, login.password)
    assert account is not None
    now = game.now()
    if account.status(now) != "active":
        raise HttpError(403, f"Account is {account.status(now)}")
    account.last_login = now
    return game.tokens.sign_in("player", account.id)


def _refresh(game: Game, _: Call, form: Refresh) -> JsonObject:
    claims, answer = game.tokens.refresh("player", form.refresh_token)
    if game.accounts[claims.subject].status(game.now()) != "active":
        raise HttpError(401, "Invalid refresh token")
    return answer


def _logout(game: Game, call: Call, _: Form) -> JsonObject:
    assert call.caller.claims is not None
    game.tokens.revoke(call.caller.claims)
    return {"message": "Successfully logged out"}


def _me(_: Game, call: Call, __: Form) -> JsonObject:
    account = call.account
    return {
        "id": account.id,
        "username": account.username,
        "email": account.email,
        "created_at": stamp(account.created_at),
        "last_login": stamp_or_none(account.last_login),
    }


def _list_characters(_: Game, call: Call, __: Form) -> JsonObject:
    return {"characters": [character.brief() for character in call.account.characters]}


def _create_character(game: Game, call: Call, new: NewCharacter) -> JsonObject:
    taken = (one.name for account in game.accounts.values() for one in account.characters)
    if new.name.lower() in {name.lower() for name in taken}:
        raise HttpError(409, "A character with this name already exists")
    character = Character(
        id=game.new_id(),
        name=new.name,
        calling=new.calling,
        room_id=stable_id("room", "Town Square"),
    )
    call.account.characters.append(character)
    return {**character.brief(), "message": "Character created successfully"}


def _character(game: Game, call: Call, _: Form) -> JsonObject:
    wanted = call.path["character_id"]
    character = next((one for one in call.account.characters if one.id == wanted), None)
    if character is None:
        raise HttpError(404, "Character not found")
    return {
        **character.brief(),
        "stats": dict(character.vitals),
        "location": game.rooms[character.room_id].name,
    }


def _update_settings(_: Game, call: Call, form: Settings) -> JsonObject:
    changed = form.model_dump(exclude_none=True)
    if not changed:
        raise HttpError(400, "No settings to update")
    call.account.settings.update(changed)
    return {"success": True, "message": "Settings updated"}


_PLAYER = SignedInPlayer()
_AUTH = "/api/v1/auth"
_CHARACTERS = "/api/v1/characters"

ENDPOINTS = (
    endpoint("login", f"POST {_AUTH}/login", Everybody(), _login, Login),
    endpoint("refresh", f"POST {_AUTH}/refresh", Everybody(), _refresh, Refresh),
    endpoint("logout", f"POST {_AUTH}/logout", _PLAYER, _logout, Form),
    endpoint("me", f"GET {_AUTH}/me", _PLAYER, _me, Form),
    endpoint("list_characters", f"GET {_CHARACTERS}", _PLAYER, _list_characters, Form),
    endpoint(
        "create_character",
        f"POST {_CHARACTERS}",
        _PLAYER,
        _create_character,
        NewCharacter,
        status=201,
    ),
    endpoint("character", f"GET {_CHARACTERS}/{{character_id}}", _PLAYER, _character, Form),
    endpoint("update_settings", "PUT /api/v1/settings", _PLAYER, _update_settings, Settings),
)
