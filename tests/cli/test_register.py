import pytest

from bridge.cli.register import store_held
from bridge.credentials import MemoryVault, Secrets

pytestmark = pytest.mark.anyio


class LockedVault(MemoryVault):
    """A vault that cannot store for some tries."""

    def __init__(self, failures: int) -> None:
        super().__init__(Secrets())
        self.failures = failures

    async def store_held(self) -> str | None:
        self.failures -= 1
        return "The keyring is locked." if self.failures >= 0 else None


async def test_the_command_stays_until_what_the_game_has_handed_out_is_stored(
    capsys: pytest.CaptureFixture[str],
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    await store_held(LockedVault(failures=3), sleep)

    assert slept == [5.0, 5.0, 5.0]
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("The keyring is locked.") == 3
    assert "Ctrl-C gives up" in said.err


async def test_nothing_is_said_when_it_is_stored_already(
    capsys: pytest.CaptureFixture[str],
) -> None:
    await store_held(LockedVault(failures=0))

    assert capsys.readouterr().err == ""
