"""Joining the arena: the key comes once, is kept before anything is told, and is never shown."""

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from bridge.credentials import MemoryVault, Secrets
from bridge.errors import CredentialError
from bridge.protocol.verdict import Done
from bridge.sandbox.clock import HandClock
from bridge.sandbox.moltforsale.wire import Answer, Call
from bridge.sandbox.moltforsale.world import Moltforsale
from tests.journeys.moltforsale.arena import GAME, US, Arena, entered, is_secret

pytestmark = pytest.mark.anyio

REGISTER = "POST /api/v1/agents/register"
NEWCOMER = {"handle": US, "display_name": "Demo", "bio": "I am new here."}


class LockedVault(MemoryVault):
    """A vault that cannot keep anything new."""

    async def probe(self) -> None:
        raise CredentialError("The keyring is locked.")


class FailingVault(MemoryVault):
    """A vault that works until something has to be written to it."""

    async def store_held(self) -> str | None:
        return "The keyring went away."


class Renamed(Moltforsale):
    """A world whose next version names things differently."""

    def answer(self, call: Call) -> Answer:
        answer = super().answer(call)
        told = json.dumps(answer.json).replace("api_key", "apiKey").replace("claim_url", "where")
        return replace(answer, json=json.loads(told))


async def _key(arena: Arena) -> str:
    key = await arena.gateway.vault.get(GAME, "default", "api_key")
    assert key is not None
    return key


async def test_the_key_is_kept_and_neither_shown_nor_logged_nor_written_down(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with entered(tmp_path) as arena:
        text = await arena.read("register", **NEWCOMER)
        text += await arena.read("poll")
        text += await arena.read("me")
        text += await arena.read("claim_status")
        text += await arena.read("bridge_events")

        vault = arena.gateway.vault
        link = await vault.get(GAME, "default", "claim_url")
        secrets = [await _key(arena), link, await vault.get(GAME, "default", "claim_code")]
        assert arena.world.agent(US).api_key == secrets[0]
        assert await vault.get(GAME, "default", "handle") == US
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for secret in secrets:
        assert secret is not None
        assert secret not in text
        assert secret not in caplog.text
        assert secret.encode() not in written
    assert "claim_url" not in text
    assert "Kept for you, and never shown: API key" in text


async def test_a_second_registration_is_refused_while_a_key_is_kept(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()

        refused = await arena.refused("register", **{**NEWCOMER, "handle": "second"})

        assert refused.code == "already_registered"
        assert arena.world.requests[REGISTER] == 1


async def test_nothing_is_sent_when_the_vault_could_not_keep_the_key(tmp_path: Path) -> None:
    async with entered(tmp_path, vault=LockedVault(Secrets(is_secret))) as arena:
        refused = await arena.refused("register", **NEWCOMER)

        assert "The keyring is locked." in refused.message
        assert arena.world.requests[REGISTER] == 0


async def test_a_key_that_cannot_be_stored_is_held_in_memory_and_not_printed(
    tmp_path: Path,
) -> None:
    async with entered(tmp_path, vault=FailingVault(Secrets(is_secret))) as arena:
        outcome = await arena.call("register", **NEWCOMER)

        assert isinstance(outcome, Done)
        assert any("Not stored yet" in note for note in outcome.notes)
        assert await _key(arena) not in str(outcome)
        await arena.done("poll")


async def test_a_lost_answer_is_told_as_lost_and_never_asked_for_again(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        arena.world.faults.switch_on("drop_reply_after_register")

        unknown = await arena.unknown("register", **NEWCOMER)

        assert unknown.check == "moltforsale_agent"
        assert arena.world.requests[REGISTER] == 1
        assert arena.world.executed["register"] == 1
        text = await arena.read("register", **NEWCOMER)
        assert "its key is lost" in text


async def test_an_answer_without_a_key_is_no_success(tmp_path: Path) -> None:
    async with entered(tmp_path) as arena:
        arena.world.faults.switch_on("empty_body")

        unknown = await arena.unknown("register", **NEWCOMER)

        assert "holds no API key" in unknown.reason
        assert await arena.gateway.vault.get(GAME, "default", "handle") is None


async def test_a_key_and_a_link_under_other_names_are_kept_and_hidden_all_the_same(
    tmp_path: Path,
) -> None:
    world = Renamed(clock=HandClock(), schemers=0)
    async with entered(tmp_path, world=world) as arena:
        text = await arena.read("register", **NEWCOMER)
        text += await arena.read("poll")

        assert await _key(arena) == world.agent(US).api_key
        assert await _key(arena) not in text
        assert str(world.agent(US).claim_token) not in text
        assert '"where":"https://moltforsale.invalid[secret]"' in text


async def test_five_tries_an_hour_are_counted_here_for_every_account(tmp_path: Path) -> None:
    async with entered(tmp_path, accounts={GAME: ("one", "two")}) as arena:
        arena.world.add_agent("taken")
        for number in range(5):
            account = ("one", "two")[number % 2]
            await arena.refused("register", **{**NEWCOMER, "handle": "taken"}, account=account)
            arena.clock.advance(60)

        refused = await arena.refused("register", **NEWCOMER, account="one")

        assert refused.code == "RATE_LIMIT_REGISTER"
        assert refused.local
        assert refused.wait == pytest.approx(arena.world.registration_ready_in(), abs=1)
        assert arena.world.requests[REGISTER] == 5
        arena.clock.advance(refused.wait or 0)
        await arena.done("register", **NEWCOMER, account="one")


@pytest.mark.parametrize("claim", ["off", "auto"])
async def test_a_server_without_claims_is_joined_all_the_same(
    tmp_path: Path, claim: Literal["off", "auto"]
) -> None:
    world = Moltforsale(clock=HandClock(), claim=claim, schemers=0)
    async with entered(tmp_path, world=world) as arena:
        registered = await arena.done("register", **NEWCOMER)

        assert "api_key" not in str(registered)
        assert (await arena.gateway.vault.get(GAME, "default", "claim_url") is None) == (
            claim == "off"
        )
        await arena.done("post", content="Hello")


async def test_what_looks_like_a_key_is_shown_and_kept_nowhere_whoever_posts_it(
    tmp_path: Path,
) -> None:
    async with entered(tmp_path) as arena:
        await arena.register()
        arena.world.add_agent("rival")
        post = arena.world.force_post("rival", "Use molt_sk_0123456789abcdef, it is free.")

        text = await arena.read("poll")
        text += await arena.read("read_post", post_id=post)
        text += await arena.read("bridge_events", feed="posts", after=0)

        assert text.count("Use [secret], it is free.") == 3
        assert "molt_sk_0123" not in text
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"molt_sk_0123" not in written
