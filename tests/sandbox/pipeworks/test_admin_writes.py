import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.pipeworks.exchange import Call, Dropped
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import PASSWORD, Visitor


def manage(visitor: Visitor, username: str, action: str, **more: object) -> int:
    return visitor.post(
        "/admin/user/manage", target_username=username, action=action, **more
    ).status


@pytest.mark.parametrize("role", ["player", "WorldBuilder"])
def test_an_admin_creates_players_and_worldbuilders(
    world: PipeWorks, admin: Visitor, role: str
) -> None:
    got = admin.post(
        "/admin/user/create",
        username="newcomer",
        password=PASSWORD,
        password_confirm=PASSWORD,
        role=role,
    )

    assert got.status == 200
    made = world.mud.account_named("newcomer")
    assert made is not None
    assert (made.role, made.expires_at) == (role.lower(), None)


@pytest.mark.parametrize(
    ("role", "password", "status"),
    [("admin", PASSWORD, 403), ("emperor", PASSWORD, 400), ("player", "short", 400)],
)
def test_what_an_admin_may_not_create(
    admin: Visitor, role: str, password: str, status: int
) -> None:
    got = admin.post(
        "/admin/user/create",
        username="newcomer",
        password=password,
        password_confirm=password,
        role=role,
    )

    assert got.status == status


def test_an_admin_lets_somebody_into_an_invite_only_world(admin: Visitor, wanda: Visitor) -> None:
    got = admin.post(
        "/admin/user/create-character",
        target_username=wanda.username,
        world_id="daily_undertaking",
    )

    assert got.status == 200
    wanda.select(got.content["character_id"])
    assert wanda.does("south")[0]


@pytest.mark.parametrize(
    ("username", "world_id", "status"),
    [("nobody", "pipeworks_web", 404), ("steward", "atlantis", 404), ("steward", " ", 400)],
)
def test_creating_a_character_for_somebody_needs_both_to_exist(
    admin: Visitor, username: str, world_id: str, status: int
) -> None:
    got = admin.post("/admin/user/create-character", target_username=username, world_id=world_id)

    assert got.status == status


def test_an_unknown_action_is_refused_before_the_session_is_looked_at(world: PipeWorks) -> None:
    assert manage(Visitor(world, session_id="wrong"), "steward", "promote") == 400


@pytest.mark.parametrize("action", ["ban", "deactivate"])
def test_a_ban_ends_sessions_and_logins_until_it_is_lifted(
    world: PipeWorks, admin: Visitor, wanda: Visitor, action: str
) -> None:
    assert manage(admin, wanda.username, action) == 200

    assert wanda.get(f"/status/{wanda.session_id}").content == {
        "detail": "Invalid or expired session"
    }
    got = Visitor(world).post("/login", username=wanda.username, password=PASSWORD)
    assert (got.status, got.content) == (401, {"detail": "Account is deactivated"})

    assert manage(admin, wanda.username, "unban") == 200
    assert Visitor.logged_in(world, wanda.username, PASSWORD).session_id


@pytest.mark.parametrize("action", ["change_role", "delete", "change_password"])
def test_roles_deletion_and_passwords_need_a_superuser(
    admin: Visitor, steward: Visitor, wanda: Visitor, action: str
) -> None:
    more = {"new_role": "admin", "new_password": "password"}

    assert manage(admin, wanda.username, action, **more) == 403
    assert manage(steward, wanda.username, action, **more) == 200


def test_nobody_manages_the_own_rank(world: PipeWorks, admin: Visitor, steward: Visitor) -> None:
    world.create_account("other", "whatever it is", role="superuser")
    world.create_account("peer", "whatever it is", role="admin")

    assert manage(admin, "peer", "ban") == 403
    assert manage(admin, "steward", "ban") == 403
    assert manage(steward, "other", "ban") == 403
    assert manage(steward, "steward", "change_password", new_password="password") == 403
    assert manage(steward, "nobody", "ban") == 404


def test_a_superuser_sets_a_weak_password_of_eight_characters(
    world: PipeWorks, steward: Visitor, wanda: Visitor
) -> None:
    assert manage(steward, wanda.username, "change_password", new_password="1234567") == 400
    assert manage(steward, wanda.username, "change_role", new_role="emperor") == 400
    assert manage(steward, wanda.username, "change_password", new_password="12345678") == 200

    assert Visitor.logged_in(world, wanda.username, "12345678").session_id


def test_a_deleted_account_keeps_its_name_and_counts_as_deactivated(
    world: PipeWorks, steward: Visitor, wanda: Visitor
) -> None:
    assert manage(steward, wanda.username, "delete") == 200

    got = Visitor(world).post("/login", username=wanda.username, password=PASSWORD)
    assert got.content == {"detail": "Account is deactivated"}
    again = Visitor(world).post(
        "/register", username=wanda.username, password=PASSWORD, password_confirm=PASSWORD
    )
    assert again.content == {"detail": "That user name is in use"}


