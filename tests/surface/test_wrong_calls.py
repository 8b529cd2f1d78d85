"""Calls as models get them wrong, and what is made of each.

``wrong_calls.jsonl`` has one call a line: the kind of mistake, the tool, the arguments, and the
arguments that would have been right (null where they could mean more than one thing). Where
nobody can know a value, the right call has what an example shows: ``...``, or the choices.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import JsonValue

from bridge.gateway.accounts import Played, played_by
from bridge.gateway.by_name import Addressed, addressed
from bridge.protocol.verdict import Refused
from bridge.quirks.games import quirks_of
from bridge.quirks.hooks import Asked
from bridge.spec.model import Command, GameSpec
from bridge.spec.params import Misfit, check_arguments

from .games import gateway, specs

CORPUS = Path(__file__).parents[1] / "corpus" / "wrong_calls.jsonl"
ACCOUNTS = ("default",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    kind: str
    tool: str
    arguments: Mapping[str, JsonValue]
    right: Mapping[str, JsonValue] | None

    @property
    def name(self) -> str:
        return self.tool.partition("_")[2]

    def command(self) -> tuple[GameSpec, Command]:
        found = gateway(admin=True).toolbox.command_of(self.tool)
        assert found is not None, self.tool
        return found[0], found[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The game would be sent this."""

    values: Mapping[str, JsonValue]
    mended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The model is told this, and the game hears nothing."""

    message: str
    example: str


def calls() -> Iterator[Call]:
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        yield Call(**json.loads(line))


def outcome_of(call: Call) -> Sent | Told:
    """Do what the gateway does before anything is sent."""
    spec, command = call.command()
    played = played_by(ACCOUNTS, call.tool, call.arguments)
    if isinstance(played, Refused):
        return Told(message=played.message, example=played.hint)
    assert isinstance(played, Played)
    checked = check_arguments(spec, call.tool, command, played.arguments)
    if isinstance(checked, Misfit):
        return Told(message=" ".join(checked.problems), example=checked.example)
    asked = Asked(command=call.name, arguments=checked.values, now=0.0)
    quirks = quirks_of(spec.game.id)
    # Where something must be looked up first, an objection is about the state, not the call.
    objected = None if quirks.first({}, asked) else quirks.object({}, asked)
    if objected is not None:
        return Told(message=objected.message, example=f"{call.tool} {{}}")
    same = dict(checked.values) == {k: v for k, v in call.arguments.items() if k != "account"}
    return Sent(values=checked.values, mended=bool(checked.notes) or not same)


def shows_the_right_call(told: Told, call: Call) -> bool:
    _, found, example = told.example.partition(f"{call.tool} ")
    return bool(found) and json.loads(example) == call.right


def test_there_are_three_hundred_calls_of_every_kind_and_game() -> None:
    every = list(calls())

    kinds = Counter(call.kind for call in every)
    assert len(every) >= 300
    assert len({json.dumps([call.tool, call.arguments]) for call in every}) >= len(every) - 15
    assert {call.tool.partition("_")[0] for call in every} == set(specs())
    assert min(kinds.values()) >= 4
    assert set(kinds) >= {
        "invented name",
        "camelCase",
        "id",
        "enum",
        "number or truth as text",
        "null",
        "JSON as text",
        "quotes",
        "misspelt name",
        "cannot be",
        "wrong account",
        "cannot be undone",
        "could mean two things",
    }


def test_four_of_five_are_mended_or_answered_with_the_right_call() -> None:
    results: Counter[str] = Counter()

    for call in calls():
        match outcome_of(call):
            case Sent():
                results["mended"] += 1
            case Told() as told if shows_the_right_call(told, call):
                results["shown"] += 1
            case _:
                results["told"] += 1

    assert (results["mended"] + results["shown"]) / results.total() >= 0.9, results


def test_no_wrong_call_reaches_a_game() -> None:
    for call in calls():
        outcome = outcome_of(call)
        if isinstance(outcome, Sent):
            assert outcome.values == call.right, call


def test_nothing_that_cannot_be_undone_is_mended() -> None:
    irreversible = [call for call in calls() if call.command()[1].effect == "irreversible"]

    assert len(irreversible) >= 30
    for call in irreversible:
        outcome = outcome_of(call)
        assert isinstance(outcome, Told), call
        assert shows_the_right_call(outcome, call), (call, outcome)


def test_whatever_is_told_names_the_tool_and_what_is_wrong() -> None:
    for call in calls():
        outcome = outcome_of(call)
        if isinstance(outcome, Told):
            assert f"{call.tool} {{" in outcome.example
            assert outcome.message
            assert len(outcome.message) < 1_500


# -- Wrapped in bridge_call ---------------------------------------------------

SELL: Mapping[str, JsonValue] = {"item_id": "iron_ore", "quantity": 1}


@pytest.mark.parametrize(
    "arguments",
    [
        {"tool": "spacemolt_sell", "arguments": dict(SELL)},
        {"tool": "spacemolt_sell", "arguments": json.dumps(SELL)},
        {"name": "spacemolt_sell", "args": dict(SELL)},
        {"tool_name": "spacemolt_sell", "parameters": dict(SELL)},
        {"toolName": "spacemolt_sell", "toolInput": dict(SELL)},
        {"command": "sell", "params": dict(SELL), "game": "spacemolt"},
        {"tool": "spacemolt_sell", **SELL},
        {"tool": "sell", "arguments": dict(SELL)},
        {"tool": "spacemolt.sell", "arguments": dict(SELL)},
        {"tool": "spacemolt:sell", "arguments": dict(SELL)},
        {"tool": "SpaceMolt_Sell", "arguments": dict(SELL)},
        {"tool": "mcp__game-bridge__spacemolt_sell", "arguments": dict(SELL)},
    ],
)
def test_a_wrapped_call_is_understood_however_it_is_written(
    arguments: Mapping[str, JsonValue],
) -> None:
    meant = addressed(gateway().toolbox, arguments)

    assert isinstance(meant, Addressed), meant
    assert meant.tool == "spacemolt_sell"
    assert meant.arguments == SELL
    exact = arguments == {"tool": "spacemolt_sell", "arguments": SELL}
    assert bool(meant.notes) is not exact


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"tool": "spacemolt_sel", "arguments": {}}, "Near: spacemolt_sell"),
        ({"tool": "travle"}, "There is no tool 'travle'."),
        ({"tool": "register", "arguments": {}}, "There is no tool 'register'."),
        ({"tool": "chat", "arguments": {}}, "There is no tool 'chat'."),
        ({"tool": "bridge_call", "arguments": {}}, "There is no tool 'bridge_call'."),
        ({"tool": ["spacemolt_sell"]}, "It takes the name of a tool"),
        ({"tool": "spacemolt_sell", "arguments": [1]}, "It takes the name of a tool"),
        ({"tool": "spacemolt_sell", "arguments": "sell it"}, "It takes the name of a tool"),
        ({"tool": "spacemolt_sell", "arguments": {}, "extra": 1}, "It takes the name of a tool"),
        ({}, "It takes the name of a tool"),
    ],
)
def test_a_wrapped_call_that_means_nothing_is_told_how_it_is_written(
    arguments: Mapping[str, JsonValue], told: str
) -> None:
    refused = addressed(gateway().toolbox, arguments)

    assert isinstance(refused, Refused)
    assert told in refused.message
    assert 'bridge_call {"tool": ' in refused.hint


@pytest.mark.parametrize(
    "arguments",
    [
        {"tool": "jettison", "arguments": {"item_id": "iron_ore", "quantity": 5}},
        {"name": "spacemolt_jettison", "arguments": {"item_id": "iron_ore", "quantity": 5}},
        {"tool": "spacemolt_jettison", "item_id": "iron_ore", "quantity": 5},
        {"tool": "spacemolt_jettison", "arguments": '{"item_id": "iron_ore", "quantity": 5}'},
    ],
)
def test_what_cannot_be_undone_is_called_by_its_exact_name(
    arguments: Mapping[str, JsonValue],
) -> None:
    refused = addressed(gateway().toolbox, arguments)

    assert isinstance(refused, Refused)
    assert refused.hint.endswith(
        'bridge_call {"tool": "spacemolt_jettison", '
        '"arguments": {"item_id": "iron_ore", "quantity": 5}}'
    )


# -- Accounts -----------------------------------------------------------------


def test_the_first_account_plays_if_none_is_named() -> None:
    played = played_by(("ann", "bob"), "x_y", {"a": 1})

    assert played == Played(account="ann", arguments={"a": 1})


def test_an_account_is_named_beside_the_arguments() -> None:
    played = played_by(("ann", "bob"), "x_y", {"a": 1, "account": "bob"})

    assert played == Played(account="bob", arguments={"a": 1})


def test_an_unknown_account_is_refused_with_the_nearest() -> None:
    refused = played_by(("ann", "bobby"), "x_y", {"a": 1, "account": "Bob"})

    assert isinstance(refused, Refused)
    assert "there are: ann, bobby" in refused.message
    assert refused.hint == 'Call it like this: x_y {"a": 1, "account": "bobby"}'


def test_no_command_has_a_parameter_that_is_called_like_the_account() -> None:
    for spec in specs().values():
        for command in spec.commands.values():
            assert not command.offered or "account" not in command.params
