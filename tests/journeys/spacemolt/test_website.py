"""The website's toolset: off until it is allowed, and no password ever shown."""

from pathlib import Path

import pytest
from pydantic import JsonValue

from bridge.protocol.judge import judge_reply
from bridge.protocol.verdict import Done, Refused, Unknown
from bridge.protocol.wire import HttpReply
from bridge.sandbox.spacemolt.world import FIRST_BEARER
from bridge.spec.model import HttpUpstream
from tests.journeys.spacemolt.table import SPEC, WAYS, Table, hold, laid

pytestmark = pytest.mark.anyio

ALLOWED = ("spacemolt:website",)


def entitled(table: Table, account: str = "default") -> None:
    table.vault.hold("spacemolt", account, "website_token", FIRST_BEARER)


async def test_without_leave_no_tool_of_the_website_is_listed_or_works(tmp_path: Path) -> None:
    async with laid(tmp_path, tools="all") as table:
        entitled(table)
        listed = [tool.name for tool in table.gateway.toolbox.list()]

        refused = await table.refused("website_registration_code")

        assert not any("website" in name for name in listed)
        assert refused.code == "not_allowed"
        assert table.world.requests == []


@pytest.mark.parametrize("way", [None, *WAYS])
async def test_it_is_there_whatever_way_is_wanted_for_the_game(
    tmp_path: Path, way: str | None
) -> None:
    async with laid(tmp_path, way=way, allow=ALLOWED) as table:
        entitled(table)

        profile = await table.done("website_profile")
        code = await table.done("website_registration_code")

        assert "email" in profile
        assert code["registration_code"] == "sandbox"
        assert {each.way for each in table.world.requests} == {"website"}
        assert {each.bearer for each in table.world.requests} == {f"Bearer {FIRST_BEARER}"}
        assert {each.session for each in table.world.requests} == {""}


async def test_without_a_token_it_is_said_what_is_missing(tmp_path: Path) -> None:
    async with laid(tmp_path, allow=ALLOWED) as table:
        refused = await table.refused("website_profile")

        assert refused.code == "no_credentials"
        assert "Token of your login at the website" in refused.message
        assert table.world.requests == []


def test_a_token_that_is_refused_is_said_to_be_short_lived() -> None:
    there = SPEC.upstream["website"]
    assert isinstance(there, HttpUpstream)
    body: JsonValue = {"error": "unauthorized", "message": "Sign in first."}
    reply = HttpReply(status=401, body=body)

    verdict = judge_reply(SPEC, there, SPEC.commands["website_profile"], reply, "")

    assert isinstance(verdict.outcome, Refused)
    assert verdict.outcome.code == "website_login_needed"
    assert "short time" in verdict.outcome.hint
    assert verdict.then == "sign_in_again"  # a fresh one may have been stored meanwhile


async def test_linked_players_and_their_logs_can_be_read(tmp_path: Path) -> None:
    async with laid(tmp_path, allow=ALLOWED) as table:
        entitled(table)
        table.settle_in()
        await table.done("captains_log_add", entry="Day one")
        player_id = table.world.player("Tester").id

        player = await table.done("website_player", player_id=player_id)
        log = await table.answer("website_player_log", player_id=player_id)

        assert "Tester" in str(player)
        assert "Day one" in str(log.outcome)
        assert log.untrusted


async def test_a_reset_password_is_kept_never_shown_and_used_at_once(tmp_path: Path) -> None:
    async with laid(tmp_path, allow=ALLOWED) as table:
        entitled(table)
        table.settle_in()
        before = await table.vault.get("spacemolt", "default", "password")
        await table.done("get_status")

        answer = await table.call(
            "website_reset_password", player_id=table.world.player("Tester").id
        )
        table.world.close_connections()
        status = await table.call("get_status")

        after = await table.vault.get("spacemolt", "default", "password")
        assert isinstance(answer, Done)
        assert isinstance(status, Done)
        assert after != before
        assert after == table.world.player("Tester").password
        assert str(after) not in str(answer)
        shown: JsonValue = answer.result
        assert shown == {"success": True, "username": "Tester"}


@pytest.mark.parametrize("way", WAYS)
async def test_a_player_whose_registration_got_no_answer_is_won_back(
    tmp_path: Path, way: str
) -> None:
    async with laid(tmp_path, way=way, allow=ALLOWED) as table:
        entitled(table)
        who: dict[str, JsonValue] = {"empire": "solarian", "registration_code": "sandbox"}
        await table.done("get_version")  # so that it is the registration that meets the fault
        table.world.faults.switch_on("drop_connection", value=1)

        lost = await table.call("register", username="Tester", **who)
        taken = await table.refused("register", username="Tester", **who)
        code = await table.done("website_registration_code")
        players = code["players"]
        assert isinstance(players, list)
        (linked,) = players
        assert isinstance(linked, dict)
        await table.done("website_reset_password", player_id=linked["player_id"])
        status = await table.done("get_status")

        assert isinstance(lost, Unknown)
        assert taken.code == "username_taken"
        assert "game-bridge website reset-password" in taken.hint
        assert "Tester" in str(status)
        assert table.world.executed["register"] == 1


async def test_a_reset_never_replaces_the_password_of_another_player(tmp_path: Path) -> None:
    accounts = {"spacemolt": ("default", "second")}
    async with laid(tmp_path, allow=ALLOWED, accounts=accounts) as table:
        entitled(table)
        table.settle_in("Alpha")
        hold(table.world, table.vault, "Beta", "second")
        beta = table.world.player("Beta")
        kept = await table.vault.get("spacemolt", "default", "password")

        refused = await table.refused("website_reset_password", player_id=beta.id)
        stranger = await table.refused("website_reset_password", player_id="nobody")

        assert refused.code == "another_player"
        assert stranger.code == "not_linked"
        assert await table.vault.get("spacemolt", "default", "password") == kept
        assert beta.password == await table.vault.get("spacemolt", "second", "password")
        assert not [each for each in table.world.requests if "reset" in each.name]
