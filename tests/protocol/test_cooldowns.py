from pydantic import JsonValue

from bridge.protocol.cooldowns import CooldownBook, clock_time
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import GameSpec
from tests.spec.toy import command, toy

MOLTFORSALE = load_game(spec_folder(), "moltforsale")

HOUR, DAY = 3600.0, 86400.0
NOON = 1_770_000_000.0


class Agent:
    """Somebody who acts, at times that the test turns by hand."""

    def __init__(self, spec: GameSpec = MOLTFORSALE) -> None:
        self.spec = spec
        self.book = CooldownBook(spec)
        self.now = NOON

    def does(self, name: str, *, succeeds: bool = True, **arguments: JsonValue) -> None:
        self.book.note(self.spec.commands[name], arguments, self.now, succeeded=succeeds)

    def waits_for(self, name: str, **arguments: JsonValue) -> tuple[str, float] | None:
        not_yet = self.book.ready_in(self.spec.commands[name], arguments, self.now)
        return (not_yet.code, round(not_yet.seconds, 3)) if not_yet else None


# skill.md, "Cooldowns (seconds)": POST 600.
def test_what_was_done_can_be_done_again_after_its_cooldown() -> None:
    agent = Agent()
    assert agent.waits_for("post") is None

    agent.does("post")
    assert agent.waits_for("post") == ("COOLDOWN_POST", 600)

    agent.now += 599
    assert agent.waits_for("post") == ("COOLDOWN_POST", 1)

    agent.now += 1
    assert agent.waits_for("post") is None


def test_what_was_refused_does_not_start_a_cooldown() -> None:
    agent = Agent()

    agent.does("post", succeeds=False)

    assert agent.waits_for("post") is None


# skill.md, "Rate Limits": 60 acts per agent per hour; refused ones are counted as well.
def test_a_budget_is_used_up_by_attempts_and_comes_back_one_by_one() -> None:
    agent = Agent()
    for _ in range(60):
        agent.does("post", succeeds=False)
        agent.now += 10

    assert agent.waits_for("post") == ("RATE_LIMIT_ACT", HOUR - 600)
    agent.now += HOUR - 600
    assert agent.waits_for("post") is None

    agent.does("post", succeeds=False)
    assert agent.waits_for("post") == ("RATE_LIMIT_ACT", 10)


# skill.md, "Pair cooldown": 6 hours between the same actor and target.
def test_a_cooldown_counts_for_each_value_by_itself() -> None:
    agent = Agent()
    agent.does("shield", target_handle="Alice")

    assert agent.waits_for("trolling", target_handle="bob") is None
    assert agent.waits_for("trolling", target_handle="alice") == ("PAIR_COOLDOWN", 6 * HOUR)


def test_the_longest_of_several_cooldowns_is_told() -> None:
    agent = Agent()
    agent.does("jail", target_handle="alice")

    assert agent.waits_for("jail", target_handle="alice") == ("COOLDOWN_POWER_JAIL", DAY)
    assert agent.waits_for("jail", target_handle="bob") == ("COOLDOWN_POWER_JAIL", DAY)


def test_a_cooldown_without_a_code_is_named_by_itself() -> None:
    agent = Agent(
        toy(
            '[cooldowns]\nslow = { seconds = 5, about = "Once in 5 s." }',
            command("look", 'cooldowns = ["slow"]'),
            command("wait"),
        )
    )
    agent.does("look")

    not_yet = agent.book.ready_in(agent.spec.commands["look"], {}, agent.now)
    assert not_yet is not None
    assert (not_yet.cooldown, not_yet.code, not_yet.about) == (
        "slow",
        "cooldown_slow",
        "Once in 5 s.",
    )
    assert agent.waits_for("wait") is None


def test_a_budget_holds_back_the_kind_of_command_that_it_says() -> None:
    agent = Agent(
        toy(
            """
[cooldowns]
actions = { seconds = 10, holds = "queued" }
queries = { seconds = 20, holds = "unqueued" }
everything = { seconds = 5, holds = "all" }
nothing = { seconds = 99 }
""",
            command("mine", 'effect = "mutation"'),
            command("look"),
        )
    )

    agent.does("mine")
    assert agent.waits_for("mine") == ("cooldown_actions", 10)
    assert agent.waits_for("look") == ("cooldown_everything", 5)

    agent.does("look")
    assert agent.waits_for("look") == ("cooldown_queries", 20)


def test_a_book_keeps_only_the_cooldowns_of_its_own_scopes() -> None:
    spec = toy(
        """
[cooldowns]
mine = { seconds = 5 }
ours = { seconds = 60, scope = "ip" }
""",
        command("look", 'cooldowns = ["mine", "ours"]'),
    )
    agent = Agent(spec)
    agent.book.scopes = ("account",)

    agent.does("look")
    agent.book.learn("ours", agent.now + 90)

    assert agent.waits_for("look") == ("cooldown_mine", 5)
    assert agent.book.running(agent.now) == {"mine": 5}


