import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.pipeworks.exchange import Call, Reply
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import PASSWORD, Visitor


def register(world: PipeWorks, username: str, password: str = PASSWORD) -> tuple[int, str]:
    got = Visitor(world).post(
        "/register", username=username, password=password, password_confirm=password
    )
    return got.status, str(got.content.get("detail", ""))


def test_the_root_names_the_server(world: PipeWorks) -> None:
    got = Visitor(world).get("/")

    assert got.content == {"message": "MUD Server API", "version": "0.5.9"}


def test_health_counts_the_sessions_of_half_an_hour(
    world: PipeWorks, clock: HandClock, wanda: Visitor, admin: Visitor
) -> None:
    assert Visitor(world).get("/health").content == {"status": "ok", "active_players": 2}

    clock.advance(29 * 60)
    admin.post(f"/ping/{admin.session_id}")
    clock.advance(2 * 60)

    assert Visitor(world).get("/health").content["active_players"] == 1


def test_a_registered_account_has_no_character(world: PipeWorks) -> None:
    assert register(world, "  greta ") == (200, "")

    got = Visitor(world).post("/login", username="greta", password=PASSWORD)

    assert got.content["characters"] == []
    assert got.content["role"] == "player"


@pytest.mark.parametrize("username", ["x", "y" * 21, "   z   "])
def test_a_username_of_the_wrong_length_is_refused(world: PipeWorks, username: str) -> None:
    assert register(world, username) == (400, "A user name has 2 to 20 characters")


def test_usernames_are_case_sensitive_and_take_newlines(world: PipeWorks) -> None:
    assert [register(world, name)[0] for name in ("greta", "Greta", "g\nreta")] == [200] * 3
    assert register(world, "greta") == (400, "That user name is in use")


def test_all_faults_of_a_password_come_in_one_text(world: PipeWorks) -> None:
    status, detail = register(world, "greta", "abcdddd")

    assert status == 400
    assert all(word in detail for word in ("at least 12", "sequential", "repeat"))


def test_two_different_passwords_are_refused(world: PipeWorks) -> None:
    got = Visitor(world).post(
        "/register", username="greta", password=PASSWORD, password_confirm="another one, long"
    )

    assert (got.status, got.content) == (400, {"detail": "The two passwords differ"})


def test_a_nul_byte_in_a_password_is_a_500_in_json(world: PipeWorks) -> None:
    status, detail = register(world, "greta", "tin\x00whistle in fog")

    assert status == 500
    assert detail
    assert world.mud.account_named("greta") is None


def test_registration_may_be_closed(world: PipeWorks) -> None:
    world.integrations.registration = False
    world.integrations.guests = False

    assert register(world, "greta")[0] == 403
    got = Visitor(world).post(
        "/register-guest", password=PASSWORD, password_confirm=PASSWORD, character_name="Greta"
    )
    assert got.status == 403


def test_a_guest_learns_the_invented_username_and_has_a_character(world: PipeWorks) -> None:
    got = Visitor(world).post(
        "/register-guest",
        password=PASSWORD,
        password_confirm=PASSWORD,
        character_name="Guest Wanderer",
    )

    assert got.status == 200
    assert got.content["username"].startswith("guest_")
    assert len(got.content["username"]) == 11
    assert got.content["character_name"] == "Guest Wanderer"
    assert got.content["world_id"] == "pipeworks_web"
    assert got.content["entity_state"]["axes"]["age"].keys() == {"label", "score"}
    assert got.content["entity_state_error"] is None


def test_a_guest_may_be_called_anything_but_nothing(world: PipeWorks) -> None:
    wild = "<b>x</b>\nWanda: hi " + "x" * 400

    assert Visitor.guest(world, wild).status()["active_players"] == [wild]
    got = Visitor(world).post(
        "/register-guest", password=PASSWORD, password_confirm=PASSWORD, character_name="  "
    )
    assert got.status == 400


