"""Serves the pages on which players type credentials, while any is open."""

import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import anyio
from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskGroup, TaskStatus

from bridge.errors import CredentialError
from bridge.gateway.entrance import Wanted
from bridge.server.credential_page import (
    HEADERS,
    LARGEST_FORM,
    LIFETIME_SECONDS,
    Page,
    Visit,
    form_page,
    last_page,
    objection,
)
from bridge.server.embedded import Embedded

HOST = "127.0.0.1"
MOST_FIELDS = 50
LINGER_SECONDS = 0.5
"""How long the server stays after the last page is done, so that its answer arrives."""

Take = Callable[[Wanted, Mapping[str, str]], Awaitable[Sequence[str]]]
"""Stores what the player brought; returns what is still missing."""


@dataclass(slots=True, kw_only=True, eq=False)
class CredentialPages:
    """The open pages of one server process."""

    take: Take
    now: Callable[[], float]
    _pages: dict[str, Page] = field(default_factory=dict)
    _tasks: TaskGroup | None = None
    _host: str | None = None
    """Name and port where the pages are served, while they are."""
    _lock: anyio.Lock = field(default_factory=anyio.Lock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Own the server of the pages; it is started with the first page."""
        async with anyio.create_task_group() as self._tasks:
            yield
            self._tasks.cancel_scope.cancel()

    async def open(self, wanted: Wanted, tool: str) -> tuple[str, Page]:
        """Open a page and return its address. Raises OSError when no port can be had."""
        if self._tasks is None:
            raise RuntimeError("the pages are not running")
        page = Page(wanted=wanted, tool=tool, expires_at=self.now() + LIFETIME_SECONDS)
        async with self._lock:
            self._pages[page.path] = page
            if self._host is None:
                self._host = await self._tasks.start(self._serve)
        return f"http://{self._host}{page.path}", page

    def find(self, path: str) -> Page | None:
        """Return the open page of that path, compared in constant time."""
        found = None
        for known, page in self._pages.items():
            if secrets.compare_digest(known.encode(), path.encode()):
                found = page
        return found

    async def _serve(self, *, task_status: TaskStatus[str] = TASK_STATUS_IGNORED) -> None:
        """Serve until no page is open any more."""
        listener = socket.create_server((HOST, 0))
        host = f"{HOST}:{listener.getsockname()[1]}"
        async with Embedded(self._answer).listening(listener):
            task_status.started(host)
            while self._pages:
                page = next(iter(self._pages.values()))
                with anyio.move_on_after(page.expires_at - self.now()):
                    await page.over.wait()
                await anyio.sleep(LINGER_SECONDS)
                self._pages.pop(page.path, None)
                if not self._pages:
                    # At once: a page that is opened while this server ends wants another.
                    self._host = None

    async def _answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], str]:
        page = self.find(path)
        visit = Visit(method=method, path=path, headers=headers, form=_form(body))
        refused = objection(page, visit, self._host or "", self.now())
        if refused is not None or page is None:
            status, reason = refused or (404, "There is no such page.")
            return status, HEADERS, last_page("Not here", reason)
        if method == "GET":
            return 200, HEADERS, form_page(page)
        return await self._keep(page, visit)

    async def _keep(self, page: Page, visit: Visit) -> tuple[int, Mapping[str, str], str]:
        page.busy = True
        try:
            missing = await self.take(page.wanted, visit.form)
        except CredentialError as error:
            return 500, HEADERS, form_page(page, str(error))
        finally:
            page.busy = False
        if missing:
            return 400, HEADERS, form_page(page, f"Still missing: {', '.join(missing)}.")
        page.kept = True
        page.over.set()
        thanks = "It is kept. You can close this page and go back to your assistant."
        return 200, HEADERS, last_page("Thank you", thanks)


def _form(body: bytes) -> Mapping[str, str]:
    if len(body) > LARGEST_FORM:
        return {}
    try:
        text = body.decode("utf-8", errors="replace")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}
