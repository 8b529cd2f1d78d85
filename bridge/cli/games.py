"""``game-bridge games``: which games there are, where they are, and who plays them."""

import os
from typing import TYPE_CHECKING

import click

from bridge.cli.options import PLACES, REACH, with_options

if TYPE_CHECKING:
    from bridge.settings import Settings
    from bridge.spec.model import GameSpec


@click.command(short_help="Show the games and where they are.")
@with_options(REACH, PLACES)
@click.pass_context
def command(context: click.Context, /, **_flags: object) -> None:
    """Show the games: what they are, how they are reached, where they are documented.

    Addresses are those that would be used, with what options, variables and the settings file say.
    """
    from bridge.cli.assembly import choose, settings_file

    chosen = choose(context.params, every_game=True)
    for number, (game, spec) in enumerate(chosen.specs.items()):
        if number:
            click.echo()
        click.echo(f"{game}: {spec.game.title}. {spec.game.about}")
        for name, value in _facts(spec, chosen.settings):
            click.echo(f"  {name:<14}{value}")
    file = settings_file(context.params, os.environ)
    click.echo(f"\nSettings: {file}{'' if file.exists() else ' (there is none yet)'}")


def _facts(spec: "GameSpec", settings: "Settings") -> list[tuple[str, str]]:
    from bridge.gateway.addresses import ways

    facts = [(way.upstream, way.base_url) for way in ways(spec, settings)]
    facts.append(("accounts", ", ".join(settings.accounts_of(spec.game.id))))
    facts.append(("toolsets", ", ".join(spec.toolsets)))
    facts.append(("documents", f"{spec.game.docs} (checked against {spec.game.verified_against})"))
    return facts
