"""``game-bridge sandbox``, played by clients that know only the game's document."""

import json
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.cli import program
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

STORY: list[tuple[str, dict[str, Any]]] = [
    ("get_status", {}),
    ("undock", {}),
    ("travel", {"target_poi": "main_belt"}),
    ("mine", {}),
    ("travel", {"target_poi": "earth"}),
    ("dock", {}),
    ("view_market", {}),
    ("sell", {"item_id": "iron_ore", "quantity": 3}),
]


IN_V2 = {"target_poi": "id", "item_id": "id"}
"""What travel and sell call their first parameter there."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with program.sandbox(tmp_path_factory.mktemp("home"), "spacemolt") as url:
        yield url


def who(username: str) -> dict[str, str]:
    return {"username": username, "empire": "solarian", "registration_code": "sandbox"}


async def test_a_client_of_http_v1_plays_from_registration_to_sale(url: str) -> None:
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=20) as client:
        opened = (await client.post("/session")).json()
        headers = {"X-Session-Id": opened["session"]["id"]}
        results: dict[str, Any] = {}
        for command, payload in [("register", who("Vex")), *STORY]:
            answer = await client.post(f"/{command}", json=payload, headers=headers)
            envelope = answer.json()
            assert answer.status_code == 200, envelope
            assert envelope["error"] is None
            assert envelope["session"]["id"] == headers["X-Session-Id"]
            results[command] = envelope["result"]

    _assert_played("Vex", results)


# api.md, "HTTP API v2": one tool and action per path, typed content beside the text.
async def test_a_client_of_http_v2_plays_from_registration_to_sale(url: str) -> None:
    async with httpx.AsyncClient(base_url=f"{url}/api/v2", timeout=20) as client:
        opened = (await client.post("/session")).json()
        headers = {"X-Session-Id": opened["session"]["id"]}
        results: dict[str, Any] = {}
        for command, payload in [("register", who("Lyra")), *STORY]:
            tool = {"register": "spacemolt_auth", "view_market": "spacemolt_market"}.get(command)
            body = {IN_V2.get(name, name): value for name, value in payload.items()}
            answer = await client.post(
                f"/{tool or 'spacemolt'}/{command}", json=body, headers=headers
            )
            envelope = answer.json()
            assert answer.status_code == 200, envelope
            assert envelope["error"] is None
            assert isinstance(envelope["result"], str)
            assert opened["session"]["id"] == envelope["session"]["id"]
            results[command] = envelope["structuredContent"]
            assert str(results[command].get("message", "")) in envelope["result"]

    _assert_played("Lyra", results)


async def test_a_socket_client_without_request_ids_plays_from_registration_to_sale(
    url: str,
) -> None:
    async with connect(f"{url.replace('http', 'ws')}/ws") as socket:
        assert (await _frame(socket))["type"] == "welcome"
        await socket.send(json.dumps({"type": "register", "payload": who("Nova")}))
        registered = await _reply(socket, "registered")
        await _reply(socket, "logged_in")
        results: dict[str, Any] = {"register": registered}
        for command, payload in STORY:
            await socket.send(json.dumps({"type": command, "payload": payload}))
            result = await _reply(socket, "ok")
            if result.get("pending"):
                result = (await _reply(socket, "action_result"))["result"]
            results[command] = result

    _assert_played("Nova", results)


def _assert_played(username: str, results: dict[str, Any]) -> None:
    assert len(results["register"]["password"]) == 64
    assert results["get_status"]["player"]["username"] == username
    assert results["mine"]["quantity"] >= 1
    assert any(item["item_id"] == "iron_ore" for item in results["view_market"]["items"])
    assert results["sell"]["quantity_sold"] == 3


async def _frame(socket: ClientConnection) -> dict[str, Any]:
    with anyio.fail_after(PATIENCE_SECONDS):
        frame: dict[str, Any] = json.loads(await socket.recv())
    assert "request_id" not in frame
    return frame


async def _reply(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the payload of the next reply, which must be of that kind, past whatever is pushed."""
    while True:
        frame = await _frame(socket)
        payload: dict[str, Any] = frame["payload"]
        if frame["type"] == kind and not (kind == "ok" and "type" in payload):
            return payload
        assert frame["type"] not in ("error", "action_error"), frame
