import pytest

from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import PASSWORD, Visitor


def test_a_created_character_has_a_generated_name_of_two_words(
    world: PipeWorks, wanda: Visitor
) -> None:
    got = wanda.post("/characters/create", world_id="pipeworks_web")

    assert got.status == 200
    assert len(got.content["character_name"].split()) == 2
    assert got.content["entity_state"]["seed"] == got.content["seed"]
    listed = wanda.get("/characters").content["characters"]
    assert [c["name"] for c in listed] == ["Wanda", got.content["character_name"]]


def test_names_and_seeds_come_from_the_seed_of_the_server() -> None:
    def made(seed: int) -> object:
        world = PipeWorks(seed=seed, residents=False)
        return (
            Visitor.guest(world, "Wanda")
            .post("/characters/create", world_id="pipeworks_web")
            .content["character_name"]
        )

    assert made(1) == made(1)
    assert made(1) != made(2)


@pytest.mark.parametrize(
    ("world_id", "status"), [("  ", 400), ("atlantis", 404), ("daily_undertaking", 403)]
)
def test_creating_needs_a_world_that_one_may_enter(
    wanda: Visitor, world_id: str, status: int
) -> None:
    assert wanda.post("/characters/create", world_id=world_id).status == status


def test_an_inactive_world_takes_no_characters(world: PipeWorks, wanda: Visitor) -> None:
    world.mud.worlds["pipeworks_web"].active = False

    assert wanda.post("/characters/create", world_id="pipeworks_web").status == 409


def test_ten_characters_fill_the_slots_of_a_world(world: PipeWorks, wanda: Visitor) -> None:
    made = [wanda.post("/characters/create", world_id="pipeworks_web").status for _ in range(10)]

    assert made == [200] * 9 + [409]
    rows = Visitor(world).post("/login", username=wanda.username, password=PASSWORD).content
    web = rows["available_worlds"][0]
    assert (web["access_reason"], web["can_access"], web["can_create"]) == (
        "slot_limit_reached",
        True,
        False,
    )


def test_creating_may_be_switched_off(world: PipeWorks, wanda: Visitor) -> None:
    world.integrations.self_create = False

    assert wanda.post("/characters/create", world_id="pipeworks_web").status == 403


@pytest.mark.parametrize("switch", ["integration", "fault"])
def test_creating_needs_the_name_service(world: PipeWorks, wanda: Visitor, switch: str) -> None:
    if switch == "integration":
        world.integrations.names = False
    else:
        world.faults.switch_on("names_down")

    assert wanda.post("/characters/create", world_id="pipeworks_web").status == 502
    assert len(wanda.get("/characters").content["characters"]) == 1


def test_creating_survives_a_missing_entity_state(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("entity_down")

    got = wanda.post("/characters/create", world_id="pipeworks_web")

    assert got.status == 200
    assert got.content["entity_state"] is None
    assert got.content["entity_state_error"]


def test_only_one_world_is_listed_at_a_time(walker: Visitor) -> None:
    assert walker.get("/characters").content == {"characters": []}
    listed = walker.get("/characters", world_id="daily_undertaking").content["characters"]
    assert [c["name"] for c in listed] == ["Long Walker"]


@pytest.mark.parametrize("world_id", ["daily_undertaking", "atlantis"])
def test_listing_a_closed_or_unknown_world_is_denied(wanda: Visitor, world_id: str) -> None:
    got = wanda.get("/characters", world_id=world_id)

    assert (got.status, got.content) == (403, {"detail": "World access denied"})


def test_legacy_characters_are_hidden_where_there_are_others(
    world: PipeWorks, wanda: Visitor
) -> None:
    world.create_character(wanda.username, f"{wanda.username}_char_2")

    listed = wanda.get("/characters", exclude_legacy_defaults="true").content["characters"]

    assert [c["name"] for c in listed] == ["Wanda"]


def test_an_invite_only_world_is_shown_as_locked(world: PipeWorks, wanda: Visitor) -> None:
    got = Visitor(world).post("/login", username=wanda.username, password=PASSWORD)

    row = got.content["available_worlds"][1]
    assert row["is_locked"]
    assert row["is_invite_only"]
    assert row["access_reason"] == "invite_required"
    assert row["config_json"] == "{}"


def test_a_grant_opens_a_world(world: PipeWorks, wanda: Visitor) -> None:
    world.grant_world(wanda.username, "daily_undertaking")

    got = wanda.post("/characters/create", world_id="daily_undertaking")

    assert got.status == 200
    assert got.content["entity_state"] is None
    assert got.content["entity_state_error"] is None


def test_owning_a_character_opens_a_world(world: PipeWorks, wanda: Visitor) -> None:
    world.create_character(wanda.username, "Wanda Below", "daily_undertaking")

    assert wanda.get("/characters", world_id="daily_undertaking").status == 200


def test_selecting_again_changes_the_character_across_worlds(
    world: PipeWorks, wanda: Visitor
) -> None:
    above = wanda.character_id
    below = world.create_character(wanda.username, "Wanda Below", "daily_undertaking")

    wanda.select(below.id)
    assert wanda.status()["active_players"] == ["Wanda Below"]
    assert wanda.does("south")[0]

    wanda.select(above)
    assert wanda.status()["active_players"] == ["Wanda"]
    wanda.select(below.id)
    assert wanda.status()["current_room"] == "street_middle"


def test_only_own_characters_of_the_right_world_can_be_selected(
    world: PipeWorks, wanda: Visitor, walker: Visitor
) -> None:
    foreign = wanda.post("/characters/select", character_id=walker.character_id)
    closed = wanda.post(
        "/characters/select", character_id=wanda.character_id, world_id="daily_undertaking"
    )
    wrong = walker.post(
        "/characters/select", character_id=walker.character_id, world_id="pipeworks_web"
    )

    assert [foreign.status, closed.status, wrong.status] == [404, 403, 409]
