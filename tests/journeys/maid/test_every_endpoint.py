"""Every endpoint of MAID, called by a host through the real stdio server."""

import json
from pathlib import Path

import anyio
import pytest

from bridge.sandbox.maid import demo
from bridge.sandbox.maid.routing import ENDPOINTS
from bridge.sandbox.maid.world import Maid
from bridge.sandbox.server import running
from tests.journeys.maid.hosting import Host, hosted
from tests.journeys.maid.playing import EVERYTHING, quiet_world

pytestmark = pytest.mark.anyio

EVERYONE = ("--tools", "all", "--allow", "maid:admin", "--confirm", "never")
FOR_MACHINES = {"metrics", "healthz", "readyz", "livez", "openapi", "docs", "redoc"}


def id_of(text: str, key: str, value: str) -> str:
    """Return the id of the entry that has this value, out of a result as a model reads it."""
    lines = [line for line in text.splitlines() if line.startswith(("{", "["))]
    (told,) = [json.loads(line) for line in lines]
    entries = next((each for each in told.values() if isinstance(each, list)), None) or told
    found = next(entry for entry in entries if entry[key] == value)
    return str(found.get("id") or found["key_id"])


async def test_every_endpoint_is_reached_through_the_stdio_server(tmp_path: Path) -> None:
    world = quiet_world()
    with anyio.fail_after(60):
        async with running([world]) as url, hosted(url, tmp_path, *EVERYONE, **EVERYTHING) as host:
            await observe(host)
            await look_after_players(host)
            await play(host, world)
            await administrate(host)
            await manage_admin_users(host, world)

    reached = {name for name, times in world.executed.items() if times}
    offered = {each.name for each in ENDPOINTS} - FOR_MACHINES
    assert offered <= reached


async def observe(host: Host) -> None:
    assert "0.1.0" in await host.call("health")
    for name in ("server", "player", "economy", "combat", "command"):
        await host.call(f"get_{name}_stats")
    rooms = await host.call("list_rooms", page_size=100)
    square = id_of(rooms, "name", "Town Square")
    assert "Market Street" in await host.call("get_room", room_id=square)
    assert "Town Square" in await host.call("get_room_contents", room_id=square)
    assert "guard" in (await host.call("list_npcs", npc_type="guard")).lower()
    assert "sword" in (await host.call("list_items", item_type="weapon")).lower()
    assert "Harbour" in await host.call("list_areas")


async def look_after_players(host: Host) -> None:
    players = await host.call("list_players", search="player1", up_to=200)
    player = id_of(players, "username", demo.PLAYER1)
    await host.call("get_player", player_id=player)
    await host.call("update_player", player_id=player, metadata={"notes": "VIP"})
    await host.call("kick_player", player_id=player, reason="maintenance")
    banned = await host.call("ban_player", player_id=player, reason="spam", duration_hours=24)
    assert "banned_until" in banned
    await host.call("unban_player", player_id=player)


async def play(host: Host, world: Maid) -> None:
    assert demo.PLAYER1 in await host.call("whoami")
    assert "Gandalf" in await host.call("list_characters")
    created = await host.call("create_character", name="Aragorn", **{"class": "Ranger"})
    assert "level" in created
    characters = await host.call("list_characters")
    everybody = [one for account in world.game.accounts.values() for one in account.characters]
    aragorn = next(one.id for one in everybody if one.name == "Aragorn")
    assert aragorn in characters
    assert "Town Square" in await host.call("get_character", character_id=aragorn)
    await host.call("update_settings", color_mode="ansi256", screen_width=80, brief_mode=False)


async def administrate(host: Host) -> None:
    assert "42" not in await host.call("broadcast", message="Hello", prefix="[ADMIN]")
    await host.call("shutdown", delay_seconds=300, reason="maintenance")
    assert "world" in await host.call("reload_config")
    created = await host.call("create_api_key", name="Board", permissions=["READ_PUBLIC"])
    keys = await host.call("list_api_keys")
    revoked = await host.call("revoke_api_key", key_id=id_of(keys, "name", "Board"))
    assert "Done" in revoked

    raw = host.kept()["game-bridge/maid/default/created_api_key"]
    assert raw.startswith("maid_")
    assert raw not in created + keys
    assert "never shown" in created

    await host.call("update_ai_pricing", provider="a", model="b", **COSTS)
    assert "0.004" in await host.call("get_ai_pricing")


COSTS = {"input_cost_per_1k": 0.001, "output_cost_per_1k": 0.004}


async def manage_admin_users(host: Host, world: Maid) -> None:
    created = await host.call("create_admin_user", username="Mina", role="MODERATOR")
    users = await host.call("list_admin_users")
    mina = id_of(users, "username", "Mina")
    assert "MODERATOR" in await host.call("get_admin_user", user_id=mina)
    await host.call("update_admin_user", user_id=mina, role="BUILDER")

    password = host.kept()["game-bridge/maid/default/created_admin_password"]
    assert world.game.staff[mina].password == password
    assert password not in created + users

    await host.call("delete_admin_user", user_id=mina)
    world.clock.advance(3600)
    await host.call("whoami")
    await host.call("list_admin_users")
    await host.call("logout")
