from bridge.sandbox.spacemolt.checking import check
from bridge.sandbox.spacemolt.rules.everything import all_handlers
from bridge.sandbox.spacemolt.table import commands

SHELL = {"login", "register", "logout", "get_notifications", "agentlogs"}


def test_the_table_has_every_command_of_the_documents() -> None:
    # 176 in the list of v0.327.2, citizenship and agentlogs from the v1 document.
    assert len(commands()) == 178
    assert sum(command.mutation for command in commands().values()) == 91


def test_every_command_is_carried_out_by_the_game_or_by_the_connection() -> None:
    assert set(all_handlers()) | SHELL == set(commands())
    assert not set(all_handlers()) & SHELL


def test_every_example_is_one_that_the_checks_accept() -> None:
    for command in commands().values():
        payload = command.example().get("payload", {})

        check(command, payload)


def test_some_commands_queue_only_some_of_their_actions() -> None:
    facility, fleet = commands()["facility"], commands()["fleet"]

    assert facility.waits_for_tick({"action": "build"})
    assert not facility.waits_for_tick({"action": "types"})
    assert fleet.waits_for_tick({"action": "create"})
    assert not fleet.waits_for_tick({"action": "status"})
    assert not commands()["battle"].waits_for_tick({"action": "advance"})


def test_every_command_says_what_it_does_in_one_short_text() -> None:
    for command in commands().values():
        assert 10 < len(command.about) < 120, command.name
        assert command.category
        assert command.tag
