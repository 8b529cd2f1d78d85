"""Signing in and staying signed in, as conversations that somebody else carries.

A flow yields what is to be sent and is sent back what came; it returns what was learnt. It is
straight-line code without I/O, so a test drives it by hand:

- ``sign_in`` runs the steps of an auth. Over HTTP all of them; over a socket only those that
  name a command, since a socket has no session of its own. A step that sends nothing chooses
  from what the steps before have kept.
- ``renew`` runs the one step that prolongs, where the game has one.
- A step that the game refuses ends the flow with that refusal. A login is never repeated: games
  lock accounts.
"""

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from bridge.protocol.judge import Verdict, judge_frame, judge_reply
from bridge.protocol.render import Way, http_call, needs_account, step_call
from bridge.protocol.verdict import Done, Refused
from bridge.protocol.wire import Frame, HttpCall, HttpReply
from bridge.spec.model import Command, GameSpec, HttpUpstream, Step
from bridge.spec.parts import Choice
from bridge.spec.paths import dig, matches
from bridge.spec.placeholders import MissingValue, as_text, fill_json, has_values, names_in


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketCall:
    """A command to be sent over the socket as part of a sign-in."""

    command: str
    arguments: Mapping[str, JsonValue] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a sign-in taught us: session ids, tokens, and how long they live."""

    kept: Mapping[str, JsonValue] = field(repr=False)
    """Texts, but for lists and tables that a later step chooses from."""
    lifetime: float | None = None
    """Seconds until it must be renewed at the latest; None when the game does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost(Refused):
    """A step was refused because the sign-in that it builds on is over."""


Asked = HttpCall | SocketCall
Answered = HttpReply | Frame
Flow = Generator[Asked, Answered, SignedIn | Refused]

NOTHING_CHOSEN = "nothing_chosen"
"""The code of a refusal because there was nothing to choose from, or too much."""

LIFETIME = "lifetime"
"""The kept value that is the number of seconds a token lives."""

UNAUTHORIZED = 401
BROKEN = 500
"""The first of the statuses that are the server's own fault."""
OUT_OF_ORDER_SECONDS = 5.0

STEP_COMMAND = Command(toolset="sign_in", effect="write", description="A step of a sign-in.")


def sign_in(way: Way, auth: str, known: Mapping[str, JsonValue]) -> Flow:
    """Return the flow that signs in to one auth. ``known`` holds credentials and kept values."""
    return _run(way, auth, way.spec.auth[auth].sign_in, known)


def renew(way: Way, auth: str, known: Mapping[str, JsonValue]) -> Flow | None:
    """Return the flow that prolongs an auth, None if the game has no way to."""
    step = way.spec.auth[auth].renew
    if step is None:
        return None
    return _run(way, auth, [step], known)


def question(way: Way, auth: str, step: Step, values: Mapping[str, JsonValue]) -> HttpCall:
    """Return the question that a command wants answered first. Raises MissingValue."""
    return step_call(way, auth, step, values)


def answered(
    way: Way, step: Step, reply: HttpReply, values: Mapping[str, JsonValue]
) -> Mapping[str, JsonValue] | Verdict:
    """Return what the answer to such a question taught, or what else it means."""
    verdict = _judge(way, step, reply)
    if not isinstance(verdict.outcome, Done):
        return verdict
    learnt = _learn(step, verdict.outcome.result, values)
    return Verdict(outcome=learnt, then="stop") if isinstance(learnt, Refused) else learnt


def _run(way: Way, auth: str, steps: list[Step], known: Mapping[str, JsonValue]) -> Flow:
    values = dict(known)
    kept: dict[str, JsonValue] = {}
    over_http = isinstance(way.spec.upstream[way.upstream], HttpUpstream)
    for step in steps:
        if step.command is None and not over_http:
            continue
        reply: JsonValue = values
        if step.post or step.get or step.command:
            try:
                asked = _ask(way, auth, step, values)
            except MissingValue as missing:
                return _no_value(way, missing)
            answer = yield asked
            verdict = _judge(way, step, answer)
            if not isinstance(verdict.outcome, Done):
                return _not_signed_in(way, auth, verdict, answer)
            reply = verdict.outcome.result
        learnt = _learn(step, reply, values)
        if isinstance(learnt, Refused):
            return learnt
        lacking = _lacking(way, auth, step, learnt)
        if lacking is not None:
            return lacking
        kept.update(learnt)
        values.update(learnt)
    return SignedIn(lifetime=_seconds(kept.pop(LIFETIME, None)), kept=kept)


def _ask(way: Way, auth: str, step: Step, values: Mapping[str, JsonValue]) -> Asked:
    if step.command is None:
        return step_call(way, auth, step, values)
    arguments = {
        key: fill_json(template, values)
        for key, template in step.send.items()
        if key not in step.optional or has_values(template, values)
    }
    if isinstance(way.spec.upstream[way.upstream], HttpUpstream):
        return http_call(way, step.command, arguments, values)
    return SocketCall(command=step.command, arguments=arguments)


