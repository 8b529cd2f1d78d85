from tests.sandbox.spacemolt.pilot import Pilot


def test_credits_and_goods_reach_a_friend(ann: Pilot, bob: Pilot) -> None:
    ann.ship.cargo["iron_ore"] = 3
    ann.do("send_gift", recipient="Bob", credits=100, message="For you")
    ann.do("send_gift", recipient="bob", item_id="iron_ore", quantity=3)

    storage = bob.ask("view_storage")

    assert bob.player.credits == 1600
    assert storage["items"][0]["quantity"] == 3
    assert [gift["sender"] for gift in storage["gifts"]] == ["Ann", "Ann"]
    assert storage["gifts"][0]["message"] == "For you"


def test_a_ship_changes_its_owner(ann: Pilot, bob: Pilot) -> None:
    ann.endowed()
    spare = next(s for s in ann.ask("list_ships")["ships"] if not s["is_active"])

    ann.do("send_gift", recipient="Bob", ship_id=spare["ship_id"])

    assert spare["ship_id"] in {s["ship_id"] for s in bob.ask("list_ships")["ships"]}


def test_an_empire_takes_donations_at_its_own_stations(ann: Pilot) -> None:
    here = ann.do("send_gift", recipient="Solarian Confederacy", credits=10)
    there = ann.settle("send_gift", recipient="empire:crimson", credits=10)

    assert here["empire_id"] == "solarian"
    assert there.payload["code"] == "wrong_station"


def test_a_faction_takes_credits(ann: Pilot, bob: Pilot) -> None:
    bob.endowed()
    faction = ann.game.universe.society.factions[bob.player.faction_id]
    before = faction.treasury

    ann.do("send_gift", recipient=f"faction:{faction.tag}", credits=10)

    assert faction.treasury - before == 10


def test_one_gift_is_one_kind_of_thing(ann: Pilot, bob: Pilot) -> None:
    both = ann.settle("send_gift", recipient="Bob", credits=1, ship_id="x")
    none = ann.settle("send_gift", recipient="Bob")

    assert both.payload["code"] == none.payload["code"] == "invalid_payload"
