import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def clients(home: Path) -> dict[str, dict[str, object]]:
    (file,) = home.rglob("http-clients.json")
    found: dict[str, dict[str, object]] = json.loads(file.read_text())
    return found


def test_a_client_gets_a_token_that_is_shown_once(run: Run, tmp_path: Path) -> None:
    result = run("token", "laptop")

    token = result.stdout.strip()
    assert result.exit_code == 0
    assert token.startswith("gb_")
    assert token not in json.dumps(clients(tmp_path))
    assert clients(tmp_path)["laptop"]["shares_accounts"] is False


def test_a_client_that_shares_is_one_that_was_told_to(run: Run, tmp_path: Path) -> None:
    assert run("token", "--share").exit_code == 0

    assert clients(tmp_path)["default"]["shares_accounts"] is True


@pytest.mark.parametrize("arguments", [(), ("default",)])
def test_a_client_without_a_name_of_its_own_does_not_get_the_players_accounts(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    result = run("token", *arguments)

    assert result.exit_code == 2
    assert "--share" in result.stderr
    assert not list(tmp_path.rglob("http-clients.json"))


def test_a_client_is_not_named_so_that_it_would_read_the_players_variables(run: Run) -> None:
    result = run("token", "admin")  # else GAME_BRIDGE_MAID_ADMIN_PASSWORD would be its password

    assert result.exit_code == 2
    assert "Choose another name" in result.stderr


def test_a_name_that_is_none_is_refused(run: Run) -> None:
    assert run("token", "../laptop").exit_code == 2


def test_it_is_said_when_a_client_gets_one_of_the_players_accounts(
    run: Run, tmp_path: Path
) -> None:
    settings = tmp_path / "game-bridge" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text('[accounts]\nmaid = ["trader"]\n')

    result = run("token", "trader")

    assert result.exit_code == 0
    assert "your account trader of maid" in result.stderr


def test_a_removed_client_is_gone(run: Run, tmp_path: Path) -> None:
    run("token", "laptop")

    assert "let in no longer" in run("token", "laptop", "--remove").stdout
    assert clients(tmp_path) == {}
    assert "There is no client" in run("token", "laptop", "--remove").stdout
