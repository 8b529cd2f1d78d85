from tests.sandbox.spacemolt.pilot import Pilot


def test_materials_come_from_the_hold_first_and_then_from_storage(ann: Pilot) -> None:
    ann.ship.cargo["iron_ore"] = 3
    ann.game.universe.locker(ann.player).put("iron_ore", 10)

    result = ann.do("craft", recipe_id="smelt_steel")

    assert ann.ship.cargo["steel_plate"] == 1
    assert result["from_storage"][0]["quantity"] == 2


def test_missing_materials_are_listed(ann: Pilot) -> None:
    settled = ann.settle("craft", recipe_id="smelt_steel", quantity=2)

    assert settled.payload["code"] == "missing_materials"
    assert settled.payload["details"] == [
        {"item_id": "iron_ore", "item_name": "Iron Ore", "need": 10, "have": 0}
    ]


def test_a_recipe_may_ask_for_skill(ann: Pilot) -> None:
    assert ann.settle("craft", recipe_id="print_circuit").payload["code"] == "skill_too_low"


def test_what_is_made_can_go_into_storage(ann: Pilot) -> None:
    ann.ship.cargo["iron_ore"] = 5

    ann.do("craft", recipe_id="smelt_steel", deliver_to="storage")

    assert ann.ship.cargo["steel_plate"] == 0
    assert ann.ask("view_storage")["items"][0]["item_id"] == "steel_plate"


def test_a_workshop_crafts_from_the_storage_of_the_faction(ann: Pilot) -> None:
    ann.endowed()

    result = ann.do("craft", recipe_id="smelt_steel", deliver_to="faction")

    assert result["to_faction_storage"] == [
        {"item_id": "steel_plate", "name": "Steel Plate", "quantity": 1}
    ]


def test_an_unknown_recipe_is_refused(ann: Pilot) -> None:
    assert ann.settle("craft", recipe_id="philosophers_stone").payload["code"] == "invalid_recipe"
