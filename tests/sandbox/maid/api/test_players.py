import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.population import stable_id
from bridge.sandbox.maid.world import Maid
from tests.sandbox.maid.visitor import Visitor, body

PLAYERS = "/api/v1/players"
PLAYER1 = f"{PLAYERS}/{stable_id('player', demo.PLAYER1)}"
PLAYER2 = f"{PLAYERS}/{stable_id('player', demo.PLAYER2)}"
BANNED1 = f"{PLAYERS}/{stable_id('player', demo.BANNED1)}"


def test_pages_cover_everybody_once(roomy: Visitor) -> None:
    pages = [body(roomy.get(PLAYERS, page=page, page_size=50)) for page in (1, 2, 3, 4)]

    names = [one["username"] for page in pages for one in page["players"]]
    assert len(names) == len(set(names)) == pages[0]["total"] == 120
    assert [page["has_next"] for page in pages] == [True, True, False, False]
    assert [page["has_previous"] for page in pages] == [False, True, True, True]
    assert pages[3]["players"] == []


def test_a_player_in_a_list_has_the_documented_fields(roomy: Visitor) -> None:
    page = body(roomy.get(PLAYERS, search="PLAYER1@"))

    assert set(page) == {"players", "total", "page", "page_size", "has_next", "has_previous"}
    (player,) = page["players"]
    fields = {"id", "username", "status", "role", "is_online", "created_at", "last_login"}
    assert set(player) == fields
    assert (player["username"], player["status"], player["is_online"]) == (
        "player1",
        "active",
        True,
    )


def test_filters_narrow_the_list(roomy: Visitor) -> None:
    banned = body(roomy.get(PLAYERS, status="banned", page_size=100))["players"]
    builders = body(roomy.get(PLAYERS, role="builder"))["players"]
    online = body(roomy.get(PLAYERS, online_only="true", page_size=100))["players"]

    assert {one["status"] for one in banned} == {"banned"}
    assert {one["role"] for one in builders} == {"builder"}
    assert all(one["is_online"] for one in online)


@pytest.mark.parametrize("field", ["username", "created_at", "last_login", "status"])
def test_lists_are_sorted_both_ways(roomy: Visitor, field: str) -> None:
    up = body(roomy.get(PLAYERS, sort_by=field, page_size=100))["players"]
    down = body(roomy.get(PLAYERS, sort_by=field, page_size=100, sort_order="desc"))["players"]

    assert [one[field] or "" for one in up] == sorted(one[field] or "" for one in up)
    assert [one[field] or "" for one in down] == sorted(
        (one[field] or "" for one in down), reverse=True
    )


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("page", "0", "greater_than_equal"),
        ("page_size", "0", "greater_than_equal"),
        ("page_size", "101", "less_than_equal"),
        ("page_size", "many", "int_parsing"),
        ("online_only", "perhaps", "bool_parsing"),
        ("sort_by", "gold", "literal_error"),
        ("sort_order", "up", "literal_error"),
        ("status", "dead", "literal_error"),
        ("pagesize", "5", "extra_forbidden"),
    ],
)
def test_bad_parameters_are_listed(roomy: Visitor, name: str, value: str, kind: str) -> None:
    reply = roomy.get(PLAYERS, **{name: value})

    assert reply.status == 422
    (problem,) = body(reply)["detail"]
    assert (problem["type"], problem["loc"], problem["input"]) == (kind, ["query", name], value)


def test_details_of_an_online_player_say_who_and_where(roomy: Visitor) -> None:
    player = body(roomy.get(PLAYER1))

    assert (player["email"], player["login_attempts"]) == ("player1@example.com", 0)
    assert player["current_character"] == stable_id("character", "Gandalf")
    assert player["current_location"] == "Town Square"
    assert (player["locked_until"], player["metadata"]) == (None, {})


def test_details_of_an_offline_player_name_no_place(roomy: Visitor) -> None:
    player = body(roomy.get(PLAYER2))

    assert (player["current_character"], player["current_location"]) == (None, None)


