from tests.sandbox.spacemolt.pilot import Pilot


def listing(pilot: Pilot, class_id: str) -> str:
    found = pilot.ask("browse_ships", class_id=class_id)["listings"]
    return str(found[0]["listing_id"])


def test_a_bought_ship_is_boarded_and_the_old_one_stored(ann: Pilot) -> None:
    ann.player.credits = 10_000
    old = ann.ship.id

    result = ann.do("buy_listed_ship", listing_id=listing(ann, "burrower"))

    assert ann.ship.class_id == "burrower"
    assert result["old_ship_id"] == old
    assert {s["ship_id"] for s in ann.ask("list_ships")["ships"]} == {old, ann.ship.id}


def test_the_station_offers_another_when_one_is_sold(ann: Pilot) -> None:
    ann.player.credits = 10_000
    ann.do("buy_listed_ship", listing_id=listing(ann, "burrower"))

    assert listing(ann, "burrower")


def test_cargo_waits_in_storage_when_one_switches(ann: Pilot) -> None:
    ann.endowed()
    spare = next(s for s in ann.ask("list_ships")["ships"] if not s["is_active"])

    result = ann.do("switch_ship", ship_id=spare["ship_id"])

    assert ann.ship.class_id == "viper"
    assert any(entry["item_id"] == "iron_ore" for entry in result["cargo_to_storage"])


def test_a_player_sells_a_ship_to_another(ann: Pilot, bob: Pilot) -> None:
    ann.endowed()
    spare = next(s for s in ann.ask("list_ships")["ships"] if not s["is_active"])
    offer = ann.do("list_ship_for_sale", ship_id=spare["ship_id"], price=1000)
    before = ann.player.credits

    bob.do("buy_listed_ship", listing_id=offer["listing_id"])

    assert bob.ship.id == spare["ship_id"]
    assert ann.player.credits - before == 1000
    assert offer["fee"] == 10


def test_the_ship_one_flies_is_not_for_sale(ann: Pilot) -> None:
    settled = ann.settle("sell_ship", ship_id=ann.ship.id)

    assert settled.payload["code"] == "active_ship"


def test_no_two_ships_have_the_same_name(ann: Pilot, bob: Pilot) -> None:
    ann.do("name_ship", name="Nostromo")

    assert bob.settle("name_ship", name="NOSTROMO").payload["code"] == "name_taken"
    assert ann.do("name_ship", name="")["ship_name"] == "Mayfly"


def test_a_module_needs_a_slot_and_can_be_taken_off(ann: Pilot) -> None:
    ann.ship.cargo.update({"pulse_laser_i": 1, "shield_booster_i": 1})

    full = ann.settle("install_mod", module_id="pulse_laser_i")
    done = ann.do("install_mod", module_id="shield_booster_i")

    assert full.payload["code"] == "no_slot"
    assert ann.ship.max_shield == 80
    ann.do("uninstall_mod", module_id=done["module_id"])
    assert ann.ship.cargo["shield_booster_i"] == 1


def test_a_worn_module_keeps_its_wear_in_the_hold_and_can_be_mended(ann: Pilot) -> None:
    laser = next(m for m in ann.ship.modules if m.type_id == "mining_laser_i")
    laser.wear = 0.5
    ann.ship.cargo["repair_kit"] = 1
    ann.do("uninstall_mod", module_id=laser.id)

    result = ann.do("repair_module", module_id=laser.id)

    assert (result["wear_before"], result["wear_after"]) == (0.5, 0.25)
    ann.do("install_mod", module_id=laser.id)
    assert ann.ship.modules[-1] is laser


def test_a_commission_is_sourced_built_and_claimed(ann: Pilot) -> None:
    ann.player.credits = 20_000
    order = ann.do("commission_ship", ship_class="burrower")
    for _ in range(30):
        ann.game.tick()

    assert ann.ask("commission_status")["commissions"][0]["status"] == "ready"
    assert ann.told("ship_commission_complete")
    ann.do("claim_commission", commission_id=order["commission_id"])
    assert ann.ship.class_id == "burrower"


def test_a_cancelled_commission_returns_half_and_the_materials(ann: Pilot) -> None:
    ann.endowed()
    order = ann.do("commission_ship", ship_class="burrower", provide_materials=True)

    result = ann.do("cancel_commission", commission_id=order["commission_id"])

    assert result["refund"] == order["credits_paid"] // 2
    assert {m["item_id"] for m in result["materials_returned"]} == {"steel_plate", "circuit_board"}


def test_a_quote_names_what_stands_in_the_way(ann: Pilot) -> None:
    quote = ann.ask("commission_quote", ship_class="viper")

    assert quote["can_commission"] is False
    assert "crimson" in quote["blockers"][0]
