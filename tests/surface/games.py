"""The real games, looked at without a network: what a server with given options would offer."""

from collections.abc import Sequence
from functools import cache

from bridge.cli.assembly import idle_gateway
from bridge.cli.surface import Listing, as_listed
from bridge.gateway.gateway import Gateway
from bridge.settings import Settings, ToolsMode
from bridge.spec.loader import load_games, spec_folder
from bridge.spec.model import GameSpec

MODES: Sequence[ToolsMode] = ("core", "all", "compact")


@cache
def specs() -> dict[str, GameSpec]:
    return load_games(spec_folder())


def every_admin() -> tuple[str, ...]:
    return tuple(f"{game}:admin" for game in specs())


@cache
def gateway(
    mode: ToolsMode = "core",
    *,
    games: tuple[str, ...] = (),
    admin: bool = False,
    read_only: bool = False,
    accounts: tuple[str, ...] = (),
) -> Gateway:
    games = games or tuple(specs())
    settings = Settings(
        games=games,
        tools=mode,
        allow=every_admin() if admin else (),
        read_only=read_only,
        accounts=dict.fromkeys(games, accounts) if accounts else {},
    )
    return idle_gateway(settings, {game: specs()[game] for game in games})


def listed(of: Gateway) -> list[Listing]:
    return as_listed(of)
