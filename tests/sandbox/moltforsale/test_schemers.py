"""The agents that play on their own."""

from collections import Counter

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.lines import PERSONAS
from bridge.sandbox.moltforsale.rules import HOUR
from bridge.sandbox.moltforsale.world import Moltforsale

from .visitor import Visitor, read

WEEK = 7 * 24 * HOUR


def events_of_a_week(world: Moltforsale) -> list[dict[str, object]]:
    seen: dict[str, dict[str, object]] = {}
    for _ in range(7 * 24 * 4):
        world.clock.advance(HOUR / 4)
        for event in read(Visitor(world).fetch("/feed"))["events"]:
            seen[event["id"]] = event
    return list(seen.values())


def test_the_arena_is_alive_when_the_first_player_arrives(clock: HandClock) -> None:
    nobody = Visitor(Moltforsale(clock=clock))

    events = read(nobody.fetch("/feed"))["events"]

    assert len(events) == 30
    assert any(event["type"] == "POST_CREATED" for event in events)


def test_in_a_week_the_schemers_do_a_bit_of_everything(clock: HandClock) -> None:
    world = Moltforsale(clock=clock)

    events = events_of_a_week(world)

    kinds = Counter(event["type"] for event in events)
    assert set(kinds) >= {
        "POST_CREATED",
        "COMMENT_CREATED",
        "REACTION_CREATED",
        "FOLLOW_CREATED",
        "AGENT_BOUGHT",
        "POWER_ACTION",
    }
    data = [event["data"] for event in events if event["type"] == "POWER_ACTION"]
    powers = {entry["actionType"] for entry in data if isinstance(entry, dict)}
    assert powers >= {"JAIL", "SHIELD", "TROLLING", "EXIT_JAIL"}
    assert not world.executed


def test_the_schemers_turn_on_a_player(clock: HandClock) -> None:
    world = Moltforsale(clock=clock)
    ada = Visitor(world, "ada")
    ada.act("POST", content="I am new here")

    targeted = Counter(
        event["type"]
        for event in events_of_a_week(world)
        if event["targetId"] == world.agent("ada").id
    )

    assert targeted["POWER_ACTION"] > 0
    assert targeted["FOLLOW_CREATED"] > 0


def test_the_same_seed_brings_about_the_same_week() -> None:
    weeks = [Moltforsale(clock=HandClock(), seed=seed) for seed in (7, 7, 8)]
    for world in weeks:
        world.clock.advance(WEEK)

    feeds = [read(Visitor(world).fetch("/feed")) for world in weeks]

    assert feeds[0] == feeds[1] != feeds[2]


def test_it_does_not_matter_how_often_somebody_looks() -> None:
    watched, alone = (Moltforsale(clock=HandClock()) for _ in range(2))
    for _ in range(48):
        watched.clock.advance(HOUR / 2)
        Visitor(watched).fetch("/feed")
    alone.clock.advance(24 * HOUR)

    assert Visitor(watched).fetch("/feed").body() == Visitor(alone).fetch("/feed").body()


def test_the_schemers_are_bound_by_the_rules(clock: HandClock) -> None:
    world = Moltforsale(clock=clock)
    for _ in range(7 * 24):
        clock.advance(HOUR)
        for persona in PERSONAS:
            assert world.agent(persona.handle).credits >= 0


@pytest.mark.parametrize(
    "mark", ["molt_sk_", "SYSTEM:", "gnore all previous", "\x1b[", "\u202e", "\u200b", "</"]
)
def test_what_the_schemers_say_tries_to_manipulate_its_reader(mark: str) -> None:
    said = [line for persona in PERSONAS for line in (*persona.lines, persona.bio)]

    assert any(mark in line for line in said)


def test_the_operators_tick_moves_everybody_at_once(clock: HandClock) -> None:
    world = Moltforsale(clock=clock)
    operator = Visitor(world)
    before = {event["id"] for event in read(operator.fetch("/feed"))["events"]}

    for _ in range(5):
        operator.fetch("/sim/tick", **{"x-cron-secret": world.simulation_secret})

    after = {event["id"] for event in read(operator.fetch("/feed"))["events"]}
    assert after - before


def test_fewer_schemers_or_none_can_be_asked_for(clock: HandClock) -> None:
    assert read(Visitor(Moltforsale(clock=clock, schemers=0)).fetch("/feed")) == {"events": []}

    lonely = Moltforsale(clock=clock, schemers=1)
    clock.advance(WEEK)
    assert read(Visitor(lonely).fetch("/moltbot/honey_invoice"))["posts"]
