"""The program as it is used, with a real keyring: no secret in anything that it writes or shows."""

import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import pytest
from anyio.streams.buffered import BufferedByteReceiveStream

from bridge.sandbox.maid import demo
from bridge.sandbox.maid.world import Maid
from bridge.sandbox.moltforsale.world import Moltforsale
from bridge.sandbox.pipeworks.world import STEWARD, PipeWorks
from bridge.sandbox.server import running
from bridge.sandbox.spacemolt.world import SpaceMolt
from bridge.sandbox.world import World
from tests.canary.relay import Record, relay
from tests.process.real_server import LEGACY, RealServer
from tests.secret_service import MISSING, SecretService, secret_service
from tests.server.child import ROOT
from tests.waiting import PATIENCE_SECONDS

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(
        bool(MISSING), reason=f"not installed: {', '.join(MISSING)}; see .ci/system-packages"
    ),
]

WRONG = "wrong-canary-password-1"
GIVEN = "given-canary-password-2"
WORDS = {"secret"}
"""The password of a player in the simulated MAID is the word that we put in its place."""
LOOK_SECONDS = 0.01


@dataclass
class Machine:
    """A home, a keyring, the games, and everything that processes wrote."""

    home: Path
    service: SecretService
    url: str
    record: Record
    written: list[str] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        folders = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(self.home))
        return {
            **self.service.environment,
            **folders,
            "PYTHONPATH": str(ROOT),
            "GAME_BRIDGE_LOG": "debug",
        }

    def where(self) -> list[str]:
        """Return the flags that say where the games are that nobody has logged in to."""
        return [
            flag
            for game in ("moltforsale", "spacemolt")
            for flag in ("--url", f"{game}={self.url}/{game}")
        ]

    async def run(self, *arguments: str, typed: str = "") -> int:
        """Run a command to its end and keep what it wrote; return its status."""
        with anyio.fail_after(30):
            done = await anyio.run_process(
                [sys.executable, "-m", "bridge", *arguments],
                input=typed.encode(),
                check=False,
                env=self.environment(),
                cwd=self.home,
            )
        self.written += [done.stdout.decode(), done.stderr.decode()]
        return done.returncode

    @asynccontextmanager
    async def serving(self, *arguments: str) -> AsyncIterator[RealServer]:
        """Serve a host; what goes to stdout and stderr is kept, also when it is killed."""
        with tempfile.TemporaryFile() as errors:
            process = await anyio.open_process(
                [sys.executable, "-m", "bridge", "serve", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=self.environment(),
                cwd=self.home,
            )
            assert process.stdout is not None
            server = RealServer(process, LEGACY, BufferedByteReceiveStream(process.stdout))
            try:
                await server.greet()
                yield server
            finally:
                if process.returncode is None:
                    process.kill()
                with anyio.CancelScope(shield=True):
                    await process.aclose()
                errors.seek(0)
                self.written.append(errors.read().decode())

    def secrets(self) -> set[str]:
        """Return all that the games and the keyring know to be secret."""
        stored = self.service.stored()
        kept = {value for user, value in stored.items() if is_secret(user.rpartition("/")[2])}
        typed = {WRONG, GIVEN, demo.FULL, demo.staff_password("superadmin"), STEWARD[1]}
        return {each for each in self.record.secrets() | kept | typed if each not in WORDS}


def is_secret(slot: str) -> bool:
    return not re.search("username|handle|world|character|expires", slot)


@asynccontextmanager
async def machine(service: SecretService) -> AsyncIterator[Machine]:
    worlds: list[World] = [
        Maid(),
        Moltforsale(),
        PipeWorks(),
        SpaceMolt(tick_seconds=0.05, limits=False, lively=False),
    ]
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(running(worlds))
        port, record = await stack.enter_async_context(relay(urlsplit(base).port or 0))
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield Machine(home, service, f"http://127.0.0.1:{port}", record)


@dataclass
class Watch:
    """Looks at the list of processes again and again."""

    seen: set[bytes] = field(default_factory=set)

    async def look(self) -> None:
        while True:
            for entry in Path("/proc").glob("[0-9]*"):
                try:
                    self.seen.add((entry / "cmdline").read_bytes())
                except OSError:
                    continue
            await anyio.sleep(LOOK_SECONDS)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    with (
        tempfile.TemporaryDirectory(prefix="keyring-") as folder,
        secret_service(Path(folder)) as started,
    ):
        for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, started.environment[name])
        yield started


