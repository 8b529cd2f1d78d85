"""Dates in HTTP headers. Only how far two of the same reply lie apart is of use: clocks differ."""

import contextlib
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

RETRY_AFTER = "retry-after"


def date_of(text: str | None) -> float | None:
    """Return a date as seconds since the epoch, None for anything else."""
    if text is not None:
        with contextlib.suppress(ValueError, OverflowError):
            return parsedate_to_datetime(text).timestamp()
    return None


def seconds_until(text: str, headers: Mapping[str, str]) -> float | None:
    """Return how long it is to a date by the server's own clock, None if either is not told.

    ``Retry-After`` may be a date (RFC 9110, 10.2.3). Header names are in lower case.
    """
    then, now = date_of(text), date_of(headers.get("date"))
    return max(0.0, then - now) if then is not None and now is not None else None
