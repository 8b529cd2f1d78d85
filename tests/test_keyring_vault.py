import threading
from collections.abc import Callable, Iterator

import anyio
import pytest
from keyring.backend import KeyringBackend
from keyring.core import load_keyring
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordDeleteError

from bridge.credentials import EnvironmentVault, NoBackend, Secrets, keep_safe
from bridge.errors import CredentialError
from bridge.keyring_vault import Backend, KeyringVault, system_keyring
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

PASSWORD = "correct horse/battery"
PLAYER = "spacemolt", "vex"


class Drawer:
    """A keyring that keeps its passwords in a dictionary."""

    def __init__(self) -> None:
        self.passwords: dict[tuple[str, str], str] = {}
        self.before: Callable[[], None] = lambda: None
        self.reads = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.before()
        self.reads += 1
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.before()
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.before()
        if (service, username) not in self.passwords:
            raise PasswordDeleteError("No such password!")
        del self.passwords[service, username]


class PlaintextKeyring(Drawer):
    """Named as the one of keyrings.alt that writes passwords to a file as they are."""


class Chain(Drawer):
    """Several keyrings behind one, as keyring chains them."""

    def __init__(self, *backends: Backend) -> None:
        super().__init__()
        self.backends = backends


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


@pytest.fixture
def vault(drawer: Drawer, secrets: Secrets) -> KeyringVault:
    return KeyringVault(secrets, load=lambda: drawer)


@pytest.fixture
def stuck(drawer: Drawer) -> Iterator[threading.Event]:
    """Make the keyring wait, as for a person to type a password, until this is set."""
    released = threading.Event()

    def wait() -> None:
        released.wait(10)

    drawer.before = wait
    yield released
    released.set()


def failing(error: Exception) -> Callable[[], None]:
    def fail_with_it() -> None:
        raise error

    return fail_with_it


async def test_a_secret_is_kept_under_game_account_and_slot(
    vault: KeyringVault, drawer: Drawer
) -> None:
    await vault.put(*PLAYER, "password", PASSWORD)

    assert drawer.passwords == {("game-bridge", "spacemolt/vex/password"): PASSWORD}
    assert await vault.get(*PLAYER, "password") == PASSWORD
    assert await vault.source(*PLAYER, "password") == "keyring"
    await vault.forget(*PLAYER, "password")
    await vault.forget(*PLAYER, "password")
    assert await vault.get(*PLAYER, "password") is None
    assert await vault.source(*PLAYER, "password") is None


async def test_what_was_read_is_remembered_for_half_a_minute(
    drawer: Drawer, secrets: Secrets
) -> None:
    now = [100.0]
    vault = KeyringVault(secrets, load=lambda: drawer, clock=lambda: now[0])
    drawer.passwords["game-bridge", "spacemolt/vex/password"] = PASSWORD

    for _ in range(3):
        assert await vault.get(*PLAYER, "password") == PASSWORD
        assert await vault.get(*PLAYER, "nothing") is None
    assert drawer.reads == 2

    drawer.passwords["game-bridge", "spacemolt/vex/password"] = "stored by another process"
    now[0] += 29
    assert await vault.get(*PLAYER, "password") == PASSWORD
    now[0] += 2
    assert await vault.get(*PLAYER, "password") == "stored by another process"


async def test_what_the_game_does_not_take_is_read_anew(
    vault: KeyringVault, drawer: Drawer, secrets: Secrets
) -> None:
    outer = EnvironmentVault(vault, secrets, {})
    await vault.put(*PLAYER, "password", PASSWORD)
    await vault.put("maid", "vex", "password", PASSWORD)
    for user in ("spacemolt/vex/password", "maid/vex/password"):
        drawer.passwords["game-bridge", user] = "stored by another process"

    outer.doubt(*PLAYER)

    assert await outer.get(*PLAYER, "password") == "stored by another process"
    assert await outer.get("maid", "vex", "password") == PASSWORD


async def test_what_this_process_stores_or_forgets_is_known_at_once(vault: KeyringVault) -> None:
    assert await vault.get(*PLAYER, "password") is None

    await vault.put(*PLAYER, "password", PASSWORD)
    assert await vault.get(*PLAYER, "password") == PASSWORD
    await vault.forget(*PLAYER, "password")
    assert await vault.get(*PLAYER, "password") is None


async def test_what_could_not_be_replaced_is_not_remembered(
    vault: KeyringVault, drawer: Drawer
) -> None:
    await vault.put(*PLAYER, "password", PASSWORD)
    drawer.before = failing(KeyringLocked("Failed to unlock the collection!"))
    with pytest.raises(CredentialError):
        await vault.put(*PLAYER, "password", "another")

    with pytest.raises(CredentialError):
        await vault.get(*PLAYER, "password")


async def test_what_comes_out_of_the_keyring_is_redacted_from_then_on(
    vault: KeyringVault, drawer: Drawer, secrets: Secrets
) -> None:
    drawer.passwords["game-bridge", "spacemolt/vex/password"] = PASSWORD
    assert secrets.redact(PASSWORD) == PASSWORD

    await vault.get(*PLAYER, "password")

    assert secrets.redact(PASSWORD) == "[secret]"


async def test_the_keyring_is_loaded_at_the_first_use_and_once(secrets: Secrets) -> None:
    loaded: list[Drawer] = []

    def load() -> Drawer:
        loaded.append(Drawer())
        return loaded[-1]

    vault = KeyringVault(secrets, load=load)
    assert loaded == []

    await vault.probe()
    await vault.probe()

    assert len(loaded) == 1
    assert loaded[0].passwords == {}


