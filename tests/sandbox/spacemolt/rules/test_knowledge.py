"""Maps, the catalogue, versions, help."""

import pytest

from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def test_the_map_marks_where_one_has_been(ann: Pilot) -> None:
    systems = {s["system_id"]: s for s in ann.ask("get_map")["systems"]}

    assert len(systems) == 8
    assert systems["sol"]["visited"] is True
    assert systems["krynn"]["visited"] is False
    assert ann.ask("get_map", system_id="krynn")["total_count"] == 1


def test_every_lane_leads_both_ways(game: Game) -> None:
    systems = game.universe.galaxy.systems

    for system in systems.values():
        for other, length in system.links.items():
            assert systems[other].links[system.id] == length


def test_the_shortest_route_is_found_to_systems_places_and_bases(ann: Pilot) -> None:
    to_system = ann.ask("find_route", target_system="frontier")
    to_base = ann.ask("find_route", target_system="crimson_war_citadel")

    assert to_system["total_jumps"] == 3
    assert [s["system_id"] for s in to_base["route"]] == ["sol", "sirius", "krynn"]
    assert to_base["target_poi"] == "war_citadel"
    assert ann.ask("find_route", target_system="sol")["total_jumps"] == 0


def test_a_hidden_place_must_be_surveyed(ann: Pilot) -> None:
    ann.endowed()
    ann.player.system_id, ann.player.place_id, ann.player.docked_at = "the_drift", "drift_star", ""
    before = {p["id"] for p in ann.ask("get_system")["system"]["pois"]}

    found = ann.do("survey_system")

    assert "deep_vein" not in before
    assert [place["id"] for place in found["newly_revealed"]] == ["deep_vein"]
    assert "deep_vein" in {p["id"] for p in ann.ask("get_system")["system"]["pois"]}


def test_a_survey_takes_a_scanner(ann: Pilot) -> None:
    assert ann.settle("survey_system").payload["code"] == "no_scanner"


def test_the_catalogue_is_paged_and_filtered(ann: Pilot) -> None:
    page = ann.ask("catalog", type="items", page=2, page_size=10)
    ores = ann.ask("catalog", type="items", category="ore")
    crimson = ann.ask("catalog", type="ships", empire="crimson_fleet")

    assert (page["page"], len(page["items"])) == (2, 10)
    assert {item["category"] for item in ores["items"]} == {"ore"}
    assert [ship["id"] for ship in crimson["items"]] == ["viper"]
    with pytest.raises(GameError):
        ann.ask("catalog", type="items", id="unobtainium")


def test_the_shipyard_builds_what_its_empire_allows(ann: Pilot) -> None:
    here = ann.ask("catalog", type="ships", commissionable=True)

    assert "viper" not in {ship["id"] for ship in here["items"]}


def test_the_release_notes_can_be_searched(ann: Pilot) -> None:
    assert ann.ask("get_version")["version"] == "0.327.2"
    assert ann.ask("get_version", text="surveys")["total"] == 1
    assert ann.ask("get_version", id="v0.327.0")["versions"][0]["version"] == "0.327.0"
    assert ann.ask("get_version", count=2)["has_more"] is True


def test_help_explains_one_command_or_a_category(ann: Pilot) -> None:
    one = ann.ask("help", command="travel")
    some = ann.ask("help", category="Navigation")

    assert one["commands"][0]["format"] == "travel(target_poi)"
    assert {c["name"] for c in some["commands"]} == {"dock", "jump", "travel", "undock"}
    for payload in ({"command": "dance"}, {"category": "Cooking"}):
        with pytest.raises(GameError):
            ann.ask("help", **payload)


def test_guides_are_listed_and_read(ann: Pilot) -> None:
    guides = ann.ask("get_guide")["guides"]

    assert len(guides) == 7
    assert "asteroid belt" in ann.ask("get_guide", guide="miner")["content"]


def test_an_empires_policy_names_its_taxes(ann: Pilot) -> None:
    policies = ann.ask("get_empire_info")["empires"]

    assert len(policies) == 5
    assert ann.ask("get_empire_info", empire_id="crimson")["empires"][0]["sales_tax_bps"] == 300
