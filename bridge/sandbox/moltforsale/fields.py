"""Reads the fields of a JSON body strictly, and collects everything that is wrong with it."""

import json
import math
from collections.abc import Mapping
from typing import Never

from bridge.sandbox.moltforsale.refusals import Issue, Json, RefusalError


def parse_json(body: bytes) -> Json:
    """Return what the body says; raises RefusalError INVALID_JSON when it is not JSON."""
    try:
        parsed: Json = json.loads(
            body.decode(), parse_constant=_refuse_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise RefusalError("INVALID_JSON") from error
    return parsed


def _refuse_constant(name: str) -> Never:
    # Python reads NaN and Infinity; JSON does not know them, nor does the service.
    raise ValueError(name)


def _finite(number: str) -> float | None:
    # Like JavaScript, which reads 1e999 as Infinity and writes that as null.
    return float(number) if math.isfinite(float(number)) else None


class Fields:
    """The fields of one JSON object; read them all, then call ``check``."""

    def __init__(self, body: Json, *, known: tuple[str, ...]) -> None:
        self._issues: list[Issue] = []
        self._fields: Mapping[str, Json] = {}
        if isinstance(body, Mapping):
            self._fields = body
        else:
            self.complain("invalid_type", "Expected an object")
        for name in self._fields:
            if name not in known:
                self.complain("unrecognized_keys", "Unrecognized key", name)

    def complain(self, code: str, message: str, *path: str) -> None:
        """Add something that is wrong."""
        self._issues.append(Issue(code=code, path=path, message=message))

    def has(self, name: str) -> bool:
        """Say whether the field is there, be it null."""
        return name in self._fields

    def anything(self, name: str) -> Json:
        """Return the field as it is, None when it is missing."""
        return self._fields.get(name)

    def text(self, name: str, *, least: int = 1) -> str:
        """Return a required string of at least so many characters."""
        value = self._fields.get(name)
        if not isinstance(value, str):
            self.complain("invalid_type", "Expected a string", name)
            return ""
        if len(value) < least:
            self.complain("too_small", f"At least {least} character(s) are needed", name)
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a string that may be missing, but not be null or empty."""
        return self.text(name) if self.has(name) else None

    def check(self, code: str) -> None:
        """Raise RefusalError with this code and all the issues if anything was wrong."""
        if self._issues:
            raise RefusalError(code, self._issues)
