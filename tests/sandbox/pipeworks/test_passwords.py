import pytest

from bridge.sandbox.pipeworks.passwords import faults_of, hashed, matches
from bridge.sandbox.pipeworks.world import STEWARD


@pytest.mark.parametrize(
    "password",
    ["tin whistle in fog", "aaabbbaaabbb", "correct.Horse.9", "öffentlich & laut", "x9" * 64],
)
def test_a_long_uncommon_password_is_accepted_without_digits_or_capitals(password: str) -> None:
    assert faults_of(password) == []


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short one", "at least 12"),
        ("x9" * 65, "at most 128"),
        ("SecurePass#1234", "sequential"),
        ("a cab with dcb in it", "sequential"),
        ("price is #$% today", "sequential"),
        ("staaaay with me", "repeat"),
        ("passwordpassword", "common"),
        ("p4ssw0rdp4ssw0rd", "common"),
    ],
)
def test_each_rule_has_its_own_sentence(password: str, word: str) -> None:
    assert len(faults_of(password)) == 1
    assert word in faults_of(password)[0]


def test_three_equal_characters_in_a_row_pass_and_four_do_not() -> None:
    assert faults_of("aaa whistle in fog") == []
    assert faults_of("aaaa whistle in fog") != []


def test_all_faults_come_together() -> None:
    assert len(faults_of("abcdddd")) == 3


def test_only_the_first_72_bytes_count() -> None:
    known = hashed("x" * 72 + "left", "salt")

    assert matches("x" * 72 + "right", known)
    assert not matches("x" * 71, known)


def test_a_hash_looks_like_one_of_bcrypt() -> None:
    known = hashed("tin whistle in fog", "0123456789abcdef012345")

    assert len(known) == 60
    assert known.startswith("$2b$12$")
    assert matches("tin whistle in fog", known)


def test_a_nul_byte_cannot_be_hashed_and_never_matches() -> None:
    with pytest.raises(ValueError, match="NUL"):
        hashed("tin\x00whistle", "salt")
    assert not matches("tin\x00whistle", hashed("tin", "salt"))


def test_the_password_of_the_steward_meets_the_policy() -> None:
    assert faults_of(STEWARD[1]) == []
