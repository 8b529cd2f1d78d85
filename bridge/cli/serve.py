"""``game-bridge serve``: the MCP server of one host."""

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

GAME_BRIDGE_ERA=legacy helps hosts that fail on the newer protocol; GAME_BRIDGE_LOG=debug
writes more to stderr.
"""


@click.command(help=HELP, short_help="Serve a host over stdin and stdout: what hosts start.")
@with_options(SANDBOX, SURFACE, REACH, PLACES)
@click.pass_context
def command(context: click.Context, /, **_flags: object) -> None:
    """Serve one host until it ends."""
    import anyio

    from bridge.cli.assembly import at_play, choose
    from bridge.cli.logs import log_to_stderr
    from bridge.server.stdio import serve_stdio

    chosen = choose(context.params)
    log_to_stderr(chosen.secrets)

    async def serve() -> None:
        async with at_play(chosen) as gateway:
            settings = chosen.settings
            await serve_stdio(gateway, era=settings.era, structured=settings.structured)

    anyio.run(serve)
