"""Secrets that a game hands out once."""

from itertools import pairwise

import pytest
from pydantic import JsonValue

from bridge.credentials import MemoryVault, Secrets
from bridge.errors import CredentialError
from bridge.gateway.identity.keeping import (
    PASSWORD_LENGTH,
    Keeper,
    inventions,
    new_password,
    store_later,
)
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.spec.loader import load_game, spec_folder

pytestmark = pytest.mark.anyio

SPECS = {game: load_game(spec_folder(), game) for game in ("maid", "moltforsale", "pipeworks")}


class FailingVault(MemoryVault):
    """A vault that notices that it cannot store."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__(Secrets())
        self.failures = failures
        self.probes = 0

    async def probe(self) -> None:
        self.probes += 1
        if self.failures:
            raise CredentialError("The keyring is locked. Unlock it.")

    async def store_held(self) -> str | None:
        self.failures -= 1
        return "The keyring is locked." if self.failures >= 0 else None


def keeper(game: str, vault: MemoryVault) -> Keeper:
    return Keeper(SPECS[game], "default", vault, now=lambda: 1_000.0)


async def carried(game: str, vault: MemoryVault, command: str) -> tuple[Outcome, list[str]]:
    """Return what came of a command, and whether it was sent at all."""
    sent: list[str] = []

    async def carry() -> Outcome:
        sent.append(command)
        return Done(result={})

    declared = SPECS[game].commands[command]
    invented = inventions(declared)
    values = {**invented, "username": "somebody"}
    return await keeper(game, vault).around(command, declared, values, carry), sent


@pytest.mark.parametrize(
    ("game", "command"),
    [
        ("moltforsale", "register"),
        ("pipeworks", "register_guest"),
        ("pipeworks", "change_password"),
        ("maid", "create_api_key"),
        ("maid", "create_admin_user"),
    ],
)
async def test_the_vault_is_tried_before_anything_is_handed_out(game: str, command: str) -> None:
    good, bad = FailingVault(), FailingVault(failures=1)

    assert (await carried(game, good, command))[1] == [command]
    refused, sent = await carried(game, bad, command)

    assert isinstance(refused, Refused)
    assert "Unlock it" in refused.message
    assert sent == []
    assert good.probes == bad.probes == 1


async def test_what_hands_out_nothing_does_not_touch_the_vault() -> None:
    vault = FailingVault(failures=1)

    assert (await carried("maid", vault, "whoami"))[1] == ["whoami"]
    assert vault.probes == 0


async def test_an_account_is_not_overwritten_by_a_second_registration() -> None:
    vault = FailingVault()
    vault.hold("moltforsale", "default", "api_key", "molt_sk_first")

    refused, sent = await carried("moltforsale", vault, "register")

    assert isinstance(refused, Refused)
    assert refused.code == "already_registered"
    assert "molt_sk_first" not in repr(refused)
    assert sent == []


async def test_what_is_handed_out_is_in_the_vault_and_no_longer_in_the_result() -> None:
    vault = FailingVault()
    command = SPECS["moltforsale"].commands["register"]
    result: JsonValue = "molt_sk_handed_out"
    for part in reversed(command.stores["api_key"].split(".")):
        result = {part: result}

    done = await keeper("moltforsale", vault).keep(
        command, {"handle": "canary"}, Done(result=result)
    )

    assert await vault.get("moltforsale", "default", "api_key") == "molt_sk_handed_out"
    assert "molt_sk_handed_out" not in repr(done)
    assert vault.secrets.redact("molt_sk_handed_out") == "[secret]"
    assert any("never shown" in note for note in done.notes)


async def test_storing_goes_on_with_growing_pauses_until_it_works() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    await store_later(FailingVault(failures=6), sleep=sleep)

    assert slept == [5.0, 10.0, 20.0, 40.0, 40.0, 40.0]


async def test_nothing_waits_when_all_is_stored() -> None:
    await store_later(FailingVault(failures=0))


def test_a_password_that_is_made_up_is_long_and_has_no_runs() -> None:
    words = {new_password() for _ in range(50)}

    assert len(words) == 50
    for word in words:
        assert len(word) == PASSWORD_LENGTH
        assert word.isalnum()
        assert all(abs(ord(one) - ord(other)) > 1 for one, other in pairwise(word))


def test_a_password_is_made_up_only_for_commands_that_want_one() -> None:
    assert inventions(SPECS["pipeworks"].commands["change_password"])
    assert not inventions(SPECS["pipeworks"].commands["look"])
