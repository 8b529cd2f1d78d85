"""``game-bridge call``: one tool call, for people and scripts."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final, assert_never

import click
from pydantic import JsonValue

from bridge.cli.options import PLACES, REACH, SANDBOX, SURFACE, with_options

if TYPE_CHECKING:
    from bridge.cli.assembly import Chosen
    from bridge.gateway.acts import Progress
    from bridge.gateway.calls import ToolResult

DONE: Final = 0
REFUSED: Final = 1
NOT_KNOWN: Final = 3


@click.command(short_help="Call one tool, as a model would.")
@click.argument("tool")
@click.argument("arguments", nargs=-1, metavar="[KEY=VALUE]...")
@with_options(SANDBOX, SURFACE, REACH, PLACES)
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON, in place of the text.")
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    tool: str,
    arguments: tuple[str, ...],
    as_json: bool,
    **_flags: object,
) -> None:
    """Call one tool and print what a model would read.

    A value is JSON where it can be read as JSON, else a text: quantity=5 ids='["a","b"]'
    name=Vex. Any command of a game can be called, listed or not, under the same rules.

    Exit status: 0 done, 1 refused, 2 there is no such tool or the options are wrong, 3 sent, but
    what came of it is not known (yet).
    """
    import anyio

    from bridge.cli.assembly import choose
    from bridge.cli.logs import log_to_stderr

    values = parsed(arguments)
    chosen = choose(context.params)
    log_to_stderr(chosen.secrets)
    answer, text = anyio.run(_call, chosen, tool, values)
    if answer is None:
        raise click.UsageError(text)
    click.echo(chosen.secrets.redact(_as_json(answer) if as_json else text))
    context.exit(status_of(answer))


def parsed(arguments: Sequence[str]) -> dict[str, JsonValue]:
    """Return ``key=value`` arguments as a table. Raises UsageError for anything else."""
    values: dict[str, JsonValue] = {}
    for argument in arguments:
        key, separator, text = argument.partition("=")
        if not (key and separator):
            raise click.UsageError(f"Arguments are KEY=VALUE, not {argument!r}.")
        try:
            values[key] = json.loads(text)
        except ValueError:
            values[key] = text
    return values


def status_of(answer: "ToolResult") -> int:
    """Return the exit status that says what came of a call."""
    from bridge.protocol.verdict import Done, Pending, Refused, Unknown

    match answer.outcome:
        case Done():
            return DONE
        case Refused():
            return REFUSED
        case Unknown() | Pending():
            return NOT_KNOWN
        case _ as never:
            assert_never(never)


async def _call(
    chosen: "Chosen", tool: str, values: dict[str, JsonValue]
) -> "tuple[ToolResult | None, str]":
    """Return the answer and its text; no answer, and why, when there is no such tool."""
    from bridge.cli.assembly import at_play
    from bridge.server.present import Presenter

    async with at_play(chosen) as gateway, gateway.running():
        presenter = Presenter(store=gateway.store, now=time.time)
        try:
            answer = await gateway.call(tool, values, report=_report)
        except LookupError:
            near = ", ".join(gateway.toolbox.nearest(tool))
            hint = f"Near: {near}." if near else "game-bridge tools --tools all lists them."
            return None, f"There is no tool {tool!r}. {hint}"
        return answer, presenter.text(answer)


async def _report(progress: "Progress") -> None:
    if sys.stderr.isatty():
        click.echo(f"... {progress.message} ({progress.done:.0f} s)", err=True)


def _as_json(answer: "ToolResult") -> str:
    from bridge.server.clean import clean, tidied

    outcome = answer.outcome
    said = {key: value for key, value in asdict(outcome).items() if value not in (None, "", ())}
    whole = {
        "tool": answer.tool,
        "outcome": type(outcome).__name__.lower(),
        **said,
        "notes": list(outcome.notes),
        "news": list(answer.news),
        "untrusted": answer.untrusted,
    }
    return json.dumps(tidied(whole, clean, prune=False), indent=2)
