"""What goes into a call of a tool beside its arguments, and what comes back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.gateway.acts import ProgressReport
from bridge.gateway.entrance import Consent, Wanted
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.spec.model import Command
from bridge.spec.params import Misfit
from bridge.spec.paths import dig


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What came of a tool call."""

    outcome: Outcome
    tool: str
    untrusted: bool = False
    """It carries other players' words."""
    news: Sequence[str] = ()
    """What is unread, one line for each account that has any."""
    about: tuple[str, str] | None = None
    """The game and the account that answered, where one did."""
    wanted: Wanted | None = None
    """What the player must bring, where the call lacked credentials."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who waits for an answer."""

    report: ProgressReport | None
    consent: Consent


def misfit_refused(misfit: Misfit) -> Refused:
    """Return why arguments do not fit, with the call that would have been right."""
    return Refused(
        code="wrong_arguments",
        message=" ".join(misfit.problems),
        hint=f"Call it like this: {misfit.example}",
        local=True,
    )


def has_others_words(command: Command, outcome: Outcome) -> bool:
    """Say whether what came of a command carries other players' words."""
    if isinstance(command.untrusted, str):
        return isinstance(outcome, Done) and bool(dig(outcome.result, command.untrusted))
    return command.untrusted


def noted(outcome: Outcome, notes: Sequence[str]) -> Outcome:
    """Return an outcome with notes in front of its own."""
    return replace(outcome, notes=(*notes, *outcome.notes)) if notes else outcome
