"""The values that cross the wire. No type of an HTTP or WebSocket library goes further than here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from bridge.spec.nesting import is_deeper

DEEPEST = 64
"""How deep JSON from a game may be nested; what is deeper is taken for no JSON."""


def is_too_deep(value: JsonValue, text: str) -> bool:
    """Say whether what was read from a text is nested deeper than anybody could walk."""
    return text.count("{") + text.count("[") > DEEPEST and is_deeper(value, DEEPEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One HTTP request. Its ``repr`` shows no header, query or body: they may hold secrets."""

    method: str
    url: str = field(repr=False)
    path: str
    """The path as the spec writes it, safe to show."""
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: JsonValue = field(default=None, repr=False)
    """The JSON body; None sends none."""
    timeout: float = 30.0
    """Seconds until the call is given up."""
    cooldowns: tuple[str, ...] = ()
    """What it counts against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """One HTTP reply, decoded as far as it could be."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Names in lower case."""
    body: JsonValue = field(default=None, repr=False)
    """The decoded JSON; None where there was none."""
    text: str | None = field(default=None, repr=False)
    """The body as text, where it was not JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One JSON object on a WebSocket, in either direction."""

    data: Mapping[str, JsonValue] = field(repr=False)
