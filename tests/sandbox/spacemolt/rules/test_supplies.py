from tests.sandbox.spacemolt.pilot import Pilot


def test_the_station_sells_fuel_at_one_credit(ann: Pilot) -> None:
    ann.ship.fuel -= 30
    before = ann.player.credits

    result = ann.do("refuel")

    assert result["source"] == "station"
    assert ann.ship.fuel == ann.ship.max_fuel
    assert before - ann.player.credits == 30


def test_a_full_tank_takes_nothing(ann: Pilot) -> None:
    assert ann.settle("refuel").payload["code"] == "tank_full"


def test_in_space_the_cheapest_cells_are_cracked(ann: Pilot) -> None:
    ann.do("undock")
    ann.ship.fuel = 10
    ann.ship.cargo.update({"fuel_cell": 2, "fuel_cell_premium": 1})

    result = ann.do("refuel", quantity=2)

    assert (result["item_id"], result["cells_used"], result["fuel"]) == ("fuel_cell", 2, 40)


def test_without_cells_space_gives_no_fuel(ann: Pilot) -> None:
    ann.do("undock")
    ann.ship.fuel = 10

    assert ann.settle("refuel").payload["code"] == "no_fuel_cells"


def test_a_pump_gives_fuel_to_another(ann: Pilot, bob: Pilot) -> None:
    ann.endowed()
    bob.ship.fuel = 50

    result = ann.do("refuel", target="Bob", quantity=20)

    assert bob.ship.fuel == 70
    assert result["target_fuel_now"] == 70
    assert bob.settle("refuel", target="Ann").payload["code"] == "no_equipment"


def test_a_hull_is_mended_at_the_station_or_with_kits(ann: Pilot) -> None:
    ann.ship.hull = 20
    ann.ship.cargo["hull_patch"] = 3

    kits = ann.do("repair", item_id="hull_patch", quantity=2)
    yard = ann.do("repair")

    assert (kits["kits_used"], kits["repaired"]) == (2, 20)
    assert (yard["source"], yard["repaired"], yard["cost"]) == ("station", 60, 120)
    assert ann.settle("repair").payload["code"] == "hull_full"


def test_what_is_thrown_overboard_can_be_taken_by_others(ann: Pilot, bob: Pilot) -> None:
    ann.ship.cargo["iron_ore"] = 6
    ann.do("jettison", item_id="iron_ore", quantity=2)
    again = ann.do("jettison", item_id="iron_ore", quantity=4)

    result = bob.do("loot_wreck", wreck_id=again["container_id"])

    assert bob.ship.cargo["iron_ore"] == 6
    assert result["wreck_empty"] is True


def test_a_container_does_not_float_for_ever(ann: Pilot) -> None:
    ann.ship.cargo["iron_ore"] = 1
    ann.do("jettison", item_id="iron_ore", quantity=1)

    for _ in range(61):
        ann.game.tick()

    assert ann.ask("get_wrecks")["count"] == 0


def test_a_weapon_is_loaded_with_what_fits_it(ann: Pilot) -> None:
    ann.endowed()
    gun = next(module for module in ann.ship.modules if module.type_id == "autocannon_i")

    wrong = ann.settle("reload", weapon_instance_id=gun.id, ammo_item_id="fuel_cell")
    result = ann.do("reload", weapon_instance_id=gun.id, ammo_item_id="standard_rounds_box")

    assert wrong.payload["code"] == "invalid_item"
    assert result["current_ammo"] == 100


def test_consumables_do_what_they_say(ann: Pilot) -> None:
    ann.ship.cargo.update({"shield_cell": 1, "emergency_warp": 1, "iron_ore": 1})
    ann.ship.shield = 0

    shield = ann.do("use_item", item_id="shield_cell")
    warp = ann.do("use_item", item_id="emergency_warp")

    assert shield["shield_restored"] == 30
    assert warp["destination_system"] == ann.player.system_id != "sol"
    assert ann.settle("use_item", item_id="iron_ore").payload["code"] == "invalid_item"
