"""What goes wrong on our side ends one call, never the server."""

from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from bridge.credentials import MemoryVault, Secrets
from bridge.errors import BridgeError, CredentialError
from bridge.gateway.acts import Act
from bridge.gateway.services import _contained
from bridge.protocol.verdict import Refused, Unknown
from tests.gateway.spacemolt_table import laid
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

NOTHING: Mapping[str, JsonValue] = {}


class LockedVault(MemoryVault):
    """A keyring that locks itself."""

    locked = False

    async def get(self, game: str, account: str, slot: str) -> str | None:
        if self.locked:
            raise CredentialError("The keyring is locked. Unlock it.")
        return await super().get(game, account, slot)


async def test_a_keyring_that_locks_itself_refuses_acts_and_queries_until_it_is_unlocked(
    tmp_path: Path,
) -> None:
    vault = LockedVault(Secrets())
    async with laid(tmp_path, vault=vault) as table:
        await table.register()
        await table.done("get_status")
        vault.locked = True

        for command in ("undock", "get_status", "register"):
            arguments: dict[str, JsonValue] = (
                {"username": "Other", "empire": "solarian", "registration_code": "sandbox"}
                if command == "register"
                else {}
            )
            outcome = await table.call(command, **arguments)
            assert isinstance(outcome, Refused)
            assert "Unlock it" in outcome.message

        vault.locked = False
        await table.done("undock")
        assert table.world.executed["undock"] == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [(CredentialError("The keyring is locked."), "The keyring is locked."), (ValueError(), "log")],
)
async def test_an_act_that_breaks_down_before_it_is_sent_is_refused(
    error: Exception, told: str
) -> None:
    act = Act("spacemolt-1", "spacemolt_undock", "undock", NOTHING)

    act.break_down(error)

    assert isinstance(act.outcome, Refused)
    assert told in act.outcome.message


async def test_the_fate_of_an_act_that_breaks_down_after_it_was_sent_is_unknown() -> None:
    act = Act("spacemolt-1", "spacemolt_undock", "undock", NOTHING)
    act.sending()

    act.break_down(ValueError("secret details"))

    assert isinstance(act.outcome, Unknown)
    assert "secret details" not in repr(act.outcome)


@pytest.mark.parametrize("error", [BridgeError("in words"), RuntimeError("unforeseen")])
async def test_what_breaks_down_in_the_background_is_logged_and_ends_nothing_else(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_down() -> None:
        raise error

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_contained, "A connection", break_down, ())

    assert "A connection broke down" in caplog.text
