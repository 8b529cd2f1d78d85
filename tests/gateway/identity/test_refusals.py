import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from bridge.credentials import Secrets
from bridge.gateway.identity.refusals import REMEMBERED_SECONDS, Refusals
from bridge.gateway.shared.notebook import FOLDER
from bridge.protocol.render import Way
from bridge.protocol.verdict import Refused
from bridge.spec.loader import load_game, spec_folder

pytestmark = pytest.mark.anyio

SPEC = load_game(spec_folder(), "maid")
NOW = 1_790_000_000.0
WRONG: dict[str, JsonValue] = {"username": "player1", "password": "wrong-password"}
RIGHT: dict[str, JsonValue] = {**WRONG, "password": "right-password"}
REFUSED = Refused(code="wrong_password", message="Invalid username or password", hint="Stop.")


def process(folder: Path | None, now: float = NOW, base: str = "http://localhost:1") -> Refusals:
    """Return what one process knows, at a moment."""
    return Refusals(Way(SPEC, "http", base), "default", folder, Secrets(), lambda: now)


def file_of(folder: Path) -> Path:
    (file,) = (folder / FOLDER).glob("*.json")
    return file


async def test_what_was_refused_to_one_process_is_refused_in_another(tmp_path: Path) -> None:
    await process(tmp_path).note("player", WRONG, REFUSED)

    again = await process(tmp_path).before("player", WRONG)

    assert again is not None
    assert (again.code, again.message, again.hint) == (REFUSED.code, REFUSED.message, REFUSED.hint)
    assert again.local


async def test_other_credentials_another_auth_or_another_server_may_be_tried(
    tmp_path: Path,
) -> None:
    await process(tmp_path).note("player", WRONG, REFUSED)

    assert await process(tmp_path).before("player", RIGHT) is None
    assert await process(tmp_path).before("admin", WRONG) is None
    assert await process(tmp_path, base="http://localhost:2").before("player", WRONG) is None


async def test_what_a_login_does_not_use_makes_no_other_one_of_it(tmp_path: Path) -> None:
    await process(tmp_path).note("player", WRONG, REFUSED)

    assert await process(tmp_path).before("player", {**WRONG, "api_key": "new"}) is not None


async def test_another_process_remembers_for_an_hour_and_this_one_for_good(tmp_path: Path) -> None:
    time = NOW
    here = Refusals(
        Way(SPEC, "http", "http://localhost:1"), "default", tmp_path, Secrets(), lambda: time
    )
    await here.note("player", WRONG, REFUSED)
    time += REMEMBERED_SECONDS + 1

    assert await process(tmp_path, time).before("player", WRONG) is None
    assert await here.before("player", WRONG) is not None


async def test_a_wait_that_is_over_holds_nobody_back(tmp_path: Path) -> None:
    locked = Refused(code="account_locked", message="Locked.", wait=900.0)
    await process(tmp_path).note("player", WRONG, locked)

    early = await process(tmp_path, NOW + 300).before("player", WRONG)
    late = await process(tmp_path, NOW + 901).before("player", WRONG)

    assert early is not None
    assert early.wait == 600
    assert late is None


async def test_what_has_worked_is_forgotten_everywhere(tmp_path: Path) -> None:
    one, other = process(tmp_path), process(tmp_path)
    await one.note("player", WRONG, REFUSED)
    await other.forget("player")

    assert await process(tmp_path).before("player", WRONG) is None


async def test_without_a_folder_only_this_process_knows() -> None:
    here = process(None)
    await here.note("player", WRONG, REFUSED)

    assert await here.before("player", WRONG) is not None
    assert await process(None).before("player", WRONG) is None


async def test_a_secret_in_the_games_words_is_not_written_down(tmp_path: Path) -> None:
    here = process(tmp_path)
    here.secrets.add("wrong-password")

    await here.note("player", WRONG, Refused(code="no", message="'wrong-password' is wrong"))

    assert "wrong-password" not in file_of(tmp_path).read_text()


@pytest.mark.parametrize("page", [{"player": 5}, {"player": {"mark": "00", "until": "soon"}}])
async def test_a_page_that_makes_no_sense_refuses_nothing(
    tmp_path: Path, page: dict[str, JsonValue]
) -> None:
    await process(tmp_path).note("player", WRONG, REFUSED)
    told = json.loads(file_of(tmp_path).read_text())
    file_of(tmp_path).write_text(json.dumps({**told, "memory": page}))

    assert await process(tmp_path).before("player", WRONG) is None
