import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.spacemolt import accounts
from bridge.sandbox.spacemolt.shapes import Arguments, GameError, JsonObject
from bridge.sandbox.spacemolt.state.players import Player
from bridge.sandbox.spacemolt.wire.desk import Answer
from bridge.sandbox.spacemolt.wire.site import Site
from bridge.sandbox.spacemolt.world import FIRST_BEARER, SpaceMolt

BEARER = f"Bearer {FIRST_BEARER}"


@pytest.fixture
def world(clock: HandClock) -> SpaceMolt:
    return SpaceMolt(clock=clock, lively=False)


@pytest.fixture
def site(world: SpaceMolt) -> Site:
    return Site(world)


def register(world: SpaceMolt, username: str, code: str = "sandbox") -> Player:
    return accounts.register(
        world.game.universe,
        Arguments({"username": username, "empire": "nebula", "registration_code": code}),
    )


def content(answer: Answer) -> JsonObject:
    assert isinstance(answer.content, dict)
    return answer.content


def test_nobody_enters_without_a_token(site: Site) -> None:
    for authorization in ("", "Basic x", "Bearer "):
        assert site.me(authorization).status == 401


def test_the_first_account_owns_who_registered_with_the_usual_code(
    world: SpaceMolt, site: Site
) -> None:
    ann = register(world, "Ann")
    register(world, "Bob", code="elsewhere")

    code = content(site.code(BEARER))

    assert code["registration_code"] == "sandbox"
    assert [player["player_id"] for player in code["players"]] == [ann.id]
    assert content(site.me(BEARER))["clerk_id"].startswith("user_")


def test_a_rotated_code_is_worth_nothing_any_more(world: SpaceMolt, site: Site) -> None:
    ann = register(world, "Ann")

    fresh = content(site.rotate(BEARER))["registration_code"]

    with pytest.raises(GameError) as caught:
        register(world, "Bob")
    assert caught.value.code == "invalid_registration_code"
    register(world, "Cid", code=fresh)
    linked = [player["username"] for player in content(site.code(BEARER))["players"]]
    assert linked == [ann.username, "Cid"]


def test_a_new_password_replaces_the_old_at_once(world: SpaceMolt, site: Site) -> None:
    ann = register(world, "Ann")
    old = ann.password

    reset = content(site.reset_password(BEARER, ann.id))

    universe = world.game.universe
    assert reset["success"] is True
    fresh = Arguments({"username": "Ann", "password": reset["password"]})
    assert accounts.login(universe, fresh) is ann
    with pytest.raises(GameError):
        accounts.login(universe, Arguments({"username": "Ann", "password": old}))


def test_a_linked_player_and_the_log_can_be_read(world: SpaceMolt, site: Site) -> None:
    ann = register(world, "Ann")
    world.game.engine.accept(ann, "captains_log_add", {"entry": "Day one"})

    assert content(site.player(BEARER, ann.id))["player"]["username"] == "Ann"
    assert content(site.log(BEARER, ann.id))["entries"][0]["entry"] == "Day one"


def test_other_peoples_players_are_not_there(world: SpaceMolt, site: Site) -> None:
    ann = register(world, "Ann")

    for look in (site.player, site.log, site.reset_password):
        assert look("Bearer somebody-else", ann.id).status == 404
