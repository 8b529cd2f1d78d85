from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.sandbox.maid.demo import FULL, REVOKED
from tests.cli import program
from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def maid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with program.sandbox(tmp_path_factory.mktemp("home"), "maid") as url:
        yield url


@pytest.fixture(scope="module")
def moltforsale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with program.sandbox(tmp_path_factory.mktemp("home"), "moltforsale") as url:
        yield url


def settings(home: Path) -> str:
    file = home / "game-bridge" / "settings.toml"
    return file.read_text() if file.exists() else ""


def test_a_login_is_stored_once_the_game_accepts_it(
    run: Run, kept: dict[str, str], maid: str, tmp_path: Path
) -> None:
    result = run("login", "maid", "--stdin", "--url", maid, typed=f"api_key={FULL}\n")

    assert result.exit_code == 0
    assert "MAID MUD accepts them" in result.stderr
    assert kept == {"maid/default/api_key": FULL}
    assert settings(tmp_path) == (f'[accounts]\nmaid = ["default"]\n\n[urls]\nmaid = "{maid}"\n')
    assert FULL not in result.output


def test_a_login_that_the_game_refuses_is_not_stored(
    run: Run, kept: dict[str, str], maid: str, tmp_path: Path
) -> None:
    result = run("login", "maid", "--stdin", "--url", maid, typed=f"api_key={REVOKED}\n")

    assert result.exit_code == 1
    assert "Nothing was stored" in result.stderr
    assert kept == {}
    assert settings(tmp_path) == ""
    assert REVOKED not in result.output


def test_a_password_that_is_wrong_is_not_stored(run: Run, kept: dict[str, str], maid: str) -> None:
    typed = "username=player2\npassword=not-the-one\n"

    result = run("login", "maid", "--stdin", "--url", maid, typed=typed)

    assert result.exit_code == 1
    assert kept == {}
    assert "not-the-one" not in result.output


def test_a_login_to_a_game_that_cannot_be_reached_is_stored_and_that_is_said(
    run: Run, kept: dict[str, str]
) -> None:
    url = "http://127.0.0.1:1"

    result = run("login", "maid", "--stdin", "--url", url, typed=f"api_key={FULL}\n")

    assert result.exit_code == 0
    assert "Not checked: MAID MUD cannot be reached" in result.stderr
    assert kept == {"maid/default/api_key": FULL}


LOGIN = ("login", "maid", "--stdin")


def test_a_login_does_not_take_the_place_of_another_players(
    run: Run, kept: dict[str, str], maid: str
) -> None:
    kept |= {"maid/default/username": "mine", "maid/default/password": "kept-nowhere-else"}
    before = dict(kept)
    other = "username=player1\npassword=secret\n"

    refused = run(*LOGIN, "--url", maid, typed=other)
    beside = run(*LOGIN, "--url", maid, "--account", "other", typed=other)

    assert refused.exit_code == 1
    assert "--account NAME" in refused.stderr
    assert "kept-nowhere-else" not in refused.output
    assert beside.exit_code == 0
    assert {name: kept[name] for name in before} == before


def test_what_nobody_has_checked_does_not_take_the_place_of_a_password(
    run: Run, kept: dict[str, str]
) -> None:
    kept |= {"maid/default/username": "player1", "maid/default/password": "kept-nowhere-else"}

    result = run(*LOGIN, "--no-check", typed="username=player1\npassword=mistyped\n")

    assert result.exit_code == 1
    assert kept["maid/default/password"] == "kept-nowhere-else"


def test_a_changed_password_that_the_game_accepts_takes_the_place_of_the_old_one(
    run: Run, kept: dict[str, str], maid: str
) -> None:
    kept |= {"maid/default/username": "player1", "maid/default/password": "the-old-one"}

    result = run(
        *LOGIN, "--url", maid, typed=f"api_key={FULL}\nusername=player1\npassword=secret\n"
    )

    assert result.exit_code == 0
    assert kept["maid/default/password"] == "secret"


def test_a_secret_can_be_given_up_for_another(run: Run, kept: dict[str, str]) -> None:
    kept["maid/default/api_key"] = REVOKED

    result = run(*LOGIN, "--no-check", "--replace", typed=f"api_key={FULL}\n")

    assert result.exit_code == 0
    assert kept["maid/default/api_key"] == FULL


def test_secrets_are_asked_for_without_showing_them(
    run: Run, kept: dict[str, str], maid: str
) -> None:
    answers = f"{FULL}\nsecret\n\n\n"

    result = run("login", "maid", "username=player1", "--url", maid, typed=answers)

    assert result.exit_code == 0
    assert kept == {
        "maid/default/api_key": FULL,
        "maid/default/username": "player1",
        "maid/default/password": "secret",
    }
    assert FULL not in result.output


def test_a_secret_on_the_command_line_is_refused_and_not_repeated(
    run: Run, kept: dict[str, str]
) -> None:
    result = run("login", "maid", "password=visible-to-all")

    assert result.exit_code == 2
    assert "password is a secret" in result.stderr
    assert "visible-to-all" not in result.output
    assert kept == {}


def test_a_line_that_is_no_slot_is_refused_and_not_repeated(run: Run, kept: dict[str, str]) -> None:
    result = run("login", "maid", "--stdin", typed=f"{FULL}\n")

    assert result.exit_code == 2
    assert "SLOT is one of api_key" in result.stderr
    assert FULL not in result.output
    assert kept == {}


def test_credentials_that_open_nothing_are_said_to_be_incomplete(
    run: Run, kept: dict[str, str], maid: str
) -> None:
    result = run("login", "maid", "--stdin", "--url", maid, typed="username=player1\n")

    assert result.exit_code == 1
    assert "Something is missing" in result.stderr
    assert kept == {}


