"""``game-bridge check``: whether spec files say what they must."""

from pathlib import Path

import click


@click.command(short_help="Check spec files.")
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.pass_context
def command(context: click.Context, /, *, folder: Path | None) -> None:
    """Check every spec in a folder, the built-in ones if none is named.

    Says of each game that is wrong which file and which key, and ends with status 1 then.
    """
    from bridge.errors import SpecError
    from bridge.spec.loader import game_ids, load_game, spec_folder

    where = folder or spec_folder()
    games = game_ids(where)
    if not games:
        raise click.ClickException(f"There is no spec (a file such as game.toml) in {where}.")
    wrong = 0
    for game in games:
        try:
            spec = load_game(where, game)
        except SpecError as error:
            wrong += 1
            click.echo(f"{game}: {error}", err=True)
        else:
            parts = (
                ("command", len(spec.commands)),
                ("toolset", len(spec.toolsets)),
                ("feed", len(spec.feeds)),
            )
            counted = [f"{number} {part}{'' if number == 1 else 's'}" for part, number in parts]
            click.echo(f"{game}: {', '.join(counted)}")
    if wrong:
        context.exit(1)
