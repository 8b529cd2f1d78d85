"""What is known about one account: when it may do what, and what its game's quirks remember.

It decides nothing by itself: the spec's cooldowns and the game's quirks do. It asks them, tells
them what came of every call, and keeps what they know in a notebook.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pydantic import JsonValue

from bridge.credentials import NoBackend
from bridge.gateway.pacing.admission import address_notebook
from bridge.gateway.services import Services
from bridge.gateway.shared.notebook import Notebook, Owner
from bridge.protocol.cooldowns import CooldownBook, NotYet
from bridge.protocol.events import NewEvent
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.quirks.games import quirks_of
from bridge.quirks.hooks import NO_QUIRKS, Answered, Asked, Learnt, Memory, Quirks
from bridge.spec.model import Command, GameSpec

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Knowledge:
    """What is known about one account."""

    spec: GameSpec
    account: str
    services: Services
    where: str
    """The address of the game."""
    public: Callable[[Mapping[str, JsonValue]], Mapping[str, JsonValue]]
    """Credentials that are no secret -> what sign-ins with them have kept and is none either."""
    _own: Notebook = field(init=False)
    _shared: Notebook = field(init=False)
    _known: dict[str, JsonValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._own = self._notebook()
        self._shared = address_notebook(self.spec, self.services)

    @property
    def quirks(self) -> Quirks:
        """Return the quirks of the game."""
        return quirks_of(self.spec.game.id)

    @property
    def memory(self) -> Memory:
        """Return what the quirks remember."""
        return self._own.memory

    async def refresh(self) -> None:
        """Find out who we are, and what other processes have noted."""
        self._known = await self._who_we_are()
        if await self._own.look(self._owner()):
            # Another process may have made it another account, or chosen another character.
            self.services.vault.doubt(self.spec.game.id, self.account)
            self._known = await self._who_we_are()
            await self._own.look(self._owner())
        await self._shared.look({"at": self.where})

    def who(self) -> dict[str, JsonValue]:
        """Return what tells who we are and is no secret: credentials, and what sign-ins kept."""
        return {**self._known, **self.public(self._known)}

    # -- Before a call --------------------------------------------------------------

    def first(
        self, name: str, arguments: Mapping[str, JsonValue]
    ) -> Sequence[tuple[str, Mapping[str, JsonValue]]]:
        """Return the queries to make before a call, so that it can be judged."""
        return self.quirks.first(self.memory, self._asked(name, arguments))

    def answer(self, name: str, arguments: Mapping[str, JsonValue]) -> Done | None:
        """Return what a call would bring, where that is known already."""
        return self.quirks.answer(self.memory, self._asked(name, arguments))

    def against(
        self, name: str, command: Command, arguments: Mapping[str, JsonValue]
    ) -> Refused | NotYet | None:
        """Return what stands against a call: what lasts longest, and what no waiting helps."""
        refused = self.quirks.object(self.memory, self._asked(name, arguments))
        not_yet = self._not_yet(command, arguments)
        if refused is None or (
            not_yet is not None and refused.wait is not None and refused.wait < not_yet.seconds
        ):
            return not_yet
        return refused

    def running(self) -> dict[str, JsonValue]:
        """Return the seconds that each cooldown still runs, by its key."""
        now = self.services.now()
        return {**self._own.book.running(now), **self._shared.book.running(now)}

    # -- After a call ---------------------------------------------------------------

    async def note(
        self, command: Command, arguments: Mapping[str, JsonValue], *, succeeded: bool
    ) -> None:
        """Remember that a command was carried out, or only tried."""
        for notebook, owner in self._notebooks():
            await notebook.note(owner, command, arguments, succeeded=succeeded)

    async def learn(
        self,
        name: str,
        arguments: Mapping[str, JsonValue],
        outcome: Outcome,
        headers: Mapping[str, str],
        *,
        asked: float,
    ) -> Outcome:
        """Heed what follows from an answer; return it as a model may see it."""
        if self.spec.commands[name].stores:
            await self.refresh()
        await self._heed_wait(self.spec.commands[name], arguments, outcome)
        if self.quirks.learn is NO_QUIRKS.learn and self.quirks.show is NO_QUIRKS.show:
            return outcome
        answered = Answered(
            command=name,
            arguments=arguments,
            outcome=outcome,
            headers=headers,
            known=self.who(),
            now=self.services.now(),
            asked=asked,
        )
        learnt = await self._own.change(self._owner(), lambda: self._heed(answered))
        if learnt.events:
            await self.services.feeds.record_beside(self.spec.game.id, self.account, learnt.events)
        if isinstance(outcome, Done):
            outcome = replace(outcome, result=self.quirks.show(self.memory, name, outcome.result))
        return replace(outcome, notes=(*outcome.notes, *learnt.notes))

    async def remember(self, work: Callable[[Memory], T]) -> T:
        """Let ``work`` change what is remembered, and keep what it leaves."""
        return await self._own.change(self._owner(), lambda: work(self.memory))

    def retell(self, events: Sequence[NewEvent]) -> list[NewEvent]:
        """Return events with what is remembered about those in them."""
        return [self.quirks.retell(self.memory, event) for event in events]

    def _heed(self, answered: Answered) -> Learnt:
        learnt = self.quirks.learn(self.memory, answered)
        if learnt.clock_moved:
            self._own.book.shift(learnt.clock_moved)
            self._shared.book.shift(learnt.clock_moved)
        for lesson in learnt.lessons:
            for notebook, _ in self._notebooks():
                notebook.book.learn(lesson.cooldown, lesson.free_at, lesson.values)
        return learnt

    async def _heed_wait(
        self, command: Command, arguments: Mapping[str, JsonValue], outcome: Outcome
    ) -> None:
        """Let a cooldown end when a refusal says so, where it is clear which one is meant."""
        if not isinstance(outcome, Refused) or outcome.local or outcome.wait is None:
            return
        meant = [
            (notebook, owner, name)
            for notebook, owner in self._notebooks()
            for name in notebook.book.concerned(command)
            if self.spec.cooldowns[name].code == outcome.code
        ]
        if len(meant) == 1:
            ((notebook, owner, name),) = meant
            free_at = self.services.now() + outcome.wait
            await notebook.change(owner, lambda: notebook.book.learn(name, free_at, arguments))

    # -- Helpers --------------------------------------------------------------------

    async def _who_we_are(self) -> dict[str, JsonValue]:
        """Return the credentials that are no secret."""
        known: dict[str, JsonValue] = {}
        with suppress(NoBackend):  # where that is needed it will be said
            for slot, credential in self.spec.credentials.items():
                if not credential.secret:
                    value = await self.services.vault.get(self.spec.game.id, self.account, slot)
                    if value is not None:
                        known[slot] = value
        return known

    def _asked(self, name: str, arguments: Mapping[str, JsonValue]) -> Asked:
        return Asked(command=name, arguments=arguments, known=self.who(), now=self.services.now())

    def _not_yet(self, command: Command, arguments: Mapping[str, JsonValue]) -> NotYet | None:
        if self.spec.game.id in self.services.settings.unpaced:
            return None
        now = self.services.now()
        waits = [
            not_yet
            for notebook, _ in self._notebooks()
            if (not_yet := notebook.book.ready_in(command, arguments, now)) is not None
        ]
        return max(waits, key=lambda wait: wait.seconds, default=None)

    def _notebook(self) -> Notebook:
        state = self.services.settings.state_folder
        return Notebook(
            # An empty path stands for no state folder.
            folder=state if state.name else None,
            game=self.spec.game.id,
            account=self.account,
            book=CooldownBook(self.spec, scopes=("account",)),
            now=self.services.now,
        )

    def _notebooks(self) -> tuple[tuple[Notebook, Owner], tuple[Notebook, Owner]]:
        return (self._own, self._owner()), (self._shared, {"at": self.where})

    def _owner(self) -> Owner:
        return {"at": self.where, **self._known}
