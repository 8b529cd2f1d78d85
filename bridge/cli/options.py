"""The options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., object])

_PATH = click.Path(path_type=Path)

PLACES = (
    click.option(
        "--config",
        type=_PATH,
        metavar="FILE",
        help="The settings file; the one in your configuration folder if left out.",
    ),
    click.option(
        "--specs",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="FOLDER",
        help="Further games: a folder of spec files, added to those that are built in.",
    ),
)
"""Where things are read."""

SURFACE = (
    click.option(
        "--game",
        multiple=True,
        metavar="GAME",
        help="Play only this game. May be repeated. If left out: the games that have an account "
        "in the settings file, else all.",
    ),
    click.option(
        "--tools",
        type=click.Choice(["core", "all", "compact"]),
        help="Which commands are tools of their own: the important ones (core, the default), all, "
        "or none (compact). The others are reached with bridge_find and bridge_call.",
    ),
    click.option(
        "--toolset",
        multiple=True,
        metavar="GAME:TOOLSET",
        help="List a whole toolset too, such as spacemolt:factions. May be repeated.",
    ),
    click.option(
        "--allow",
        multiple=True,
        metavar="GAME:TOOLSET",
        help="Allow a toolset that is for administrators, such as maid:moderation; maid:admin "
        "allows all of a game. May be repeated.",
    ),
    click.option(
        "--read-only/--no-read-only",
        default=None,
        help="Refuse whatever changes something in a game.",
    ),
    click.option(
        "--structured/--no-structured",
        default=None,
        help="Give results as data beside the text. Some hosts show both to the model, which "
        "then costs twice.",
    ),
    click.option(
        "--confirm",
        type=click.Choice(["never", "destructive", "always"]),
        help="What the player is asked to confirm, where the host can ask: what cannot be undone "
        "(destructive, the default), whatever changes something (always), or nothing.",
    ),
    click.option(
        "--account",
        multiple=True,
        metavar="GAME=NAME",
        help="Play with this account. May be repeated; the first of a game is its default.",
    ),
)
"""What is shown to the model."""

REACH = (
    click.option(
        "--url",
        multiple=True,
        metavar="GAME=URL",
        help="Where a game is, in place of its usual address. May be repeated.",
    ),
    click.option(
        "--via",
        multiple=True,
        metavar="GAME=UPSTREAM",
        help="The only way to reach a game, such as spacemolt=http_v2. May be repeated.",
    ),
    click.option(
        "--unpaced",
        multiple=True,
        metavar="GAME",
        help="Leave the limits per minute of this game to the game: for a server of your own, named "
        "with --url. May be repeated.",
    ),
    click.option(
        "--poll",
        multiple=True,
        metavar="GAME=MINUTES",
        help="Ask a game that pushes nothing for news so often while a feed is followed, such as "
        "moltforsale=20. Otherwise Moltforsale is only asked by the model. May be repeated.",
    ),
    click.option(
        "--state",
        type=click.Path(file_okay=False),
        metavar="FOLDER",
        help="Where events are kept; your state folder if left out, a temporary one with "
        "--sandbox.",
    ),
)
"""How games are reached."""

SANDBOX = (
    click.option(
        "--sandbox/--no-sandbox",
        default=False,
        envvar="GAME_BRIDGE_SANDBOX",
        help="Play simulated games that run inside this process. No account, no internet.",
    ),
    click.option(
        "--tick",
        type=click.FloatRange(min=0.02, max=600),
        default=0.5,
        show_default=True,
        envvar="GAME_BRIDGE_TICK",
        metavar="SECONDS",
        help="How long a tick of the simulated SpaceMolt lasts.",
    ),
)
"""Simulated games in place of the real ones."""


def with_options(
    *groups: tuple[Callable[[Decorated], Decorated], ...],
) -> Callable[[Decorated], Decorated]:
    """Return a decorator that gives a command the options of the groups, in their order."""

    def decorate(function: Decorated) -> Decorated:
        for option in reversed([option for group in groups for option in group]):
            function = option(function)
        return function

    return decorate
