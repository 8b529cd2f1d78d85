"""``game-bridge sandbox``: the simulated games alone, for curl and for other clients."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command(short_help="Serve the simulated games alone.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8770,
    show_default=True,
    help="Where to listen on 127.0.0.1; 0 takes any free port.",
)
@click.option(
    "--tick",
    type=click.FloatRange(min=0.02, max=600),
    default=10.0,
    show_default=True,
    envvar="GAME_BRIDGE_TICK",
    metavar="SECONDS",
    help="How long a tick of SpaceMolt lasts.",
)
@click.option("--game", multiple=True, metavar="GAME", help="Only this game. May be repeated.")
def command(port: int, tick: float, game: tuple[str, ...]) -> None:
    """Serve the simulated games alone, until they are interrupted.

    They speak the games' own HTTP and WebSocket protocols on this machine, so that other clients
    of these games can be tried on them. What each address needs is printed. A second game-bridge
    plays them with, for instance: game-bridge serve --url maid=http://127.0.0.1:8770/maid
    """
    import anyio

    from bridge.cli.worlds import SIMULATED, simulated

    anyio.run(_serve, simulated(game or SIMULATED, named=game), tick, port)


async def _serve(games: "Sequence[str]", tick: float, port: int) -> None:
    import signal

    import anyio

    from bridge.cli.worlds import how_to_get_in, running

    async with running(games, tick=tick, port=port) as addresses:
        for game, address in addresses.items():
            click.echo(f"{game:<12} {address}\n{'':<12} {how_to_get_in(game)}")
        click.echo("Ends with Ctrl-C.")
        if sys.platform == "win32":  # event loops there take no signals: Ctrl-C interrupts
            await anyio.sleep_forever()
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            await anext(signals)
