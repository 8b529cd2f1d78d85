"""Reading and managing a server: no secret is shown, no missing role is argued with."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from bridge.gateway.calls import ToolResult
from bridge.protocol.verdict import Done, Outcome
from bridge.server.present import Presenter
from tests.journeys.pipeworks.playing import SPEC, Mud, Table, laid, player, rows, steward

pytestmark = pytest.mark.anyio
ADMIN = ("pipeworks:admin",)


def busy_server() -> Mud:
    world = Mud()
    world.account("ann", "Ann")
    for name in ("Bo", "Cy"):
        world.arrive(name)
    world.say_as("Bo", "a word in private")
    return world


def secrets_of(world: Mud) -> set[str]:
    hashes = {account.password_hash for account in world.mud.accounts.values()}
    return {*world.mud.sessions, *hashes, *(each[:12] for each in hashes)}


def shown(outcome: Outcome) -> str:
    """Return all that a model could get to see of an outcome."""
    kept: list[str] = []

    def store(content: JsonValue, **_: bool) -> str:
        kept.append(json.dumps(content))
        return "r1"

    answer = ToolResult(outcome=outcome, tool="pipeworks_x")
    text = Presenter(store=store, now=lambda: 0.0).text(answer)
    return text + "".join(kept) + repr(outcome)


async def test_every_table_is_read_as_rows_with_names_and_without_any_secret(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path, world=busy_server(), keys=steward(), allow=ADMIN) as table:
        listed = await table.done("list_tables")
        assert isinstance(listed.result, dict)
        tables = listed.result["tables"]
        assert isinstance(tables, list)
        names = [str(each["name"]) for each in tables if isinstance(each, dict)]
        for name in names:
            done = await table.done("read_table", table_name=name)
            assert isinstance(done.result, dict)
            rows = done.result["rows"]
            assert isinstance(rows, list)
            assert all(isinstance(row, dict) for row in rows)
            assert not any(secret in shown(done) for secret in secrets_of(table.world)), name
        users = await table.done("read_table", table_name="users")

        assert {"users", "sessions"} <= set(names)
        assert "password_hash" not in shown(users)
        assert "steward" in shown(users)


async def test_nothing_that_an_admin_can_read_shows_a_secret(tmp_path: Path) -> None:
    world = busy_server()
    character = next(iter(world.mud.characters))
    arguments: dict[str, dict[str, JsonValue]] = {
        "read_table": {"table_name": "sessions"},
        "get_axis_state": {"character_id": character},
        "get_axis_events": {"character_id": character},
    }

    async with laid(tmp_path, world=world, keys=steward(), allow=ADMIN) as table:
        reads = [
            name
            for name, command in SPEC.commands.items()
            if command.toolset == "server_admin" and command.effect == "query"
        ]
        for name in reads:
            done = await table.done(name, **arguments.get(name, {}))
            assert not any(secret in shown(done) for secret in secrets_of(world)), name

        assert len(reads) == 11
        told = [str(dict(event.data)) for event in await table.events()]
        assert not any(secret in text for text in told for secret in secrets_of(world))


async def test_one_session_is_ended_by_its_row_and_its_id_is_never_seen(tmp_path: Path) -> None:
    world = busy_server()

    async with laid(tmp_path, world=world, keys=steward(), allow=ADMIN) as table:
        listed = await table.done("list_connections")
        assert isinstance(listed.result, dict)
        rows = listed.result["connections"]
        assert isinstance(rows, list)
        row = next(r for r in rows if isinstance(r, dict) and r["character_name"] == "Bo")
        before = set(world.mud.sessions)
        ended = await table.done("kick_session", connection_id=row["id"])
        strange = await table.refused("kick_session", connection_id=99_999)

        assert "session_id" not in shown(listed)
        assert len(before - set(world.mud.sessions)) == 1
        assert not any(session in shown(ended) for session in before)
        assert strange.code == "nothing_chosen"
        assert "pipeworks_list_connections" in strange.message


async def test_a_session_that_ends_before_the_question_is_renewed(tmp_path: Path) -> None:
    world = busy_server()

    async with laid(tmp_path, world=world, keys=steward(), allow=ADMIN) as table:
        await table.done("list_connections")
        world.expire_sessions()
        refused = await table.refused("kick_session", connection_id=99_999)

        assert refused.code == "nothing_chosen"
        assert world.asked["login"] == 2


def needing_a_role() -> Iterator[str]:
    for name, command in SPEC.commands.items():
        if command.permission is not None and not any(
            not param.optional for param in command.params.values()
        ):
            yield name


@pytest.mark.parametrize("command", list(needing_a_role()))
async def test_a_missing_role_is_explained_and_not_argued_with(
    tmp_path: Path, command: str
) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player(), allow=ADMIN) as table:
        refused = await table.refused(command)

        assert refused.code == "permission_missing"
        assert str(SPEC.commands[command].permission) in refused.message
        assert "no retry helps" in refused.hint
        assert world.asked["login"] == 1
        assert world.asked["admin"] + world.asked["api"] == 1


async def test_what_is_not_allowed_is_not_sent_raw_or_not(tmp_path: Path) -> None:
    world = busy_server()

    async with laid(tmp_path, world=world, keys=steward()) as table:
        for command in ("list_users", "stop_server", "ollama_clear_context"):
            assert (await table.refused(command)).code == "not_allowed"
        raw = await table.refused("raw_command", line="/kick Bo")

        assert raw.code == "use_the_tool"
        assert "pipeworks_kick_by_name" in raw.hint
        assert not world.asked


async def test_a_missing_integration_is_told_as_such(tmp_path: Path) -> None:
    async with laid(tmp_path, keys=steward(), allow=ADMIN) as table:
        refused = await table.refused(
            "translate", world_id="daily_undertaking", ooc_message="hi", axes={}
        )

        assert refused.code == "integration_missing"


# facts: ollama answers {"success": false, "output": ...} with 200
async def test_what_the_language_model_server_complains_of_is_told(tmp_path: Path) -> None:
    async with laid(tmp_path, keys=steward(), allow=ADMIN) as table:
        refused = await table.refused(
            "ollama_command", server_url="http://localhost:11434", command="frobnicate"
        )

        assert refused.code == "refused"
        assert "frobnicate" in refused.message


async def test_stored_chat_is_read_as_it_was_heard(tmp_path: Path) -> None:
    world = busy_server()
    world.say_as("Bo", "it's <b> &amp;")

    async with laid(tmp_path, world=world, keys=steward(), allow=ADMIN) as table:
        stored = await table.done("list_chat_messages", limit=1)

        assert isinstance(stored.result, dict)
        assert "it's <b> &amp;" in str(rows(Done(result=stored.result["messages"])))


async def test_an_admin_looks_after_others(tmp_path: Path) -> None:
    world = busy_server()

    async with laid(tmp_path, world=world, keys=steward(), allow=ADMIN) as table:
        await kick_ban_and_invite(table)
        ann = world.mud.account_named("ann")

        assert ann is not None
        assert ann.active
        assert len(world.mud.characters_of(ann, "daily_undertaking")) == 1


async def kick_ban_and_invite(table: Table) -> None:
    bo = table.world.mud.character_named("Bo", "pipeworks_web")
    assert bo is not None
    await table.done("kick_character", character_id=bo.id)
    for command in ("ban_user", "unban_user"):
        await table.done(command, target_username="ann")
    await table.done("change_user_role", target_username="ann", new_role="worldbuilder")
    await table.done("create_user_character", target_username="ann", world_id="daily_undertaking")
