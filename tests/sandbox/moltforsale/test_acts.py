"""The rules of acting: cooldowns, pairs, jail, shields, durations, budgets."""

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.rules import HOUR, POWERS
from bridge.sandbox.moltforsale.world import Moltforsale

from .visitor import Visitor, code_of, read

COOLDOWNS = {"POST": 600, "COMMENT": 180, "REACT": 30, "FOLLOW": 60}
# skill.md 1.0.11, "Power action costs / cooldowns / durations", in credits and hours.
POWER_TABLE = {
    "JAIL": (400, 24, 6),
    "SHIELD": (200, 6, 3),
    "SPONSORED_POST": (180, 6, None),
    "TROLLING": (180, 6, None),
    "CHANGE_BIO": (120, 6, None),
    "CHANGE_NAME": (150, 12, 8),
    "KOL": (220, 12, 3),
    "SHILL_TOKEN": (180, 12, None),
}


@pytest.fixture
def ada(world: Moltforsale) -> Visitor:
    return Visitor(world, "ada")


@pytest.fixture
def bob(world: Moltforsale) -> Visitor:
    return Visitor(world, "bob")


def intent(world: Moltforsale, kind: str, number: int) -> dict[str, str]:
    other = f"other{number}"
    world.add_agent(other)
    if kind == "POST":
        return {"content": "Hello"}
    if kind == "FOLLOW":
        return {"targetHandle": other}
    post_id = world.force_post(other, "Look at me")
    return {"postId": post_id} | ({"reaction": "LIKE"} if kind == "REACT" else {"content": "Nice."})


@pytest.mark.parametrize("kind", COOLDOWNS)
def test_a_social_act_waits_for_its_cooldown_to_the_second(
    world: Moltforsale, clock: HandClock, ada: Visitor, kind: str
) -> None:
    assert code_of(ada.act(kind, **intent(world, kind, 1))) == "ok"
    assert world.ready_in("ada", kind) == COOLDOWNS[kind]

    clock.advance(COOLDOWNS[kind] - 1)
    assert code_of(ada.act(kind, **intent(world, kind, 2))) == f"COOLDOWN_{kind}"
    clock.advance(1)

    assert code_of(ada.act(kind, **intent(world, kind, 3))) == "ok"
    assert world.executed == {kind: 2}


@pytest.mark.parametrize("action", POWER_TABLE)
def test_a_power_action_costs_and_waits_what_the_table_says(
    world: Moltforsale, clock: HandClock, ada: Visitor, action: str
) -> None:
    cost, hours, _ = POWER_TABLE[action]
    world.add_agent("bob")
    world.add_agent("cyd")

    assert code_of(ada.strike(action, "bob")) == "ok"
    bonus = 100
    assert ada.balance == 1000 - cost + bonus

    clock.advance(hours * HOUR - 1)
    assert code_of(ada.strike(action, "cyd")) == f"COOLDOWN_POWER_{action}"
    clock.advance(1)
    assert code_of(ada.strike(action, "cyd")) == "ok"


@pytest.mark.parametrize(
    ("action", "hours"), [(action, row[2]) for action, row in POWER_TABLE.items() if row[2]]
)
def test_a_status_lasts_as_long_as_the_table_says(
    world: Moltforsale, clock: HandClock, ada: Visitor, action: str, hours: int
) -> None:
    world.add_agent("bob")
    ada.strike(action, "bob")

    clock.advance(hours * HOUR - 1)
    assert world.agent("bob").status_left(action, clock.now()) == 1
    clock.advance(1)

    assert world.agent("bob").status_left(action, clock.now()) == 0


def test_a_status_does_not_stack_even_from_another_actor(
    world: Moltforsale, ada: Visitor, bob: Visitor
) -> None:
    world.add_agent("cyd")

    for action in ("JAIL", "CHANGE_BIO", "CHANGE_NAME", "KOL"):
        world.force_power("bob", action, "cyd")
        assert code_of(ada.strike(action, "cyd")) == "STATUS_EXISTS"


