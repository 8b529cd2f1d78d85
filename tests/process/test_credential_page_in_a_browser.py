"""The credential page in a real browser: headless Chromium, driven over its own protocol."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import websockets
from anyio.streams.text import TextReceiveStream
from websockets.asyncio.client import ClientConnection

from bridge.gateway.entrance import Field, Wanted
from bridge.server.credential_pages import CredentialPages
from tests.waiting import PATIENCE_SECONDS

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(
        CHROMIUM is None, reason="needs Chromium; .ci/system-packages installs it on Debian"
    ),
]

WANTED = Wanted(
    game="spacemolt",
    title="SpaceMolt",
    account="default",
    fields=[
        Field(slot="username", label="Player name", secret=False, optional=False),
        Field(slot="password", label="Password", secret=True, optional=False),
    ],
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class PageLeftError(Exception):
    """The browser went on to another page before the script in this one had an answer."""


@dataclass
class Tab:
    """One tab of the browser."""

    socket: ClientConnection
    numbers: "count[int]"

    async def do(self, method: str, **params: Any) -> Mapping[str, Any]:
        """Send a command of the browser's protocol and return its result."""
        number = next(self.numbers)
        await self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message: Mapping[str, Any] = json.loads(await self.socket.recv())
            if message.get("id") == number:
                if "Inspected target navigated" in str(message.get("error")):
                    raise PageLeftError
                assert "error" not in message, message
                result: Mapping[str, Any] = message["result"]
                return result

    async def run(self, script: str) -> Any:
        """Run a script in the page and return what it comes to."""
        told = await self.do("Runtime.evaluate", expression=script, awaitPromise=True)
        return told["result"].get("value")

    async def leave(self, script: str) -> None:
        """Run a script that makes the browser go on to another page."""
        with suppress(PageLeftError):
            await self.run(script)

    async def until_heading(self, heading: str) -> str:
        """Wait until the page has that heading, and return its text."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while True:
                with suppress(PageLeftError):
                    text = await self.run("document.body ? document.body.innerText : ''")
                    if text and heading in text:
                        return str(text)
                await anyio.sleep(0.05)


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Tab]:
    """Start Chromium and open a tab."""
    process = await anyio.open_process(
        [
            CHROMIUM or "",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            "about:blank",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "HOME": str(profile)},
    )
    try:
        assert process.stderr is not None
        with anyio.fail_after(30):
            said = ""
            async for text in TextReceiveStream(process.stderr):
                said += text
                listening = re.search(r"ws://(127\.0\.0\.1:\d+)/\S+", said)
                if listening:
                    break
            async with httpx.AsyncClient() as client:
                tabs = (await client.get(f"http://{listening[1]}/json/list")).json()  # type: ignore[index]  # it said so
        page = next(tab for tab in tabs if tab["type"] == "page")
        async with websockets.connect(page["webSocketDebuggerUrl"], max_size=None) as socket:
            yield Tab(socket, count(1))
    finally:
        if process.returncode is None:
            process.kill()
        with anyio.CancelScope(shield=True):
            await process.aclose()


async def test_a_player_types_a_password_in_a_real_browser_and_it_is_kept(tmp_path: Path) -> None:
    stored: list[Mapping[str, str]] = []

    async def take(_: Wanted, brought: Mapping[str, str]) -> list[str]:
        stored.append(brought)
        return []

    pages = CredentialPages(take=take, now=lambda: 1_000.0)
    async with pages.running(), browser(tmp_path) as tab:
        url, page = await pages.open(WANTED, "spacemolt_get_status")
        await tab.do("Page.navigate", url=url)
        asked = await tab.until_heading("Sign in to SpaceMolt")
        hidden = await tab.run("document.getElementById('password').type")
        await tab.run("document.getElementById('username').value = 'Tester'")
        await tab.run("document.getElementById('password').value = 'correct horse'")
        await tab.leave("document.querySelector('button').click()")
        thanks = await tab.until_heading("Thank you")
        shown = await tab.run("document.documentElement.outerHTML")
        referrer = await tab.run("document.referrer")

    assert "because your assistant called spacemolt_get_status" in asked
    assert hidden == "password"
    assert "You can close this page" in thanks
    assert "correct horse" not in shown
    assert referrer == ""
    assert [(each["username"], each["password"]) for each in stored] == [
        ("Tester", "correct horse")
    ]
    assert page.kept


async def test_a_page_of_somebody_else_cannot_send_the_form(tmp_path: Path) -> None:
    stored: list[Mapping[str, str]] = []

    async def take(_: Wanted, brought: Mapping[str, str]) -> list[str]:
        stored.append(brought)
        return []

    pages = CredentialPages(take=take, now=lambda: 1_000.0)
    async with pages.running(), browser(tmp_path) as tab:
        url, page = await pages.open(WANTED, "spacemolt_get_status")
        # A page of another origin that knows everything, even the address and the token.
        form = (
            f"<form method=post action='{url}'><input name=csrf value='{page.csrf}'>"
            "<input name=username value=evil><input name=password value=evil></form>Look here"
        )
        await tab.do("Page.navigate", url=f"data:text/html,{form}")
        await tab.until_heading("Look here")
        await tab.leave("document.querySelector('form').submit()")
        refused = await tab.until_heading("Not here")

    assert "sent from another page" in refused
    assert stored == []
