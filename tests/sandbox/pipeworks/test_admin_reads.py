import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import Visitor


@pytest.mark.parametrize(
    "path",
    [
        "/admin/database/players",
        "/admin/database/worlds",
        "/admin/database/connections",
        "/admin/database/player-locations",
        "/admin/database/sessions",
        "/admin/database/chat-messages",
        "/admin/characters/1/axis-state",
        "/admin/characters/1/axis-events",
    ],
)
def test_reading_needs_the_right_to_view_logs(wanda: Visitor, path: str) -> None:
    got = wanda.get(path)

    assert got.status == 403
    assert got.content == {"detail": "Insufficient permissions. Required: view_logs"}


def test_players_are_listed_with_cut_hashes_and_where_they_are(
    admin: Visitor, wanda: Visitor
) -> None:
    rows = {p["username"]: p for p in admin.get("/admin/database/players").content["players"]}

    assert rows[wanda.username]["is_guest"]
    assert rows[wanda.username]["online_world_ids"] == ["pipeworks_web"]
    assert rows[wanda.username]["password_hash"].endswith("...")
    assert rows["adelheid"]["is_online_account"]
    assert not rows["adelheid"]["is_online_in_world"]
    assert rows["adelheid"]["guest_expires_at"] is None


def test_deleted_accounts_are_not_listed(steward: Visitor, wanda: Visitor) -> None:
    steward.post("/admin/user/manage", target_username=wanda.username, action="delete")

    rows = steward.get("/admin/database/players").content["players"]

    assert wanda.username not in {row["username"] for row in rows}


def test_worlds_show_who_is_in_them_with_session_ids(admin: Visitor, wanda: Visitor) -> None:
    web, below = admin.get("/admin/database/worlds").content["worlds"]

    assert web["active_character_count"] == 1
    assert web["active_characters"][0]["character_name"] == "Wanda"
    assert web["active_characters"][0]["session_id"] == wanda.session_id
    assert not below["is_online"]
    assert below["last_activity"] is None


def test_connections_have_an_age_and_sessions_have_not(
    admin: Visitor, wanda: Visitor, clock: HandClock
) -> None:
    clock.advance(90)

    connections = admin.get("/admin/database/connections").content["connections"]
    sessions = admin.get("/admin/database/sessions").content["sessions"]

    ages = {c["username"]: c["age_seconds"] for c in connections}
    assert ages == {"adelheid": 0, wanda.username: 90}
    assert all("age_seconds" not in session for session in sessions)
    assert {s["session_id"] for s in sessions} == {admin.session_id, wanda.session_id}


def test_an_admin_who_plays_sees_one_world_only(
    world: PipeWorks, admin: Visitor, wanda: Visitor, walker: Visitor
) -> None:
    def seen() -> tuple[set[str], set[object]]:
        connections = admin.get("/admin/database/connections").content["connections"]
        locations = admin.get("/admin/database/player-locations").content["locations"]
        return {c["username"] for c in connections}, {p["zone_id"] for p in locations}

    names, zones = seen()
    assert names == {"adelheid", wanda.username, "walker"}
    assert zones == {None}

    admin.select(world.create_character("adelheid", "Adelheid", "daily_undertaking").id)
    names, zones = seen()
    assert names == {"adelheid", "walker"}
    assert zones == {"high_street"}


def test_chat_of_all_rooms_is_read_newest_first_with_ids(
    world: PipeWorks, admin: Visitor, wanda: Visitor, walker: Visitor
) -> None:
    world.arrive("Tibbet")
    wanda.does("whisper Tibbet psst")
    walker.does("say hello")

    rows = admin.get("/admin/database/chat-messages").content["messages"]
    limited = admin.get("/admin/database/chat-messages", limit=1).content["messages"]
    web = admin.get("/admin/database/chat-messages", world_id="pipeworks_web").content["messages"]

    assert [(row["id"], row["username"]) for row in rows] == [(2, "Long Walker"), (1, "Wanda")]
    assert rows[0]["timestamp"] == "2026-09-21 14:13:20"
    assert limited == rows[:1]
    assert web == rows[1:]


def test_axes_are_shown_as_they_were_and_as_they_are(
    world: PipeWorks, admin: Visitor, wanda: Visitor
) -> None:
    character = world.mud.characters[wanda.character_id]
    character.base_axes["health"] = 0.9
    character.axes["health"] = 0.1

    state = admin.get(f"/admin/characters/{wanda.character_id}/axis-state").content

    assert state["base_state"]["axes"]["health"] == {"label": "hale", "score": 0.9}
    assert state["current_state"]["axes"]["health"] == {"label": "weary", "score": 0.1}
    assert [axis["axis_name"] for axis in state["axes"]] == ["age", "demeanor", "health"]


def test_a_character_without_axes_has_an_empty_state(admin: Visitor, walker: Visitor) -> None:
    state = admin.get(f"/admin/characters/{walker.character_id}/axis-state").content

    assert state["axes"] == []
    assert state["current_state"] is None


def test_an_unknown_character_has_no_state_but_an_empty_list_of_events(admin: Visitor) -> None:
    assert admin.get("/admin/characters/999/axis-state").status == 404
    got = admin.get("/admin/characters/999/axis-events")
    assert (got.status, got.content) == (200, {"character_id": 999, "events": []})


def test_axis_events_come_newest_first_and_may_be_limited(
    world: PipeWorks, admin: Visitor, wanda: Visitor
) -> None:
    world.arrive("Tibbet")
    wanda.does("say one")
    wanda.does("say two")
    path = f"/admin/characters/{wanda.character_id}/axis-events"

    events = admin.get(path).content["events"]

    assert [event["event_id"] for event in events] == [3, 1]
    assert admin.get(path, limit=1).content["events"] == events[:1]
