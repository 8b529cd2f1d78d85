import pytest

from bridge.sandbox.pipeworks.exchange import Call, Crash
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import Visitor


def test_a_room_is_shown_with_things_people_and_exits(world: PipeWorks, walker: Visitor) -> None:
    world.arrive("Grig", world_id="daily_undertaking", room="street_middle")
    walker.does("south")

    success, text = walker.does("look")

    assert success
    assert text == (
        "\n=== High Street by the Lamp ===\n"
        "A gas lamp gutters over cobbles that shine even in dry weather.\n"
        "\n[Items here]:\n  - Worn Cobblestone\n  - Flickering Gas Lamp\n"
        "\n[Players here]:\n  - Grig\n"
        "\n[Exits]:\n  - north: The Undertaking, Front Steps\n"
        "  - south: High Street, Lower End\n"
        "  - east: The Undertaking, Front Steps\n  - down: The Brick Drain\n"
    )


def test_empty_sections_of_a_room_are_left_out(wanda: Visitor) -> None:
    _, text = wanda.does("look")

    assert text.startswith("\n=== The Condensate Landing ===\n")
    assert "[" not in text


@pytest.mark.parametrize(
    "command", ["south", "s", "S", "/south", "  /s  ", "south now please", "SOUTH"]
)
def test_a_move_is_one_word_in_any_case(walker: Visitor, command: str) -> None:
    success, message = walker.does(command)

    assert success
    assert "=== High Street by the Lamp ===" in message
    assert walker.status()["current_room"] == "street_middle"


@pytest.mark.parametrize("command", ["go south", "move south", "examine lamp", "//look", "east"])
def test_what_the_game_does_not_know_is_no_success(walker: Visitor, command: str) -> None:
    assert walker.does(command)[0] is False
    assert walker.status()["current_room"] == "spawn"


def test_an_empty_line_is_no_success(walker: Visitor) -> None:
    assert walker.does("   ")[0] is False


@pytest.mark.parametrize("command", ["/", " / ", "/   "])
def test_a_slash_alone_crashes_the_request(walker: Visitor, command: str) -> None:
    body = f'{{"session_id": "{walker.session_id}", "command": "{command}"}}'

    answer = walker.raw(Call(method="POST", path="/command", body=body.encode()))

    assert answer == Crash()


def test_w_is_always_west(walker: Visitor) -> None:
    walker.does("north")

    success, message = walker.does("w Grig hello")

    assert success
    assert "The Sunken Archive" in message


def test_look_ignores_what_to_look_at(walker: Visitor) -> None:
    assert walker.does("l Worn Cobblestone") == walker.does("look")


def test_a_thing_is_taken_by_its_full_name_and_stays_where_it_was(walker: Visitor) -> None:
    walker.does("south")

    assert walker.does("take cobblestone")[0] is False
    assert walker.does("take worn_cobblestone")[0] is False
    assert walker.does("TAKE worn COBBLESTONE")[0] is True
    assert walker.does("get Worn Cobblestone")[0] is True

    assert walker.does("i") == (True, "Your inventory:\n  - Worn Cobblestone\n")
    assert "  - Worn Cobblestone\n" in walker.does("look")[1]
    assert walker.status()["inventory"] == "Your inventory:\n  - Worn Cobblestone\n"


def test_a_dropped_thing_is_destroyed(walker: Visitor) -> None:
    walker.does("south")
    walker.does("get flickering gas lamp")
    walker.does("north")

    assert walker.does("drop gas lamp")[0] is False
    assert walker.does("drop Flickering Gas Lamp")[0] is True
    assert walker.does("drop Flickering Gas Lamp")[0] is False

    assert "Gas Lamp" not in walker.does("look")[1]
    assert walker.does("inventory") == (True, "Your inventory is empty.")


@pytest.mark.parametrize("command", ["get", "drop", "say", "yell", "whisper", "whisper Wanda"])
def test_a_verb_without_what_it_needs_is_no_success(walker: Visitor, command: str) -> None:
    assert walker.does(command)[0] is False


@pytest.mark.parametrize("command", ["recall", "flee", "scurry now"])
def test_recall_leads_to_the_spawn_of_the_zone(walker: Visitor, command: str) -> None:
    walker.does("south")
    assert walker.does(command)[0]
    assert walker.status()["current_room"] == "spawn"
    assert walker.does(command)[0]


def test_recall_in_another_zone_leads_to_that_zones_spawn(walker: Visitor) -> None:
    for step in ("south", "south", "south", "east"):
        assert walker.does(step)[0]
    assert walker.status()["current_room"] == "casting_floor"

    walker.does("recall")

    assert walker.status()["current_room"] == "foundry_gate"


def test_the_spawn_of_the_last_zone_hides_the_others(walker: Visitor) -> None:
    walker.does("south")

    _, message = walker.does("east")

    assert "The Undertaking, Front Steps" in message
    assert walker.status()["current_room"] == "spawn"


def test_every_exit_leads_somewhere(world: PipeWorks) -> None:
    for game in world.mud.worlds.values():
        for _, room in game.rooms.values():
            for target in room.exits.values():
                assert target.rpartition(":")[2] in game.rooms
            assert set(room.items) <= set(game.stock.items)


def test_who_lists_everybody_online_in_this_world(
    world: PipeWorks, wanda: Visitor, walker: Visitor
) -> None:
    world.arrive("Grig", world_id="daily_undertaking", room="drain")

    assert wanda.does("who") == (True, "Active players:\n  - Wanda")
    assert set(walker.status()["active_players"]) == {"Long Walker", "Grig"}


def test_help_is_a_text(wanda: Visitor) -> None:
    assert wanda.does("?") == wanda.does("help")
    assert wanda.does("help")[0]


def test_a_player_cannot_kick(world: PipeWorks, wanda: Visitor) -> None:
    world.arrive("Tibbet")

    assert wanda.does("kick Tibbet")[0] is False
    assert "Tibbet" in wanda.status()["active_players"]


def test_an_admin_kicks_a_character_with_spaces_in_its_name(
    world: PipeWorks, admin: Visitor, wanda: Visitor
) -> None:
    admin.select(world.create_character("adelheid", "Adelheid").id)
    guest = Visitor.guest(world, "Guest Wanderer")

    assert admin.does("kick Guest Wanderer")[0] is True
    assert admin.does("kick Guest Wanderer")[0] is False
    assert admin.does("kick Nobody")[0] is False

    got = guest.get(f"/status/{guest.session_id}")
    assert (got.status, got.content) == (401, {"detail": "Invalid or expired session"})


def test_what_was_executed_is_counted_by_verb(world: PipeWorks, walker: Visitor) -> None:
    for command in ("south", "take Worn Cobblestone", "drop Nothing", "chat hi", "jump"):
        walker.does(command)

    done = {verb: world.executed[verb] for verb in ("south", "get", "drop", "say", "jump")}
    assert done == {"south": 1, "get": 1, "drop": 0, "say": 1, "jump": 0}
