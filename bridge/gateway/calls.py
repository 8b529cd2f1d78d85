"""What goes into a call of a tool beside its arguments, and what comes back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.gateway.acts import ProgressReport
from bridge.gateway.entrance import Consent, Wanted
from bridge.protocol.verdict import Outcome, Refused
from bridge.spec.params import Misfit


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


def noted(outcome: Outcome, notes: Sequence[str]) -> Outcome:
    """Return an outcome with notes in front of its own."""
    return replace(outcome, notes=(*notes, *outcome.notes)) if notes else outcome
