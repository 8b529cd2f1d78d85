import pytest
from pydantic import JsonValue

from bridge.protocol.identity import fingerprint, missing_key
from bridge.spec.loader import load_games, spec_folder

GAMES = load_games(spec_folder())
MAID, SPACEMOLT = GAMES["maid"], GAMES["spacemolt"]

KNOWN: dict[str, JsonValue] = {"username": "bob", "password": "secret", "api_key": "maid_1"}


def test_other_credentials_are_somebody_else() -> None:
    first = fingerprint(MAID, "player", KNOWN)

    assert fingerprint(MAID, "player", {**KNOWN, "password": "other"}) != first
    assert fingerprint(MAID, "player", {"username": "bob"}) != first
    assert fingerprint(MAID, "player", KNOWN) == first
    assert "secret" not in first


def test_what_an_auth_does_not_use_makes_nobody_else_of_us() -> None:
    more: dict[str, JsonValue] = {**KNOWN, "api_key": "maid_2", "access_token": "jwt"}

    assert fingerprint(MAID, "player", more) == fingerprint(MAID, "player", KNOWN)
    assert fingerprint(MAID, "observer", more) != fingerprint(MAID, "observer", KNOWN)
    assert fingerprint(MAID, None, more) == fingerprint(MAID, None, {})


def test_what_comes_before_an_auth_counts_too() -> None:
    assert fingerprint(SPACEMOLT, "player", KNOWN) != fingerprint(SPACEMOLT, "session", KNOWN)


@pytest.mark.parametrize(
    ("auth", "known", "missing"),
    [
        ("observer", {}, "api_key"),
        ("observer", {"api_key": ""}, "api_key"),
        ("observer", {"api_key": "maid_1"}, None),
        ("player", {}, None),
        (None, {}, None),
    ],
)
def test_a_key_that_must_be_shown_is_missed_and_a_token_is_not(
    auth: str | None, known: dict[str, JsonValue], missing: str | None
) -> None:
    assert missing_key(MAID, auth, known) == missing


def test_a_session_id_is_not_looked_for() -> None:
    assert missing_key(SPACEMOLT, "player", {}) is None
