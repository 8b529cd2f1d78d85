"""What goes in and out of the simulated server: calls, and the ways in which one can end."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic import JsonValue

JsonObject: TypeAlias = dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request; the path is relative to the mount, header names are lower-case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: JSON, unless ``media`` says that ``content`` is text of another kind."""

    status: int = 200
    content: JsonValue = None
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the bytes on the wire; ValueError for numbers that JSON cannot say."""
        if self.media != "application/json":
            return str(self.content).encode()
        text = json.dumps(self.content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        try:
            return text.encode()
        except UnicodeEncodeError:
            return json.dumps(self.content, allow_nan=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The whole server stands still for so many seconds; only then the call is executed."""

    seconds: float
    then: "Callable[[], Answer]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """An answer that comes late by so many seconds, while the server goes on."""

    seconds: float
    reply: Reply


@dataclass(frozen=True, slots=True)
class Hung:
    """No answer, for good: the server is deadlocked until it is killed."""


@dataclass(frozen=True, slots=True)
class Crash:
    """An uncaught exception: 500 as plain text, then the connection is closed."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection is cut without an answer."""


Answer: TypeAlias = Reply | Blocked | Late | Hung | Crash | Dropped


class RefusedError(Exception):
    """The server says no with an HTTP status; ``content`` is the body of the reply."""

    def __init__(self, status: int, content: JsonObject) -> None:
        super().__init__(str(content.get("detail")))
        self.status = status
        self.content = content


def refusal(
    status: int, detail: str, *, code: str | None = None, stage: str | None = None
) -> RefusedError:
    """Return a refusal with a text, and with code and stage where the API part has them."""
    content: JsonObject = {"detail": detail}
    if code is not None:
        content |= {"code": code, "stage": stage}
    return RefusedError(status, content)
