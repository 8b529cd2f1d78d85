"""``game-bridge tools``: what a model would see."""

import json
import textwrap
from typing import TYPE_CHECKING

import click

from bridge.cli.options import PLACES, SURFACE, with_options

if TYPE_CHECKING:
    from bridge.cli.surface import Weight

COLUMNS = 100


@click.command
@with_options(SURFACE, PLACES)
@click.option("--json", "as_json", is_flag=True, help="The answer to tools/list, as MCP has it.")
@click.pass_context
def command(context: click.Context, /, *, as_json: bool, **_flags: object) -> None:
    """Show the tools that a model would see, and what they cost.

    Takes the options of serve that shape the surface. The costs are characters of compact JSON and
    tokens, taken as four bytes each.
    """
    from bridge.cli.assembly import choose, idle_gateway
    from bridge.cli.surface import as_listed, by_game, weigh

    chosen = choose(context.params)
    gateway = idle_gateway(chosen.settings, chosen.specs)
    tools = as_listed(gateway)
    if as_json:
        click.echo(json.dumps({"tools": tools}, indent=2))
        return
    for game, group in by_game(gateway, tools).items():
        click.echo(f"{game}: {_in_words(weigh(group))}")
        for tool in group:
            told = f"{tool['name']}: {tool.get('description', '')}"
            click.echo(
                textwrap.fill(told, COLUMNS, initial_indent="  ", subsequent_indent="      ")
            )
        click.echo()
    click.echo(f"All: {_in_words(weigh(tools))}")


def _in_words(weight: "Weight") -> str:
    return f"{weight.tools} tools, {weight.characters:,} characters, {weight.tokens:,} tokens"
