"""The simulated games: which there are, how they are started, and what opens them."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from bridge.errors import SettingsError
from bridge.settings import Settings

if TYPE_CHECKING:
    from bridge.credentials import Vault
    from bridge.sandbox.world import World

FAST_TICK_SECONDS: Final = 5.0
"""With shorter ticks than these, the real game's limits per minute make no sense."""


@asynccontextmanager
async def running(
    games: Sequence[str], *, tick: float, port: int = 0
) -> AsyncIterator[dict[str, str]]:
    """Serve the simulated games on loopback; yields the address of each.

    Raises SettingsError when the port cannot be had.
    """
    from bridge.sandbox import server

    async with AsyncExitStack() as stack:
        worlds = [_WORLDS[game](tick) for game in games]
        try:
            base = await stack.enter_async_context(server.running(worlds, port=port))
        except OSError as error:
            raise SettingsError(
                f"Port {port} cannot be had ({error.strerror}). Name another one with --port."
            ) from error
        yield {game: f"{base}/{game}" for game in games}


def simulated(games: Collection[str], *, named: Collection[str]) -> list[str]:
    """Return those of the games that can be simulated.

    Raises SettingsError when one that was named cannot be.
    """
    for game in named:
        if game not in _WORLDS:
            raise SettingsError(
                f"--sandbox: there is no simulated {game}. There are: {', '.join(_WORLDS)}."
            )
    return [game for game in _WORLDS if game in games]


def hold_keys(vault: "Vault", settings: Settings) -> None:
    """Put the credentials that a simulated game starts with into the vault.

    SpaceMolt, Moltforsale and PipeWorks are joined by registering; PipeWorks has an administrator
    for those who allow administration.
    """
    if "maid" in settings.games:
        from bridge.sandbox.maid import demo

        keys = {
            "api_key": demo.ROOMY,
            "username": demo.PLAYER1,
            "password": demo.PLAYER1_PASSWORD,
            "admin_username": "superadmin",
            "admin_password": demo.staff_password("superadmin"),
        }
        _hold(vault, "maid", settings, keys)
    if any(toolset.startswith("pipeworks:") for toolset in settings.allow):
        from bridge.sandbox.pipeworks.state import DEFAULT_WORLD
        from bridge.sandbox.pipeworks.world import STEWARD

        keys = {"username": STEWARD[0], "password": STEWARD[1], "world": DEFAULT_WORLD}
        _hold(vault, "pipeworks", settings, keys)


def how_to_get_in(game: str) -> str:
    """Return what a person or another client needs to play a simulated game."""
    match game:
        case "maid":
            from bridge.sandbox.maid import demo

            return (
                f"API key {demo.ROOMY}; player {demo.PLAYER1} with password "
                f"{demo.PLAYER1_PASSWORD}; admin superadmin with password "
                f"{demo.staff_password('superadmin')}"
            )
        case "pipeworks":
            from bridge.sandbox.pipeworks.world import STEWARD

            return f"register; or superuser {STEWARD[0]} with password {STEWARD[1]}"
        case "spacemolt":
            from bridge.sandbox.spacemolt.world import DEFAULT_CODE

            return f"register with the registration code {DEFAULT_CODE}"
        case _:
            return "register to get a key"


def _hold(vault: "Vault", game: str, settings: Settings, keys: Mapping[str, str]) -> None:
    for slot, value in keys.items():
        vault.hold(game, settings.accounts_of(game)[0], slot, value)


def _maid(_tick: float) -> "World":
    from bridge.sandbox.maid.world import Maid

    return Maid()


def _moltforsale(_tick: float) -> "World":
    from bridge.sandbox.moltforsale.world import Moltforsale

    return Moltforsale()


def _pipeworks(_tick: float) -> "World":
    from bridge.sandbox.pipeworks.world import PipeWorks

    return PipeWorks()


def _spacemolt(tick: float) -> "World":
    from bridge.sandbox.spacemolt.world import SpaceMolt

    return SpaceMolt(tick_seconds=tick, limits=tick >= FAST_TICK_SECONDS)


_WORLDS: Final[Mapping[str, Callable[[float], "World"]]] = {
    "maid": _maid,
    "moltforsale": _moltforsale,
    "pipeworks": _pipeworks,
    "spacemolt": _spacemolt,
}

SIMULATED: Final = tuple(_WORLDS)
"""The games that can be simulated."""
