import pytest

from bridge.sandbox.spacemolt import accounts
from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.shapes import Arguments, GameError
from bridge.sandbox.spacemolt.state.players import Player
from tests.sandbox.spacemolt.pilot import Pilot


def register(game: Game, username: str, code: str = "sandbox") -> Player:
    return accounts.register(
        game.universe,
        Arguments({"username": username, "empire": "crimson", "registration_code": code}),
    )


def refusal(game: Game, username: str, code: str = "sandbox") -> str:
    with pytest.raises(GameError) as caught:
        register(game, username, code)
    return caught.value.code


def test_a_new_player_is_docked_at_home_with_a_ship(game: Game) -> None:
    player = register(game, "Zoë O'Neil!")

    assert player.docked_at == "crimson_war_citadel"
    assert len(player.password) == 64
    assert len(player.id) == 32
    assert game.universe.ship_of(player).model.starter


def test_any_code_but_invalid_is_accepted(game: Game) -> None:
    register(game, "First", code="whatever")

    assert refusal(game, "Second", code="invalid") == "invalid_registration_code"
    assert refusal(game, "Third", code="") == "registration_code_required"


def test_a_name_is_taken_once_whatever_its_case(game: Game) -> None:
    register(game, "Ripley")

    assert refusal(game, "RIPLEY") == "username_taken"


@pytest.mark.parametrize("username", ["a<b>c", "tab\tbed", " leading", "line\nfeed"])
def test_strange_names_are_refused(game: Game, username: str) -> None:
    assert refusal(game, username) == "invalid_username"


def test_a_wrong_password_does_not_tell_whether_the_name_exists(game: Game, ann: Pilot) -> None:
    for username in ("Ann", "Nobody"):
        with pytest.raises(GameError) as caught:
            accounts.login(game.universe, Arguments({"username": username, "password": "x"}))
        assert caught.value.code == "auth_failed"


def test_the_other_pilots_cannot_be_signed_in_as(game: Game) -> None:
    pilot = next(p for p in game.universe.players.values() if p.automatic)

    with pytest.raises(GameError):
        accounts.login(
            game.universe, Arguments({"username": pilot.username, "password": pilot.password})
        )


def test_a_player_is_claimed_only_once(ann: Pilot) -> None:
    with pytest.raises(GameError) as caught:
        ann.ask("claim", registration_code="another")

    assert caught.value.code == "already_claimed"


def test_who_leaves_in_a_battle_leaves_a_ship_without_a_pilot(
    game: Game, ann: Pilot, bob: Pilot
) -> None:
    bob.do("undock")
    ann.do("attack", target_id="Bob")
    bob.told()

    accounts.leave(game.universe, ann.player)

    pushed = bob.told("pilotless_ship")
    assert pushed[0]["player_username"] == "Ann"
    back = accounts.arrive(game.universe, ann.player)
    assert back is not None
    assert back["was_pilotless"] is True


def test_who_returns_in_peace_is_not_called_back(game: Game, ann: Pilot) -> None:
    accounts.leave(game.universe, ann.player)

    assert accounts.arrive(game.universe, ann.player) is None
