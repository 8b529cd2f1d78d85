import pytest

from bridge.sandbox.spacemolt.engine import Ticket
from bridge.sandbox.spacemolt.game import Game
from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


def test_a_query_is_answered_at_once(ann: Pilot) -> None:
    assert ann.ask("get_status")["player"]["username"] == "Ann"


def test_a_mutation_waits_for_the_next_tick(ann: Pilot, game: Game) -> None:
    ticket = ann.order("undock")

    settled = game.tick()

    assert [outcome.ticket for outcome in settled] == [ticket]
    assert settled[0].type == "action_result"
    assert settled[0].payload["command"] == "undock"
    assert settled[0].payload["tick"] == game.universe.tick


def test_a_second_mutation_in_one_tick_is_refused(ann: Pilot) -> None:
    ann.order("undock")

    with pytest.raises(GameError) as caught:
        ann.order("mine")

    assert caught.value.code == "action_queued"


def test_queries_pass_beside_a_queued_mutation(ann: Pilot) -> None:
    ann.order("undock")

    assert ann.ask("get_cargo")["used"] == 0


def test_two_players_act_in_the_same_tick(ann: Pilot, bob: Pilot, game: Game) -> None:
    ann.order("undock")
    bob.order("undock")

    assert len(game.tick()) == 2


def test_a_rule_that_forbids_it_is_told_at_the_tick(ann: Pilot) -> None:
    settled = ann.settle("dock")

    assert settled.type == "action_error"
    assert settled.payload["code"] == "already_docked"
    assert "result" not in settled.payload


def test_undocking_on_the_way_costs_one_more_tick(ann: Pilot, game: Game) -> None:
    before = game.universe.tick

    settled = ann.settle("survey_system")

    assert settled.payload["auto_undocked"] is True
    assert game.universe.tick == before + 2


def test_docking_on_the_way_is_told(ann: Pilot) -> None:
    ann.do("undock")

    settled = ann.settle("buy", item_id="fuel_cell", quantity=1)

    assert settled.succeeded
    assert settled.payload["auto_docked"] is True


def test_what_cannot_dock_fails_with_the_reason(ann: Pilot) -> None:
    ann.fly("main_belt")

    settled = ann.settle("buy", item_id="fuel_cell", quantity=1)

    assert settled.payload["code"] == "no_base"


def test_nobody_is_not_authenticated(game: Game) -> None:
    with pytest.raises(GameError) as caught:
        game.engine.accept(None, "get_status", {})

    assert caught.value.code == "not_authenticated"


def test_some_questions_may_be_asked_by_anybody(game: Game) -> None:
    for command in ("get_version", "get_commands", "help", "forum_list", "get_empire_info"):
        assert not isinstance(game.engine.accept(None, command, {}), Ticket)


def test_an_unknown_command_is_refused(ann: Pilot) -> None:
    with pytest.raises(GameError) as caught:
        ann.ask("fly_me_to_the_moon")

    assert caught.value.code == "unknown_command"


def test_only_what_was_carried_out_is_counted(ann: Pilot, game: Game) -> None:
    executed = game.engine._executed

    ann.settle("dock")
    ann.do("undock")
    ann.ask("get_status")

    assert (executed["dock"], executed["undock"], executed["get_status"]) == (0, 1, 1)


def test_the_same_seed_gives_the_same_world(game: Game) -> None:
    other = Game(
        clock=game.universe.clock, seed=1, tick_seconds=10.0, executed=game.engine._executed
    )
    again = Game(
        clock=game.universe.clock, seed=1, tick_seconds=10.0, executed=game.engine._executed
    )
    for _ in range(200):
        other.tick()
        again.tick()

    assert [m.content for m in other.universe.dealings.messages] == [
        m.content for m in again.universe.dealings.messages
    ]
    assert list(other.universe.players) == list(again.universe.players)
