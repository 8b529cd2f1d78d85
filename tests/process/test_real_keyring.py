"""The vault on a real Secret Service: gnome-keyring, over D-Bus."""

import gc
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from keyring.backends.SecretService import Keyring

from bridge.credentials import EnvironmentVault, NoBackend, Secrets, Vault
from bridge.errors import CredentialError
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.keyring_vault import KeyringVault
from bridge.protocol.verdict import Done, Refused
from tests.gateway.spacemolt_table import SPEC, Table, laid
from tests.secret_service import MISSING, SecretService, secret_service
from tests.server.child import ROOT
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(
        bool(MISSING), reason=f"not installed: {', '.join(MISSING)}; see .ci/system-packages"
    ),
    # The library leaves its connections to the bus open when something goes wrong, and the
    # garbage collector may come upon one in the middle of a test.
    pytest.mark.filterwarnings(
        r"ignore:Exception ignored in. <socket\.socket:pytest.PytestUnraisableExceptionWarning"
    ),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

PASSWORD = "0123456789abcdef" * 4
PLAYER = ("spacemolt", "vex")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    # Not pytest's own folder: the path of a socket has at most 107 characters.
    with (
        tempfile.TemporaryDirectory(prefix="keyring-") as folder,
        secret_service(Path(folder)) as running,
    ):
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running
        # The library leaves its connections to the bus open when something goes wrong.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


def vault_on_it(seconds: float = 5.0, remember: float = 30.0) -> KeyringVault:
    return KeyringVault(Secrets(), load=Keyring, timeout=seconds, remember=remember)


@pytest.fixture
def vault(service: SecretService) -> KeyringVault:
    return vault_on_it(remember=0)


async def test_a_secret_is_stored_read_replaced_and_forgotten(
    vault: KeyringVault, service: SecretService
) -> None:
    assert await vault.get(*PLAYER, "password") is None

    await vault.put(*PLAYER, "password", "first-one")
    await vault.put(*PLAYER, "password", PASSWORD)
    assert service.stored() == {"spacemolt/vex/password": PASSWORD}
    assert await vault.get(*PLAYER, "password") == PASSWORD
    assert await vault.source(*PLAYER, "password") == "keyring"

    await vault.forget(*PLAYER, "password")
    await vault.forget(*PLAYER, "password")
    assert await vault.get(*PLAYER, "password") is None
    assert service.stored() == {}


async def test_a_probe_leaves_nothing_behind(vault: KeyringVault, service: SecretService) -> None:
    await vault.probe()

    assert service.stored() == {}


async def test_accounts_and_games_do_not_mix(vault: KeyringVault, service: SecretService) -> None:
    secrets = {
        (game, account, slot): f"{game} {account} {slot}"
        for game in ("spacemolt", "maid")
        for account in ("default", "Änne ☃", "a/b", "a")
        for slot in ("password", "api_key")
    }
    for key, value in secrets.items():
        await vault.put(*key, value)

    assert {key: await vault.get(*key) for key in secrets} == secrets
    await vault.forget("maid", "a", "password")
    assert len(service.stored()) == len(secrets) - 1


@pytest.mark.parametrize(
    "value",
    ["пароль ☃ 🚀", "two\nlines\ttab", "\"'\\%$(x)", "x" * 1_000_000, " spaces ", "\0"],
    ids=["unicode", "lines", "quotes", "a million characters", "spaces", "nul"],
)
async def test_every_value_comes_back_as_it_was(vault: KeyringVault, value: str) -> None:
    await vault.put(*PLAYER, "password", value)

    assert await vault.get(*PLAYER, "password") == value


async def test_what_no_keyring_takes_is_refused_in_words(vault: KeyringVault) -> None:
    with pytest.raises(CredentialError, match="The keyring failed"):
        await vault.put(*PLAYER, "password", "half a smile: \ud800")


