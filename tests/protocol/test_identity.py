import pytest

from bridge.protocol.identity import fingerprint, missing_key
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import GameSpec

KNOWN = {"api_key": "maid_1", "username": "player1", "password": "secret", "access_token": "t"}


@pytest.fixture(scope="module")
def spec() -> GameSpec:
    return load_game(spec_folder(), "maid")


def test_a_fingerprint_changes_with_the_credentials_behind_it_only(spec: GameSpec) -> None:
    key, player = fingerprint(spec, "observer", KNOWN), fingerprint(spec, "player", KNOWN)

    assert key != player
    assert fingerprint(spec, "observer", {**KNOWN, "password": "other"}) == key
    assert fingerprint(spec, "observer", {**KNOWN, "api_key": "maid_2"}) != key
    assert fingerprint(spec, "player", {**KNOWN, "access_token": "renewed"}) == player
    assert fingerprint(spec, "player", {**KNOWN, "password": "other"}) != player


def test_a_fingerprint_tells_no_secret(spec: GameSpec) -> None:
    assert "maid_1" not in fingerprint(spec, "observer", KNOWN)


def test_a_key_that_is_shown_as_it_is_must_be_there(spec: GameSpec) -> None:
    assert missing_key(spec, "observer", {}) == "api_key"
    assert missing_key(spec, "observer", KNOWN) is None


def test_what_a_sign_in_brings_is_not_missed(spec: GameSpec) -> None:
    assert missing_key(spec, "player", {}) is None
    assert missing_key(spec, None, {}) is None