@pytest.mark.parametrize("switch", ["integration", "fault"])
def test_guests_need_the_entity_state_service(world: PipeWorks, switch: str) -> None:
    if switch == "integration":
        world.integrations.entity = False
    else:
        world.faults.switch_on("entity_down")

    got = Visitor(world).post(
        "/register-guest", password=PASSWORD, password_confirm=PASSWORD, character_name="Greta"
    )

    assert (got.status, got.content) == (503, {"detail": "Entity state API unavailable."})
    assert world.mud.character_named("Greta", "pipeworks_web") is None


def test_a_name_stays_taken_after_its_account_was_purged(
    world: PipeWorks, clock: HandClock, wanda: Visitor
) -> None:
    clock.advance(25 * 3600)
    world.restart()

    got = Visitor(world).post(
        "/register-guest", password=PASSWORD, password_confirm=PASSWORD, character_name="Wanda"
    )

    assert (got.status, got.content) == (400, {"detail": "That character name is in use"})


@pytest.mark.parametrize(
    ("username", "password"), [("wanda", PASSWORD), ("steward", "wrong"), ("nobody", PASSWORD)]
)
def test_a_wrong_name_or_password_is_one_and_the_same_401(
    world: PipeWorks, username: str, password: str
) -> None:
    got = Visitor(world).post("/login", username=username, password=password)

    assert (got.status, got.content) == (401, {"detail": "Invalid username or password"})


def test_thirty_wrong_logins_lock_nobody_out(world: PipeWorks) -> None:
    for _ in range(30):
        Visitor(world).post("/login", username="steward", password="wrong")

    assert Visitor.logged_in(world, "steward", "dry-kettle-lantern").session_id


def test_a_login_lists_the_characters_of_one_world_and_every_world(
    world: PipeWorks, walker: Visitor
) -> None:
    plain = Visitor(world).post("/login", username="walker", password="a long-legged walk")
    asked = Visitor(world).post(
        "/login",
        username="walker",
        password="a long-legged walk",
        world_id="daily_undertaking",
    )

    assert plain.content["characters"] == []
    assert [c["name"] for c in asked.content["characters"]] == ["Long Walker"]
    assert [w["id"] for w in asked.content["available_worlds"]] == [
        "pipeworks_web",
        "daily_undertaking",
    ]


def test_the_kind_of_client_comes_from_a_header(world: PipeWorks, steward: Visitor) -> None:
    body = b'{"username": "steward", "password": "dry-kettle-lantern"}'
    answer = world.answer(
        Call(method="POST", path="/login", headers={"x-client-type": " TUI "}, body=body)
    )

    assert isinstance(answer, Reply)
    kinds = {s.client_type for s in world.mud.sessions.values()}
    assert kinds == {"tui"}


def test_a_logout_ends_the_session_once(wanda: Visitor) -> None:
    assert wanda.post("/logout").status == 200
    assert wanda.post("/logout").content == {"detail": "Invalid or expired session"}


def test_the_direct_login_is_gone(world: PipeWorks) -> None:
    got = Visitor(world).post("/login-direct", username="a", password="b", world_id="pipeworks_web")

    assert got.status == 410


def test_a_wrong_current_password_is_a_401_that_leaves_the_session(wanda: Visitor) -> None:
    got = wanda.post("/change-password", old_password="wrong", new_password="other tin whistle")

    assert (got.status, got.content) == (401, {"detail": "Current password is incorrect"})
    assert wanda.post(f"/ping/{wanda.session_id}").content == {"ok": True}


def test_a_changed_password_is_needed_at_the_next_login_only(
    world: PipeWorks, wanda: Visitor
) -> None:
    got = wanda.post("/change-password", old_password=PASSWORD, new_password="other tin whistle")

    assert got.status == 200
    assert wanda.status()["current_room"] == "spawn"
    assert Visitor.logged_in(world, wanda.username, "other tin whistle").session_id


@pytest.mark.parametrize("new", ["short", PASSWORD])
def test_a_new_password_must_meet_the_policy_and_differ(wanda: Visitor, new: str) -> None:
    got = wanda.post("/change-password", old_password=PASSWORD, new_password=new)

    assert got.status == 400
