"""Admin users: signing in, and managing each other.

ADMIN manages users up to BUILDER; only SUPERADMIN makes, changes or deletes an ADMIN or another
SUPERADMIN. Nobody demotes, deactivates or deletes themselves. A role that was taken away is gone
at once, whatever the token was issued for.
"""

from bridge.sandbox.maid.api.accounts import check_password
from bridge.sandbox.maid.endpoint import Call, Everybody, StaffOf, endpoint
from bridge.sandbox.maid.forms import Form, Login, NewStaff, Refresh, StaffUpdate
from bridge.sandbox.maid.game import Game
from bridge.sandbox.maid.records import ROLES, Staff
from bridge.sandbox.maid.wire import HttpError, JsonObject


def _admin_login(game: Game, _: Call, login: Login) -> JsonObject:
    user = game.staff_named(login.username)
    check_password(game, user if user and user.is_active else None, login.password)
    assert user is not None
    user.last_login = game.now()
    return {
        **game.tokens.sign_in("admin", user.id),
        "user": {"username": user.username, "role": user.role},
    }


def _admin_refresh(game: Game, _: Call, form: Refresh) -> JsonObject:
    claims, answer = game.tokens.refresh("admin", form.refresh_token)
    user = game.staff.get(claims.subject)
    if user is None or not user.is_active:
        raise HttpError(401, "Invalid refresh token")
    return answer


def _list_admin_users(game: Game, _: Call, __: Form) -> JsonObject:
    return {"users": [user.shown() for user in game.staff.values()], "total": len(game.staff)}


def _found(game: Game, call: Call) -> Staff:
    user = game.staff.get(call.path["user_id"])
    if user is None:
        raise HttpError(404, "Admin user not found")
    return user


def _admin_user(game: Game, call: Call, _: Form) -> JsonObject:
    return _found(game, call).shown()


def _may_touch(call: Call, role: str) -> None:
    if ROLES[role] >= ROLES["ADMIN"] and call.user.role != "SUPERADMIN":
        raise HttpError(403, f"Insufficient role: SUPERADMIN required to manage {role} users")


def _create_admin_user(game: Game, call: Call, new: NewStaff) -> JsonObject:
    _may_touch(call, new.role)
    if game.staff_named(new.username) is not None:
        raise HttpError(409, "Username already exists")
    user = Staff(
        id=game.new_id(),
        username=new.username,
        password=new.password,
        role=new.role,
        created_at=game.now(),
    )
    game.staff[user.id] = user
    return user.shown()


def _update_admin_user(game: Game, call: Call, change: StaffUpdate) -> JsonObject:
    user = _found(game, call)
    if not change.model_dump(exclude_none=True):
        raise HttpError(400, "No fields to update")
    role = change.role or user.role
    is_active = _wanted_activity(change, user)
    if user is call.user and (ROLES[role] < user.rank or not is_active):
        raise HttpError(400, "Users cannot demote themselves")
    _may_touch(call, user.role)
    _may_touch(call, role)
    user.role, user.is_active = role, is_active
    return user.shown()


def _wanted_activity(change: StaffUpdate, user: Staff) -> bool:
    if change.status is not None:
        return change.status == "active"
    return user.is_active if change.is_active is None else change.is_active


def _delete_admin_user(game: Game, call: Call, _: Form) -> None:
    user = _found(game, call)
    if user is call.user:
        raise HttpError(400, "Users cannot delete themselves")
    _may_touch(call, user.role)
    del game.staff[user.id]


_ADMIN = StaffOf("ADMIN")
_USERS = "/admin/users"

ENDPOINTS = (
    endpoint("admin_login", "POST /admin/auth/login", Everybody(), _admin_login, Login),
    endpoint("admin_refresh", "POST /admin/auth/refresh", Everybody(), _admin_refresh, Refresh),
    endpoint("list_admin_users", f"GET {_USERS}", _ADMIN, _list_admin_users, Form),
    endpoint("admin_user", f"GET {_USERS}/{{user_id}}", _ADMIN, _admin_user, Form),
    endpoint(
        "create_admin_user", f"POST {_USERS}", _ADMIN, _create_admin_user, NewStaff, status=201
    ),
    endpoint(
        "update_admin_user", f"PUT {_USERS}/{{user_id}}", _ADMIN, _update_admin_user, StaffUpdate
    ),
    endpoint(
        "delete_admin_user",
        f"DELETE {_USERS}/{{user_id}}",
        _ADMIN,
        _delete_admin_user,
        Form,
        status=204,
    ),
)
