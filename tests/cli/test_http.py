from pathlib import Path

import pytest

from bridge.cli.assembly import choose, gateway_of, vault_of
from bridge.cli.http import gateway_for, host_and_port
from bridge.errors import SettingsError
from bridge.journal import Journal
from bridge.server.http_clients import HttpClient


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_a_place_to_listen_is_a_host_and_a_port(where: str, expected: tuple[str, int]) -> None:
    assert host_and_port(where) == expected


@pytest.mark.parametrize(
    "where", ["8080", ":8080", "localhost", "localhost:", "localhost:99999", "a:b"]
)
def test_anything_else_is_refused_with_an_example(where: str) -> None:
    with pytest.raises(SettingsError, match=r"127\.0\.0\.1:8080"):
        host_and_port(where)


@pytest.mark.anyio
@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("shares", [True, False])
async def test_only_a_client_that_shares_plays_with_what_the_players_variables_hold(
    tmp_path: Path, *, shares: bool
) -> None:
    environment = {
        "GAME_BRIDGE_CONFIG": str(tmp_path / "settings.toml"),
        "GAME_BRIDGE_MAID_API_KEY": "maid_00000000_owner",
    }
    Path(environment["GAME_BRIDGE_CONFIG"]).touch()
    chosen = choose({"game": ("maid",), "state": str(tmp_path)}, environment)
    vault = vault_of(chosen.secrets, environment)
    gateway = gateway_of(chosen, vault, Journal(tmp_path / "events.sqlite3"))

    client = gateway_for(gateway, HttpClient(name="laptop", shares_accounts=shares))

    (account,) = client.accounts("maid")
    assert account == ("default" if shares else "laptop")
    assert (await client.vault.source("maid", account, "api_key") is not None) == shares