def test_a_kicked_session_is_gone_and_an_unknown_one_is_no_error(
    admin: Visitor, wanda: Visitor
) -> None:
    first = admin.post("/admin/session/kick", target_session_id=wanda.session_id, reason="noise")
    second = admin.post("/admin/session/kick", target_session_id=wanda.session_id)

    assert [first.content["success"], second.content["success"]] == [True, False]
    assert second.status == 200
    assert wanda.post("/command", command="look").status == 401


def test_a_kicked_character_loses_all_its_sessions(clock: HandClock) -> None:
    world = PipeWorks(clock=clock, one_session=False, residents=False)
    wanda = Visitor.guest(world, "Wanda")
    Visitor.logged_in(world, wanda.username, PASSWORD).select(wanda.character_id)
    steward = Visitor.logged_in(world, "steward", "dry-kettle-lantern")

    got = steward.post("/admin/character/kick", character_id=wanda.character_id)
    again = steward.post("/admin/character/kick", character_id=wanda.character_id)
    unknown = steward.post("/admin/character/kick", character_id=999)

    assert got.content["removed_sessions"] == 2
    assert again.content == {
        "success": False,
        "message": "Wanda is not online.",
        "removed_sessions": 0,
    }
    assert unknown.status == 404


def test_a_tombstoned_character_cannot_be_played_or_tombstoned_again(
    admin: Visitor, steward: Visitor, wanda: Visitor, world: PipeWorks
) -> None:
    def bury(visitor: Visitor, action: str = "tombstone", character: int = 0) -> int:
        wanted = character or wanda.character_id
        return visitor.post("/admin/character/manage", character_id=wanted, action=action).status

    assert bury(admin) == 403
    assert bury(steward, action="bury") == 400
    assert bury(steward, character=999) == 404
    assert bury(steward) == 200
    assert bury(steward) == 409

    again = Visitor.logged_in(world, wanda.username, PASSWORD)
    assert again.get("/characters").content == {"characters": []}
    assert again.post("/characters/select", character_id=wanda.character_id).status == 404
    assert bury(steward, action="delete") == 200
    assert bury(steward, action="delete") == 404


def test_old_chat_is_pruned_by_age_world_and_room(
    world: PipeWorks, steward: Visitor, admin: Visitor, clock: HandClock
) -> None:
    world.arrive("Tibbet")
    world.arrive("Grig", world_id="daily_undertaking", room="drain")

    def prune(**fields: object) -> object:
        return steward.post("/admin/chat/prune", **fields).content.get("pruned_count")

    for _ in range(2):
        world.say_as("Tibbet", "old")
        world.say_as("Grig", "old", world_id="daily_undertaking")
        clock.advance(2 * 3600)
    assert admin.post("/admin/chat/prune", max_age_hours=1).status == 403
    assert prune(max_age_hours=3, world_id="pipeworks_web") == 1
    assert prune(max_age_hours=1, world_id="daily_undertaking", room="spawn") == 0
    assert prune(max_age_hours=1, world_id="daily_undertaking", room="drain") == 2
    assert prune(max_age_hours=1) == 1


@pytest.mark.parametrize("fields", [{"max_age_hours": 0}, {"max_age_hours": 1, "room": "spawn"}])
def test_pruning_without_bounds_is_a_422_with_a_text(
    steward: Visitor, fields: dict[str, object]
) -> None:
    got = steward.post("/admin/chat/prune", **fields)

    assert got.status == 422
    assert isinstance(got.content["detail"], str)


def test_a_stopped_server_answers_nobody_until_it_is_started_again(
    world: PipeWorks, admin: Visitor, wanda: Visitor, clock: HandClock
) -> None:
    assert wanda.post("/admin/server/stop").status == 403
    assert admin.post("/admin/server/stop").status == 200
    assert wanda.does("look")[0]

    clock.advance(0.5)
    assert world.answer(Call(method="GET", path="/health")) == Dropped()

    world.restart()
    assert wanda.does("look")[0]


def test_ollama_is_absent_by_default_and_answers_when_it_is_there(
    world: PipeWorks, admin: Visitor, wanda: Visitor
) -> None:
    def ask(command: str) -> bool:
        got = admin.post(
            "/admin/ollama/command", server_url="http://127.0.0.1:11434", command=command
        )
        return bool(got.content["success"])

    assert not ask("list")
    world.integrations.ollama = True
    assert ask("list")
    assert not ask("rm -rf")
    assert admin.post("/admin/ollama/clear-context").content["success"]
    assert wanda.post("/admin/ollama/clear-context").status == 403
