"""``game-bridge tools``: what a model would see."""

import json
import textwrap
from typing import TYPE_CHECKING

import click

from bridge.cli.options import PLACES, SURFACE, with_options

if TYPE_CHECKING:
    from bridge.cli.surface import Weight

COLUMNS = 100


@click.command(short_help="Show the tools that a model would see.")
@with_options(SURFACE, PLACES)
@click.option("--json", "as_json", is_flag=True, help="The answer to tools/list, as MCP has it.")
@click.pass_context
def command(context: click.Context, /, *, as_json: bool, **_flags: object) -> None:
    """Show the tools that a model would see, and what they cost.

    Takes the options of serve that shape the surface. Tokens are those of names, descriptions and
    input schemas, which is what hosts hand on to the model; o200k_base where the Python package
    rs-bpe is installed, else four bytes are taken for one.
    """
    from bridge.cli.assembly import choose, idle_gateway
    from bridge.cli.surface import as_listed, by_game, weigh
    from bridge.cli.tokens import counter

    chosen = choose(context.params)
    gateway = idle_gateway(chosen.settings, chosen.specs)
    tools = as_listed(gateway)
    if as_json:
        click.echo(json.dumps({"tools": tools}, indent=2))
        return
    count = counter().count
    for game, group in by_game(gateway, tools).items():
        click.echo(f"{game}: {_in_words(weigh(group, count))}")
        for tool in group:
            told = f"{tool['name']} ({weigh([tool], count).tokens}): {tool.get('description', '')}"
            click.echo(
                textwrap.fill(told, COLUMNS, initial_indent="  ", subsequent_indent="      ")
            )
        click.echo()
    click.echo(f"All: {_in_words(weigh(tools, count))}. Tokens: {counter().measure}.")


def _in_words(weight: "Weight") -> str:
    return (
        f"{weight.tools} tools, {weight.tokens:,} tokens, {weight.size:,} bytes shown to the model, "
        f"{weight.sent:,} sent"
    )
