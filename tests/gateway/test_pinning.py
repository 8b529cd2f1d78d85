"""What a call asks for can change what is said to a game, never to whom, and never where in it."""

from pathlib import Path

import pytest

from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.protocol.verdict import Done, Refused
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.world import Maid
from bridge.sandbox.server import running
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from tests.faults.hostile_server import Visit, assert_nothing_leaked, meeting

pytestmark = pytest.mark.anyio

MAID = load_game(spec_folder(), "maid")


@pytest.mark.parametrize(
    "room_id",
    [
        "..",
        "../players",
        "../../../admin/users",
        "..%2f..%2fadmin%2fusers",
        "%2e%2e",
        "/etc/passwd",
        "//evil.example/x",
        "http://evil.example/",
        "@evil.example",
        "x?admin=true",
        "x#y",
        "x;y",
        "a\r\nX-Evil: 1",
        "\\..\\players",
        ".",
    ],
)
async def test_an_id_reaches_the_command_it_is_for_or_none(tmp_path: Path, room_id: str) -> None:
    world = Maid()
    async with running([world]) as url:
        vault = MemoryVault(Secrets())
        vault.hold("maid", "default", "api_key", demo.FULL)
        settings = Settings(urls={"maid": f"{url}/maid"}, state_folder=tmp_path)
        gateway = Gateway({"maid": MAID}, settings, vault, Journal(tmp_path / "journal.db"))
        async with gateway.journal, gateway.running():
            outcome = (await gateway.call("maid_get_room", {"room_id": room_id})).outcome

    assert isinstance(outcome, Refused)
    assert set(world.executed) <= {"get_room"}


@pytest.mark.parametrize("via", ["http", "socket"])
async def test_no_proxy_sees_what_is_sent_to_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, via: str
) -> None:
    async with meeting(Visit.be_honest, tmp_path, via) as met:
        for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy"):
            monkeypatch.setenv(name, met.elsewhere)
            monkeypatch.setenv(name.upper(), met.elsewhere)

        outcome = await met.call("look")

        assert isinstance(outcome, Done)
        assert_nothing_leaked(met, repr(outcome))


async def test_no_cookie_of_a_game_is_kept(tmp_path: Path) -> None:
    async def hand_out(visit: Visit) -> None:
        await visit.head()
        await visit.reply(b"{}", headers=("Set-Cookie: session=abc; Path=/; Domain=127.0.0.1",))
        await visit.be_honest()

    async with meeting(hand_out, tmp_path, "http") as met:
        await met.call("look")
        await met.call("look")

        assert b"cookie" not in met.heard.lower()
