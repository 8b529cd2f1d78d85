import io
import json
import logging
from urllib.parse import quote

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.core import load_keyring
from pydantic import JsonValue

from bridge.credentials import (
    EnvironmentVault,
    MemoryVault,
    NoBackend,
    SecretFilter,
    Secrets,
    keep_safe,
    variables,
)
from bridge.keyring_vault import KeyringVault

PASSWORD = "correct horse/battery"
PLAYER = "spacemolt", "vex"


class StubbornVault(MemoryVault):
    """A vault that cannot store for some tries."""

    def __init__(self, secrets: Secrets, failures: int) -> None:
        super().__init__(secrets)
        self.failures = failures

    async def store_held(self) -> str | None:
        self.failures -= 1
        return "The keyring is locked." if self.failures >= 0 else None


def no_keyring(secrets: Secrets) -> KeyringVault:
    return KeyringVault(secrets, load=lambda: load_keyring("keyring.backends.fail.Keyring"))


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


@pytest.mark.anyio
async def test_memory_keeps_replaces_and_forgets(secrets: Secrets) -> None:
    vault = MemoryVault(secrets)
    assert await vault.get(*PLAYER, "password") is None
    assert await vault.source(*PLAYER, "password") is None

    await vault.probe()
    await vault.put(*PLAYER, "password", "first-one")
    await vault.put(*PLAYER, "password", PASSWORD)

    assert await vault.get(*PLAYER, "password") == PASSWORD
    assert await vault.source(*PLAYER, "password") == "memory"
    await vault.forget(*PLAYER, "password")
    await vault.forget(*PLAYER, "password")
    assert await vault.get(*PLAYER, "password") is None


@pytest.mark.anyio
async def test_a_variable_wins_over_the_vault_and_is_said_to(secrets: Secrets) -> None:
    inner = MemoryVault(secrets)
    environment = {"GAME_BRIDGE_SPACEMOLT_PASSWORD": "from-the-environment"}
    vault = EnvironmentVault(inner, secrets, environment)

    await vault.put(*PLAYER, "password", PASSWORD)
    await vault.put(*PLAYER, "token", PASSWORD)

    assert await vault.get(*PLAYER, "password") == "from-the-environment"
    assert await vault.source(*PLAYER, "password") == "environment"
    assert await vault.source(*PLAYER, "token") == "memory"
    assert secrets.redact("from-the-environment") == "[secret]"
    await vault.forget(*PLAYER, "password")
    assert await inner.get(*PLAYER, "password") is None


@pytest.mark.anyio
async def test_a_variable_for_the_account_wins_over_one_for_the_game(secrets: Secrets) -> None:
    environment = {
        "GAME_BRIDGE_SPACEMOLT_PASSWORD": "for any account",
        "GAME_BRIDGE_SPACEMOLT_VEX_NOCTURN_2_PASSWORD": "for one account",
        "GAME_BRIDGE_SPACEMOLT_NOVA_PASSWORD": "",
    }
    vault = EnvironmentVault(MemoryVault(secrets), secrets, environment)

    assert await vault.get("spacemolt", "Vex Nocturn-2", "password") == "for one account"
    assert await vault.get("spacemolt", "nova", "password") == "for any account"


@pytest.mark.anyio
async def test_accounts_of_others_read_only_the_variables_that_name_them(secrets: Secrets) -> None:
    environment = {
        "GAME_BRIDGE_MAID_API_KEY": PASSWORD,
        "GAME_BRIDGE_MAID_LAPTOP_PASSWORD": "theirs",
    }
    theirs = EnvironmentVault(MemoryVault(secrets), secrets, environment).of_others()

    assert await theirs.get("maid", "laptop", "api_key") is None
    assert await theirs.source("maid", "laptop", "api_key") is None
    assert await theirs.get("maid", "laptop", "password") == "theirs"


def test_the_names_of_the_variables_can_be_told() -> None:
    assert variables("maid", "Änne/x", "api_key") == (
        "GAME_BRIDGE_MAID__NNE_X_API_KEY",
        "GAME_BRIDGE_MAID_API_KEY",
    )


@pytest.mark.anyio
async def test_who_uses_variables_needs_no_keyring_for_optional_secrets(secrets: Secrets) -> None:
    environment = {"GAME_BRIDGE_SPACEMOLT_PASSWORD": PASSWORD}
    vault = EnvironmentVault(no_keyring(secrets), secrets, environment)

    assert await vault.get(*PLAYER, "registration_code") is None
    assert await vault.source(*PLAYER, "registration_code") is None
    with pytest.raises(NoBackend):
        await vault.get("maid", "vex", "password")


@pytest.mark.anyio
async def test_probing_is_left_to_the_vault_that_stores(secrets: Secrets) -> None:
    with pytest.raises(NoBackend):
        await EnvironmentVault(no_keyring(secrets), secrets, {}).probe()


