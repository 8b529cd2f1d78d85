"""A simulated PipeWorks MUD server: the rules, without a network.

It answers one call at a time, synchronously, from state and clock. What the shell around it must
do beyond sending a reply (wait, block everybody, hang, cut the connection) is in the answer.

Who may log in at first: nobody but the steward, a superuser (see ``STEWARD``).

Faults, switched on through ``faults``; each may be narrowed to one path by its first segment, as
in ``drop_before@command``:

========================  ========================================================================
``drop_before``           the connection is cut, nothing was executed
``drop_reply_after``      executed, then the connection is cut
``delay_reply``           executed, the answer comes ``value`` seconds later
``error_500_text``        not executed: 500 as plain text, then the connection is closed
``redirect``              not executed: redirected to another host, with status ``value`` or 302
``html_reply``            not executed: a page of a front door, 200 text/html
``lone_surrogate``        executed; the first text of the answer ends with half a character
``big_reply``             executed; the first text of the answer grows by ``value`` characters
``expire_sessions``       every session expires before the request is looked at
``restart``               the server is killed and started again before the request
========================  ========================================================================

Not narrowed to a path: ``names_down``, ``entity_down`` (the next use of that service fails),
``llm_delay`` (the next line that is said blocks the whole server for ``value`` seconds),
``axis_timeout`` (the pipeline blocks for ``value`` seconds and fails), ``axis_incomplete``.
"""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import anyio
from starlette.routing import BaseRoute

from bridge.sandbox.clock import HandClock, WallClock
from bridge.sandbox.faults import Faults
from bridge.sandbox.pipeworks.accounts import add_account
from bridge.sandbox.pipeworks.catalogue import OPERATIONS
from bridge.sandbox.pipeworks.characters import make_character
from bridge.sandbox.pipeworks.exchange import (
    Answer,
    Blocked,
    Call,
    Crash,
    Dropped,
    Hung,
    JsonObject,
    Late,
    Reply,
)
from bridge.sandbox.pipeworks.openapi import document
from bridge.sandbox.pipeworks.operations import Operation, find, perform
from bridge.sandbox.pipeworks.people import People
from bridge.sandbox.pipeworks.shell import shell_routes
from bridge.sandbox.pipeworks.state import DEFAULT_WORLD, Account, Character, Integrations, Mud

STEWARD: Final = ("steward", "dry-kettle-lantern")