async def test_another_process_finds_it_by_itself(
    vault: KeyringVault, service: SecretService
) -> None:
    await vault.put("spacemolt", "default", "password", PASSWORD)

    shown = subprocess.run(
        [sys.executable, "-m", "bridge", "accounts", "spacemolt", "--config", "/dev/null"],
        cwd=ROOT,
        env=service.environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert shown.stdout == "spacemolt default (default): password in the keyring\n"
    assert PASSWORD not in shown.stdout + shown.stderr


async def test_a_locked_collection_is_explained(
    vault: KeyringVault, service: SecretService
) -> None:
    await vault.put(*PLAYER, "password", PASSWORD)
    service.lock()

    for attempt in (
        vault.get(*PLAYER, "password"),
        vault.put(*PLAYER, "password", "another"),
        vault.probe(),
    ):
        with pytest.raises(CredentialError, match=r"The keyring is locked, .* Unlock it") as caught:
            await attempt
        assert "GAME_BRIDGE_<GAME>_<SLOT>" in str(caught.value)


async def test_a_variable_serves_while_the_collection_is_locked(
    vault: KeyringVault, service: SecretService
) -> None:
    service.lock()
    around = EnvironmentVault(vault, vault.secrets, {"GAME_BRIDGE_SPACEMOLT_PASSWORD": PASSWORD})

    assert await around.get(*PLAYER, "password") == PASSWORD
    assert await around.source(*PLAYER, "password") == "environment"


async def test_a_keyring_that_ended_is_explained(
    vault: KeyringVault, service: SecretService
) -> None:
    service.end()

    with pytest.raises(CredentialError, match="does not run"):
        await vault.get(*PLAYER, "password")


async def test_a_keyring_that_does_not_answer_is_given_up_and_used_again_later(
    service: SecretService,
) -> None:
    vault = vault_on_it(seconds=0.5)
    await vault.put(*PLAYER, "password", PASSWORD)
    vault.doubt(*PLAYER)
    service.freeze()

    began = time.monotonic()
    with pytest.raises(CredentialError, match=r"did not answer within 0\.5 s"):
        await vault.get(*PLAYER, "password")
    assert time.monotonic() - began < 1.5

    service.thaw()
    with anyio.fail_after(PATIENCE_SECONDS):
        assert await eventually_read(vault) == PASSWORD


async def eventually_read(vault: KeyringVault) -> str | None:
    while True:
        try:
            return await vault.get(*PLAYER, "password")
        except CredentialError:
            await moment()


def test_without_any_secret_service_the_choices_are_named(tmp_path: Path) -> None:
    script = """
import anyio
from bridge.credentials import NoBackend, Secrets
from bridge.keyring_vault import KeyringVault
async def main():
    try:
        await KeyringVault(Secrets()).probe()
    except NoBackend as error:
        print(error)
anyio.run(main)
"""
    said = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/no-bus"},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    ).stdout

    assert said.startswith("No keyring here keeps secrets")
    assert "gnome-keyring or KWallet" in said
    assert "GAME_BRIDGE_SPACEMOLT_PASSWORD" in said
    assert NoBackend.__name__ not in said


# -- Registering -----------------------------------------------------------------------------


async def registered(table: Table, vault: Vault, folder: Path) -> tuple[Gateway, object]:
    gateway = Gateway({"spacemolt": SPEC}, table.gateway.settings, vault, Journal(folder / "j.db"))
    async with gateway.running():
        arguments = {"username": "Keyed", "empire": "solarian", "registration_code": "sandbox"}
        answer = await gateway.call("spacemolt_register", arguments)
    return gateway, answer.outcome


async def test_a_registration_goes_straight_into_the_keyring(
    service: SecretService, tmp_path: Path
) -> None:
    vault = vault_on_it()
    async with laid(tmp_path) as table:
        _, outcome = await registered(table, vault, tmp_path)

    stored = service.stored()
    assert isinstance(outcome, Done)
    assert stored["spacemolt/default/username"] == "Keyed"
    assert len(stored["spacemolt/default/password"]) == len(PASSWORD)
    assert stored["spacemolt/default/password"] not in repr(outcome)


async def test_nothing_is_registered_while_the_keyring_is_locked(
    service: SecretService, tmp_path: Path
) -> None:
    service.lock()
    async with laid(tmp_path) as table:
        _, outcome = await registered(table, vault_on_it(), tmp_path)

        assert isinstance(outcome, Refused)
        assert "Unlock it" in outcome.message
        assert not table.world.executed


async def test_a_keyring_that_fails_after_the_game_has_answered_loses_nothing(
    service: SecretService, tmp_path: Path
) -> None:
    vault = vault_on_it(seconds=0.3)
    async with laid(tmp_path) as table:
        gateway = Gateway(
            {"spacemolt": SPEC}, table.gateway.settings, vault, Journal(tmp_path / "j.db")
        )
        table.world.faults.switch_on("delay_reply", times=1, value=0.3)
        async with gateway.running():
            arguments = {"username": "Keyed", "empire": "solarian", "registration_code": "sandbox"}
            answers: list[object] = []

            async def register() -> None:
                answers.append((await gateway.call("spacemolt_register", arguments)).outcome)

            with anyio.fail_after(PATIENCE_SECONDS):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(register)
                    while not table.world.executed["register"]:
                        await moment()
                    service.freeze()

            assert isinstance(answers[0], Done)
            assert "Not stored yet: " in repr(answers[0].notes)
            assert await vault.source("spacemolt", "default", "password") == "memory"
            assert isinstance((await gateway.call("spacemolt_get_status", {})).outcome, Done)
            status = (await gateway.call("bridge_status", {})).outcome
            assert "in memory only" in repr(status.notes)

            service.thaw()
            with anyio.fail_after(PATIENCE_SECONDS):
                while "spacemolt/default/password" not in service.stored():
                    status = (await gateway.call("bridge_status", {})).outcome

        assert status.notes == ()
        assert await vault.source("spacemolt", "default", "password") == "keyring"
