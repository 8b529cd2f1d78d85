"""Reads a game's answer: done, refused, or accepted for later; and what the bridge should do.

Several shapes of "no" are understood everywhere, because games mix them: an ``error`` object, an
``error`` string beside a ``message``, ``detail`` as text or as a list, a page of HTML, an empty
body. A game's spec adds what its codes mean. What was sent is never repeated in a message: some
games echo passwords.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import JsonValue

from bridge.protocol.http_dates import seconds_until
from bridge.protocol.verdict import Done, Pending, Refused
from bridge.protocol.wire import Frame, HttpReply
from bridge.spec.model import Command, ErrorRule, GameSpec, HttpUpstream, WebSocketUpstream
from bridge.spec.paths import dig, matches, matches_any, without, without_keys

Then = Literal["tell", "wait", "retry", "sign_in_again", "stop", "done"]

BROKEN = frozenset({500, 502, 504, 520, 524})
"""Statuses of servers that broke, or of what stands before them and lost patience (524); 503 says
that nothing was begun."""
LONGEST_PAGE = 200
"""How many characters of a reply that is not JSON are shown."""
SHOWN_PROBLEMS = 10
"""How many of the things that are wrong with a request a message lists."""
LONGEST_WAIT_SECONDS = 7 * 86400.0
"""No wait is believed beyond a week; a slip would shut a game for good."""

REDIRECT_HINT = "Redirects are never followed, since they could carry credentials elsewhere."


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a reply means, and what to do about it."""

    outcome: Done | Refused | Pending
    then: Then = "tell"
    ip_wide: bool = False
    """The wait holds for every account behind this address."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The reply's headers, names in lower case."""
    broke: bool = False
    """The server broke while it answered: what was asked may have happened or not."""
    lost: str | None = None
    """The only auth to sign in to again; None where it is all that the command needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Complaint:
    """A refusal as the game words it."""

    code: str
    message: str
    details: JsonValue = None
    body: JsonValue = None
    error: JsonValue = None


def judge_reply(
    spec: GameSpec, upstream: HttpUpstream, command: Command, reply: HttpReply, handle: str
) -> Verdict:
    """Return what an HTTP reply to a command means."""
    verdict = _judged(spec, upstream, command, reply, handle)
    broke = verdict.broke or (reply.status in BROKEN and verdict.then == "retry")
    return replace(verdict, headers=reply.headers, broke=broke)


def _judged(
    spec: GameSpec, upstream: HttpUpstream, command: Command, reply: HttpReply, handle: str
) -> Verdict:
    if 300 <= reply.status < 400:  # noqa: PLR2004 - the class of redirects
        return Verdict(outcome=_redirected(reply), then="stop")
    error = dig(reply.body, upstream.error) if upstream.error else None
    said_no = reply.status >= 400 or bool(error)  # noqa: PLR2004 - the classes of errors
    complaint = _complaint(reply, error)
    rule = _rule(spec, complaint, reply, said_no=said_no)
    if said_no or rule is not None:
        return _refusal(command, complaint, rule, reply.headers, reply.status)
    if reply.text is not None and _is_page(reply) and command.reply != "page":
        return Verdict(outcome=_page(reply), broke=True)
    path = command.result if command.result is not None else upstream.result
    result = dig(reply.body, path) if path else reply.body
    if matches_any(reply.body, upstream.pending):
        return Verdict(outcome=_accepted(_cut(spec, command, result), handle))
    text = dig(reply.body, command.text or upstream.text or "")
    return _done(spec, command, result, text if isinstance(text, str) else reply.text)


def judge_frame(
    spec: GameSpec, upstream: WebSocketUpstream, command: Command, frame: Frame
) -> Verdict:
    """Return what the frame that settled a call means."""
    payload = frame.data.get("payload")
    if frame.data.get("type") in upstream.refused_by:
        reply = HttpReply(status=0, body=payload)
        complaint = _complaint(reply, payload)
        rule = _rule(spec, complaint, reply, said_no=True)
        return _refusal(command, complaint, rule, {}, 0)
    result = payload
    if frame.data.get("type") in upstream.settled_by and isinstance(payload, Mapping):
        result = payload.get("result", payload)
        auto = {key: payload[key] for key in payload if key.startswith("auto_") and payload[key]}
        if auto and isinstance(result, Mapping):
            result = {**result, **auto}
    return _done(spec, command, result, None)


def _done(spec: GameSpec, command: Command, result: JsonValue, text: str | None) -> Verdict:
    instead = any(dig(result, path) for path in command.empty_unless)
    if matches(result, command.empty_when) and not instead:
        message = dig(result, "message")
        refused = Refused(
            code="nothing_happened",
            message=str(message) if message else "The game said yes, but nothing was moved.",
            details=_cut(spec, command, result),
        )
        return Verdict(outcome=refused)
    # What is cut out of a result may also stand in the game's own rendering of it.
    done = Done(result=_cut(spec, command, result), text=None if command.redact else text)
    return Verdict(outcome=done)


def _cut(spec: GameSpec, command: Command, result: JsonValue) -> JsonValue:
    """Return the result without what nobody is to see and without what only takes room."""
    for path in (*command.redact, *command.drop):
        result = without(result, path)
    # What is to be stored is cut out when it has been: see bridge/gateway/identity/keeping.py.
    return without_keys(result, () if command.stores else spec.game.redact)


def _accepted(result: JsonValue, handle: str) -> Pending:
    details = result if isinstance(result, Mapping) else {}
    message = details.get("message")
    return Pending(
        handle=handle,
        message=str(message) if message else "The game has taken it and does it on a later tick.",
        details=details,
    )


def _refusal(
    command: Command,
    complaint: _Complaint,
    rule: ErrorRule | None,
    headers: Mapping[str, str],
    status: int,
) -> Verdict:
    rule = rule or ErrorRule()
    refused = Refused(
        code=rule.name or complaint.code,
        message=complaint.message,
        hint=rule.hint,
        wait=_wait(rule, complaint, headers, status),
        details=complaint.details,
    )
    if rule.then == "done" and command.stores:
        # What hands out a secret was not handed out: the game takes us for somebody else.
        return Verdict(outcome=replace(refused, hint=""), then="sign_in_again")
    if rule.then == "done":
        done = Done(
            result={"ok": True, "already": refused.code},
            notes=(rule.hint or complaint.message,),
        )
        return Verdict(outcome=done, then="done")
    return Verdict(outcome=refused, then=rule.then, ip_wide=rule.scope == "ip", lost=rule.auth)


def _rule(
    spec: GameSpec, complaint: _Complaint, reply: HttpReply, *, said_no: bool
) -> ErrorRule | None:
    for rule in spec.errors:
        if (said_no or rule.when) and _applies(rule, complaint, reply):
            return rule
    return None


def _applies(rule: ErrorRule, complaint: _Complaint, reply: HttpReply) -> bool:
    message = complaint.message.lower()
    tests = (
        (rule.code, any(fnmatchcase(complaint.code, code) for code in rule.code)),
        (rule.status, reply.status in rule.status),
        (rule.text, any(words.lower() in message for words in rule.text)),
        (rule.when, matches(complaint.body, rule.when)),
        (
            rule.header,
            all(
                fnmatchcase(reply.headers.get(name.lower(), ""), want)
                for name, want in rule.header.items()
            ),
        ),
    )
    asked = [holds for condition, holds in tests if condition]
    return bool(asked) and all(asked)


def _wait(
    rule: ErrorRule, complaint: _Complaint, headers: Mapping[str, str], status: int
) -> float | None:
    named = [rule.wait] if isinstance(rule.wait, str) else list(rule.wait)
    if rule.then == "wait" or status == 429:  # noqa: PLR2004 - Too Many Requests
        named += ["wait_seconds", "retry_after", "header:retry-after"]
    for place in named:
        seconds = _seconds(place, complaint, headers)
        if seconds is not None:
            return seconds
    return None


def _seconds(place: str, complaint: _Complaint, headers: Mapping[str, str]) -> float | None:
    if place.startswith("header:"):
        found: JsonValue = headers.get(place.removeprefix("header:").lower())
    elif place.replace(".", "", 1).isdigit():
        found = place
    else:
        found = dig(complaint.error, place)
        found = dig(complaint.body, place) if found is None else found
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    seconds: float | None
    try:
        seconds = float(found)
    except (ValueError, OverflowError):
        seconds = seconds_until(str(found), headers)
    if seconds is None:
        return None
    return min(seconds, LONGEST_WAIT_SECONDS) if 0 <= seconds < math.inf else None


def _complaint(reply: HttpReply, error: JsonValue) -> _Complaint:
    body = reply.body
    about = error if isinstance(error, Mapping) else body if isinstance(body, Mapping) else {}
    code = about.get("code")
    if not isinstance(code, str) and isinstance(error, str):
        code = error
    if not isinstance(code, str) and isinstance(about.get("error"), str):
        code = about["error"]
    message = _message(about, body, reply)
    return _Complaint(
        code=str(code) if code else f"http_{reply.status}" if reply.status else "refused",
        message=message,
        details=_harmless(about.get("details", about.get("issues"))),
        body=body,
        error=error if isinstance(error, Mapping) else body,
    )


def _message(about: Mapping[str, JsonValue], body: JsonValue, reply: HttpReply) -> str:
    whole = body if isinstance(body, Mapping) else {}
    for candidate in (about.get("message"), about.get("detail"), whole.get("message")):
        if isinstance(candidate, str) and candidate:
            return candidate
        if isinstance(candidate, list):
            problems = [_problem(entry) for entry in candidate[:SHOWN_PROBLEMS]]
            return "; ".join(problems) or "not accepted"
    if reply.text and not _is_page(reply):
        return _beginning(reply.text.strip())
    if reply.text:
        return f"The server answered with a page (HTTP {reply.status}), not with data."
    # PipeWorks, /admin/ollama/command: {"success": false, "output": "..."}
    said = whole.get("error", whole.get("output")) if isinstance(body, Mapping) else body
    if isinstance(said, str) and said.strip():
        return said
    how = f"The server answered HTTP {reply.status}" if reply.status else "The game said no"
    return f"{how} without saying why."


def _beginning(text: str) -> str:
    """Return a text of bounded length, without half a word: half a secret is not recognised."""
    if len(text) <= LONGEST_PAGE:
        return text
    whole_words = text[: LONGEST_PAGE + 1].rsplit(maxsplit=1)[:-1]
    return f"{' '.join(whole_words) or 'One long word'}..."


def _problem(entry: JsonValue) -> str:
    """Return one validation problem in words, without what was sent."""
    if not isinstance(entry, Mapping):
        return _beginning(str(entry))
    where = entry.get("loc", entry.get("path"))
    place = ".".join(str(part) for part in where) if isinstance(where, list) else where
    what = entry.get("msg", entry.get("message", "not accepted"))
    return f"{place}: {what}" if place else str(what)


def _harmless(details: JsonValue) -> JsonValue:
    """Return details without what was sent, which some games repeat."""
    return without_keys(details, ("input",))


def _redirected(reply: HttpReply) -> Refused:
    return Refused(
        code="redirected",
        message=f"The server answered HTTP {reply.status} and points elsewhere.",
        hint=f"{REDIRECT_HINT} Check the address of the game with: game-bridge games",
    )


def _is_page(reply: HttpReply) -> bool:
    content = reply.headers.get("content-type", "")
    return "html" in content or (reply.text or "").lstrip()[:1] == "<"


def _page(reply: HttpReply) -> Refused:
    return Refused(
        code="not_json",
        message=f"The server answered with a page (HTTP {reply.status}), not with data.",
        hint="The address may be wrong, or something stands between us and the game.",
    )
