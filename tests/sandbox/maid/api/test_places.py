import pytest

from bridge.sandbox.maid.population import stable_id
from tests.sandbox.maid.visitor import Visitor, body

WORLD = "/api/v1/world"
SQUARE = stable_id("room", "Town Square")


@pytest.mark.parametrize(("path", "total"), [("rooms", 65), ("npcs", 60), ("items", 110)])
def test_slices_cover_everything_once(roomy: Visitor, path: str, total: int) -> None:
    seen: list[str] = []
    while True:
        page = body(roomy.get(f"{WORLD}/{path}", offset=len(seen), limit=25))
        assert (page["total"], page["offset"], page["limit"]) == (total, len(seen), 25)
        seen += [one["id"] for one in page["items"]]
        if not page["has_more"]:
            break

    assert len(seen) == len(set(seen)) == total


@pytest.mark.parametrize("path", ["rooms", "npcs", "items"])
def test_slices_have_bounds(roomy: Visitor, path: str) -> None:
    assert body(roomy.get(f"{WORLD}/{path}"))["limit"] == 50
    assert roomy.get(f"{WORLD}/{path}", limit=100).status == 200
    assert roomy.get(f"{WORLD}/{path}", limit=101).status == 422
    assert roomy.get(f"{WORLD}/{path}", limit=0).status == 422
    assert roomy.get(f"{WORLD}/{path}", offset=-1).status == 422
    assert body(roomy.get(f"{WORLD}/{path}", offset=1_000))["items"] == []


def test_rooms_can_be_narrowed_to_an_area(roomy: Visitor) -> None:
    page = body(roomy.get(f"{WORLD}/rooms", area_id=stable_id("area", "Mines")))

    assert page["total"] == 13
    assert {room["area_name"] for room in page["items"]} == {"Mines"}
    assert set(page["items"][0]) == {"id", "name", "area_id", "area_name", "entity_count"}


def test_npcs_and_items_can_be_narrowed(roomy: Visitor) -> None:
    npcs = body(roomy.get(f"{WORLD}/npcs", npc_type="wolf", is_hostile="true"))
    items = body(roomy.get(f"{WORLD}/items", item_type="potion", is_takeable="1"))
    here = body(roomy.get(f"{WORLD}/npcs", room_id="nowhere"))

    assert {(one["npc_type"], one["is_hostile"]) for one in npcs["items"]} == {("wolf", True)}
    assert {(one["item_type"], one["is_takeable"]) for one in items["items"]} == {("potion", True)}
    assert here["total"] == 0


def test_a_room_has_exits_that_lead_somewhere(roomy: Visitor) -> None:
    room = body(roomy.get(f"{WORLD}/rooms/{SQUARE}"))

    assert room["name"] == "Town Square"
    assert room["properties"] == {"terrain": "cobblestone", "light_level": "bright"}
    assert room["exits"][0] == {
        "direction": "north",
        "destination_id": stable_id("room", "Market Street"),
        "destination_name": "Market Street",
        "is_locked": False,
    }


def test_the_contents_of_a_room_add_up(roomy: Visitor) -> None:
    contents = body(roomy.get(f"{WORLD}/rooms/{SQUARE}/contents"))
    room = body(roomy.get(f"{WORLD}/rooms/{SQUARE}"))

    kinds = [contents["players"], contents["npcs"], contents["items"]]
    assert contents["total_count"] == sum(map(len, kinds)) == room["entity_count"]
    assert {"id", "name", "entity_type", "description"} == set(contents["players"][0])
    assert "Gandalf" in {one["name"] for one in contents["players"]}
    assert "Frodo" not in {one["name"] for one in contents["players"]}


def test_an_unknown_room_is_404(roomy: Visitor) -> None:
    for path in ("rooms/nowhere", "rooms/nowhere/contents"):
        reply = roomy.get(f"{WORLD}/{path}")
        assert (reply.status, body(reply)) == (404, {"detail": "Room not found"})


def test_areas_count_their_rooms(roomy: Visitor) -> None:
    areas = body(roomy.get(f"{WORLD}/areas"))

    assert areas["total"] == 5
    assert sum(area["room_count"] for area in areas["items"]) == 65
