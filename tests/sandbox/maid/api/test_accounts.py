import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.population import stable_id
from bridge.sandbox.maid.world import Maid
from tests.sandbox.maid.visitor import Visitor, body, player

AUTH = "/api/v1/auth"


def sign_in(world: Maid, password: str, username: str = demo.PLAYER1) -> int:
    return Visitor(world).post(f"{AUTH}/login", username=username, password=password).status


def test_a_login_answers_as_documented(world: Maid) -> None:
    reply = Visitor(world).post(f"{AUTH}/login", username="player1", password="secret")

    assert reply.status == 200
    assert set(body(reply)) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert world.executed["login"] == 1


def test_a_bad_login_does_not_say_what_was_wrong(world: Maid) -> None:
    replies = [
        Visitor(world).post(f"{AUTH}/login", username=name, password="wrong")
        for name in ("player1", "nobody")
    ]

    assert [reply.status for reply in replies] == [401, 401]
    assert replies[0].body == replies[1].body
    assert (world.executed["login"], world.executed["bad_login"]) == (0, 2)


def test_five_bad_logins_lock_the_account_for_a_while(world: Maid, clock: HandClock) -> None:
    assert [sign_in(world, "wrong") for _ in range(5)] == [401] * 5

    locked = Visitor(world).post(f"{AUTH}/login", username="player1", password="secret")

    assert (locked.status, body(locked)["detail"]) == (
        403,
        "Account is locked until 2026-09-21T14:28:20Z",
    )
    assert sign_in(world, demo.PLAYER2_PASSWORD, demo.PLAYER2) == 200
    clock.advance(900)
    assert sign_in(world, "secret") == 200


def test_moderators_see_the_lock(world: Maid, roomy: Visitor) -> None:
    for _ in range(5):
        sign_in(world, "wrong")

    details = body(roomy.get(f"/api/v1/players/{stable_id('player', demo.PLAYER1)}"))

    assert (details["login_attempts"], details["locked_until"]) == (5, "2026-09-21T14:28:20Z")


def test_a_good_login_forgets_the_bad_ones(world: Maid) -> None:
    for _ in range(3):
        assert [sign_in(world, "wrong") for _ in range(4)] == [401] * 4
        assert sign_in(world, "secret") == 200


def test_a_banned_player_cannot_log_in(world: Maid) -> None:
    reply = Visitor(world).post(
        f"{AUTH}/login", username=demo.BANNED1, password=demo.BANNED1_PASSWORD
    )

    assert (reply.status, body(reply)["detail"]) == (403, "Account is banned")


def test_a_ban_ends_what_a_token_may_do(world: Maid, roomy: Visitor) -> None:
    gandalf = player(world)
    roomy.post(f"/api/v1/players/{stable_id('player', demo.PLAYER1)}/ban", reason="x")

    assert gandalf.get(f"{AUTH}/me").status == 403


def test_a_banned_player_cannot_refresh(world: Maid, roomy: Visitor) -> None:
    visitor = Visitor(world)
    pair = body(visitor.post(f"{AUTH}/login", username="player1", password="secret"))
    roomy.post(f"/api/v1/players/{stable_id('player', demo.PLAYER1)}/ban", reason="x")

    refused = visitor.post(f"{AUTH}/refresh", refresh_token=pair["refresh_token"])

    assert (refused.status, body(refused)["detail"]) == (401, "Invalid refresh token")
    assert world.executed["refresh"] == 0


def test_refreshing_counts_and_logging_out_ends_it(world: Maid) -> None:
    visitor = Visitor(world)
    pair = body(visitor.post(f"{AUTH}/login", username="player1", password="secret"))
    refreshed = visitor.post(f"{AUTH}/refresh", refresh_token=pair["refresh_token"])
    token = Visitor(world, token=body(refreshed)["access_token"])

    assert body(token.post(f"{AUTH}/logout")) == {"message": "Successfully logged out"}

    assert token.get(f"{AUTH}/me").status == 401
    again = visitor.post(f"{AUTH}/refresh", refresh_token=pair["refresh_token"])
    assert (again.status, body(again)["detail"]) == (401, "Token has been revoked")
    assert (world.executed["refresh"], world.executed["logout"]) == (1, 1)


def test_a_player_sees_itself(world: Maid) -> None:
    me = body(player(world).get(f"{AUTH}/me"))

    assert set(me) == {"id", "username", "email", "created_at", "last_login"}
    assert me["last_login"] == "2026-09-21T14:13:20Z"


def test_characters_are_the_players_own(world: Maid) -> None:
    gandalf = player(world)

    listed = body(gandalf.get("/api/v1/characters"))["characters"]
    one = body(gandalf.get(f"/api/v1/characters/{listed[0]['id']}"))
    foreign = gandalf.get(f"/api/v1/characters/{stable_id('character', 'Eowyn')}")

    assert [character["name"] for character in listed] == ["Gandalf", "Frodo"]
    assert one == {
        "id": stable_id("character", "Gandalf"),
        "name": "Gandalf",
        "class": "Wizard",
        "level": 20,
        "stats": {"hp": 100, "mp": 50},
        "location": "Town Square",
    }
    assert (foreign.status, body(foreign)["detail"]) == (404, "Character not found")


def test_a_character_is_created_once(world: Maid) -> None:
    gandalf = player(world)
    fields = {"name": "Aragorn", "class": "Ranger"}

    created = gandalf.ask("POST", "/api/v1/characters", fields=fields)
    again = gandalf.ask("POST", "/api/v1/characters", fields=fields)

    assert created.status == 201
    assert body(created)["message"] == "Character created successfully"
    assert (body(created)["class"], body(created)["level"]) == ("Ranger", 1)
    assert again.status == 409
    assert world.executed["create_character"] == 1


def test_a_character_needs_a_class(world: Maid) -> None:
    reply = player(world).post("/api/v1/characters", name="Aragorn")

    assert reply.status == 422
    assert body(reply)["detail"][0]["loc"] == ["body", "class"]


def test_settings_are_changed_one_by_one(world: Maid) -> None:
    gandalf = player(world)

    first = gandalf.put("/api/v1/settings", color_mode="ansi256", screen_width=80)
    gandalf.put("/api/v1/settings", brief_mode=False)

    assert body(first) == {"success": True, "message": "Settings updated"}
    account = world.game.account_named(demo.PLAYER1)
    assert account is not None
    assert account.settings == {"color_mode": "ansi256", "screen_width": 80, "brief_mode": False}
    assert gandalf.ask("PUT", "/api/v1/settings", fields={}).status == 400


@pytest.mark.parametrize("key", [None, demo.FULL])
def test_an_api_key_does_not_sign_a_player_in(world: Maid, key: str | None) -> None:
    reply = Visitor(world, key=key).get(f"{AUTH}/me")

    assert (reply.status, body(reply)["detail"]) == (401, "Not authenticated")
    assert reply.headers["WWW-Authenticate"] == "Bearer"