def test_an_unknown_player_is_404(roomy: Visitor) -> None:
    for reply in (
        roomy.get(f"{PLAYERS}/nobody"),
        roomy.patch(f"{PLAYERS}/nobody", email="a@b.c"),
        roomy.post(f"{PLAYERS}/nobody/kick", reason="x"),
        roomy.post(f"{PLAYERS}/nobody/ban", reason="x"),
        roomy.delete(f"{PLAYERS}/nobody/ban"),
    ):
        assert (reply.status, body(reply)) == (404, {"detail": "Player not found"})


def test_an_update_says_what_it_changed(roomy: Visitor) -> None:
    reply = roomy.patch(PLAYER1, email="new@example.com", metadata={"notes": "VIP player"})

    assert body(reply) == {
        "player_id": stable_id("player", demo.PLAYER1),
        "username": "player1",
        "updated_fields": ["email", "metadata"],
        "success": True,
        "message": "Updated 2 field(s)",
    }
    player = body(roomy.get(PLAYER1))
    assert (player["email"], player["metadata"]) == ("new@example.com", {"notes": "VIP player"})


def test_updates_that_make_no_sense_are_refused(roomy: Visitor, world: Maid) -> None:
    assert roomy.ask("PATCH", PLAYER1, fields={}).status == 400
    assert roomy.patch(PLAYER1, email="player2@example.com").status == 409
    assert roomy.patch(PLAYER1, email="nonsense").status == 422
    assert roomy.patch(PLAYER1, metadata=[1]).status == 422
    assert world.executed["update_player"] == 0


def test_a_kicked_player_is_gone_and_listeners_are_told(roomy: Visitor, world: Maid) -> None:
    listener = world.game.hub.connect("k", "player_logout")

    reply = roomy.post(f"{PLAYER1}/kick", reason="Server maintenance")

    assert body(reply)["message"] == "Player kicked successfully"
    assert body(reply)["reason"] == "Server maintenance"
    assert not body(roomy.get(PLAYER1))["is_online"]
    assert len(listener.outbox) == 1
    again = roomy.post(f"{PLAYER1}/kick", reason="x")
    assert (again.status, body(again)["detail"]) == (400, "Player is not online")
    assert world.executed["kick_player"] == 1


def test_a_ban_has_an_end_and_ends_then(roomy: Visitor, clock: HandClock) -> None:
    reply = roomy.post(f"{PLAYER1}/ban", reason="Cheating", duration_hours=24)

    assert set(body(reply)) == {
        "player_id",
        "username",
        "reason",
        "banned_until",
        "success",
        "message",
    }
    assert body(reply)["banned_until"] == "2026-09-22T14:13:20Z"
    banned = body(roomy.get(PLAYER1))
    assert (banned["status"], banned["is_online"]) == ("banned", False)
    clock.advance(24 * 3_600)
    assert body(roomy.get(PLAYER1))["status"] == "active"


def test_a_ban_without_a_duration_is_for_good(roomy: Visitor, clock: HandClock) -> None:
    assert body(roomy.post(f"{PLAYER2}/ban", reason="x"))["banned_until"] is None
    clock.advance(10 * 365 * 86_400)

    assert body(roomy.get(PLAYER2))["status"] == "banned"


def test_a_ban_can_be_lifted_once(roomy: Visitor) -> None:
    assert roomy.post(f"{BANNED1}/ban", reason="x").status == 409

    reply = roomy.delete(f"{BANNED1}/ban")

    assert (reply.status, body(reply)["message"]) == (200, "Player unbanned successfully")
    assert body(roomy.get(BANNED1))["status"] == "active"
    assert roomy.delete(f"{BANNED1}/ban").status == 400


def test_a_ban_needs_a_reason_and_a_sensible_duration(roomy: Visitor) -> None:
    missing = body(roomy.post(f"{PLAYER1}/ban", duration_hours=1))["detail"]

    assert missing == [
        {
            "type": "missing",
            "loc": ["body", "reason"],
            "msg": "Field required",
            "input": {"duration_hours": 1},
        }
    ]
    assert roomy.post(f"{PLAYER1}/ban", reason="x", duration_hours=0).status == 422
