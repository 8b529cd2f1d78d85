import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import PASSWORD, Visitor

GONE = {"detail": "Invalid or expired session"}


def alive(visitor: Visitor) -> bool:
    got = visitor.post(f"/ping/{visitor.session_id}")
    assert got.status == 200 or got.content == GONE
    return got.status == 200


def test_a_login_ends_the_older_session_of_the_account(world: PipeWorks, wanda: Visitor) -> None:
    again = Visitor.logged_in(world, wanda.username, PASSWORD)

    assert not alive(wanda)
    assert alive(again)


def test_many_sessions_live_side_by_side_where_that_is_allowed(clock: HandClock) -> None:
    world = PipeWorks(clock=clock, one_session=False, residents=False)
    first = Visitor.guest(world, "Wanda")
    second = Visitor.logged_in(world, first.username, PASSWORD)

    assert alive(first)
    assert alive(second)


def test_a_sliding_session_lives_on_while_it_is_used(wanda: Visitor, clock: HandClock) -> None:
    for _ in range(3):
        clock.advance(479 * 60)
        assert alive(wanda)
    clock.advance(480 * 60)

    assert not alive(wanda)


def test_a_fixed_session_ends_although_it_is_used(clock: HandClock) -> None:
    world = PipeWorks(clock=clock, sliding=False, session_minutes=1, residents=False)
    wanda = Visitor.guest(world, "Wanda")

    for _ in range(5):
        clock.advance(10)
        assert alive(wanda)
    clock.advance(10)

    assert not alive(wanda)


def test_no_minutes_mean_that_a_session_never_expires(clock: HandClock) -> None:
    world = PipeWorks(clock=clock, session_minutes=0, residents=False)
    steward = Visitor.logged_in(world, "steward", "dry-kettle-lantern")
    clock.advance(365 * 24 * 3600)

    assert alive(steward)


def test_a_session_survives_a_restart(world: PipeWorks, wanda: Visitor) -> None:
    world.restart()

    assert wanda.status()["active_players"] == ["Wanda"]


def test_a_visitor_still_logs_in_after_a_day_until_the_next_purge(
    world: PipeWorks, clock: HandClock
) -> None:
    clock.advance(3600)
    wanda = Visitor.guest(world, "Wanda")
    clock.advance(24 * 3600 + 1)
    assert Visitor.logged_in(world, wanda.username, PASSWORD).session_id

    clock.advance(23 * 3600)
    got = Visitor(world).post("/login", username=wanda.username, password=PASSWORD)

    assert (got.status, got.content) == (401, {"detail": "Invalid username or password"})
    assert not alive(wanda)
    character = world.mud.character_named("Wanda", "pipeworks_web")
    assert character is not None
    assert character.account_id is None


def test_lasting_accounts_are_never_purged(world: PipeWorks, clock: HandClock) -> None:
    clock.advance(1000 * 24 * 3600)

    assert Visitor.logged_in(world, "steward", "dry-kettle-lantern").session_id


def test_a_session_without_its_account_says_so(world: PipeWorks, wanda: Visitor) -> None:
    world.forget_account(wanda.username)

    got = wanda.get(f"/status/{wanda.session_id}")

    assert (got.status, got.content) == (401, {"detail": "Invalid session user"})


@pytest.mark.parametrize("path", ["/status/{}", "/chat/{}"])
def test_an_account_session_plays_nothing(admin: Visitor, path: str) -> None:
    got = admin.get(path.format(admin.session_id))

    assert got.status == 409
    assert got.content["detail"].startswith("No character selected for session.")
    assert admin.post("/command", command="look").content == got.content


def test_an_unknown_session_is_401_before_anything_else(world: PipeWorks) -> None:
    stranger = Visitor(world, session_id="11111111-1111-4111-8111-111111111111")

    assert stranger.post("/command", command="/").content == GONE
    assert stranger.get("/admin/database/players").content == GONE


@pytest.mark.parametrize(
    ("role", "status"),
    [("player", 403), ("worldbuilder", 403), ("admin", 200), ("superuser", 200)],
)
def test_reading_logs_needs_an_admin(world: PipeWorks, role: str, status: int) -> None:
    world.create_account("somebody", "orderly teacups", role=role)
    visitor = Visitor.logged_in(world, "somebody", "orderly teacups")

    got = visitor.get("/admin/database/players")

    assert got.status == status
    if status == 403:
        assert got.content == {"detail": "Insufficient permissions. Required: view_logs"}


def test_a_change_of_role_acts_on_a_live_session(
    world: PipeWorks, steward: Visitor, wanda: Visitor
) -> None:
    steward.post(
        "/admin/user/manage",
        target_username=wanda.username,
        action="change_role",
        new_role="admin",
    )

    assert wanda.get("/admin/database/players").status == 200