@pytest.mark.anyio
async def test_secrets_given_once_are_kept_without_a_warning(secrets: Secrets) -> None:
    vault = EnvironmentVault(MemoryVault(secrets), secrets, {})

    assert await keep_safe(vault, *PLAYER, {"password": PASSWORD}) is None
    assert await vault.get(*PLAYER, "password") == PASSWORD


@pytest.mark.anyio
async def test_storing_is_tried_again_after_a_pause(secrets: Secrets) -> None:
    vault = EnvironmentVault(StubbornVault(secrets, failures=2), secrets, {})
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    warning = await keep_safe(vault, *PLAYER, {"password": PASSWORD}, pauses=(1, 2, 4), sleep=sleep)

    assert warning is None
    assert slept == [1, 2]


@pytest.mark.anyio
async def test_what_cannot_be_stored_is_served_from_memory_with_a_warning(
    secrets: Secrets,
) -> None:
    vault = StubbornVault(secrets, failures=1)

    warning = await keep_safe(vault, *PLAYER, {"password": PASSWORD, "token": "x"}, pauses=())

    assert warning is not None
    assert warning.startswith(
        "Not stored yet: password, token of account vex in spacemolt. The keyring is locked. "
    )
    assert PASSWORD not in warning
    assert await vault.get(*PLAYER, "password") == PASSWORD


@pytest.mark.anyio
async def test_a_cancelled_registration_still_keeps_what_it_was_given(secrets: Secrets) -> None:
    vault = MemoryVault(secrets)

    with anyio.CancelScope() as scope:
        scope.cancel()
        await keep_safe(vault, *PLAYER, {"password": PASSWORD})

    assert await vault.get(*PLAYER, "password") == PASSWORD


@pytest.mark.parametrize(
    "secret",
    [
        "molt_sk_DUMMY",
        "/claim/0123456789abcdef",
        "maid_660e8400_" + "x" * 29,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_",
        f"gb_{'Ab3_-' * 8}xyz",
        "0123456789abcdef" * 4,
    ],
)
def test_secrets_nobody_told_of_are_known_by_their_look(secrets: Secrets, secret: str) -> None:
    assert secrets.redact(f"key={secret}&x=1") == "key=[secret]&x=1"


@pytest.mark.parametrize(
    "text",
    [
        "the prefix is molt_sk_",
        "/api/v1/claim/verify",
        "maid_play_send",
        "gb_short",
        "eyJ.a.b",
        "a" * 63,
        "f" * 65,
        "o7 captain",
    ],
)
def test_what_only_resembles_a_secret_stays(secrets: Secrets, text: str) -> None:
    assert secrets.redact(text) == text


def test_a_known_value_is_cut_out_however_it_is_written(secrets: Secrets) -> None:
    value = 'pa"ss wörd\\/&'
    secrets.add(value)

    for written in (value, json.dumps(value), repr(value), quote(value), quote(value, safe="")):
        assert "wörd" not in secrets.redact(written)
        assert "w\\u00f6rd" not in secrets.redact(written)
        assert "w%C3%B6rd" not in secrets.redact(written) or written == quote(value)


def test_a_value_that_begins_with_another_is_cut_out_whole(secrets: Secrets) -> None:
    secrets.add("secret-1")
    secrets.add("secret-1-long")

    assert secrets.redact("secret-1-long secret-1") == "[secret] [secret]"


HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "harmless",
    [
        {"policy_hash": HASH},
        {"hashes": [HASH, HASH]},
        {"artifact_path": f"exports/publish_{HASH}.json"},
        {"text": f"sha256 {HASH}"},
        {"state_version": HASH},
    ],
)
def test_what_is_called_a_hash_is_no_secret(secrets: Secrets, harmless: JsonValue) -> None:
    assert secrets.redact_json(harmless) == harmless


@pytest.mark.parametrize(
    "text",
    [f"Your password is {HASH}.", f"password_hash: {HASH}", f"hash{' ' * 30}{HASH}", HASH],
)
def test_64_digits_that_nobody_calls_a_hash_are_cut_out(secrets: Secrets, text: str) -> None:
    assert HASH not in secrets.redact(text)
    assert HASH not in json.dumps(secrets.redact_json({"message": text}))
    assert secrets.redact_json({"password": HASH}) == {"password": "[secret]"}


def test_of_values_that_are_replaced_the_newest_are_remembered(secrets: Secrets) -> None:
    for number in range(150):
        secrets.add_passing(f"session-{number:04}")
    secrets.add_passing("short")

    assert secrets.redact("session-0149 session-0050") == "[secret] [secret]"
    assert secrets.redact("session-0049 short") == "session-0049 short"


