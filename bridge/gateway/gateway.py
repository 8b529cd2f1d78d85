"""Everything that can be played: the games, their accounts, and one call at a time.

Nothing happens when it is made or entered; connections and secrets wait for the first need.
"""

import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass, field, replace
from functools import partial

import anyio
from anyio.abc import TaskGroup
from pydantic import JsonValue

from bridge.credentials import Vault
from bridge.errors import BridgeError
from bridge.gateway.accounts import played_by
from bridge.gateway.acts import ProgressReport
from bridge.gateway.by_name import addressed
from bridge.gateway.calls import (
    Caller,
    ToolResult,
    has_others_words,
    misfit_refused,
    noted,
)
from bridge.gateway.entrance import Ask, Consent, Wanted, lacks_credentials, take, wanted
from bridge.gateway.feeds import Feeds
from bridge.gateway.player import Player
from bridge.gateway.reading import ALL, Reading
from bridge.gateway.rules import objection
from bridge.gateway.services import Services
from bridge.gateway.shared.budgets import Budgets
from bridge.gateway.shared.gates import Gates
from bridge.gateway.surface.desk import Desk
from bridge.gateway.surface.next_step import with_next_step
from bridge.gateway.surface.own_tools import PREFIX, own_spec, own_tools
from bridge.gateway.surface.paging import in_pages
from bridge.gateway.surface.redaction import cleared, clearing
from bridge.gateway.surface.references import References
from bridge.gateway.surface.repeats import Repeats, call_of
from bridge.gateway.surface.results import Results
from bridge.gateway.surface.seen import Seen
from bridge.gateway.surface.toolbox import Toolbox
from bridge.gateway.watching.listening import Listening
from bridge.journal import Journal
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.settings import Settings
from bridge.spec.model import Command, GameSpec
from bridge.spec.params import Misfit, check_arguments
from bridge.upstream.http import HttpClient

log = logging.getLogger(__name__)

FAREWELL_SECONDS = 1.0
"""How long leaving may take: hosts kill after two."""


