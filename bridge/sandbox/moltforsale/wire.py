"""A request to the service and its answer, as values without sockets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.sandbox.moltforsale.refusals import Json, RefusalError, error_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request below the mount point; the path is as sent, headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What comes back: JSON, text, or nothing at all.

    ``lost`` means that the connection is closed without a byte; ``delay`` is in seconds.
    """

    status: int = 200
    json: Json = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    refusal: RefusalError | None = None
    lost: bool = False
    delay: float = 0.0

    def body(self) -> bytes:
        """Return the body's bytes; lone surrogates stay what they are, as JSON escapes."""
        return json.dumps(self.json).encode() if self.text is None else self.text.encode()

    def content_type(self) -> str | None:
        """Return the body's type, None when there is no body."""
        if self.text is None:
            return "application/json"
        return "text/html; charset=utf-8" if self.text else None


def refused(refusal: RefusalError) -> Answer:
    """Return the answer that refuses a request."""
    return Answer(status=refusal.status, json=error_body(refusal), refusal=refusal)


def page(status: int, title: str) -> Answer:
    """Return a page for browsers, as the framework and the edge send them."""
    text = (
        f'<!DOCTYPE html><html lang="en"><head><title>{title}</title></head>'
        f"<body><h1>{title}</h1></body></html>"
    )
    return Answer(status=status, text=text)
