"""One account in one game: a command from its arguments to its outcome.

- A query runs in the caller's task: cancelling the caller aborts it.
- Anything else is an act with a task of its own and is sent at most once. Only when the game
  has said no, so that nothing can have happened, is it sent again: after signing in again, or
  after a wait that the game asked for.
- One act at a time waits for a tick; queries pass beside it.
- What cannot succeed is not sent. Whether it can is decided right before it would be.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import count
from typing import assert_never

import anyio
from pydantic import JsonValue

from bridge.errors import CredentialError, Interrupted, ProtocolViolation, Unreachable
from bridge.gateway.acts import Act, ProgressReport, as_event, as_pending, waited_for
from bridge.gateway.addresses import how_to_reach
from bridge.gateway.carrier import Carrier, Note
from bridge.gateway.identity import keeping
from bridge.gateway.identity.handouts import lacking
from bridge.gateway.pacing.knowledge import Knowledge
from bridge.gateway.rules import changes_nothing
from bridge.gateway.services import Services
from bridge.gateway.shared.gates import NotNow
from bridge.protocol.cooldowns import MARGIN_SECONDS, NotYet, clock_time
from bridge.protocol.judge import Verdict
from bridge.protocol.render import credentials_in_use, needs_account
from bridge.protocol.session import how_to_get_in
from bridge.protocol.verdict import Done, Outcome, Refused, Unknown
from bridge.quirks.games import quirks_of
from bridge.spec.model import Command, GameSpec, WebSocketUpstream, is_queued
from bridge.spec.placeholders import MissingValue

LONGEST_LOCAL_WAIT_SECONDS = 12.0
"""A wait that the game or a cooldown asks for is waited out by us up to here."""
SHORT_WAITS = 3
"""So many such waits in one call."""
TRIES = 3
MOST_FIRST = 30
"""Queries that are made before one call, at most."""
RETRY_SECONDS = 0.5
_SHOWN_BY_COOLDOWN = "The first answer was lost; the cooldown shows that it was carried out."


@dataclass(frozen=True, slots=True)
class _Call:
    """A command with its arguments, on its way."""

    name: str
    command: Command
    arguments: Mapping[str, JsonValue]
    note: Note


@dataclass(slots=True, eq=False)
class Player:
    """One account in one game."""

    spec: GameSpec
    account: str
    services: Services
    carrier: Carrier = field(init=False)
    knowledge: Knowledge = field(init=False)
    acts: dict[str, Act] = field(default_factory=dict)
    """The acts that are not over, by handle."""
    asked_at: dict[str, float] = field(default_factory=dict)
    """Command -> when it was last carried out."""
    _lane: anyio.Lock = field(default_factory=anyio.Lock)
    """For acts that wait for a tick."""
    turn: anyio.Lock = field(default_factory=anyio.Lock)
    """For acts of a game in which what one does decides about the next, and for looking there."""
    _handles: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.carrier = Carrier(self.spec, self.account, self.services)
        where = self.carrier.admission.where
        self.knowledge = Knowledge(
            self.spec, self.account, self.services, where, self.carrier.public
        )
        self.carrier.retell = self.knowledge.retell

    async def run(
        self,
        name: str,
        arguments: Mapping[str, JsonValue],
        *,
        report: ProgressReport | None = None,
    ) -> Outcome:
        """Carry a command out and return what came of it, within the budget of a tool call."""
        call = _Call(name, self.spec.commands[name], arguments, Note())
        if changes_nothing(call.command, arguments):
            return await self._ask(call)
        return await self._start(call, report)

    def needs_polls(self) -> bool:
        """Say whether the game has no way to push its events to us now."""
        pushing = [
            self.carrier.live(way)
            for way in self.carrier.ways
            if isinstance(there := self.spec.upstream[way.upstream], WebSocketUpstream)
            and there.dialect == "typed_frames"
        ]
        return all(live.has_failed() for live in pushing)

    async def leave(self) -> None:
        """Close the account's connections."""
        for live in self.carrier.lives().values():
            live.close()
        await self.carrier.leave()

    # -- Queries --------------------------------------------------------------------

    async def _ask(self, call: _Call) -> Outcome:
        budget = self.services.settings.call_budget
        outcome: Outcome | None = None
        with anyio.move_on_after(budget):
            early = await self._ready(call)
            outcome = early or await self._carry_out(call, repeat_lost=True)
        if isinstance(outcome, Unknown):
            return Refused(
                code="no_answer",
                message=outcome.reason,
                hint="It was only a question: ask again, or look at bridge_status.",
            )
        return outcome or Refused(
            code="timeout",
            message=f"{self.spec.game.title} did not answer within {budget:.0f} s.",
            hint="It was only a question: ask again, or look at bridge_status.",
        )

    # -- Acts -----------------------------------------------------------------------

    async def _start(self, call: _Call, report: ProgressReport | None) -> Outcome:
        game, budget = self.spec.game.id, self.services.settings.call_budget
        handle = f"{game}-{self.account}-{int(self.services.now())}-{next(self._handles)}"
        act = Act(handle, f"{game}_{call.name}", call.name, call.arguments)
        self.acts[handle] = act
        self.services.start(act.tool, self._perform, act, call)
        try:
            with anyio.move_on_after(budget):
                await waited_for(act, report)
        finally:
            act.heard = act.phase == "over"
            if act.phase == "waiting":
                act.scope.cancel()
        if act.outcome is not None:
            return act.outcome
        if act.phase == "waiting":
            return self._lane_is_busy(act)
        return as_pending(act, budget)

    async def _perform(self, act: Act, call: _Call) -> None:
        call.note.sending, call.note.queued, call.note.handle = act.sending, act.queued, act.handle
        try:
            with act.scope:
                async with self._turn_of(call.command):
                    act.end(await self._do(call))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller shall hear of it
            act.break_down(error)
        del self.acts[act.handle]
        if not act.heard and act.phase == "over":
            told = as_event(act, self.services.now(), untrusted=call.command.untrusted)
            await self.services.feeds.record_beside(self.spec.game.id, self.account, [told])

    def _turn_of(self, command: Command) -> AbstractAsyncContextManager[object]:
        """Return what an act has to wait for before it may be sent."""
        if is_queued(command):
            return self._lane
        return self.turn if self.knowledge.quirks.in_turn else nullcontext()

    async def _do(self, call: _Call) -> Outcome:
        early = await self._ready(call)
        if early is not None:
            return early
        call.note.invented = keeping.inventions(call.command)
        return await self._keeper().around(
            call.name,
            call.command,
            {**call.note.invented, **call.arguments},
            lambda: self._carry_out(call, repeat_lost=call.command.repeatable),
        )

    def _keeper(self) -> keeping.Keeper:
        services = self.services
        return keeping.Keeper(self.spec, self.account, services.vault, services.now)

    def _lane_is_busy(self, act: Act) -> Refused:
        ahead = [other.command for other in self.acts.values() if other.phase in ("sent", "queued")]
        return Refused(
            code="action_pending",
            message=f"{act.command} was not sent: {', '.join(ahead) or 'an action'} is not over.",
            hint="Call bridge_events to wait for its outcome, then try again.",
            local=True,
        )

    # -- Before it is sent ----------------------------------------------------------

    async def _ready(self, call: _Call) -> Refused | Done | None:
        """Wait until the call can succeed, if that is short; else return why it cannot.

        Returns what came of it where that is known without sending it.
        """
        for _ in range(SHORT_WAITS):
            await self.knowledge.refresh()
            against: Refused | NotYet | None = self.carrier.admission.shut_out()
            if against is None:
                await self._ask_first(call)
                against = self.knowledge.against(call.name, call.command, call.arguments)
            if against is None:
                known = self.knowledge.answer(call.name, call.arguments)
                return known and replace(known, notes=(*call.note.lines, *known.notes))
            if isinstance(against, Refused):
                return replace(against, notes=(*call.note.lines, *against.notes))
            if against.seconds > LONGEST_LOCAL_WAIT_SECONDS:
                return self._too_early(call, against)
            await self.services.sleep(against.seconds + MARGIN_SECONDS)
        return None

    async def _ask_first(self, call: _Call) -> None:
        """Make the queries that the game's quirks want, and those that follow from answers."""
        made: list[tuple[str, Mapping[str, JsonValue]]] = []
        while len(made) < MOST_FIRST:
            wanted = self.knowledge.first(call.name, call.arguments)
            fresh = [query for query in wanted if query not in made]
            if not fresh:
                return
            for query, arguments in fresh:
                made.append((query, arguments))
                call.note.lines += (await self.run(query, arguments)).notes

    # -- Carrying -------------------------------------------------------------------

    async def _carry_out(self, call: _Call, *, repeat_lost: bool) -> Outcome:
        asked = self.services.now()
        outcome = await self._insist(call, repeat_lost=repeat_lost)
        self.asked_at[call.name] = self.services.now()
        return await self.knowledge.learn(
            call.name, call.arguments, outcome, call.note.headers, asked=asked
        )

    async def _insist(self, call: _Call, *, repeat_lost: bool) -> Outcome:
        """Carry a command until it is clear what came of it.

        It is sent again only after a refusal, or after a loss if repeating it is harmless.
        """
        signed_in_again = False
        lost: Unknown | None = None
        for tries_left in range(TRIES - 1, -1, -1):
            outcome = self._in_doubt(call, await self._try(call))
            if isinstance(outcome, Unknown):
                await self.knowledge.note(call.command, call.arguments, succeeded=False)
                lost = outcome
                if repeat_lost and tries_left:
                    await self.services.sleep(RETRY_SECONDS)
                    continue
            if not isinstance(outcome, Verdict):
                # That nothing was sent now does not take back what was sent before.
                return outcome if call.command.effect == "query" else lost or outcome
            again = await self._again(call, outcome, signed_in_again=signed_in_again)
            if again is None or not tries_left:
                return await self._settle(call, outcome, lost)
            signed_in_again |= outcome.then == "sign_in_again"
            call.note.lines.append(again)
        raise AssertionError("the last try returns")

    async def _try(self, call: _Call) -> Verdict | Refused | Unknown:
        try:
            return await self.carrier.carry(call.name, call.arguments, call.note)
        except Interrupted as error:
            return self._unknown(call, str(error))
        except NotNow as error:
            return error.refused
        except Unreachable as error:
            hint = how_to_reach(self.spec, self.services.settings)
            return Refused(code="unreachable", message=str(error), hint=hint)
        except MissingValue as missing:
            return self._no_value(missing.name)
        except CredentialError as error:
            return Refused(code="no_credentials", message=str(error), local=True)
        except ProtocolViolation as error:
            return self._unreadable(call, str(error))

    def _in_doubt(
        self, call: _Call, outcome: Verdict | Refused | Unknown
    ) -> Verdict | Refused | Unknown:
        """Return what came of a try, as unknown where it may have happened all the same."""
        if not isinstance(outcome, Verdict):
            return outcome
        refused = outcome.outcome
        if (lacks := lacking(self.spec, call.command, refused)) is not None:
            return self._unknown(call, lacks)
        reads = changes_nothing(call.command, call.arguments)
        if not isinstance(refused, Refused) or not outcome.broke or reads:
            return outcome
        return self._unknown(call, f"the game broke ({refused.code}): {refused.message}")

    async def _again(self, call: _Call, verdict: Verdict, *, signed_in_again: bool) -> str | None:
        """Return why it may be sent again, having waited if that was asked; None if not."""
        outcome = verdict.outcome
        if not isinstance(outcome, Refused):
            return None
        match verdict.then:
            case "sign_in_again":
                return None if signed_in_again else "Signed in again."
            case "wait":
                if outcome.wait is None or outcome.wait > LONGEST_LOCAL_WAIT_SECONDS:
                    return None
                await self.services.sleep(outcome.wait)
                return f"Waited {outcome.wait:.0f} s, as the game asked ({outcome.code})."
            case "retry":
                if call.command.effect != "query" and not call.command.repeatable:
                    return None
                await self.services.sleep(RETRY_SECONDS)
                return f"Tried again after {outcome.code}."
            case "tell" | "stop" | "done":
                return None
            case _ as never:
                assert_never(never)

    async def _settle(self, call: _Call, verdict: Verdict, lost: Unknown | None) -> Outcome:
        outcome = verdict.outcome
        call.note.headers = verdict.headers
        if lost is not None and self._was_done(call.command, outcome):
            outcome = Done(result={"ok": True}, notes=(_SHOWN_BY_COOLDOWN,))
        succeeded = not isinstance(outcome, Refused) and verdict.then != "done"
        if isinstance(outcome, Done):
            tidy = quirks_of(self.spec.game.id).tidy
            outcome = replace(outcome, result=tidy(call.name, outcome.result))
        if isinstance(outcome, Done) and call.command.stores and verdict.then != "done":
            values = {**call.note.invented, **call.arguments}
            outcome = await self._keeper().keep(call.command, values, outcome)
            self.services.start("Storing", keeping.store_later, self.services.vault)
            if set(call.command.stores) & credentials_in_use(self.spec):
                as_another = not needs_account(self.spec, call.command)
                await self.carrier.start_afresh(as_another=as_another, after=call.name)
        if not verdict.ip_wide:  # else the game itself has not seen it
            await self.knowledge.note(call.command, call.arguments, succeeded=succeeded)
        if isinstance(outcome, Done) and call.name == self.spec.game.farewell:
            await self.carrier.signed_off()
        return replace(outcome, notes=(*call.note.lines, *outcome.notes))

    # -- Words ----------------------------------------------------------------------

    def _too_early(self, call: _Call, not_yet: NotYet) -> Refused:
        about = not_yet.about or f"{call.name} is not ready yet."
        return Refused(
            code=not_yet.code,
            message=f"{about} It is free again at "
            f"{clock_time(self.services.now() + not_yet.seconds)}.",
            hint="Nothing was sent. Do something else until then.",
            wait=not_yet.seconds,
            local=True,
            notes=tuple(call.note.lines),
        )

    def _was_done(self, command: Command, outcome: Outcome) -> bool:
        """Say whether a refusal shows that the first try, whose answer was lost, was carried out.

        Nothing held it back when it was sent, and only success starts these cooldowns.
        """
        started = [self.spec.cooldowns[name] for name in command.cooldowns]
        return isinstance(outcome, Refused) and any(
            cooldown.on == "success" and cooldown.code == outcome.code for cooldown in started
        )

    def _no_value(self, name: str) -> Refused:
        if name in self.spec.credentials:
            return Refused(
                code="no_credentials",
                message=f"There is no {self.spec.credentials[name].label}.",
                hint=how_to_get_in(self.spec),
                local=True,
            )
        return Refused(
            code="missing_value",
            message=f"There is no usable value for {name}.",
            hint="Leave out empty values and paths such as '..'.",
            local=True,
        )

    def _unknown(self, call: _Call, reason: str) -> Unknown:
        is_known = needs_account(self.spec, call.command)
        check = call.command.check or (self.spec.game.check if is_known else None)
        return Unknown(
            sent=f"{call.name} {dict(call.arguments)}" if call.arguments else call.name,
            reason=reason,
            check=f"{self.spec.game.id}_{check}" if check else None,
        )

    def _unreadable(self, call: _Call, reason: str) -> Refused | Unknown:
        if call.command.effect == "query":
            return Refused(code="unreadable", message=reason, hint="The game may be out of order.")
        return self._unknown(call, reason)
