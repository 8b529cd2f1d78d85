from pathlib import Path

import pytest

from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.acts import Progress
from bridge.gateway.gateway import Gateway
from bridge.gateway.identity.sessions import hide
from bridge.gateway.surface.redaction import cleared, clearing
from bridge.journal import Journal
from bridge.protocol.events import NewEvent
from bridge.protocol.render import Way
from bridge.protocol.session import SignedIn
from bridge.protocol.verdict import Done, Outcome, Pending, Refused, Unknown
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from tests.gateway.spacemolt_table import laid

pytestmark = pytest.mark.anyio

PASSWORD = "correct horse/battery"
SAID = f"it is {PASSWORD}!"


@pytest.fixture
def secrets() -> Secrets:
    secrets = Secrets()
    secrets.add(PASSWORD)
    return secrets


@pytest.mark.parametrize(
    "outcome",
    [
        Done(result={PASSWORD: [SAID]}, text=SAID, notes=(SAID,)),
        Done(result=SAID),
        Refused(code=SAID, message=SAID, hint=SAID, details={"a": SAID}, notes=(SAID,)),
        Unknown(sent=SAID, reason=SAID, check="spacemolt_get_status", notes=(SAID,)),
        Pending(handle="spacemolt-1", message=SAID, details={"a": SAID}, notes=(SAID,)),
    ],
)
def test_no_part_of_an_outcome_holds_a_secret(outcome: Outcome, secrets: Secrets) -> None:
    shown = repr(cleared(outcome, secrets))

    assert PASSWORD not in shown
    assert "it is [secret]!" in shown


async def test_word_of_how_far_a_call_is_holds_no_secret(secrets: Secrets) -> None:
    told: list[Progress] = []

    async def report(progress: Progress) -> None:
        told.append(progress)

    clear = clearing(report, secrets)
    assert clear is not None
    await clear(Progress(message=SAID, done=1.5))

    assert told == [Progress(message="it is [secret]!", done=1.5)]
    assert clearing(None, secrets) is None


@pytest.mark.parametrize(
    ("game", "kept", "hidden"),
    [
        ("spacemolt", {"session_id": "sess-0123456789"}, "sess-0123456789"),
        ("pipeworks", {"session_id": "sess-0123456789"}, "sess-0123456789"),
        ("maid", {"access_token": "access-0123", "refresh_token": "r"}, "access-0123"),
        ("maid", {"refresh_token": "refresh-0123"}, "refresh-0123"),
    ],
)
def test_what_a_sign_in_brings_to_show_who_we_are_is_secret(
    game: str, kept: dict[str, str], hidden: str
) -> None:
    secrets = Secrets()

    hide(Way(load_game(spec_folder(), game), "http", ""), SignedIn(kept=kept), secrets)

    assert secrets.redact(hidden) == "[secret]"


def test_the_id_of_a_character_is_no_secret() -> None:
    secrets = Secrets()
    way = Way(load_game(spec_folder(), "pipeworks"), "http", "")

    hide(way, SignedIn(kept={"character_id": "character-17"}), secrets)

    assert secrets.redact("character-17") == "character-17"


async def test_a_long_result_that_was_kept_forgets_what_becomes_a_secret_later(
    tmp_path: Path, secrets: Secrets
) -> None:
    gateway = Gateway({}, Settings(), MemoryVault(secrets), Journal(tmp_path / "journal.db"))
    result_id = gateway.store({"log": "the token is token-0123456789"})

    secrets.add_passing("token-0123456789")

    assert gateway.stored(result_id) == '{"log":"the token is [secret]"}'
    part = await gateway.call("bridge_result", {"id": result_id, "search": "token"})
    assert "token-0123456789" not in repr(part)


async def test_what_others_say_cannot_bring_a_secret_into_journal_result_or_completion(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        await table.register()
        await table.done("get_status")
        table.gateway.vault.secrets.add(PASSWORD)
        table.world.pilot_chats("Tester", SAID)
        event = await table.until_kind("chat_message", "chat")
        await table.gateway.feeds.record(
            "spacemolt", "default", [NewEvent(kind="chat_message", at=1.0, data={"a": SAID})]
        )
        read = await table.done("bridge_events", feed="chat")
        await table.done("captains_log_add", entry=SAID)
        entries = await table.done("captains_log_list")

    assert PASSWORD not in f"{event} {read} {entries}"
    assert "it is [secret]!" in str(read)
    assert "it is [secret]!" in str(entries)
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"it is [secret]!" in on_disk
    assert PASSWORD.encode() not in on_disk
