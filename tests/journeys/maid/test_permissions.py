"""What a credential may not do is said by name, and asked of the game only once."""

from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from bridge.protocol.verdict import Done
from bridge.sandbox.maid import demo
from bridge.sandbox.server import running
from bridge.settings import Settings
from bridge.spec.model import Command
from tests.journeys.maid.hosting import hosted
from tests.journeys.maid.playing import ALLOWED, EVERYTHING, SPEC, Table, laid, quiet_world

pytestmark = pytest.mark.anyio

BY_KEY = {
    name: command
    for name, command in SPEC.commands.items()
    if SPEC.auth_of(command) == "observer" and command.offered
}
LACKING = {
    "public": (demo.PLAYERS, "READ_PUBLIC", "get_server_stats", {}),
    "players": (demo.WORLD, "READ_PLAYERS", "list_players", {}),
    "player_writer": (demo.READ_ALL, "WRITE_PLAYERS", "update_player", {"player_id": "p"}),
    "world": (demo.WRITE_ALL, "READ_WORLD", "list_rooms", {}),
    "admin": (demo.READ_ALL, "ADMIN", "kick_player", {"player_id": "p", "reason": "spam"}),
}


def demo_player(table: Table) -> str:
    account = table.world.game.account_named(demo.PLAYER1)
    assert account is not None
    return account.id


def samples(command: Command) -> dict[str, JsonValue]:
    """Return arguments that the game would read, if it came to that."""
    by_type: dict[str, JsonValue] = {
        "string": "text",
        "integer": 1,
        "number": 1.0,
        "array": ["READ_PUBLIC"],
        "object": {},
        "boolean": True,
    }
    needed = {name: param for name, param in command.params.items() if not param.optional}
    return {name: by_type[param.type] for name, param in needed.items()}


@pytest.mark.parametrize("name", BY_KEY)
async def test_the_permission_that_a_key_lacks_is_named(tmp_path: Path, name: str) -> None:
    command = BY_KEY[name]
    async with laid(tmp_path, keys={"api_key": demo.WORLD_WRITER}) as table:
        refused = await table.refused(name, **samples(command))

        assert refused.code == "permission_missing"
        assert f"the permission {command.permission}." in refused.message
        assert not refused.local
        assert table.world.executed.total() == 0


async def test_every_permission_missing_once_is_named_to_the_host(tmp_path: Path) -> None:
    accounts = [flag for account in LACKING for flag in ("--account", f"maid={account}")]
    keys = {f"{account}_api_key": key for account, (key, *_) in LACKING.items()}
    async with running([quiet_world()]) as url:
        with anyio.fail_after(30):
            flags = ("--tools", "all", "--allow", "maid:admin", "--confirm", "never")
            async with hosted(url, tmp_path, *flags, *accounts, **keys) as host:
                for account, (_, permission, command, arguments) in LACKING.items():
                    told, is_error = await host.tried(command, account=account, **arguments)

                    assert is_error
                    assert "permission_missing" in told
                    assert f"needs the permission {permission}" in told


async def test_what_a_key_lacks_is_not_asked_for_again(tmp_path: Path) -> None:
    async with laid(tmp_path, keys={"api_key": demo.PUBLIC}) as table:
        first = await table.refused("list_rooms")
        before = await table.done("bridge_status")
        others = [await table.refused(name) for name in ("list_rooms", "list_npcs", "list_areas")]

        assert not first.local
        assert all(refused.local for refused in others)
        assert {refused.message for refused in others} == {first.message}
        assert "game-bridge login maid" in others[0].hint
        assert (await table.done("bridge_status")) == before
        await table.done("get_server_stats")


async def test_a_refusal_that_is_not_about_the_key_leaves_everything_else_open(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        await table.done("list_api_keys")
        table.world.faults.switch_on("forbid@kick_player")
        kick = {"player_id": demo_player(table), "reason": "spam"}
        refused = await table.refused("kick_player", **kick)

        assert refused.code == "forbidden"
        assert "has the permission ADMIN" in refused.hint
        await table.done("list_api_keys")
        await table.done("kick_player", **kick)


async def test_a_proxy_that_forbids_is_not_taken_for_the_game(tmp_path: Path) -> None:
    async with laid(tmp_path) as table:
        table.world.faults.switch_on("html_reply@list_rooms", value=403)
        await table.refused("list_rooms")

        await table.done("list_rooms")


async def test_another_key_is_tried(tmp_path: Path) -> None:
    async with laid(tmp_path, keys={"api_key": demo.PUBLIC}) as table:
        await table.refused("list_rooms")
        table.hold(api_key=demo.WORLD)

        assert isinstance(await table.call("list_rooms"), Done)


async def test_an_admin_without_the_role_is_told_which_it_takes(tmp_path: Path) -> None:
    keys = {"admin_username": "viewer", "admin_password": demo.staff_password("viewer")}
    async with laid(tmp_path, keys=keys) as table:
        refused = await table.refused("list_admin_users")

    assert "role ADMIN" in refused.message


async def test_what_a_role_may_not_do_to_one_user_it_may_do_to_another(tmp_path: Path) -> None:
    keys = {"admin_username": "admin", "admin_password": demo.staff_password("admin")}
    async with laid(tmp_path, keys=keys) as table:
        refused = await table.refused("create_admin_user", username="Boss", role="SUPERADMIN")
        created = await table.done("create_admin_user", username="Help", role="BUILDER")

    assert "SUPERADMIN" in refused.message
    assert created["role"] == "BUILDER"


@pytest.mark.parametrize("key", [demo.REVOKED, demo.EXPIRED, "maid_ffffffff_unknown"])
async def test_a_key_that_is_not_accepted_is_told_so(tmp_path: Path, key: str) -> None:
    async with laid(tmp_path, keys={"api_key": key}) as table:
        refused = await table.refused("list_rooms")

    assert refused.code == "api_key_refused"
    assert "game-bridge login maid" in refused.hint


async def test_toolsets_of_administrators_are_neither_listed_nor_called_unless_allowed(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path, settings=Settings(tools="all")) as table:
        listed = {tool.command for tool in table.gateway.toolbox.list()}
        refused = await table.refused("kick_player", player_id="p", reason="spam")
        by_name = await table.refused(
            "bridge_call", tool="maid_shutdown", arguments={"delay_seconds": 1, "reason": "x"}
        )

    assert listed.isdisjoint({"kick_player", "shutdown", "create_api_key", "metrics"})
    assert {"list_rooms", "whoami", "get_economy_stats"} <= listed
    assert refused.code == by_name.code == "not_allowed"
    assert "--allow maid:moderation" in refused.hint


async def test_what_others_feel_is_marked_as_destructive(tmp_path: Path) -> None:
    async with laid(tmp_path, settings=replace(ALLOWED, tools="all")) as table:
        by_name = {tool.command: tool for tool in table.gateway.toolbox.list() if tool.command}

    toolsets = {name: command.toolset for name, command in SPEC.commands.items()}
    felt = {n: tool for n, tool in by_name.items() if toolsets[n] in ("admin", "moderation")}
    assert {"reload_config", "unban_player", "kick_player"} < felt.keys()
    assert all(tool.destructive or tool.read_only for tool in felt.values())
    for name in ("list_rooms", "get_player"):
        assert by_name[name].read_only


async def test_the_observability_port_is_not_for_models(tmp_path: Path) -> None:
    async with laid(tmp_path, keys=EVERYTHING) as table:
        refused = await table.refused("bridge_call", tool="maid_metrics", arguments={})

    assert refused.code == "not_offered"