async def use_the_command_line(at: Machine) -> None:
    maid = (
        f"api_key={demo.FULL}\nusername={demo.PLAYER1}\npassword={demo.PLAYER1_PASSWORD}\n"
        f"admin_username=superadmin\nadmin_password={demo.staff_password('superadmin')}\n"
    )
    steward = f"username={STEWARD[0]}\npassword={STEWARD[1]}\n"
    wrong = f"username={demo.PLAYER1}\npassword={WRONG}\n"
    assert await at.run("login", "maid", "--stdin", "--url", f"{at.url}/maid", typed=maid) == 0
    assert await at.run("login", "maid", "--stdin", "--account", "other", typed=wrong) == 1
    assert await at.run("login", "maid", "--stdin", typed=f"pass word={GIVEN}\n{GIVEN}\n") == 2
    await at.run("login", "maid", f"password={GIVEN}")
    url = f"{at.url}/pipeworks"
    assert await at.run("login", "pipeworks", "--stdin", "--url", url, typed=steward) == 0
    for game, arguments in {
        "moltforsale": ("handle=canary", "display_name=Canary", "bio=Sings"),
        "spacemolt": ("username=Canary", "empire=solarian", "registration_code=sandbox"),
    }.items():
        there = ("--url", f"{game}={at.url}/{game}")
        assert await at.run("register", game, *arguments, *there) == 0
    await at.run("accounts", "--check")
    await at.run("call", "spacemolt_get_status", "--json", *at.where())
    new_key = ("name=x", 'permissions=["READ_PLAYERS"]', "--allow", "maid:admin")
    assert await at.run("call", "maid_create_api_key", *new_key) == 0


async def call_for_secrets(at: Machine) -> None:
    """Call what answers with secrets, or wants them."""
    for call in (
        ("maid_whoami",),
        ("maid_list_admin_users", "--allow", "maid:admin", "--json"),
        ("pipeworks_read_table", "table_name=users", "--allow", "pipeworks:admin", "--json"),
        ("pipeworks_read_table", "table_name=sessions", "--allow", "pipeworks:admin"),
        ("pipeworks_change_password",),
        ("moltforsale_poll",),
        ("moltforsale_register", "handle=two", "display_name=Two", "bio=Second"),
    ):
        await at.run("call", *call, *at.where())


async def play_as_a_host(at: Machine) -> None:
    async with at.serving("--tools", "all", "--allow", "maid:admin", *at.where()) as server:
        for uri in ("game://spacemolt/default/feeds/all", "game://maid/default/feeds/all"):
            await server.request("resources/subscribe", uri=uri)
        for tool in ("spacemolt_undock", "moltforsale_poll", "pipeworks_look", "maid_list_players"):
            at.written.append(await server.call(tool))
        at.written.append(await server.call("bridge_status"))
        listed = await server.request("resources/list")
        for resource in listed["result"]["resources"]:
            at.written.append(repr(await server.request("resources/read", uri=resource["uri"])))
        at.written += [repr(each) for each in server.notifications]
        server.process.terminate()
        with anyio.fail_after(PATIENCE_SECONDS):
            assert await server.process.wait() == 0
    async with at.serving(*at.where()) as server:
        at.written.append(await server.call("spacemolt_get_status"))
        server.process.kill()


async def fail_in_every_way(at: Machine) -> None:
    """Let processes end as they should not: with a locked keyring, and with a broken journal."""
    journal = at.home / "broken"
    (journal / "events.sqlite3").mkdir(parents=True)
    await at.run("call", "spacemolt_get_status", "--state", str(journal))
    await at.run("call", "maid_whoami", "--url", f"maid={at.url}/nowhere")
    await at.run("call", "maid_whoami", "--url", "maid=http://127.0.0.1:9")
    at.service.lock()
    for game in ("maid", "spacemolt", "moltforsale", "pipeworks"):
        await at.run("call", f"{game}_register", "username=x")
        await at.run("accounts", game)
        await at.run("logout", game)
    await at.run("login", "maid", "--stdin", "--no-check", typed=f"password={GIVEN}\n")


@pytest.mark.parametrize("form", ["short", pytest.param("long", marks=pytest.mark.long)])
async def test_no_secret_is_shown_written_or_named_by_any_process(
    service: SecretService, form: str
) -> None:
    watch = Watch()
    async with machine(service) as at, anyio.create_task_group() as tasks:
        tasks.start_soon(watch.look)
        await use_the_command_line(at)
        await play_as_a_host(at)
        secrets = at.secrets()
        if form == "long":
            await call_for_secrets(at)
            secrets |= at.secrets()
            await fail_in_every_way(at)
        tasks.cancel_scope.cancel()

    keyring = Path(service.environment["XDG_DATA_HOME"])
    files = [path for folder in (at.home, keyring) for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".keyring" for path in files)
    places = {f"file {path.name}": path.read_bytes() for path in files}
    places |= {f"output {number}": text.encode() for number, text in enumerate(at.written)}
    places["the list of processes"] = b"\n".join(
        seen for seen in watch.seen if f"password={GIVEN}".encode() not in seen
    )
    found = [
        f"{secret[:4]}... in {place}"
        for place, text in places.items()
        for secret in secrets
        if secret.encode() in text
    ]
    assert len(secrets) > 15
    assert any(b"bridge\0serve" in seen for seen in watch.seen)
    assert not found, "\n".join(found[:20])