class PipeWorks:
    """One simulated server with both stock worlds.

    ``executed`` counts successes: commands by verb (`get`, `say`), other writes by path
    (`characters/create`), reads as ``GET /chat/{session_id}``.

    ``session_minutes`` 0 means that sessions never expire; ``sliding`` extends them with every
    request; ``one_session`` ends the older sessions of an account at each login.
    """

    name = "pipeworks"

    def __init__(
        self,
        *,
        clock: WallClock | HandClock | None = None,
        seed: int = 1,
        one_session: bool = True,
        sliding: bool = True,
        session_minutes: int = 480,
        residents: bool = True,
    ) -> None:
        self.clock = clock or WallClock()
        self.faults = Faults()
        self.mud = Mud(
            clock=self.clock,
            faults=self.faults,
            random=random.Random(seed),
            one_session=one_session,
            sliding=sliding,
            session_minutes=session_minutes,
        )
        self.executed = self.mud.executed
        self.mud.found()
        self.people = People(self.mud, seed)
        if residents:
            self.people.move_in()
        self.create_account(*STEWARD, role="superuser")
        self.hung = False
        self.at_restart: list[Callable[[], None]] = []

    @property
    def integrations(self) -> Integrations:
        """Which services stand behind the server; assign to its fields to switch them."""
        return self.mud.integrations

    @property
    def down(self) -> bool:
        """Whether the server was stopped and not started again."""
        stopping = self.mud.stopping_at
        return stopping is not None and self.clock.now() >= stopping

    def routes(self) -> Sequence[BaseRoute]:
        """Return the one route that carries every call to this world."""
        return shell_routes(self)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Let the residents talk by the clock while the context is open."""
        return self._running()

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep_talking)
            yield
            tasks.cancel_scope.cancel()

    async def _keep_talking(self) -> None:
        while True:
            await anyio.sleep(0.25)
            if not self.hung and not self.down:
                self.people.pulse()

    def answer(self, call: Call) -> Answer:
        """Answer one call; never raises."""
        if self.faults.take("restart"):
            self.restart()
        if self.down:
            return Dropped()
        if self.hung:
            return Hung()
        self.mud.housekeeping()
        early = self._before(call)
        return early if early is not None else self._settled(call, self._executed(call))

    def restart(self) -> None:
        """Kill the server and start it again: sessions survive, overdue visitors are purged.

        Requests that were hanging lose their connection.
        """
        self.hung = False
        self.mud.stopping_at = None
        self.mud.purge(self.clock.now())
        waiting, self.at_restart = self.at_restart, []
        for let_go in waiting:
            let_go()

    def openapi(self) -> JsonObject:
        """Return the server's own description of its operations."""
        return document(OPERATIONS)

    # Hooks: what a test or an operator does to the world from outside.

    def create_account(self, username: str, password: str, *, role: str = "player") -> Account:
        """Return a lasting account; the password policy does not bind the operator."""
        return add_account(self.mud, username, password, role=role, origin="superuser")

    def create_character(
        self, username: str, name: str, world_id: str = DEFAULT_WORLD
    ) -> Character:
        """Return a character of an account, with a name of one's choice."""
        return make_character(self.mud, self._account(username), name, world_id)

    def grant_world(self, username: str, world_id: str) -> None:
        """Let an account into a world that needs an invitation."""
        self.mud.grants.add((self._account(username).id, world_id))

    def forget_account(self, username: str) -> None:
        """Remove an account's row and leave its sessions: they answer `Invalid session user`."""
        del self.mud.accounts[self._account(username).id]

    def arrive(self, name: str, *, world_id: str = DEFAULT_WORLD, room: str = "spawn") -> Character:
        """Bring a character of this name online in a room, a new one if there was none."""
        return self.people.arrive(name, world_id, room)

    def say_as(
        self, name: str, text: str, *, world_id: str = DEFAULT_WORLD, yelled: bool = False
    ) -> None:
        """Say or yell something as a character, where it stands."""
        self.people.speak(self._character(name, world_id), text, yelled=yelled)

    def whisper_as(
        self, name: str, listener: str, text: str, *, world_id: str = DEFAULT_WORLD
    ) -> None:
        """Whisper as one character to another, in the room of the first, whatever their names."""
        self.people.confide(
            self._character(name, world_id), self._character(listener, world_id), text
        )

    def move_character(self, name: str, room: str, *, world_id: str = DEFAULT_WORLD) -> None:
        """Put a character into a room."""
        self._character(name, world_id).room = room

    def kick(self, name: str, *, world_id: str = DEFAULT_WORLD) -> int:
        """End every session of a character; returns how many there were."""
        kicked = self._character(name, world_id).id
        return self.mud.end_sessions(lambda session: session.character_id == kicked)

    def expire_sessions(self) -> None:
        """Let every session of people who logged in be over."""
        self.mud.end_sessions(lambda session: session.id not in self.people.lodged)

    def pulse(self) -> int:
        """Let the residents say what is due by the clock; returns how many lines."""
        return self.people.pulse()

    def translate_with(self, rewrite: Callable[[str], str]) -> None:
        """Put a translator behind worlds that translate: talk is rewritten by it."""
        self.mud.rewrite = rewrite
        self.integrations.translator = True

    def file_on_server(self, path: str) -> JsonObject:
        """Return a file that publishing wrote; KeyError when there is none."""
        return self.mud.policies.files[path]

    def _account(self, username: str) -> Account:
        account = self.mud.account_named(username)
        if account is None:
            raise LookupError(f"no account {username!r}")
        return account

    def _character(self, name: str, world_id: str) -> Character:
        character = self.mud.character_named(name, world_id)
        if character is None:
            raise LookupError(f"no character {name!r} in {world_id}; let it arrive() first")
        return character

    def _strikes(self, fault: str, call: Call) -> float | None:
        """Return the fault's number if it strikes this call, otherwise None."""
        first = call.path.strip("/").partition("/")[0]
        for name in (f"{fault}@{first}", fault):
            if self.faults.take(name):
                return self.faults.value(name)
        return None

    def _before(self, call: Call) -> Answer | None:
        """Return the answer of a fault that keeps the call from being executed."""
        if self._strikes("drop_before", call) is not None:
            return Dropped()
        if self._strikes("error_500_text", call) is not None:
            return Crash()
        if (status := self._strikes("redirect", call)) is not None:
            where = {"location": f"https://elsewhere.invalid{call.path}"}
            return Reply(status=int(status) or 302, content="", media="text/plain", headers=where)
        if self._strikes("html_reply", call) is not None:
            page = "<!doctype html><html><body><h1>Be right back</h1></body></html>"
            return Reply(content=page, media="text/html; charset=utf-8")
        if self._strikes("expire_sessions", call) is not None:
            self.expire_sessions()
        return None

    def _executed(self, call: Call) -> Answer:
        if call.path == "/openapi.json" and call.method == "GET":
            return Reply(content=self.openapi())
        found = find(OPERATIONS, call)
        if isinstance(found, Reply):
            return found
        operation, parameters = found
        answer = perform(self.mud, operation, parameters, call)
        self._count(operation, answer)
        return answer

    def _count(self, operation: Operation, answer: Answer) -> None:
        """Count a success; commands count themselves, by verb."""
        if operation.path != "/command" and isinstance(answer, Reply) and answer.status == 200:
            self.executed[operation.key] += 1

    def _settled(self, call: Call, answer: Answer) -> Answer:
        """Return the answer after the faults that strike once a call was executed."""
        match answer:
            case Blocked(seconds=seconds, then=then):
                return Blocked(seconds=seconds, then=lambda: self._settled(call, then()))
            case Hung():
                self.hung = True
                return answer
            case Reply():
                return self._sent(call, answer)
            case Late() | Crash() | Dropped():
                return answer

    def _sent(self, call: Call, reply: Reply) -> Answer:
        if self._strikes("drop_reply_after", call) is not None:
            return Dropped()
        if self._strikes("lone_surrogate", call) is not None:
            reply = _lengthened(reply, "\ud83d")
        if (size := self._strikes("big_reply", call)) is not None:
            reply = _lengthened(reply, "steam " * (int(size) // 6 + 1))
        try:
            reply.encoded()
        except ValueError:  # a number that JSON cannot say was echoed
            return Crash()
        late = self._strikes("delay_reply", call)
        return reply if late is None else Late(seconds=late, reply=reply)


def _lengthened(reply: Reply, more: str) -> Reply:
    """Return the reply with more in its first text; unchanged when it has none."""
    if not isinstance(reply.content, dict):
        return reply
    content = dict(reply.content)
    for key, value in content.items():
        if isinstance(value, str):
            content[key] = value + more
            break
    return Reply(status=reply.status, content=content, headers=reply.headers)