@dataclass(slots=True, eq=False)
class Gateway:
    """The games of one process."""

    specs: Mapping[str, GameSpec]
    settings: Settings
    vault: Vault
    journal: Journal
    now: Callable[[], float] = time.time
    chance: random.Random = field(default_factory=random.Random)
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    """Waits so many seconds, by the same clock as ``now``."""
    toolbox: Toolbox = field(init=False)
    feeds: Feeds = field(init=False)
    _own: GameSpec = field(init=False)
    _desk: Desk = field(init=False)
    _repeats: Repeats = field(init=False)
    _reading: Reading = field(init=False)
    _seen: Seen = field(default_factory=Seen)
    _results: Results = field(init=False)
    _listening: Listening = field(default_factory=Listening)
    _players: dict[tuple[str, str], Player] = field(default_factory=dict)
    _services: Services | None = None

    def __post_init__(self) -> None:
        self._own = own_spec(list(self.specs))
        self.toolbox = Toolbox(self.specs, self.settings, own_tools(self._own))
        secrets = self.vault.secrets
        self.feeds = Feeds(self.journal, self.specs, redact=secrets.redact_json)
        self._results = Results(secrets.redact)
        self._repeats = Repeats(self._results.store)
        self._desk = Desk(
            self.specs, self.toolbox, self.feeds, self._results, self._players, self._listening
        )
        self._reading = Reading(
            self.specs, self.settings, self.feeds, self._follow, self._listening.troubles
        )

    # -- For the life of a server -----------------------------------------------------

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Own every background task; on leaving, connections are closed within a second."""
        async with AsyncExitStack() as stack:
            http = HttpClient()
            stack.push_async_callback(_in_time, http.close)
            tasks = await stack.enter_async_context(anyio.create_task_group())
            self._services = self._served_by(http, tasks)
            try:
                yield
            finally:
                await _in_time(self._say_farewell)
                tasks.cancel_scope.cancel()

    def accounts(self, game: str) -> Sequence[str]:
        """Return the accounts of a game, the default one first."""
        return self.settings.accounts_of(game)

    def store(self, content: JsonValue, *, untrusted: bool = False) -> str:
        """Keep a long result and return the id to read it by."""
        return self._results.store(content, untrusted=untrusted)

    def stored(self, result_id: str) -> str | None:
        """Return a kept result, None when it is gone."""
        return self._results.text(result_id)

    def seen(self, game: str, account: str, kind: str, prefix: str) -> Sequence[str]:
        """Return ids and names of a kind (system, item, ...) that the account has seen."""
        return self._seen.beginning_with(game, account, kind, prefix)

    @contextmanager
    def listening(self, game: str, account: str, feed: str) -> Iterator[None]:
        """Listen to the game while the context is open, so that the feed stays current."""
        if feed not in self.specs[game].feeds:
            raise LookupError(f"{game} has no feed {feed!r}")
        with self._follow(game, account, feed):
            yield

    def _follow(self, game: str, account: str, feed: str) -> AbstractContextManager[None]:
        return self._listening.to(self.player(game, account), feed)

    def player(self, game: str, account: str) -> Player:
        """Return the player of an account, made on first need."""
        key = (game, account)
        if key not in self._players:
            if self._services is None:
                raise RuntimeError("the gateway is not running")
            self._players[key] = Player(self.specs[game], account, self._services)
        return self._players[key]

    # -- Calls ------------------------------------------------------------------------

    async def call(
        self,
        name: str,
        arguments: Mapping[str, JsonValue],
        *,
        report: ProgressReport | None = None,
        ask: Ask | None = None,
    ) -> ToolResult:
        """Do what a tool's name says, within the budget of a call.

        ``report`` is told how far it is, ``ask`` puts a question to the player where the host can.
        Raises LookupError for a name that is no tool, and whatever ``ask`` raises before anything
        is sent; anything else is an outcome.
        """
        consent = Consent(confirm=self.settings.confirm, ask=ask)
        caller = Caller(clearing(report, self.vault.secrets), consent)
        answer = self._seen_and_cleared(await self._answer(name, arguments, caller))
        return self._as_news(call_of(name, arguments), answer)

    async def take(self, what: Wanted, brought: Mapping[str, str]) -> list[str]:
        """Store what the player brought, and sign in anew; return what is still missing.

        Raises CredentialError when it cannot be stored.
        """
        missing = await take(self.vault, what, brought)
        if not missing:
            await self.player(what.game, what.account).carrier.start_afresh()
        return missing

    def _seen_and_cleared(self, answer: ToolResult) -> ToolResult:
        """Cut secrets out of an answer; every answer goes through here once, and last."""
        outcome = cleared(answer.outcome, self.vault.secrets)
        if isinstance(outcome, Done) and answer.about is not None:
            self._seen.note(*answer.about, outcome.result)
        return replace(answer, outcome=outcome)

    def _as_news(self, call: str, answer: ToolResult) -> ToolResult:
        """Shorten a long result that was read before to what has changed since."""
        target = self.toolbox.command_of(answer.tool)
        reads = target is not None and target[2].effect == "query"
        if not reads or self.settings.structured or not isinstance(answer.outcome, Done):
            return answer
        outcome, untrusted = self._repeats.shortened(
            call, answer.outcome, self.now(), untrusted=answer.untrusted
        )
        return replace(answer, outcome=outcome, untrusted=untrusted)

    async def _answer(
        self, name: str, arguments: Mapping[str, JsonValue], caller: Caller
    ) -> ToolResult:
        own = self._own.commands.get(name.removeprefix(PREFIX))
        if name.startswith(PREFIX) and own is not None:
            return await self._own_call(name, own, arguments, caller)
        target = self.toolbox.command_of(name)
        if target is None:
            raise LookupError(name)
        spec, command_name, command = target
        return await self._game_call(spec, command_name, command, arguments, caller)

    async def status(self, game: str, account: str) -> ToolResult:
        """Return what the game says about the account now."""
        command = self.specs[game].game.status
        if command is None:
            outcome = await self._desk.status(game, {game: [account]})
            return self._seen_and_cleared(ToolResult(outcome=outcome, tool=f"{PREFIX}status"))
        outcome = await self._run(self.specs[game], account, command, {}, None)
        return self._seen_and_cleared(
            ToolResult(
                outcome=outcome,
                tool=f"{game}_{command}",
                untrusted=True,
                about=(game, account),
            )
        )

    async def _game_call(
        self,
        spec: GameSpec,
        name: str,
        command: Command,
        arguments: Mapping[str, JsonValue],
        caller: Caller,
    ) -> ToolResult:
        tool = f"{spec.game.id}_{name}"
        played = played_by(self.accounts(spec.game.id), tool, arguments)
        if isinstance(played, Refused):
            return ToolResult(outcome=played, tool=tool)
        account, rest = played.account, played.arguments
        checked = check_arguments(spec, tool, command, rest)
        if isinstance(checked, Misfit):
            return ToolResult(outcome=misfit_refused(checked), tool=tool)
        refused = objection(self.settings, spec, name, command, checked.values)
        if refused is not None:
            return ToolResult(outcome=refused, tool=tool)
        references = References(self._seen, spec.game.id, account)
        meant = references.resolve(command, checked.values)
        refused = meant.refused or await caller.consent.withheld(tool, command, meant.values)
        if refused is not None:
            return ToolResult(outcome=refused, tool=tool)
        outcome = await self._run(spec, account, name, meant.values, caller.report)
        outcome = references.suggest(command, meant.values, outcome)
        outcome = with_next_step(spec, command, outcome)
        told = command.tells if isinstance(outcome, Done) else ()
        return ToolResult(
            outcome=noted(outcome, (*checked.notes, *meant.notes)),
            tool=tool,
            untrusted=has_others_words(command, outcome),
            news=await self._news(spec.game.id, account, told),
            about=(spec.game.id, account),
            wanted=wanted(spec, account, command) if lacks_credentials(outcome) else None,
        )

    async def _run(
        self,
        spec: GameSpec,
        account: str,
        name: str,
        values: Mapping[str, JsonValue],
        report: ProgressReport | None,
    ) -> Outcome:
        try:
            player = self.player(spec.game.id, account)
            run = partial(player.run, name, report=report)
            return await in_pages(run, spec.commands[name], values, self.settings.call_budget)
        except BridgeError as error:
            return Refused(code="bridge", message=str(error), local=True)

    async def _news(self, game: str, account: str, told_already: Sequence[str]) -> list[str]:
        try:
            for feed in told_already:
                await self.feeds.read(game, account, feed, limit=0, mark=True)
            unread = await self.feeds.unread(game, account)
        except BridgeError:
            # What came of the call is known all the same, and must not be taken for a failure.
            return ["News cannot be read; bridge_events says why."]
        told = [f"{number} in {feed}" for feed, number in unread.items() if number and feed != ALL]
        return [f"Unread: {', '.join(told)}. Read with bridge_events."] if told else []

    # -- The bridge's own tools ----------------------------------------------------------

    async def _own_call(
        self,
        name: str,
        command: Command,
        arguments: Mapping[str, JsonValue],
        caller: Caller,
    ) -> ToolResult:
        if name == f"{PREFIX}call":
            return await self._call_by_name(arguments, caller)
        checked = check_arguments(self._own, name, command, arguments)
        if isinstance(checked, Misfit):
            return ToolResult(outcome=misfit_refused(checked), tool=name)
        values = checked.values
        game = str(values["game"]) if "game" in values else None
        match name.removeprefix(PREFIX):
            case "status":
                accounts = {each: self.accounts(each) for each in self.specs}
                outcome = await self._with_unstored(await self._desk.status(game, accounts))
            case "find":
                toolset = values.get("toolset")
                outcome = self._desk.find(
                    str(values["words"]), game, str(toolset) if toolset else None
                )
            case "result":
                outcome = self._desk.result(values)
            case _:
                outcome = await self._reading.events(game, values)
        return ToolResult(
            outcome=noted(outcome, checked.notes),
            tool=name,
            untrusted=self._has_others_words(name, values, outcome),
        )

    async def _with_unstored(self, outcome: Outcome) -> Outcome:
        """Store what is in memory only, and say so when that does not work yet."""
        problem = await self.vault.store_held()
        return noted(outcome, [f"A secret is in memory only. {problem}"] if problem else [])

    def _has_others_words(
        self, name: str, values: Mapping[str, JsonValue], outcome: Outcome
    ) -> bool:
        if name == f"{PREFIX}result":
            return self._results.is_untrusted(str(values["id"]))
        told = outcome.result if isinstance(outcome, Done) else None
        return name == f"{PREFIX}events" and isinstance(told, Mapping) and bool(told.get("events"))

    async def _call_by_name(self, arguments: Mapping[str, JsonValue], caller: Caller) -> ToolResult:
        meant = addressed(self.toolbox, arguments)
        if isinstance(meant, Refused):
            return ToolResult(outcome=meant, tool=f"{PREFIX}call")
        answer = await self._answer(meant.tool, meant.arguments, caller)
        return replace(answer, outcome=noted(answer.outcome, meant.notes))

    # -- Beginning and end -----------------------------------------------------------------

    def _served_by(self, http: HttpClient, tasks: TaskGroup) -> Services:
        state = self.settings.state_folder
        return Services(
            settings=self.settings,
            vault=self.vault,
            feeds=self.feeds,
            http=http,
            tasks=tasks,
            now=self.now,
            gates=Gates(state),
            # An empty path stands for no state folder.
            budgets=Budgets(state if state.name else None),
            chance=self.chance,
            sleep=self.sleep,
        )

    async def _say_farewell(self) -> None:
        """Close every connection, so that no game keeps us as lost in flight."""
        async with anyio.create_task_group() as farewells:
            farewells.start_soon(self._store_last)
            for player in self._players.values():
                farewells.start_soon(player.leave)

    async def _store_last(self) -> None:
        problem = await self.vault.store_held()
        if problem is not None:
            log.error("A secret that a game gave only once is lost. %s", problem)


async def _in_time(work: Callable[[], Awaitable[None]]) -> None:
    with anyio.move_on_after(FAREWELL_SECONDS, shield=True):
        await work()