def test_what_holds_no_secret_is_not_copied(secrets: Secrets) -> None:
    secrets.add(PASSWORD)
    large: JsonValue = [{"id": f"item_{number}", "price": 1.5} for number in range(10_000)]

    assert secrets.redact_json(large) is large


def test_odd_texts_are_searched_too(secrets: Secrets) -> None:
    secrets.add("pass\ud800word")
    secrets.add("пароль-пароль")

    assert secrets.redact_json({"a": "pass\ud800word", "b": ["пароль-пароль"]}) == {
        "a": "[secret]",
        "b": ["[secret]"],
    }


def test_each_line_of_a_value_is_a_secret(secrets: Secrets) -> None:
    secrets.add("first-key-1\nsecond-key-2")

    assert secrets.redact("second-key-2") == "[secret]"
    assert secrets.redact("a first-key-1\nsecond-key-2") == "a [secret]"


def test_very_short_values_are_left_alone(secrets: Secrets) -> None:
    secrets.add("iron")
    secrets.add("")

    assert secrets.redact("12 iron ore") == "12 iron ore"


@pytest.mark.anyio
async def test_what_is_no_secret_is_not_redacted() -> None:
    secrets = Secrets(lambda game, slot: (game, slot) != ("spacemolt", "username"))
    vault = MemoryVault(secrets)

    await vault.put(*PLAYER, "username", "Vex Nocturn")
    await vault.put(*PLAYER, "password", PASSWORD)

    assert secrets.redact(f"Vex Nocturn: {PASSWORD}") == "Vex Nocturn: [secret]"


def test_texts_and_keys_of_json_are_redacted(secrets: Secrets) -> None:
    secrets.add(PASSWORD)
    assert secrets.redact_json(
        {"a": [PASSWORD, 1, None, True, 1.5], PASSWORD: {"b": f"<{PASSWORD}>"}}
    ) == {
        "a": ["[secret]", 1, None, True, 1.5],
        "[secret]": {"b": "<[secret]>"},
    }


def test_json_nested_too_deeply_does_not_hide_a_secret(secrets: Secrets) -> None:
    secrets.add(PASSWORD)
    value = json.loads("[" * 800 + json.dumps(PASSWORD) + "]" * 800)

    redacted = json.dumps(secrets.redact_json(value))

    assert "nested too deeply" in redacted
    assert PASSWORD not in redacted


@given(st.lists(st.text(min_size=6), min_size=1, max_size=5), st.text(), st.text())
def test_no_known_value_survives(values: list[str], before: str, after: str) -> None:
    secrets = Secrets()
    for value in values:
        secrets.add(value)

    for value in values:
        redacted = secrets.redact(f"{before}\0{value}\0{after}")
        for known in values:
            assert known not in redacted.replace("[secret]", "\1")


def logged(secrets: Secrets) -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(SecretFilter(secrets))
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s %(extra)s"))
    logger = logging.getLogger("canary")
    logger.propagate = False
    logger.handlers = [handler]
    return logger, stream


def test_no_log_record_carries_a_secret(secrets: Secrets) -> None:
    secrets.add(PASSWORD)
    logger, stream = logged(secrets)

    try:
        int(PASSWORD)
    except ValueError:
        logger.exception("with %s and %r", PASSWORD, {"p": PASSWORD}, extra={"extra": PASSWORD})
    logger.warning("100%% of %(p)s", {"p": PASSWORD}, extra={"extra": 5}, stack_info=True)
    logger.warning("%d", PASSWORD, extra={"extra": ""})

    text = stream.getvalue()
    assert PASSWORD not in text
    assert "ERROR with [secret] and {'p': '[secret]'} [secret]" in text
    assert "ValueError: invalid literal for int() with base 10: '[secret]'" in text
    assert "WARNING 100% of [secret] 5" in text
    assert "WARNING %d ('[secret]',)" in text
    assert "Stack (most recent call last)" in text


def test_an_earlier_handler_cannot_smuggle_a_traceback_past(secrets: Secrets) -> None:
    secrets.add(PASSWORD)
    logger, stream = logged(secrets)
    logger.handlers.insert(0, logging.StreamHandler(io.StringIO()))

    try:
        int(PASSWORD)
    except ValueError:
        logger.exception("failed", extra={"extra": ""})

    assert PASSWORD not in stream.getvalue()


@pytest.mark.anyio
async def test_nothing_shows_a_secret_in_its_repr(secrets: Secrets) -> None:
    vault = EnvironmentVault(MemoryVault(secrets), secrets, {"GAME_BRIDGE_X_Y": PASSWORD})
    await vault.put(*PLAYER, "password", PASSWORD)

    for thing in (vault, vault._inner, secrets, SecretFilter(secrets)):
        assert PASSWORD not in f"{thing!r} {thing}"
