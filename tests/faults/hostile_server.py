"""A server that breaks every rule, and a gateway that plays a toy game on it.

What the server was sent is kept, so that a test can tell where secrets went; a second server,
``elsewhere``, is where redirects point to, and must never hear anything.
"""

import base64
import hashlib
import io
import json
import logging
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import anyio
from anyio.abc import SocketAttribute, SocketStream
from pydantic import JsonValue

from bridge.credentials import MemoryVault, SecretFilter, Secrets
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.protocol.verdict import Outcome
from bridge.settings import Settings
from bridge.spec.model import GameSpec
from tests.spec.toy import toy

KEY = "canary-key-0123456789"
PASSWORD = "canary-password-9876543210"
BUDGET_SECONDS = 0.7
SLACK_SECONDS = 3.0
"""How much later than the budget an answer may come while seven others are awaited."""
AT_ONCE = 8
REPLY_SECONDS = 0.25
SETTLE_SECONDS = 1.0

UPSTREAMS = f"""
[upstream.socket]
kind = "websocket"
url = "ws://localhost:1/ws"
dialect = "typed_frames"
greeting = "welcome"
pending = {{ "payload.pending" = true }}
settled_by = ["action_result", "action_error"]
refused_by = ["error", "action_error"]
displaced_by = [4001]
reply_timeout = {REPLY_SECONDS}
settle_timeout = {SETTLE_SECONDS}

[upstream.http]
kind = "http"
url = "http://localhost:1"
path = "/{{command}}"
error = "error"
timeout = {REPLY_SECONDS}
mutation_timeout = {REPLY_SECONDS}
"""
AUTH = """
[auth.player]
show = { header = "X-Key", value = "{api_key}" }
"""
SIGN_IN = 'sign_in = [{ command = "login", send = { password = "{password}" } }]'
REST = """
[credentials]
api_key = { label = "API key", secret = true }
password = { label = "Password", secret = true }

[commands.login]
toolset = "all"
effect = "write"
description = "Sign in."
auth = "none"
offered = false
params.password = { type = "string", secret = true }

[commands.look]
toolset = "all"
effect = "query"
description = "Look around."

[commands.act]
toolset = "all"
effect = "mutation"
description = "Do something."

[[errors]]
code = ["slow_down"]
then = "wait"
wait = "retry_after"

[[events]]
source = "push"
kind = ["type"]
data = "payload"

[feeds.all]
title = "Everything"
kinds = ["*"]
"""

SPECS = {
    "http": toy(REST, AUTH, upstream=UPSTREAMS),
    "socket": toy(REST, AUTH + SIGN_IN, upstream=UPSTREAMS),
}


@dataclass
class Visit:
    """One connection to the server."""

    stream: SocketStream
    heard: bytearray
    """Everything that was sent to the server, by anybody."""
    elsewhere: str
    """Where a redirect might point to: ``http://HOST:PORT``."""
    _rest: bytearray = field(default_factory=bytearray)
    _unpacking: "zlib._Decompress" = field(default_factory=lambda: zlib.decompressobj(-15))

    async def send(self, data: bytes) -> None:
        await self.stream.send(data)

    async def head(self) -> str:
        """Read a request up to its empty line, and the body after it; return all of it."""
        head = bytes(await self._until(b"\r\n\r\n"))
        length = 0
        for line in head.decode("latin-1").split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
        return (head + await self._exactly(length)).decode("latin-1")

    async def reply(
        self, body: bytes, *, status: str = "200 OK", headers: tuple[str, ...] = ()
    ) -> None:
        """Answer as an honest server would."""
        lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
        lines += [f"Content-Length: {len(body)}", "", ""]
        await self.send("\r\n".join(lines).encode() + body)

    async def shake_hands(self, *headers: str) -> None:
        """Read the request for a WebSocket and take it."""
        request = await self.head()
        line = next(
            each for each in request.split("\r\n") if each.lower().startswith("sec-websocket-key")
        )
        key = line.partition(":")[2].strip()
        guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        digest = hashlib.sha1((key + guid).encode(), usedforsecurity=False).digest()
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}", *headers, "", ""]
        await self.send("\r\n".join(lines).encode())

    async def say(self, value: Mapping[str, object]) -> None:
        """Send a message of JSON."""
        await self.send(frame(json.dumps(value).encode()))

    async def hear(self) -> dict[str, JsonValue]:
        """Return the next message from the client."""
        while True:
            opcode, data = await self._frame()
            if opcode == 1:
                value: dict[str, JsonValue] = json.loads(data)
                return value
            if opcode == 8:
                raise anyio.EndOfStream

    async def play_along(self, *headers: str) -> str:
        """Be honest until the first command after the sign-in; return the id of its call."""
        await self.shake_hands(*headers)
        await self.say({"type": "welcome", "payload": {}})
        while True:
            asked = await self.hear()
            if asked["type"] != "login":
                return str(asked["request_id"])
            await self.say({"type": "ok", "request_id": asked["request_id"], "payload": {}})

    async def be_honest(self) -> None:
        """Answer every request of this connection, whichever protocol it speaks."""
        request = await self._peek()
        if b"upgrade: websocket" in request.lower():
            await self.answer_all(await self.play_along())
        while True:
            await self.head()
            await self.reply(b'{"ok":true}')

    async def answer_all(self, request_id: str) -> None:
        """Answer the call, and every one after it."""
        while True:
            await self.say({"type": "ok", "request_id": request_id, "payload": {"ok": True}})
            request_id = str((await self.hear())["request_id"])

    async def silence(self) -> None:
        """Say nothing until the client is gone."""
        while True:
            self.heard += await self.stream.receive()

    async def _peek(self) -> bytes:
        while b"\r\n\r\n" not in self._rest:
            await self._more()
        return bytes(self._rest)

    async def _until(self, end: bytes) -> bytearray:
        while end not in self._rest:
            await self._more()
        at = self._rest.index(end) + len(end)
        found = self._rest[:at]
        del self._rest[:at]
        return found

    async def _exactly(self, length: int) -> bytes:
        while len(self._rest) < length:
            await self._more()
        found = bytes(self._rest[:length])
        del self._rest[:length]
        return found

    async def _more(self) -> None:
        data = await self.stream.receive()
        self.heard += data
        self._rest += data

    async def _frame(self) -> tuple[int, bytes]:
        first, second = await self._exactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await self._exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self._exactly(8))
        mask = await self._exactly(4)
        data = await self._exactly(length)
        plain = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        if first & 0x40:
            plain = self._unpacking.decompress(plain + b"\x00\x00\xff\xff")
        self.heard += plain
        return first & 0x0F, plain


