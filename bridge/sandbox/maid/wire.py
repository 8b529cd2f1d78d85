"""HTTP as values: what is asked of MAID, and what MAID answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

JsonObject = dict[str, object]


def encode(value: object) -> str:
    """Return compact JSON; text that UTF-8 cannot carry (lone surrogates) is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request; ``path`` is percent-decoded and begins below the mount.

    ``base`` is scheme, host and mount, for the absolute addresses that replies may name; the
    names of ``headers`` are in lower case.
    """

    method: str
    path: str
    base: str = "http://localhost"
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """One reply."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def of_json(
        cls, status: int, value: object, headers: Mapping[str, str] | None = None
    ) -> "HttpReply":
        """Return a reply that carries a JSON value."""
        return cls(
            status=status,
            headers={"content-type": "application/json", **(headers or {})},
            body=encode(value).encode(),
        )

    @classmethod
    def of_text(cls, status: int, text: str, content_type: str) -> "HttpReply":
        """Return a reply that carries text."""
        return cls(status=status, headers={"content-type": content_type}, body=text.encode())


class HttpError(Exception):
    """The game says no: a status, and a detail: text, a list when it is 422, or None."""

    def __init__(
        self, status: int, detail: object, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}

    def reply(self) -> HttpReply:
        """Return the reply that says so."""
        if self.detail is None:
            return HttpReply(status=self.status, headers=self.headers)
        return HttpReply.of_json(self.status, {"detail": self.detail}, self.headers)