def test_a_change_of_bio_or_name_leaves_bio_and_name_alone(
    world: Moltforsale, clock: HandClock, ada: Visitor
) -> None:
    world.add_agent("bob")
    before = read(ada.fetch("/moltbot/bob"))

    ada.strike("CHANGE_BIO", "bob")
    clock.advance(6 * HOUR)
    ada.strike("CHANGE_NAME", "bob")

    after = read(ada.fetch("/moltbot/bob"))
    assert (after["bio"], after["displayName"]) == (before["bio"], before["displayName"])


def test_any_two_power_actions_on_one_target_are_six_hours_apart(
    world: Moltforsale, clock: HandClock, ada: Visitor, bob: Visitor
) -> None:
    ada.strike("TROLLING", "bob")
    assert world.ready_in("ada", "KOL", "bob") == 6 * HOUR

    assert code_of(ada.strike("KOL", "bob")) == "PAIR_COOLDOWN"
    assert code_of(bob.strike("TROLLING", "ada")) == "ok"
    clock.advance(6 * HOUR)

    assert code_of(ada.strike("KOL", "bob")) == "ok"


def test_a_refused_act_starts_no_cooldown(world: Moltforsale, ada: Visitor, bob: Visitor) -> None:
    world.force_power("bob", "SHIELD", "bob")
    assert code_of(ada.strike("JAIL", "bob")) == "TARGET_SHIELDED"
    world.add_agent("cyd")

    assert code_of(ada.strike("JAIL", "cyd")) == "ok"
    assert world.agent("ada").pair_left(world.agent("bob").id, world.clock.now()) == 0


def test_a_repeated_follow_is_a_noop_and_starts_no_cooldown(
    world: Moltforsale, clock: HandClock, ada: Visitor, bob: Visitor
) -> None:
    world.add_agent("cyd")
    assert read(ada.act("FOLLOW", targetHandle="bob")) == {"ok": True}
    assert read(ada.act("FOLLOW", targetHandle="bob")) == {"ok": True, "noop": True}
    clock.advance(60)

    assert read(ada.act("FOLLOW", targetHandle="bob")) == {"ok": True, "noop": True}
    assert read(ada.act("FOLLOW", targetHandle="cyd")) == {"ok": True}
    assert world.executed == {"FOLLOW": 2}


def test_a_repeated_reaction_meets_the_cooldown_before_the_reaction(
    world: Moltforsale, clock: HandClock, ada: Visitor, bob: Visitor
) -> None:
    post_id = world.force_post("bob", "Look at me")
    ada.act("REACT", postId=post_id, reaction="LIKE")

    assert code_of(ada.act("REACT", postId=post_id, reaction="LIKE")) == "COOLDOWN_REACT"
    clock.advance(30)

    assert code_of(ada.act("REACT", postId=post_id, reaction="LIKE")) == "ALREADY_REACTED"
    assert len(read(ada.fetch(f"/post/{post_id}"))["reactions"]) == 1


def test_in_jail_nothing_works_but_to_get_out(
    world: Moltforsale, ada: Visitor, bob: Visitor
) -> None:
    bob.strike("JAIL", "ada")

    post_id = world.force_post("bob", "You are mine")
    for kind, fields in {
        "POST": {"content": "Help"},
        "COMMENT": {"postId": post_id, "content": "No"},
        "REACT": {"postId": post_id, "reaction": "LIKE"},
        "FOLLOW": {"targetHandle": "bob"},
        "BUY": {"targetHandle": "bob"},
        "ACTION": {"actionType": "JAIL", "targetHandle": "bob"},
        "SILENCE": {},
    }.items():
        assert code_of(ada.act(kind, **fields)) == "JAILED"
    assert ada.poll()["context"]["self"]["isJailed"] is True

    assert code_of(ada.exit_jail()) == "ok"
    assert ada.balance == 1000 - 250 + 100
    assert code_of(ada.act("POST", content="Free")) == "ok"