async def test_that_there_is_no_keyring_is_found_out_once(secrets: Secrets) -> None:
    loaded: list[Backend] = []

    def load() -> Backend:
        loaded.append(PlaintextKeyring())
        return loaded[-1]

    vault = KeyringVault(secrets, load=load)
    for _ in range(3):
        with pytest.raises(NoBackend, match="set environment variables"):
            await vault.get(*PLAYER, "password")

    assert len(loaded) == 1


def test_the_system_chooses_the_keyring() -> None:
    assert isinstance(system_keyring(), KeyringBackend)


@pytest.mark.parametrize(
    "backend",
    [
        load_keyring("keyring.backends.fail.Keyring"),
        load_keyring("keyring.backends.null.Keyring"),
        PlaintextKeyring(),
        Chain(PlaintextKeyring()),
    ],
)
async def test_a_keyring_that_keeps_nothing_safe_is_refused_naming_the_choices(
    backend: Backend, secrets: Secrets
) -> None:
    vault = KeyringVault(secrets, load=lambda: backend)

    with pytest.raises(NoBackend) as caught:
        await vault.put(*PLAYER, "password", PASSWORD)

    assert "install a keyring" in str(caught.value)
    assert "GAME_BRIDGE_<GAME>_<SLOT>" in str(caught.value)
    with pytest.raises(NoBackend):
        await vault.probe()


async def test_of_a_chain_the_first_safe_keyring_is_used_alone(
    drawer: Drawer, secrets: Secrets
) -> None:
    plain = PlaintextKeyring()
    vault = KeyringVault(secrets, load=lambda: Chain(plain, drawer))

    await vault.put(*PLAYER, "password", PASSWORD)

    assert plain.passwords == {}
    assert len(drawer.passwords) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (KeyringLocked("Failed to unlock the collection!"), "is locked,.*Unlock it"),
        (InitError("Failed to create the collection"), "is locked,.*Unlock it"),
        (NoKeyringError("No recommended backend"), "No keyring here.*install a keyring"),
        (OSError("bus gone"), r"failed \(OSError: bus gone\).*install a keyring"),
        (PasswordDeleteError(f"cannot delete {PASSWORD}"), r"failed .*cannot delete \[secret\]"),
    ],
)
async def test_whatever_a_keyring_raises_says_what_to_do(
    vault: KeyringVault, drawer: Drawer, error: Exception, told: str
) -> None:
    drawer.before = failing(error)

    with pytest.raises(CredentialError, match=told) as caught:
        await vault.put(*PLAYER, "password", PASSWORD)

    assert PASSWORD not in str(caught.value)
    assert "GAME_BRIDGE_<GAME>_<SLOT>" in str(caught.value)


async def test_a_keyring_that_forgets_fails_the_probe(secrets: Secrets) -> None:
    class Sieve(Drawer):
        def set_password(self, service: str, username: str, password: str) -> None:
            pass

    with pytest.raises(CredentialError, match="does not give back what it was given"):
        await KeyringVault(secrets, load=Sieve).probe()


async def test_a_keyring_that_does_not_answer_is_given_up(
    drawer: Drawer, secrets: Secrets, stuck: threading.Event
) -> None:
    vault = KeyringVault(secrets, load=lambda: drawer, timeout=0.05)

    with anyio.fail_after(PATIENCE_SECONDS):
        with pytest.raises(CredentialError, match=r"did not answer within 0\.05 s.*unlock it"):
            await vault.put(*PLAYER, "password", PASSWORD)
        with pytest.raises(CredentialError, match="did not answer"):
            await vault.get(*PLAYER, "password")

    hung = [thread for thread in threading.enumerate() if thread.name == "keyring"]
    assert len(hung) == 1
    assert hung[0].daemon


async def test_a_keyring_that_answers_again_is_used_again(
    drawer: Drawer, secrets: Secrets, stuck: threading.Event
) -> None:
    vault = KeyringVault(secrets, load=lambda: drawer, timeout=0.5)
    with anyio.move_on_after(0.05):
        await vault.put(*PLAYER, "password", PASSWORD)

    stuck.set()

    with anyio.fail_after(PATIENCE_SECONDS):
        assert await vault.get(*PLAYER, "password") == PASSWORD


async def test_one_call_reaches_the_keyring_at_a_time(vault: KeyringVault, drawer: Drawer) -> None:
    inside = threading.Semaphore(1)
    crowded: list[bool] = []

    def enter() -> None:
        crowded.append(not inside.acquire(blocking=False))
        threading.Event().wait(0.001)
        inside.release()

    drawer.before = enter
    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(vault.put, *PLAYER, f"slot_{number}", PASSWORD)

    assert crowded == [False] * 10


async def test_a_secret_given_once_survives_a_locked_keyring_and_is_stored_later(
    vault: KeyringVault, drawer: Drawer
) -> None:
    drawer.before = failing(KeyringLocked("Failed to unlock the collection!"))

    warning = await keep_safe(vault, *PLAYER, {"password": PASSWORD}, pauses=())

    assert warning is not None
    assert "is locked" in warning
    assert PASSWORD not in warning
    assert await vault.get(*PLAYER, "password") == PASSWORD
    assert await vault.source(*PLAYER, "password") == "memory"

    drawer.before = lambda: None
    assert await vault.store_held() is None
    assert await vault.source(*PLAYER, "password") == "keyring"


async def test_nothing_shows_a_secret_in_its_repr(vault: KeyringVault) -> None:
    vault.hold(*PLAYER, "password", PASSWORD)

    assert PASSWORD not in repr(vault)
