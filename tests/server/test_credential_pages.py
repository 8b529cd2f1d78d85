"""The page on which a player types credentials, and everybody it must send away."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import httpx
import pytest

from bridge.errors import CredentialError
from bridge.gateway.entrance import Field, Wanted
from bridge.server.credential_page import LIFETIME_SECONDS, Page
from bridge.server.credential_pages import CredentialPages
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio

WANTED = Wanted(
    game="spacemolt",
    title="SpaceMolt <b>",
    account="default",
    fields=[
        Field(slot="username", label="Player name", secret=False, optional=False),
        Field(slot="password", label="Password", secret=True, optional=False),
    ],
)
TYPED = {"username": "Tester", "password": "correct horse"}


@dataclass
class Desk:
    """Pages, a clock, and what was stored."""

    time: float = 1_000.0
    stored: list[Mapping[str, str]] = field(default_factory=list)
    broken: bool = False
    unlocked: anyio.Event = field(default_factory=anyio.Event)
    """Storing waits for it where it is slow."""
    slow: bool = False

    async def take(self, _: Wanted, brought: Mapping[str, str]) -> list[str]:
        if self.broken:
            raise CredentialError("The keyring is locked. Unlock it and try again.")
        if not brought.get("password"):
            return ["Password"]
        if self.slow:
            await self.unlocked.wait()
        self.stored.append({slot: brought[slot] for slot in ("username", "password")})
        return []


@asynccontextmanager
async def opened(desk: Desk) -> AsyncIterator[tuple[httpx.AsyncClient, str, Page]]:
    pages = CredentialPages(take=desk.take, now=lambda: desk.time)
    with anyio.fail_after(PATIENCE_SECONDS):
        async with pages.running():
            url, page = await pages.open(WANTED, "spacemolt_get_status")
            async with httpx.AsyncClient() as browser:
                yield browser, url, page


def origin_of(url: str) -> str:
    return url.rpartition("/")[0]


async def submit(
    browser: httpx.AsyncClient, url: str, page: Page, **headers: str
) -> httpx.Response:
    form = {**TYPED, "csrf": page.csrf}
    return await browser.post(url, data=form, headers={"Origin": origin_of(url), **headers})


async def test_the_page_asks_for_what_is_wanted_and_keeps_it() -> None:
    desk = Desk()
    async with opened(desk) as (browser, url, page):
        asked = await browser.get(url)
        answer = await submit(browser, url, page)

    assert "Player name" in asked.text
    assert "type='password'" in asked.text
    assert answer.status_code == 200
    assert "Thank you" in answer.text
    assert desk.stored == [TYPED]
    assert page.kept


async def test_it_can_be_used_once() -> None:
    desk = Desk()
    async with opened(desk) as (browser, url, page):
        await submit(browser, url, page)
        again = await submit(browser, url, page)
        read_again = await browser.get(url)

    assert again.status_code == read_again.status_code == 404
    assert len(desk.stored) == 1


async def test_a_second_tab_cannot_send_it_while_the_keyring_still_waits() -> None:
    desk = Desk(slow=True)
    async with opened(desk) as (browser, url, page), anyio.create_task_group() as tasks:
        tasks.start_soon(submit, browser, url, page)
        while not page.busy:
            await moment()
        second = await submit(browser, url, page)
        desk.unlocked.set()
        await page.over.wait()

    assert second.status_code == 409
    assert len(desk.stored) == 1


async def test_a_page_that_is_opened_while_the_last_one_closes_can_be_read() -> None:
    desk = Desk()
    pages = CredentialPages(take=desk.take, now=lambda: desk.time)
    with anyio.fail_after(PATIENCE_SECONDS):
        async with pages.running(), httpx.AsyncClient() as browser:
            _, first = await pages.open(WANTED, "spacemolt_get_status")
            first.over.set()
            while pages.find(first.path) is not None:
                await moment()
            url, _ = await pages.open(WANTED, "spacemolt_get_status")

            assert (await browser.get(url)).status_code == 200


async def test_its_time_is_short() -> None:
    desk = Desk()
    async with opened(desk) as (browser, url, page):
        desk.time += LIFETIME_SECONDS + 1
        late = await submit(browser, url, page)

    assert late.status_code == 404
    assert desk.stored == []


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/%2e%2e/", "/wrong", "/a/b"])
async def test_a_wrong_path_finds_nothing(path: str) -> None:
    desk = Desk()
    async with opened(desk) as (browser, url, page):
        answer = await submit(browser, origin_of(url) + path, page)

    assert answer.status_code == 404
    assert desk.stored == []


@pytest.mark.parametrize("host", ["evil.example", "localhost:{port}", "127.0.0.1", "127.0.0.1:1"])
async def test_a_forged_host_is_sent_away(host: str) -> None:
    desk = Desk()
    async with opened(desk) as (browser, url, page):
        port = origin_of(url).rpartition(":")[2]
        answer = await submit(browser, url, page, Host=host.format(port=port))
        read = await browser.get(url, headers={"Host": host.format(port=port)})

    assert answer.status_code == read.status_code == 421
    assert desk.stored == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_another_page_is_sent_away(headers: dict[str, str]) -> None:
    desk = Desk()
    async with opened(desk) as (browser, url, page):
        answer = await submit(browser, url, page, **headers)

    assert answer.status_code == 403
    assert desk.stored == []


@pytest.mark.parametrize("csrf", ["", "guessed", None])
async def test_a_form_without_the_pages_own_token_is_sent_away(csrf: str | None) -> None:
    desk = Desk()
    async with opened(desk) as (browser, url, _):
        form = TYPED if csrf is None else {**TYPED, "csrf": csrf}
        answer = await browser.post(url, data=form, headers={"Origin": origin_of(url)})

    assert answer.status_code == 403
    assert desk.stored == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"])
async def test_it_is_read_and_filled_in_and_nothing_else(method: str) -> None:
    async with opened(Desk()) as (browser, url, _):
        assert (await browser.request(method, url)).status_code == 405


async def test_what_is_missing_is_said_and_what_was_typed_is_not_repeated() -> None:
    desk = Desk()
    async with opened(desk) as (browser, url, page):
        form = {"username": "Tester", "password": "", "csrf": page.csrf}
        answer = await browser.post(url, data=form, headers={"Origin": origin_of(url)})
        at_last = await submit(browser, url, page)

    assert answer.status_code == 400
    assert "Still missing: Password." in answer.text
    assert "Tester" not in answer.text
    assert at_last.status_code == 200


async def test_a_keyring_that_is_locked_is_said_and_the_page_stays() -> None:
    desk = Desk(broken=True)
    async with opened(desk) as (browser, url, page):
        refused = await submit(browser, url, page)
        desk.broken = False
        at_last = await submit(browser, url, page)

    assert "The keyring is locked" in refused.text
    assert "correct horse" not in refused.text
    assert at_last.status_code == 200


async def test_a_form_that_is_far_too_large_is_not_read() -> None:
    desk = Desk()
    async with opened(desk) as (browser, url, page):
        form = {**TYPED, "csrf": page.csrf, "more": "x" * 3_000_000}
        answer = await browser.post(url, data=form, headers={"Origin": origin_of(url)})

    assert answer.status_code == 403
    assert desk.stored == []


async def test_a_form_of_very_many_fields_is_not_read() -> None:
    desk = Desk()
    async with opened(desk) as (browser, url, page):
        form = {**TYPED, "csrf": page.csrf, **{f"more{number}": "x" for number in range(100)}}
        answer = await browser.post(url, data=form, headers={"Origin": origin_of(url)})

    assert answer.status_code == 403
    assert desk.stored == []


async def test_nothing_is_cached_framed_sent_elsewhere_or_referred_to() -> None:
    async with opened(Desk()) as (browser, url, _):
        headers = (await browser.get(url)).headers

    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "form-action 'self'" in headers["content-security-policy"]


async def test_names_of_games_are_text_and_never_markup() -> None:
    async with opened(Desk()) as (browser, url, _):
        text = (await browser.get(url)).text

    assert "SpaceMolt &lt;b&gt;" in text
    assert not re.search(r"SpaceMolt <b>", text)


async def test_neither_the_address_nor_the_token_is_in_a_repr() -> None:
    async with opened(Desk()) as (_, url, page):
        assert page.path not in repr(page)
        assert page.csrf not in repr(page)
        assert url
