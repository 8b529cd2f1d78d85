"""What a command will have stored, stored before it is sent."""

import pytest
from pydantic import JsonValue

from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.identity.foreseen import MOST_LINES, Foreseen
from bridge.gateway.identity.lifetimes import Lifetime
from bridge.protocol.verdict import Done, Refused, Unknown
from bridge.spec.loader import load_game, spec_folder

pytestmark = pytest.mark.anyio
SPECS = {
    game: load_game(spec_folder(), game)
    for game in ("maid", "moltforsale", "pipeworks", "spacemolt")
}
PIPEWORKS = SPECS["pipeworks"]
REGISTER = PIPEWORKS.commands["register"]
GRETA: dict[str, JsonValue] = {"username": "greta", "new_password": "tin whistle in fog"}
DAY = 86_400


def foreseen(vault: MemoryVault, game: str = "pipeworks") -> Foreseen:
    return Foreseen(SPECS[game], "default", vault)


async def kept(vault: MemoryVault) -> dict[str, str]:
    values = {slot: await vault.get("pipeworks", "default", slot) for slot in PIPEWORKS.credentials}
    return {slot: value for slot, value in values.items() if value is not None}


@pytest.mark.parametrize(
    ("game", "command", "is_known_before"),
    [
        ("pipeworks", "register", True),
        ("pipeworks", "create_user", True),
        ("maid", "create_admin_user", True),
        ("pipeworks", "register_guest", False),  # the server invents the user name
        ("spacemolt", "register", False),  # and here the password
        ("moltforsale", "register", False),
        ("pipeworks", "change_password", False),  # the old one may still be the right one
        ("pipeworks", "select_character", False),  # nothing secret
        ("pipeworks", "look", False),
    ],
)
def test_only_what_needs_no_answer_is_stored_before(
    game: str, command: str, *, is_known_before: bool
) -> None:
    covers = foreseen(MemoryVault(Secrets()), game).covers(SPECS[game].commands[command])

    assert covers == is_known_before


async def test_what_may_have_been_made_is_kept_and_in_doubt_until_it_is_signed_in_to() -> None:
    vault = MemoryVault(Secrets())
    lifetime = Lifetime(PIPEWORKS, "default", vault)

    former = await foreseen(vault).before(REGISTER, GRETA, 0.0)
    lost = await foreseen(vault).after(REGISTER, former, Unknown(sent="register", reason="lost"))

    assert lost.notes == ("Kept, in case it happened: User name, Password.",)
    assert (await kept(vault))["username"] == "greta"
    assert await lifetime.is_in_doubt()
    await lifetime.confirm()
    assert not await lifetime.is_in_doubt()
    assert not await lifetime.is_over(DAY - 1)
    assert await lifetime.is_over(DAY)


async def test_what_was_refused_is_taken_back() -> None:
    vault = MemoryVault(Secrets())
    vault.hold("pipeworks", "default", "world", "pipeworks_web")
    refused = Refused(code="not_valid", message="It is in use.")

    former = await foreseen(vault).before(REGISTER, GRETA, 0.0)
    assert (await kept(vault)).keys() == {"world", "username", "password", "expires_at"}
    outcome = await foreseen(vault).after(REGISTER, former, refused)

    assert outcome is refused
    assert await kept(vault) == {"world": "pipeworks_web"}


async def test_what_is_kept_for_the_player_stands_beside_what_was_there() -> None:
    vault = MemoryVault(Secrets())
    create = PIPEWORKS.commands["create_user"]

    for number in range(MOST_LINES + 1):
        values: dict[str, JsonValue] = {"username": f"u{number}", "new_password": f"word {number}"}
        former = await foreseen(vault).before(create, values, 0.0)
        await foreseen(vault).after(create, former, Done(result={}))

    found = await kept(vault)
    names, words = found["managed_username"].split("\n"), found["managed_password"].split("\n")
    assert names == [f"u{number}" for number in range(1, MOST_LINES + 1)]
    assert words == [f"word {number}" for number in range(1, MOST_LINES + 1)]
    assert vault.secrets.redact("word 20") == Secrets.MARK