def _judge(way: Way, step: Step, answer: Answered) -> Verdict:
    there = way.spec.upstream[way.upstream]
    # What is cut out of every result may be the very thing that a sign-in is after.
    game = way.spec.game.model_copy(update={"redact": []})
    spec = way.spec.model_copy(update={"game": game})
    command = spec.commands[step.command] if step.command else STEP_COMMAND
    if isinstance(there, HttpUpstream):
        if not isinstance(answer, HttpReply):
            raise TypeError("an HTTP step was answered with a frame")
        whole = there.model_copy(update={"result": None, "text": None})
        return judge_reply(spec, whole, command, answer, "")
    if not isinstance(answer, Frame):
        raise TypeError("a socket step was answered with an HTTP reply")
    return judge_frame(spec, there, command, answer)


def _learn(
    step: Step, reply: JsonValue, values: Mapping[str, JsonValue]
) -> dict[str, JsonValue] | Refused:
    learnt = {name: dig(reply, path) for name, path in step.keep.items()}
    if step.choose is not None:
        choice = step.choose
        entry = _chosen(choice, reply, values)
        if entry is None and not choice.optional:
            told, hint = choice.missing, choice.hint
            return Refused(code=NOTHING_CHOSEN, message=told, hint=hint, local=True)
        learnt |= {name: dig(entry, path) for name, path in choice.keep.items()}
    return {name: _kept(value) for name, value in learnt.items() if value is not None}


def _lacking(way: Way, auth: str, step: Step, learnt: Mapping[str, JsonValue]) -> Refused | None:
    """Return why a step is none: what shows who we are from then on is not in its answer."""
    show = way.spec.auth[auth].show
    shown = set(names_in(show.value)) & step.keep.keys() if show is not None else set()
    if all(isinstance(learnt.get(name), str) and learnt[name] for name in shown):
        return None
    return Refused(
        code="not_signed_in",
        message=f"{way.spec.game.title} has said yes to the sign-in, but its answer lacks "
        f"{' and '.join(sorted(shown))}.",
        hint="The game, or something in front of it, is out of order. Try again later.",
        wait=OUT_OF_ORDER_SECONDS,
    )


def _kept(value: JsonValue) -> JsonValue:
    return value if isinstance(value, Mapping | list) else as_text(value)


def _seconds(value: JsonValue) -> float | None:
    try:
        seconds = float(as_text(value))
    except ValueError:
        return None
    return seconds if 0 < seconds < math.inf else None


def _chosen(choice: Choice, reply: JsonValue, values: Mapping[str, JsonValue]) -> JsonValue:
    found = dig(reply, choice.items)
    if not isinstance(found, list):
        return None
    entries = [each for each in found if not choice.where or matches(each, choice.where)]
    wanted = values.get(choice.wanted)
    if wanted is None:
        return entries[0] if len(entries) == 1 else None
    for entry in entries:
        names = (dig(entry, key) for key in choice.match)
        if any(as_text(name).lower() == as_text(wanted).lower() for name in names if name):
            return entry
    return None


def _not_signed_in(way: Way, auth: str, verdict: Verdict, answer: Answered) -> Refused:
    outcome = verdict.outcome
    if isinstance(outcome, Refused):
        if verdict.then == "sign_in_again":
            return _lost(way, auth, outcome)
        broken = isinstance(answer, HttpReply) and _is_out_of_order(answer)
        if broken or verdict.then in ("wait", "retry"):
            # A server that is busy or broken has said nothing about who we are: ask again later.
            return replace(outcome, wait=outcome.wait or OUT_OF_ORDER_SECONDS)
        return outcome
    return Refused(code="not_signed_in", message="The game has not finished the sign-in.")


def _lost(way: Way, auth: str, outcome: Refused) -> Refused:
    """Return what it means that a sign-in was told that its session has ended."""
    if way.spec.auth[auth].after is not None:
        return Lost(code=outcome.code, message=outcome.message, hint=outcome.hint)
    # There was none yet: these are only the words in which this game refuses a login.
    return Refused(
        code="login_refused",
        message=outcome.message,
        hint="The stored login is not accepted, and is not tried again, since accounts are locked "
        f"for that. The user can store the right one with: game-bridge login {way.spec.game.id}",
    )


def _is_out_of_order(reply: HttpReply) -> bool:
    """Say whether something else than the game's own refusal came back; a 401 always is one."""
    return reply.status >= BROKEN or (bool(reply.text) and reply.status != UNAUTHORIZED)


def _no_value(way: Way, missing: MissingValue) -> Refused:
    game = way.spec.game
    credential = way.spec.credentials.get(missing.name)
    label = credential.label if credential is not None else missing.name
    return Refused(
        code="no_credentials",
        message=f"There is no {label} for {game.title}.",
        hint=how_to_get_in(way.spec),
        local=True,
    )


def how_to_get_in(spec: GameSpec) -> str:
    """Return what a model does when there is nothing to show who we are."""
    game = spec.game.id
    registers = [
        f"{game}_{name}"
        for name, command in spec.commands.items()
        if command.stores and command.offered and not needs_account(spec, command)
    ]
    sign_in = f"Ask the player to run: game-bridge login {game}"
    return f"{sign_in}. Or get an account with {' or '.join(registers)}." if registers else sign_in
