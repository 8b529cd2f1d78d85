import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.sandbox.spacemolt.world import FIRST_BEARER
from tests.cli import program
from tests.cli.conftest import Run
from tests.cli.test_accounts import settings

TOKEN = {"GAME_BRIDGE_SPACEMOLT_WEBSITE_TOKEN": FIRST_BEARER}


@pytest.fixture
def spacemolt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with program.sandbox(tmp_path_factory.mktemp("home"), "spacemolt") as url:
        yield url


@pytest.fixture
def linked(run: Run, kept: dict[str, str], spacemolt: str) -> str:
    """Register Vex as the default account, which links it to the website; return the address."""
    registered = run(
        "register",
        "spacemolt",
        "username=Vex",
        "empire=solarian",
        "registration_code=sandbox",
        "--url",
        f"spacemolt={spacemolt}",
    )
    assert registered.exit_code == 0, registered.output
    return spacemolt


def accepts(url: str, username: str, password: str) -> bool:
    """Say whether the game lets a player in."""
    session = json.loads(_post(f"{url}/api/v1/session", {}, ""))["session"]["id"]
    body = {"username": username, "password": password}
    try:
        _post(f"{url}/api/v1/login", body, session)
    except urllib.error.HTTPError:
        return False
    return True


def _post(url: str, body: dict[str, str], session: str) -> bytes:
    headers = {"X-Session-Id": session, "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - ours
    with urllib.request.urlopen(request) as response:  # noqa: S310 - the sandbox, over HTTP
        answer: bytes = response.read()
    return answer


def test_the_code_and_the_linked_players_are_shown(run: Run, linked: str) -> None:
    result = run("website", "code", "--url", f"spacemolt={linked}", **TOKEN)

    assert result.exit_code == 0
    assert "sandbox" in result.stdout
    assert "Vex" in result.stdout


def test_the_token_is_asked_for_and_not_shown(
    run: Run, kept: dict[str, str], spacemolt: str
) -> None:
    result = run("website", "profile", "--url", f"spacemolt={spacemolt}", typed=f"{FIRST_BEARER}\n")

    assert result.exit_code == 0
    assert "@example.com" in result.stdout
    assert FIRST_BEARER not in result.output
    assert kept == {}


def test_a_player_and_its_log_are_shown_by_name(run: Run, linked: str) -> None:
    player = run("website", "player", "vex", "--url", f"spacemolt={linked}", **TOKEN)
    log = run("website", "log", "Vex", "--url", f"spacemolt={linked}", **TOKEN)

    assert player.exit_code == log.exit_code == 0
    assert "credits" in player.stdout


def test_the_code_is_replaced_after_a_question(
    run: Run, kept: dict[str, str], spacemolt: str
) -> None:
    where = ("--url", f"spacemolt={spacemolt}")
    refused = run("website", "rotate-code", *where, typed="n\n", **TOKEN)
    before = run("website", "code", *where, **TOKEN)
    done = run("website", "rotate-code", "--yes", *where, **TOKEN)
    after = run("website", "code", *where, **TOKEN)

    assert refused.exit_code == 1
    assert done.exit_code == 0
    assert "sandbox" in before.stdout
    assert "sandbox" not in after.stdout


def test_a_new_password_goes_straight_into_the_keyring(
    run: Run, kept: dict[str, str], linked: str
) -> None:
    before = kept["spacemolt/default/password"]

    result = run("website", "reset-password", "Vex", "--url", f"spacemolt={linked}", **TOKEN)

    after = kept["spacemolt/default/password"]
    assert result.exit_code == 0
    assert before != after
    assert len(after) == 64
    assert after not in result.output
    assert not accepts(linked, "Vex", before)
    assert accepts(linked, "Vex", after)


def test_the_password_of_another_player_is_kept_under_an_account_of_its_own(
    run: Run, kept: dict[str, str], linked: str, tmp_path: Path
) -> None:
    where = ("--url", f"spacemolt={linked}")
    arguments = ("username=Nova", "empire=nebula", "registration_code=sandbox")
    run("register", "spacemolt", *arguments, *where, "--account", "trader")
    del kept["spacemolt/trader/password"], kept["spacemolt/trader/username"]
    ours = kept["spacemolt/default/password"]

    refused = run("website", "reset-password", "Nova", "--account", "default", *where, **TOKEN)
    done = run("website", "reset-password", "Nova", "--account", "trader", *where, **TOKEN)

    assert refused.exit_code == 2
    assert "plays Vex" in refused.stderr
    assert done.exit_code == 0
    assert kept["spacemolt/trader/username"] == "Nova"
    assert kept["spacemolt/default/password"] == ours
    assert accepts(linked, "Nova", kept["spacemolt/trader/password"])
    assert '"trader"' in settings(tmp_path)


def test_a_player_of_somebody_else_is_not_touched(
    run: Run, kept: dict[str, str], linked: str
) -> None:
    before = dict(kept)
    strange = {"GAME_BRIDGE_SPACEMOLT_WEBSITE_TOKEN": "another-website-token"}

    result = run("website", "reset-password", "Vex", "--url", f"spacemolt={linked}", **strange)

    assert result.exit_code == 2
    assert "No player 'Vex' is linked" in result.stderr
    assert kept == before
