"""``game-bridge docs``: what the repository holds that is generated. For developers."""

from pathlib import Path

import click


@click.command(short_help="Write what is generated. For developers.")
@click.option("--check", is_flag=True, help="Write nothing; say what is stale, with status 1.")
@click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The checkout; the one this program runs from if left out.",
)
@click.pass_context
def command(context: click.Context, /, *, check: bool, root: Path | None) -> None:
    """Write what is generated from the specs; for developers, in a checkout.

    These are the JSON Schema of spec files, the blocks of README.md between the markers
    <!-- generated: NAME --> and <!-- end -->, and a snapshot of each tool as a model sees it, in
    tests/snapshots.
    """
    from bridge.cli import generated
    from bridge.spec.loader import spec_folder

    where = root or spec_folder().parent
    if not (where / "pyproject.toml").exists():
        raise click.ClickException(f"{where} is no checkout of game-bridge. Name one with --root.")
    if check:
        stale = generated.stale(where)
        for path in stale:
            click.echo(f"stale: {path}", err=True)
        if stale:
            click.echo("Run game-bridge docs, look at what has changed, and commit it.", err=True)
            context.exit(1)
        return
    for path in generated.write(where):
        click.echo(f"updated: {path}")
