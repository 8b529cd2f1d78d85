import pytest

from bridge.sandbox.maid import demo
from bridge.sandbox.maid.world import Maid
from tests.sandbox.maid.visitor import Visitor, body, player, staff

USERS = "/admin/users"


def user(world: Maid, username: str) -> str:
    found = world.game.staff_named(username)
    assert found is not None
    return f"{USERS}/{found.id}"


def test_an_admin_login_also_says_who(world: Maid) -> None:
    reply = Visitor(world).post("/admin/auth/login", username="viewer", password="viewer-password")

    assert set(body(reply)) == {
        "access_token",
        "refresh_token",
        "token_type",
        "expires_in",
        "user",
    }
    assert body(reply)["user"] == {"username": "viewer", "role": "VIEWER"}


def test_an_admin_token_can_be_refreshed(world: Maid) -> None:
    pair = body(
        Visitor(world).post("/admin/auth/login", username="admin", password="admin-password")
    )

    reply = Visitor(world).post("/admin/auth/refresh", refresh_token=pair["refresh_token"])

    assert Visitor(world, token=body(reply)["access_token"]).get(USERS).status == 200
    wrong = Visitor(world).post("/api/v1/auth/refresh", refresh_token=pair["refresh_token"])
    assert wrong.status == 401
    assert (world.executed["admin_login"], world.executed["admin_refresh"]) == (1, 1)


def test_bad_admin_logins_lock_too(world: Maid) -> None:
    login = [
        Visitor(world).post("/admin/auth/login", username="admin", password="wrong").status
        for _ in range(6)
    ]

    assert login == [401] * 5 + [403]


@pytest.mark.parametrize("role", ["viewer", "moderator", "builder"])
def test_lower_roles_are_told_which_role_is_missing(world: Maid, role: str) -> None:
    reply = staff(world, role).get(USERS)

    assert (reply.status, body(reply)["detail"]) == (403, "Insufficient role: ADMIN required")


def test_neither_players_nor_keys_manage_admin_users(world: Maid, roomy: Visitor) -> None:
    assert player(world).get(USERS).status == 401
    assert roomy.get(USERS).status == 401


def test_users_are_listed_without_passwords(world: Maid) -> None:
    admin = staff(world, "admin")

    listed = admin.get(USERS)

    assert body(listed)["total"] == 5
    assert b"password" not in listed.body
    assert body(admin.get(user(world, "viewer")))["role"] == "VIEWER"
    assert admin.get(f"{USERS}/nobody").status == 404


def test_a_new_user_can_sign_in(world: Maid) -> None:
    admin = staff(world, "admin")
    fields = {"username": "newadmin", "password": "newadmin-password", "role": "MODERATOR"}

    created = admin.ask("POST", USERS, fields=fields)

    assert created.status == 201
    assert staff(world, "newadmin").get(USERS).status == 403
    assert admin.ask("POST", USERS, fields=fields).status == 409
    assert admin.ask("POST", USERS, fields={**fields, "password": "short"}).status == 422
    assert admin.ask("POST", USERS, fields={**fields, "role": "KING"}).status == 422
    assert world.executed["create_admin_user"] == 1


@pytest.mark.parametrize("role", ["ADMIN", "SUPERADMIN"])
def test_only_a_superadmin_makes_admins(world: Maid, role: str) -> None:
    fields = {"username": "chief", "password": "chief-password", "role": role}

    refused = staff(world, "admin").ask("POST", USERS, fields=fields)

    assert refused.status == 403
    assert "SUPERADMIN required" in body(refused)["detail"]
    assert staff(world, "superadmin").ask("POST", USERS, fields=fields).status == 201


def test_only_a_superadmin_changes_or_deletes_admins(world: Maid) -> None:
    admin, chief = staff(world, "admin"), staff(world, "superadmin")

    assert admin.put(user(world, "superadmin"), role="VIEWER").status == 403
    assert admin.delete(user(world, "superadmin")).status == 403
    assert admin.put(user(world, "builder"), role="ADMIN").status == 403
    assert admin.put(user(world, "builder"), role="VIEWER").status == 200
    assert chief.put(user(world, "admin"), role="BUILDER").status == 200
    assert admin.get(USERS).status == 403
    assert world.executed["update_admin_user"] == 2


def test_nobody_demotes_or_deletes_themselves(world: Maid) -> None:
    chief = staff(world, "superadmin")
    own = user(world, "superadmin")

    assert body(chief.put(own, role="ADMIN"))["detail"] == "Users cannot demote themselves"
    assert chief.put(own, is_active=False).status == 400
    assert body(chief.delete(own))["detail"] == "Users cannot delete themselves"
    assert chief.put(own, role="SUPERADMIN").status == 200


def test_a_deleted_user_is_gone_at_once(world: Maid) -> None:
    builder, admin = staff(world, "builder"), staff(world, "admin")
    place = user(world, "builder")

    deleted = admin.delete(place)

    assert (deleted.status, deleted.body) == (204, b"")
    assert admin.delete(place).status == 404
    assert builder.get("/admin/ai/pricing").status == 401


@pytest.mark.parametrize("change", [{"is_active": False}, {"status": "inactive"}])
def test_an_inactive_user_can_do_nothing(world: Maid, change: dict[str, object]) -> None:
    pair = body(
        Visitor(world).post("/admin/auth/login", username="viewer", password="viewer-password")
    )

    changed = staff(world, "admin").put(user(world, "viewer"), **change)

    assert body(changed)["is_active"] is False
    again = Visitor(world).post(
        "/admin/auth/login", username="viewer", password=demo.staff_password("viewer")
    )
    refreshed = Visitor(world).post("/admin/auth/refresh", refresh_token=pair["refresh_token"])
    assert (again.status, refreshed.status) == (401, 401)
    assert staff(world, "admin").ask("PUT", user(world, "viewer"), fields={}).status == 400
