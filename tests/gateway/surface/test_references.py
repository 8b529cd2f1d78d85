from bridge.gateway.surface.references import References
from bridge.gateway.surface.seen import Seen
from bridge.protocol.verdict import Done, Refused
from bridge.spec.model import Command, Param

TRAVEL = Command(
    toolset="navigation",
    effect="mutation",
    description="",
    params={"target_poi": Param(type="string", names="poi")},
)
SYSTEM = {
    "system": {
        "id": "sol",
        "name": "Sol",
        "pois": [
            {"id": "main_belt", "name": "Main Belt"},
            {"id": "earth", "name": "Earth"},
            {"id": "twin_a", "name": "Twin"},
            {"id": "twin_b", "name": "Twin"},
        ],
    }
}


def references() -> References:
    seen = Seen()
    seen.note("spacemolt", "default", SYSTEM)  # type: ignore[arg-type]  # JSON
    return References(seen, "spacemolt", "default")


def test_an_exact_name_becomes_its_id_and_is_said() -> None:
    resolved = references().resolve(TRAVEL, {"target_poi": "main belt"})

    assert resolved.values == {"target_poi": "main_belt"}
    assert resolved.notes == ("target_poi 'main belt' is main_belt.",)


def test_an_id_stays_as_it_is() -> None:
    resolved = references().resolve(TRAVEL, {"target_poi": "earth"})

    assert resolved.values == {"target_poi": "earth"}
    assert resolved.notes == ()


def test_a_name_that_two_things_have_is_not_rewritten() -> None:
    assert references().resolve(TRAVEL, {"target_poi": "Twin"}).values == {"target_poi": "Twin"}


def test_something_that_was_never_seen_goes_to_the_game_as_it_is() -> None:
    resolved = references().resolve(TRAVEL, {"target_poi": "haven"})

    assert resolved.values == {"target_poi": "haven"}
    assert resolved.notes == ()


def test_what_cannot_be_undone_wants_the_id() -> None:
    scrap = TRAVEL.model_copy(update={"effect": "irreversible"})

    refused = references().resolve(scrap, {"target_poi": "Earth"}).refused

    assert refused is not None
    assert "'earth'" in refused.hint


def test_a_refusal_of_the_game_suggests_what_was_seen() -> None:
    refused = Refused(code="invalid_poi", message="Unknown POI", hint="Call get_system.")

    told = references().suggest(TRAVEL, {"target_poi": "main_bellt"}, refused)

    assert isinstance(told, Refused)
    assert told.hint == "target_poi: did you mean main_belt (Main Belt)? Call get_system."


def test_nothing_is_suggested_for_an_id_that_was_seen_or_for_a_success() -> None:
    refused = Refused(code="no_fuel", message="Not enough fuel")

    assert references().suggest(TRAVEL, {"target_poi": "earth"}, refused) is refused
    done = Done(result={})
    assert references().suggest(TRAVEL, {"target_poi": "marz"}, done) is done


def test_names_beside_ids_are_seen_too() -> None:
    seen = Seen()

    seen.note("spacemolt", "a", {"connections": [{"system_id": "gsc_1", "name": "Haven"}]})
    seen.note("spacemolt", "a", {"players": [{"player_id": "p1", "username": "Marrow Finch"}]})

    assert seen.names("spacemolt", "a", "system") == {"gsc_1": "Haven"}
    assert seen.names("spacemolt", "a", "player") == {"p1": "Marrow Finch"}
    assert seen.beginning_with("spacemolt", "a", "player", "marr") == ["p1"]