def test_jail_ends_by_itself_after_six_hours(
    world: Moltforsale, clock: HandClock, ada: Visitor, bob: Visitor
) -> None:
    bob.strike("JAIL", "ada")
    assert world.ready_in("ada", "POST") == 6 * HOUR
    clock.advance(6 * HOUR)

    assert code_of(ada.act("POST", content="Free")) == "ok"


def test_the_way_out_of_jail_has_a_cooldown_but_no_pair(
    world: Moltforsale, clock: HandClock, ada: Visitor, bob: Visitor
) -> None:
    world.force_power("bob", "JAIL", "ada")
    ada.exit_jail()
    world.force_power("bob", "JAIL", "ada")

    assert code_of(ada.exit_jail()) == "COOLDOWN_POWER_EXIT_JAIL"
    assert world.ready_in("ada", "EXIT_JAIL") == 6 * HOUR
    clock.advance(6 * HOUR)
    world.force_power("bob", "JAIL", "ada")

    assert code_of(ada.exit_jail()) == "ok"


@pytest.mark.parametrize("action", sorted(set(POWERS) - {"EXIT_JAIL"}))
def test_a_shield_stops_every_power_action(
    world: Moltforsale, clock: HandClock, ada: Visitor, bob: Visitor, action: str
) -> None:
    bob.strike("SHIELD", "bob")
    assert world.ready_in("ada", action, "bob") == 3 * HOUR

    assert code_of(ada.strike(action, "bob")) == "TARGET_SHIELDED"
    clock.advance(3 * HOUR)

    assert code_of(ada.strike(action, "bob")) == "ok"


def test_a_shield_stops_nothing_but_power_actions(
    world: Moltforsale, ada: Visitor, bob: Visitor
) -> None:
    bob.strike("SHIELD", "bob")
    post_id = world.force_post("bob", "Untouchable")

    assert code_of(ada.act("BUY", targetHandle="bob")) == "ok"
    assert code_of(ada.act("FOLLOW", targetHandle="bob")) == "ok"
    assert code_of(ada.act("COMMENT", postId=post_id, content="Bought.")) == "ok"


def test_the_hour_holds_sixty_attempts_whether_or_not_they_succeed(
    world: Moltforsale, clock: HandClock, ada: Visitor
) -> None:
    for number in range(60):
        clock.advance(1)
        ada.act("SILENCE" if number % 2 else "NONSENSE")
    assert code_of(ada.act("SILENCE")) == "RATE_LIMIT_ACT"
    assert world.ready_in("ada", "POST") == HOUR - 59

    clock.advance(HOUR - 60)
    assert code_of(ada.act("SILENCE")) == "RATE_LIMIT_ACT"
    clock.advance(1)

    assert code_of(ada.act("SILENCE")) == "ok"
    assert code_of(ada.act("SILENCE")) == "RATE_LIMIT_ACT"


def test_the_budget_is_each_agents_own(ada: Visitor, bob: Visitor) -> None:
    for _ in range(61):
        last = ada.act("SILENCE")

    assert code_of(last) == "RATE_LIMIT_ACT"
    assert code_of(bob.act("SILENCE")) == "ok"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("COMMENT", {"postId": "none", "content": "x"}),
        ("REACT", {"postId": "none", "reaction": "LIKE"}),
        ("FOLLOW", {"targetHandle": "none"}),
        ("BUY", {"targetHandle": "none"}),
        ("ACTION", {"actionType": "JAIL", "targetHandle": "none"}),
    ],
)
def test_what_an_act_names_must_exist(ada: Visitor, kind: str, fields: dict[str, object]) -> None:
    assert code_of(ada.act(kind, **fields)) == "NOT_FOUND"
