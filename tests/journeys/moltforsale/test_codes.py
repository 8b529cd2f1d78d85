"""Every error code of skill.md 1.0.11, "Error Codes", as a model reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Refused
from tests.journeys.moltforsale.arena import ACT, Arena, entered

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Case:
    """A call that the game refuses, and what must be read: what is wrong, and what to do."""

    command: str
    reads: tuple[str, ...]
    arguments: Mapping[str, JsonValue] = field(default_factory=dict)


RIVAL: Mapping[str, JsonValue] = {"target_handle": "rival"}
POST: Mapping[str, JsonValue] = {"content": "Hello"}
NEWCOMER: Mapping[str, JsonValue] = {"handle": "abc", "display_name": "A", "bio": "B"}
LOGIN = "game-bridge login moltforsale"

CASES = {
    "MISSING_AUTH": Case("me", ("Refused: MISSING_AUTH", LOGIN)),
    "UNAUTHORIZED": Case("me", ("Refused: UNAUTHORIZED", LOGIN)),
    "INVALID_JSON": Case("post", ("Refused: INVALID_JSON", "the game has changed"), POST),
    "INVALID_INTENT": Case("post", ("Refused: INVALID_INTENT", "the game has changed"), POST),
    "INVALID_REQUEST": Case("poll", ("Refused: INVALID_REQUEST", "the game has changed")),
    "CONFLICT": Case("post", ("Refused: CONFLICT", "Read the current state"), POST),
    "NOT_FOUND": Case("read_post", ("Refused: NOT_FOUND", "moltforsale_feed"), {"post_id": "p"}),
    "JAILED": Case("post", ("Refused: JAILED", "Only moltforsale_exit_jail works"), POST),
    "TARGET_SHIELDED": Case("jail", ("Refused: TARGET_SHIELDED", "up to 3 hours"), RIVAL),
    "TARGET_REQUIRED": Case("jail", ("Refused: TARGET_REQUIRED", "needs the handle"), RIVAL),
    "EXIT_JAIL_SELF_ONLY": Case(
        "jail", ("Refused: EXIT_JAIL_SELF_ONLY", "without a target"), RIVAL
    ),
    "SELF_BUY": Case("buy", ("Refused: SELF_BUY", "cannot buy yourself"), RIVAL),
    "OWNERSHIP_NOT_FOUND": Case("buy", ("Refused: OWNERSHIP_NOT_FOUND", "another one"), RIVAL),
    "INSUFFICIENT_CREDITS": Case("buy", ("Refused: INSUFFICIENT_CREDITS", "your balance"), RIVAL),
    "NEGATIVE_BALANCE": Case("buy", ("Refused: NEGATIVE_BALANCE", "your balance"), RIVAL),
    "STATUS_EXISTS": Case("kol", ("Refused: STATUS_EXISTS", "another move"), RIVAL),
    "UNKNOWN_ACTION": Case("kol", ("Refused: UNKNOWN_ACTION", "lists the moves"), RIVAL),
    "COOLDOWN_POST": Case("post", ("Refused: COOLDOWN_POST", "Too soon"), POST),
    "COOLDOWN_COMMENT": Case(
        "comment", ("Refused: COOLDOWN_COMMENT", "Too soon"), {"post_id": "p", "content": "x"}
    ),
    "COOLDOWN_REACT": Case("react", ("Refused: COOLDOWN_REACT", "Too soon"), {"post_id": "p"}),
    "COOLDOWN_FOLLOW": Case("follow", ("Refused: COOLDOWN_FOLLOW", "Too soon"), RIVAL),
    "COOLDOWN_POWER_KOL": Case("kol", ("Refused: COOLDOWN_POWER_KOL", "takes hours"), RIVAL),
    "PAIR_COOLDOWN": Case("kol", ("Refused: PAIR_COOLDOWN", "another agent"), RIVAL),
    "RATE_LIMIT_ACT": Case("post", ("Refused: RATE_LIMIT_ACT", "60 acts"), POST),
    "INTERNAL_ERROR": Case("post", ("Unknown: post", "Find out with moltforsale_poll"), POST),
    "ALREADY_REACTED": Case(
        "react", ('"ok":true', "You liked this post already"), {"post_id": "p"}
    ),
}
"""Those of an agent that plays."""

AT_THE_DOOR = {
    "INVALID_INPUT": ("Refused: INVALID_INPUT", "A handle needs 3 characters"),
    "HANDLE_ALREADY_EXISTS": ("Refused: HANDLE_ALREADY_EXISTS", "Choose another one"),
    "RATE_LIMIT_REGISTER": ("Refused: RATE_LIMIT_REGISTER", "Try again in an hour"),
}
"""Those of a newcomer."""

ELSEWHERE = {"CLAIM_DISABLED", "INVALID_TWEET_REF", "NOT_JAILED", "COOLDOWN_POWER_*"}
"""Claiming is for the command line, and that we are not jailed is known before: see below."""

DOCUMENTED = [
    "MISSING_AUTH",
    "UNAUTHORIZED",
    "INVALID_JSON",
    "INVALID_INPUT",
    "INVALID_INTENT",
    "INVALID_REQUEST",
    "CONFLICT",
    "HANDLE_ALREADY_EXISTS",
    "NOT_FOUND",
    "CLAIM_DISABLED",
    "INVALID_TWEET_REF",
    "JAILED",
    "TARGET_SHIELDED",
    "TARGET_REQUIRED",
    "EXIT_JAIL_SELF_ONLY",
    "NOT_JAILED",
    "SELF_BUY",
    "OWNERSHIP_NOT_FOUND",
    "INSUFFICIENT_CREDITS",
    "NEGATIVE_BALANCE",
    "ALREADY_REACTED",
    "STATUS_EXISTS",
    "UNKNOWN_ACTION",
    "COOLDOWN_POST",
    "COOLDOWN_COMMENT",
    "COOLDOWN_REACT",
    "COOLDOWN_FOLLOW",
    "COOLDOWN_POWER_*",
    "PAIR_COOLDOWN",
    "RATE_LIMIT_REGISTER",
    "RATE_LIMIT_ACT",
    "INTERNAL_ERROR",
]


def test_no_code_of_the_document_is_left_out() -> None:
    assert set(DOCUMENTED) <= {*CASES, *AT_THE_DOOR, *ELSEWHERE}


@pytest.mark.parametrize("code", CASES)
async def test_what_the_game_refuses_is_read_with_what_to_do_next(
    tmp_path: Path, code: str
) -> None:
    case = CASES[code]
    async with entered(tmp_path) as arena:
        await _settled(arena)
        arena.world.refuse_next(code)

        text = await arena.read(case.command, **case.arguments)

        assert all(words in text for words in case.reads), text
        assert sum(arena.world.executed.values()) == 1  # the registration


@pytest.mark.parametrize("code", AT_THE_DOOR)
async def test_what_a_newcomer_is_refused_is_read_with_what_to_do_next(
    tmp_path: Path, code: str
) -> None:
    async with entered(tmp_path) as arena:
        arena.world.refuse_next(code)

        text = await arena.read("register", **NEWCOMER)

        assert all(words in text for words in AT_THE_DOOR[code]), text
        assert await arena.gateway.vault.get("moltforsale", "default", "api_key") is None


async def test_leaving_jail_while_free_is_refused_without_asking(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await _settled(arena)

        text = await arena.read("exit_jail")

        assert "Refused: NOT_JAILED: You are not in jail." in text
        assert arena.world.requests[ACT] == 0


async def test_the_older_shapes_of_an_error_read_the_same(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.faults.switch_on("old_error_shape")

        text = await arena.read("read_post", post_id="nothing")

        assert "Refused: NOT_FOUND" in text


@pytest.mark.parametrize("older", [0, 1])
async def test_what_is_wrong_with_a_value_is_read_in_every_shape(
    tmp_path: Path, older: int
) -> None:
    async with entered(tmp_path) as arena:
        arena.world.faults.switch_on("old_error_shape", times=older)

        text = await arena.read("register", **{**NEWCOMER, "handle": "aaaa"})

        assert "Refused: INVALID_INPUT" in text
        assert "At least 3 different characters" in text


async def _settled(arena: Arena) -> None:
    """Let an agent be known well enough that the next request is the one that is tested."""
    await arena.register()
    arena.world.add_agent("rival")
    await arena.done("poll")
    await arena.done("agent", handle="rival")


@pytest.mark.parametrize(
    ("code", "words"),
    [("CLAIM_DISABLED", "switched off"), ("INVALID_TWEET_REF", "full address of the post")],
)
async def test_what_a_claim_is_refused_is_read_by_the_person_who_claims(
    tmp_path: Path, code: str, words: str
) -> None:
    async with entered(tmp_path) as arena:
        arena.world.refuse_next(code)

        outcome = await arena.player.run("claim_verify", {"claim_token": "t", "tweet_ref": "1"})

        assert isinstance(outcome, Refused)
        assert outcome.code == code
        assert words in outcome.hint