Script = Callable[[Visit], Awaitable[None]]


def frame(data: bytes, *, first: int = 0x81) -> bytes:
    """Return a WebSocket frame of the server; the first byte says final, reserved and opcode."""
    if len(data) < 126:
        return bytes([first, len(data)]) + data
    if len(data) < 1 << 16:
        return bytes([first, 126]) + struct.pack("!H", len(data)) + data
    return bytes([first, 127]) + struct.pack("!Q", len(data)) + data


@dataclass
class Encounter:
    """The gateway, and the server that it has to do with."""

    gateway: Gateway
    folder: Path
    heard: bytearray
    """What the server was sent."""
    logged: io.StringIO
    """The log at debug level, as the handlers of a process write it."""
    heard_elsewhere: bytearray
    visits: list[int]
    """How many connections there were, here and elsewhere."""
    elsewhere: str
    """The address of the server that must not hear anything."""

    async def call(self, command: str) -> Outcome:
        return (await self.gateway.call(f"toy_{command}", {})).outcome

    def on_disk(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


@asynccontextmanager
async def meeting(script: Script, folder: Path, via: str) -> AsyncIterator[Encounter]:
    """A gateway whose first connection is treated by the script; later ones are honest."""
    visits = [0, 0]
    heard, heard_elsewhere = bytearray(), bytearray()

    async def hostile(stream: SocketStream) -> None:
        visits[0] += 1
        visit = Visit(stream, heard, there_url)
        await _until_gone(visit, script if visits[0] == 1 else Visit.be_honest)

    async def elsewhere(stream: SocketStream) -> None:
        visits[1] += 1
        await _until_gone(Visit(stream, heard_elsewhere, ""), Visit.be_honest)

    here = await anyio.create_tcp_listener(local_host="127.0.0.1")
    there = await anyio.create_tcp_listener(local_host="127.0.0.1")
    there_url = f"http://127.0.0.1:{there.extra_attributes[SocketAttribute.local_port]()}"
    port = here.extra_attributes[SocketAttribute.local_port]()
    async with here, there, anyio.create_task_group() as tasks:
        tasks.start_soon(here.serve, hostile)
        tasks.start_soon(there.serve, elsewhere)
        gateway = _gateway(SPECS[via], folder, port, via)
        async with gateway.journal, gateway.running():
            with logging_to(gateway.vault.secrets) as logged:
                yield Encounter(gateway, folder, heard, logged, heard_elsewhere, visits, there_url)
        tasks.cancel_scope.cancel()


@contextmanager
def logging_to(secrets: Secrets) -> Iterator[io.StringIO]:
    """Log everything, as the command line does, into a text."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(SecretFilter(secrets))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


async def _until_gone(visit: Visit, script: Script) -> None:
    """Follow the script until the other side has had enough."""
    try:
        async with visit.stream:
            await script(visit)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, OSError):
        return


def _gateway(spec: GameSpec, folder: Path, port: int, via: str) -> Gateway:
    vault = MemoryVault(Secrets())
    vault.hold("toy", "default", "api_key", KEY)
    vault.hold("toy", "default", "password", PASSWORD)
    settings = Settings(
        urls={"toy": f"http://127.0.0.1:{port}"},
        via={"toy": via},
        state_folder=folder,
        call_budget=BUDGET_SECONDS,
    )
    return Gateway({"toy": spec}, settings, vault, Journal(folder / "journal.db"))


def in_groups(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the names in groups of eight: most of the time they only wait."""
    rest = iter(names)
    return list(iter(lambda: tuple(islice(rest, AT_ONCE)), ()))


async def all_at_once(names: Iterable[str], check: Callable[[str], Awaitable[None]]) -> None:
    """Check everything of these names; say which of them failed."""
    failures: dict[str, BaseException] = {}

    async def one(name: str) -> None:
        try:
            await check(name)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told below
            failures[name] = error

    async with anyio.create_task_group() as tasks:
        for name in names:
            tasks.start_soon(one, name)
    for name, error in failures.items():
        raise AssertionError(f"failed: {', '.join(failures)}; the first one: {name}") from error


def assert_nothing_leaked(met: Encounter, shown: str) -> None:
    for secret in (KEY, PASSWORD):
        assert secret not in shown
        assert secret[: len(secret) // 2] not in shown
        assert secret not in met.logged.getvalue()
        assert secret.encode() not in met.on_disk()
    assert met.visits[1] == 0, "somebody followed it elsewhere"
    assert met.heard_elsewhere == b""
