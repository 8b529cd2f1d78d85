"""Outcomes as the text a model reads.

The game's own rendering where it has one, else compact JSON without empty members. A refusal says
what to do next; an unknown fate says which tool tells. What the bridge did on the way, and what is
unread, is a line each at the end. Never more than 20,000 characters: of a larger result a part is
shown, then the shape of what was left out and a handle to read it with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, assert_never

import mcp_types as wire
from pydantic import JsonValue

from bridge.gateway.surface.weight import MOST_PER_CHARACTER, MOST_TOKENS, tokens_of
from bridge.protocol.verdict import Done, Pending, Refused, Unknown
from bridge.server.clean import clean, defanged, encodable, marked, says_nothing, tidied
from bridge.server.needs import Answer
from bridge.server.shorten import Shortened, compact, listing, shortened

LIMIT = 20_000
"""Characters of text in one result, all told."""

_WHERE = "The outcome will appear in the actions feed: read it with bridge_events."
_FOR_LEFT_OUT = 3_400
_SHORTEST = 400
"""Characters of a part that are always shown."""
_STEP = 100
_DETAILS = 2_000
_LINES = 12
_LINE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What the game answered, as it will be shown."""

    text: str
    structured: JsonValue = None


class Store(Protocol):
    """Keeps what is too large to be shown."""

    def __call__(self, content: JsonValue, /, *, untrusted: bool = False) -> str:
        """Return the handle to read it with; ``untrusted`` if it has other players' words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presenter:
    """Turns outcomes into results."""

    store: Store
    """Keeps a large result; returns the handle."""
    now: Callable[[], float]
    """Seconds since the epoch."""
    structured: bool = False
    """Whether results carry the data beside the text."""

    def result(self, answer: Answer) -> wire.CallToolResult:
        """Return the answer as the result of a tool call; refused and unknown are errors."""
        outcome = answer.outcome
        if isinstance(outcome, Done):
            tail = _tail(answer)
            body = self._body(outcome, room=LIMIT - len(tail), untrusted=answer.untrusted)
            return wire.CallToolResult(
                content=[wire.TextContent(text=body.text + tail)],
                structured_content=body.structured if self.structured else None,
            )
        is_error = not isinstance(outcome, Pending)
        return wire.CallToolResult(
            content=[wire.TextContent(text=self.text(answer))], is_error=is_error
        )

    def text(self, answer: Answer) -> str:
        """Return the answer as text of at most 20,000 characters."""
        tail = _tail(answer)
        outcome = answer.outcome
        match outcome:
            case Done():
                room = LIMIT - len(tail)
                return self._body(outcome, room=room, untrusted=answer.untrusted).text + tail
            case Refused():
                return self._refused(outcome, untrusted=answer.untrusted) + tail
            case Unknown():
                return _unknown(outcome) + tail
            case Pending():
                return _pending(outcome, untrusted=answer.untrusted) + tail
            case _:
                assert_never(outcome)

    def _body(self, done: Done, *, room: int, untrusted: bool) -> Body:
        word = defanged if untrusted else clean
        structured = _structured(done.result, word, untrusted=untrusted) if self.structured else {}
        if done.text is not None and done.text.strip():
            return self._own_text(word(done.text), structured, room=room, untrusted=untrusted)
        value = tidied(done.result, word, prune=True)
        if says_nothing(value):
            return Body(text=_nothing(done.result), structured=structured)
        text = value if isinstance(value, str) else compact(value)
        whole = marked(text) if untrusted else text
        if fits(whole, room):
            return Body(text=whole, structured=structured)
        handle = self.store(value, untrusted=untrusted)
        more = _more(len(text), handle)

        def shown(length: int) -> Body:
            part = shortened(value, length)
            said = part.value if isinstance(part.value, str) else compact(part.value)
            said += f"\nLeft out:\n{listing(part.left_out)}"
            said = (marked(said) if untrusted else said) + more
            return Body(text=said, structured=_part(part, handle))

        return _largest(shown, room)

    def _own_text(self, text: str, structured: JsonValue, *, room: int, untrusted: bool) -> Body:
        whole = marked(text) if untrusted else text
        if fits(whole, room):
            return Body(text=whole, structured=structured)
        handle = self.store(text, untrusted=untrusted)
        more = _more(len(text), handle)

        def shown(length: int) -> Body:
            part = text[:length]
            line_end = part.rfind("\n") + 1
            part = part[:line_end] if line_end > len(part) // 2 else part
            rest = text[len(part) :]
            lines = rest.count("\n") + 1
            said = f"{part.rstrip()}\nLeft out: {len(rest)} characters, {lines} lines"
            said = (marked(said) if untrusted else said) + more
            return Body(text=said, structured={"text": part, "handle": handle})

        return _largest(shown, room)

    def _refused(self, refused: Refused, *, untrusted: bool) -> str:
        message = defanged(refused.message) if untrusted else refused.message
        lines = [f"Refused: {_short(refused.code)}: {_short(message, 2_000)}"]
        if refused.hint:
            lines.append(f"Next: {_short(refused.hint, 1_000)}")
        if refused.wait is not None:
            until = _clock(self.now() + refused.wait)
            lines.append(f"Wait: {_seconds(refused.wait)} s (until {until})")
        return "\n".join([*lines, *_details(refused.details, untrusted=untrusted)])


def fits(text: str, room: int) -> bool:
    """Say whether a text may be shown whole: so many characters, and so many tokens."""
    if len(text) > room:
        return False
    return len(text) * MOST_PER_CHARACTER <= MOST_TOKENS or tokens_of(text) <= MOST_TOKENS


def _largest(shown: Callable[[int], Body], room: int) -> Body:
    """Return as long a part as costs no more tokens than a result may."""
    length = room - _FOR_LEFT_OUT
    body = shown(length)
    while not fits(body.text, room) and length > _SHORTEST:
        length = min(length * MOST_TOKENS // tokens_of(body.text) - _STEP, length * 9 // 10)
        body = shown(length)
    return body


def _tail(answer: Answer) -> str:
    lines = [_short(line) for line in (*answer.outcome.notes[:_LINES], *answer.news[:_LINES])]
    return "".join(f"\n{line}" for line in lines if line)


def _unknown(unknown: Unknown) -> str:
    check = f" Find out with {_short(unknown.check)}" if unknown.check else " Look at the state"
    return (
        f"Unknown: {_short(unknown.sent)} was sent, but {_short(unknown.reason).rstrip('.')}. It may have"
        f" happened or not, and it is not sent again by itself.{check} before you repeat it."
    )


def _pending(pending: Pending, *, untrusted: bool) -> str:
    lines = [
        f"Pending: {_short(pending.message, 2_000)}",
        f"Handle: {_short(pending.handle)}. {_WHERE}",
    ]
    return "\n".join([*lines, *_details(dict(pending.details), untrusted=untrusted)])


def _details(details: JsonValue, *, untrusted: bool) -> list[str]:
    value = tidied(details, defanged if untrusted else clean, prune=True)
    if says_nothing(value):
        return []
    text = compact(shortened(value, _DETAILS).value)
    return [marked(text)] if untrusted else [f"Details: {text}"]


def _nothing(result: JsonValue) -> str:
    match result:
        case dict() if result:
            return f"Done. Nothing in: {_short(', '.join(result))}."
        case list():
            return "Done. The list is empty."
        case _:
            return "Done. The game had nothing to add."


def _structured(
    result: JsonValue, word: Callable[[str], str], *, untrusted: bool
) -> dict[str, JsonValue]:
    value = tidied(result, word, prune=False)
    if untrusted:
        return {"players_words": value}
    return value if isinstance(value, dict) else {"result": value}


def _part(part: Shortened, handle: str) -> dict[str, JsonValue]:
    left_out: Sequence[JsonValue] = [encodable(line) for line in part.left_out]
    return {"part": part.value, "left_out": list(left_out), "handle": handle}


def _more(length: int, handle: str) -> str:
    return f"\nThis is a part of {length} characters. Read the rest: bridge_result, id {handle}"


def _short(text: str, room: int = _LINE) -> str:
    text = clean(text).strip()
    return text if len(text) <= room else f"{text[: room - 3]}..."


def _seconds(wait: float) -> str:
    return str(max(round(wait), 0)) if wait >= 1 or wait <= 0 else f"{wait:.1f}"


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%SZ")
