"""A gateway without games: every tool does one thing that the server must cope with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import anyio
from pydantic import JsonValue

from bridge.errors import CredentialError
from bridge.gateway.entrance import Ask, Wanted
from bridge.gateway.surface.toolbox import Tool
from bridge.protocol.events import GameEvent
from bridge.protocol.verdict import Done, Outcome, Pending, Refused, Unknown
from bridge.server.needs import Progress as ProgressLike
from bridge.spec.model import GameSpec

Report = Callable[[ProgressLike], Awaitable[None]] | None

LONE_SURROGATE = "half a smile: \ud83d, and on"

SPEC = {
    "format": 1,
    "game": {
        "id": "tiny",
        "title": "Tiny",
        "about": "A very small game.",
        "docs": "https://tiny.example/docs",
        "verified_against": "1",
        "guide": "Look first, then act.",
    },
    "upstream": {"api": {"kind": "http", "url": "https://tiny.example"}},
    "toolsets": {"all": {"about": "Everything.", "default": True}},
    "commands": {"look": {"toolset": "all", "effect": "query", "description": "Look around."}},
    "feeds": {
        "chat": {"title": "Chat", "kinds": ["chat"], "untrusted": True},
        "actions": {"title": "Outcomes", "kinds": ["settled"]},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    message: str
    done: float
    total: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    outcome: Outcome
    tool: str = "tiny_look"
    untrusted: bool = False
    news: Sequence[str] = ()
    wanted: Wanted | None = None


def look() -> ToolResult:
    done = Done(result={"place": "here", "empty": []}, notes=("Signed in.",))
    return ToolResult(outcome=done, news=("2 new chat messages (tiny chat feed)",))


def huge() -> ToolResult:
    systems: list[JsonValue] = [
        {"id": f"system_{number}", "name": "x" * 80} for number in range(50_000)
    ]
    return ToolResult(outcome=Done(result={"systems": systems, "count": 50_000}))


ANSWERS: dict[str, Callable[[], ToolResult]] = {
    "tiny_look": look,
    "tiny_refuse": lambda: ToolResult(
        outcome=Refused(code="not_docked", message="You are in space.", hint="Dock first.")
    ),
    "tiny_lose": lambda: ToolResult(
        outcome=Unknown(sent="mine", reason="the connection was lost", check="tiny_look")
    ),
    "tiny_travel": lambda: ToolResult(outcome=Pending(handle="p1", message="Arrives on tick 12.")),
    "tiny_surrogate": lambda: ToolResult(
        outcome=Done(result={"text": LONE_SURROGATE, LONE_SURROGATE: float("nan")})
    ),
    "tiny_huge": huge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    events: Sequence[GameEvent]
    cursor: int
    missed: int
    newest: int = 0


def tool(name: str, *, read_only: bool = True) -> Tool:
    return Tool(
        name=name,
        title=name.replace("_", " ").title(),
        description=f"Does what {name} says.",
        input_schema={
            "type": "object",
            "properties": {"what": {"type": "string"}},
            "additionalProperties": False,
        },
        read_only=read_only,
        destructive=False,
        idempotent=read_only,
        open_world=True,
        game="tiny",
        command=name.removeprefix("tiny_"),
    )


@dataclass
class FakeToolbox:
    tools: list[Tool]
    unlisted: list[str] = field(default_factory=list)

    def list(self) -> Sequence[Tool]:
        return self.tools

    def find(self, name: str) -> Tool | None:
        return next((each for each in self.tools if each.name == name), None)

    def nearest(self, name: str) -> Sequence[str]:
        names = [*self.unlisted, *(each.name for each in self.tools)]
        return [each for each in names if each[:6] == name[:6]][:3]


@dataclass
class FakeFeeds:
    events: list[tuple[str, GameEvent]] = field(default_factory=list)
    listeners: list[Callable[[str, str, str], None]] = field(default_factory=list)
    forgotten: int = 0
    following: int = 0

    def record(self, feed: str, data: dict[str, JsonValue], *, untrusted: bool = False) -> None:
        seq = len(self.events) + 1
        event = GameEvent(
            seq=seq,
            game="tiny",
            account="default",
            kind=feed,
            at=1_700_000_000.0,
            data=data,
            untrusted=untrusted,
        )
        self.events.append((feed, event))
        for listener in self.listeners:
            listener("tiny", "default", feed)

    async def read(
        self, _game: str, _account: str, feed: str, *, after: int | None, limit: int
    ) -> Page:
        of_feed = [event for name, event in self.events if name == feed]
        if after is None:
            found = of_feed[-limit:]
        else:
            found = [event for event in of_feed if event.seq > after][:limit]
        cursor = found[-1].seq if found else after or 0
        newest = of_feed[-1].seq if of_feed else 0
        return Page(events=found, cursor=cursor, missed=self.forgotten, newest=newest)

    def listen(self, listener: Callable[[str, str, str], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    async def follow(self) -> None:
        self.following += 1
        try:
            await anyio.sleep_forever()
        finally:
            self.following -= 1


@dataclass
class FakeGateway:
    specs: Mapping[str, GameSpec] = field(
        default_factory=lambda: {"tiny": GameSpec.model_validate(SPEC)}
    )
    feeds: FakeFeeds = field(default_factory=FakeFeeds)
    names: Sequence[str] = ("default",)
    close_seconds: float = 0.0
    kept: dict[str, str] = field(default_factory=dict)
    open_feeds: list[tuple[str, str, str]] = field(default_factory=list)
    arguments: list[Mapping[str, JsonValue]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    state: str = "new"
    deaf_to: str = ""
    status_answer: ToolResult = ToolResult(outcome=Done(result={"credits": 5}))

    def __post_init__(self) -> None:
        self.go_on = anyio.Event()
        self.acts: dict[str, Callable[[Report], Awaitable[ToolResult]]] = {
            "tiny_wait": self._wait,
            "tiny_break": self._break,
            "tiny_locked": self._locked,
            "tiny_foreign_cancel": self._foreign_cancel,
            "tiny_chat": self._chat,
        }
        self.toolbox = FakeToolbox([tool(name) for name in (*ANSWERS, *self.acts)])

    def accounts(self, _game: str) -> Sequence[str]:
        return self.names

    async def call(
        self,
        name: str,
        arguments: Mapping[str, JsonValue],
        *,
        report: Report = None,
        ask: Ask | None = None,  # noqa: ARG002 - it never asks
    ) -> ToolResult:
        self.arguments.append(arguments)
        return ANSWERS[name]() if name in ANSWERS else await self.acts[name](report)

    async def take(self, _what: Wanted, _brought: Mapping[str, str]) -> Sequence[str]:
        return ()

    async def status(self, _game: str, _account: str) -> ToolResult:
        return self.status_answer

    def store(self, content: JsonValue, *, untrusted: bool = False) -> str:  # noqa: ARG002 - kept as it comes
        handle = f"r{len(self.kept) + 1}"
        self.kept[handle] = content if isinstance(content, str) else str(content)
        return handle

    def stored(self, result_id: str) -> str | None:
        return self.kept.get(result_id)

    def seen(self, _game: str, _account: str, kind: str, prefix: str) -> Sequence[str]:
        seen = {"system": ["sol", "sirius"], "item": ["steel"]}.get(kind, [])
        return [name for name in seen if name.startswith(prefix)]

    @contextmanager
    def listening(self, game: str, account: str, feed: str) -> Iterator[None]:
        if feed == self.deaf_to:
            raise LookupError(feed)
        self.open_feeds.append((game, account, feed))
        try:
            yield
        finally:
            self.open_feeds.remove((game, account, feed))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.state = "running"
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep_forever)
            try:
                yield
            finally:
                await anyio.sleep(self.close_seconds)
                self.state = "closed"
                tasks.cancel_scope.cancel()

    async def _wait(self, report: Report) -> ToolResult:
        try:
            for done in (1.0, 2.0, 3.0):
                if report is not None:
                    await report(Progress(message=LONE_SURROGATE, done=done, total=3.0))
            await self.go_on.wait()
        except anyio.get_cancelled_exc_class():
            self.cancelled.append("tiny_wait")
            self.feeds.record("actions", {"cancelled": True})
            raise
        return ToolResult(outcome=Done(result="waited"))

    async def _break(self, _report: Report) -> ToolResult:
        message = "the password is hunter2"
        raise KeyError(message)

    async def _locked(self, _report: Report) -> ToolResult:
        message = "The keyring is locked. Unlock it and try again."
        raise CredentialError(message)

    async def _foreign_cancel(self, _report: Report) -> ToolResult:
        future: asyncio.Future[ToolResult] = asyncio.get_running_loop().create_future()
        future.cancel()
        return await future

    async def _chat(self, _report: Report) -> ToolResult:
        self.feeds.record("chat", {"sender": "Eve", "content": "Hello there"}, untrusted=True)
        result: JsonValue = {"sent": "hello"}
        return ToolResult(outcome=Done(result=result), untrusted=True)


@dataclass
class SilentGame(FakeGateway):
    """Never says how an account is."""

    async def status(self, _game: str, _account: str) -> ToolResult:
        await anyio.sleep_forever()
        raise AssertionError


@dataclass
class BrokenGame(FakeGateway):
    """Fails to say how an account is, in a way that nobody foresaw."""

    async def status(self, _game: str, _account: str) -> ToolResult:
        raise KeyError


@dataclass
class LockedGame(FakeGateway):
    """Cannot say how an account is, and says why."""

    async def status(self, _game: str, _account: str) -> ToolResult:
        message = "The keyring is locked. Unlock it and try again."
        raise CredentialError(message)