# -- What the game says -------------------------------------------------------


# skill.md, "POST /agents/poll (auth)": cooldownRemaining.
def test_a_book_says_which_of_its_cooldowns_hold_a_command_back() -> None:
    sections = (
        '[cooldowns]\nslow = { seconds = 5, about = "Once in 5 s." }',
        command("look", 'cooldowns = ["slow"]'),
        command("wait"),
    )
    agent = Agent(toy(*sections))

    concerned = [agent.book.concerned(agent.spec.commands[name]) for name in ("look", "wait")]

    assert concerned == [["slow"], []]


def test_the_game_knows_better_that_something_takes_longer() -> None:
    agent = Agent()
    agent.does("post")

    agent.book.learn("post", agent.now + 1000)

    assert agent.waits_for("post") == ("COOLDOWN_POST", 1000)
    agent.now += 1000
    assert agent.waits_for("post") is None


def test_the_game_knows_better_that_something_is_free() -> None:
    agent = Agent()
    agent.does("post")

    agent.book.learn("post", agent.now)

    assert agent.waits_for("post") is None


def test_a_success_proves_that_what_the_game_said_is_over() -> None:
    agent = Agent()
    agent.book.learn("react", agent.now + 1000)

    agent.does("react", post_id="p")

    assert agent.waits_for("react", post_id="q") == ("COOLDOWN_REACT", 30)


def test_what_we_remember_is_more_exact_than_whole_seconds() -> None:
    agent = Agent()
    agent.does("post")
    agent.now += 0.7

    agent.book.learn("post", agent.now + 600)

    assert agent.waits_for("post") == ("COOLDOWN_POST", 599.3)


def test_the_game_may_say_it_for_one_value() -> None:
    agent = Agent()

    agent.book.learn("power_pair", agent.now + 50, {"target_handle": "Alice"})

    assert agent.waits_for("shield", target_handle="alice") == ("PAIR_COOLDOWN", 50)
    assert agent.waits_for("shield", target_handle="bob") is None


# -- Keeping the book ---------------------------------------------------------


def test_what_still_runs_is_told_by_name_and_value() -> None:
    agent = Agent()
    agent.does("shield", target_handle="Alice")
    agent.book.learn("post", agent.now + 12.34)
    agent.book.learn("react", agent.now - 5)
    agent.now += 6

    assert agent.book.running(agent.now) == {
        "post": 6.3,
        "power_pair:alice": 6 * HOUR - 6,
        "power_shield": 6 * HOUR - 6,
    }


def test_a_moment_is_told_as_people_read_it() -> None:
    assert clock_time(NOON) == "2026-02-02 02:40:00 UTC"
    assert clock_time(float("inf")) == "9999-12-31 23:59:59 UTC"


def test_a_clock_that_was_put_right_moves_everything_with_it() -> None:
    agent = Agent()
    agent.does("post")
    agent.book.learn("react", agent.now + 20)

    agent.book.shift(-100)
    agent.now -= 100

    assert agent.waits_for("post") == ("COOLDOWN_POST", 600)
    assert agent.waits_for("react") == ("COOLDOWN_REACT", 20)


def test_a_clock_that_was_put_back_by_a_day_shuts_nothing() -> None:
    agent = Agent()
    agent.does("post")
    agent.book.learn("react", agent.now + 8 * DAY)

    agent.now -= DAY

    assert agent.waits_for("post") is None
    assert agent.waits_for("react") is None


def test_a_clock_that_was_put_back_a_little_changes_little() -> None:
    agent = Agent()
    agent.does("post")

    agent.now -= 2

    assert agent.waits_for("post") == ("COOLDOWN_POST", 602)


def test_what_the_game_says_of_a_budget_leaves_what_we_have_counted() -> None:
    agent = Agent()
    for _ in range(59):
        agent.does("follow", succeeds=False)

    agent.book.learn("acts_per_hour", agent.now + 600)
    agent.now += 601
    agent.does("follow", succeeds=False)

    assert agent.waits_for("buy") == ("RATE_LIMIT_ACT", HOUR - 601)


def test_what_holds_nothing_back_any_more_is_forgotten() -> None:
    agent = Agent()
    agent.does("shield", target_handle="Alice")
    agent.does("react", post_id="p")
    agent.book.learn("post", agent.now + 60)

    agent.now += 90
    agent.book.forget_past(agent.now)

    assert set(agent.book.done) == {"power_pair:alice", "power_shield", "acts_per_hour"}
    assert agent.book.blocked == {}


def test_a_book_never_grows_beyond_its_budgets() -> None:
    agent = Agent()
    for _ in range(1000):
        agent.does("react", post_id="p")
        agent.now += 1

    assert {key: len(used) for key, used in agent.book.done.items()} == {
        "acts_per_hour": 60,
        "react": 1,
    }
