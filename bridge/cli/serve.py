"""``game-bridge serve``: the MCP server of one host."""

import gc

import click

from bridge.cli.options import PLACES, REACH, SANDBOX, SURFACE, with_options

HELP = """
Serve one host over stdin and stdout, as hosts want it.

A host starts this by itself, from an entry in its configuration: the command game-bridge with
the arguments serve and, for simulated games, --sandbox.

Every option can also be an environment variable (GAME_BRIDGE_GAMES, GAME_BRIDGE_READ_ONLY=1,
GAME_BRIDGE_MAID_URL ...) or stand in the settings file; options win over variables, which win
over the file. The file is settings.toml in your configuration folder (game-bridge games shows
where) and looks like this:

\b
    games = ["spacemolt", "maid"]
    toolsets = ["spacemolt:factions"]
    [accounts]
    spacemolt = ["trader", "miner"]
    [urls]
    maid = "https://maid.example.org"
    [via]
    spacemolt = "http_v2"

With --http the same server listens at http://HOST:PORT/mcp instead. At 127.0.0.1 whatever runs on
this machine can play there, other users of it too, until a client has been given a token; anywhere
else every client needs one, see: game-bridge token --help

GAME_BRIDGE_ERA=legacy helps hosts that fail on the newer protocol; GAME_BRIDGE_LOG=debug
writes more to stderr.
"""


@click.command(help=HELP, short_help="Serve a host: what hosts start.")
@click.option(
    "--http",
    metavar="HOST:PORT",
    help="Listen there over Streamable HTTP instead of serving stdin and stdout.",
)
@with_options(SANDBOX, SURFACE, REACH, PLACES)
@click.pass_context
def command(context: click.Context, /, http: str | None, **_flags: object) -> None:
    """Serve one host until it ends."""
    gc.disable()  # nothing is garbage while everything is loaded
    import anyio

    from bridge.cli.assembly import at_play, choose
    from bridge.cli.logs import log_to_stderr

    chosen = choose(context.params)
    log_to_stderr(chosen.secrets)

    async def serve() -> None:
        async with at_play(chosen) as gateway:
            settings = chosen.settings
            if http is not None:
                from bridge.cli.http import serve_over_http

                _keep_what_is_loaded()
                await serve_over_http(gateway, http)
                return
            from bridge.server.stdio import serve_stdio

            _keep_what_is_loaded()
            await serve_stdio(gateway, era=settings.era, structured=settings.structured)

    try:
        anyio.run(serve)
    except* SystemExit:
        pass  # a signal came before the server listened to any


def _keep_what_is_loaded() -> None:
    """Search for garbage from now on, but never in what is here already."""
    gc.freeze()
    gc.enable()
