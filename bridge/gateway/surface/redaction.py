"""Cuts secrets out of what leaves the gateway: outcomes, and word of how far a call is.

Events are cut before they are written down, by ``feeds.py``; log lines by the handler's filter.
All of them ask the same ``Secrets``, which knows every value that has passed through the vault
and every session id or token that a sign-in has brought.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from bridge.credentials import Secrets
from bridge.gateway.acts import Progress, ProgressReport
from bridge.protocol.verdict import Done, Outcome, Pending, Refused, Unknown


def cleared(outcome: Outcome, secrets: Secrets) -> Outcome:
    """Return the outcome without any secret."""
    notes = tuple(secrets.redact(note) for note in outcome.notes)
    match outcome:
        case Done(result=result, text=text):
            text = secrets.redact(text) if text is not None else None
            return replace(outcome, result=secrets.redact_json(result), text=text, notes=notes)
        case Refused():
            return replace(
                outcome,
                code=secrets.redact(outcome.code),
                message=secrets.redact(outcome.message),
                hint=secrets.redact(outcome.hint),
                details=secrets.redact_json(outcome.details),
                notes=notes,
            )
        case Unknown(sent=sent, reason=reason):
            sent, reason = secrets.redact(sent), secrets.redact(reason)
            return replace(outcome, sent=sent, reason=reason, notes=notes)
        case Pending(message=message):
            details = secrets.redact_json(dict(outcome.details))
            return replace(
                outcome,
                message=secrets.redact(message),
                details=details if isinstance(details, Mapping) else {},
                notes=notes,
            )
        case _ as never:
            assert_never(never)


def clearing(report: ProgressReport | None, secrets: Secrets) -> ProgressReport | None:
    """Return the report with secrets cut out of what it is told."""
    if report is None:
        return None

    async def cleared_report(progress: Progress) -> None:
        await report(replace(progress, message=secrets.redact(progress.message)))

    return cleared_report