def test_accounts_shows_where_secrets_are_and_never_the_secrets(
    run: Run, kept: dict[str, str], maid: str
) -> None:
    for name in ("first", "second"):
        flags = ["--stdin", "--url", maid, "--account", name]
        run("login", "maid", *flags, typed=f"api_key={FULL}\n")

    result = run("accounts", GAME_BRIDGE_MAID_SECOND_PASSWORD="from-outside")

    assert result.stdout.splitlines() == [
        "maid first (default): api_key in the keyring",
        "maid second: api_key in the keyring, password in the environment",
    ]


def test_accounts_says_how_to_ask_whether_they_still_work(run: Run, kept: dict[str, str]) -> None:
    kept["maid/default/api_key"] = FULL

    assert "accounts --check" in run("accounts").stderr
    assert "accounts --check" not in run("accounts", "--check").stderr


def test_accounts_can_ask_whether_they_still_work(
    run: Run, kept: dict[str, str], maid: str
) -> None:
    run("login", "maid", "--stdin", "--url", maid, typed=f"api_key={FULL}\n")
    good = run("accounts", "maid", "--check")
    kept["maid/default/api_key"] = REVOKED

    bad = run("accounts", "maid", "--check")

    assert "MAID MUD accepts them" in good.stdout
    assert "MAID MUD refused" in bad.stdout
    assert REVOKED not in bad.output


def test_without_accounts_the_next_step_is_said(run: Run, kept: dict[str, str]) -> None:
    assert "game-bridge login GAME" in run("accounts").stdout
    assert kept == {}


def test_another_account_can_be_the_default_one(
    run: Run, kept: dict[str, str], tmp_path: Path
) -> None:
    for name in ("a", "b"):
        flags = ["--stdin", "--no-check", "--account", name]
        run("login", "maid", *flags, typed=f"api_key={FULL}\n")

    result = run("accounts", "--default", "maid", "b")

    assert result.exit_code == 0
    assert 'maid = ["b", "a"]' in settings(tmp_path)
    assert len(kept) == 2


def test_a_renamed_account_takes_its_secrets_along(
    run: Run, kept: dict[str, str], tmp_path: Path
) -> None:
    run("login", "maid", "--stdin", "--no-check", typed=f"api_key={FULL}\n")

    result = run("accounts", "--rename", "maid", "default", "eve")

    assert result.exit_code == 0
    assert kept == {"maid/eve/api_key": FULL}
    assert 'maid = ["eve"]' in settings(tmp_path)


def test_a_renamed_account_takes_along_what_a_variable_hides(
    run: Run, kept: dict[str, str]
) -> None:
    kept["maid/default/api_key"] = FULL

    run("accounts", "--rename", "maid", "default", "eve", GAME_BRIDGE_MAID_API_KEY="another")

    assert kept == {"maid/eve/api_key": FULL}


def test_an_account_cannot_be_renamed_onto_another(run: Run, kept: dict[str, str]) -> None:
    for name in ("a", "b"):
        flags = ["--stdin", "--no-check", "--account", name]
        run("login", "maid", *flags, typed=f"api_key={FULL}\n")

    result = run("accounts", "--rename", "maid", "a", "b")

    assert result.exit_code == 1
    assert "has an account b already" in result.stderr
    assert set(kept) == {"maid/a/api_key", "maid/b/api_key"}


def test_logout_forgets_the_secrets_and_the_name(
    run: Run, kept: dict[str, str], tmp_path: Path
) -> None:
    run("login", "maid", "--stdin", "--no-check", typed=f"api_key={FULL}\n")

    result = run("logout", "maid", GAME_BRIDGE_MAID_USERNAME="still-there")

    assert result.exit_code == 0
    assert kept == {}
    assert "maid" not in settings(tmp_path)
    assert "Environment variables still hold: username" in result.stderr


def test_register_keeps_what_the_game_hands_out_and_shows_it_to_nobody(
    run: Run, kept: dict[str, str], moltforsale: str, tmp_path: Path
) -> None:
    arguments = ["handle=newcomer", "display_name=Newcomer", "bio=I am new."]

    result = run("register", "moltforsale", *arguments, "--url", f"moltforsale={moltforsale}")

    assert result.exit_code == 0
    assert kept["moltforsale/default/api_key"].startswith("molt_sk_")
    assert kept["moltforsale/default/api_key"] not in result.output
    assert 'moltforsale = ["default"]' in settings(tmp_path)


def test_an_account_that_has_a_key_is_not_registered_again(
    run: Run, kept: dict[str, str], moltforsale: str
) -> None:
    kept["moltforsale/default/api_key"] = "molt_sk_theonlyone"
    arguments = ["handle=another", "display_name=Another", "bio=I am new."]

    result = run("register", "moltforsale", *arguments, "--url", f"moltforsale={moltforsale}")

    assert result.exit_code == 1
    assert "already" in result.stdout
    assert kept["moltforsale/default/api_key"] == "molt_sk_theonlyone"


def test_a_game_without_registration_says_whom_to_ask(run: Run, kept: dict[str, str]) -> None:
    result = run("register", "maid")

    assert result.exit_code == 2
    assert "game-bridge login maid" in result.stderr
    assert kept == {}


def test_an_unknown_game_is_named(run: Run, kept: dict[str, str]) -> None:
    result = run("login", "chess")

    assert result.exit_code == 2
    assert "There is no game 'chess'" in result.stderr
    assert kept == {}
