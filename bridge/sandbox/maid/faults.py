"""The switches that make the simulated MAID misbehave, and where each of them strikes.

All live in ``Maid.faults`` and are switched on with ``switch_on(name, times=1, value=0.0)``, or
by ``POST /_control/maid {"faults": {"NAME": {"times": 1, "value": 0}}}``. Those of requests strike
the next request, or with ``NAME@ENDPOINT`` (``error_500@kick_player``) the next one to that
endpoint, by the names that ``executed`` counts. Observability is spared.

Requests, nothing is executed:

- ``drop_before``: the connection ends before the request is looked at
- ``redirect``: 307 to ``/elsewhere`` under another host name; also strikes the handshake of the
  event stream. Who follows is counted as ``followed_redirect``, and as ``leaked_credential`` if
  a key or a token came along
- ``html_reply``: a proxy's HTML page with status ``value``, or 502
- ``error_500``, ``not_ready``: 500 and 503 with a detail
- ``forbid``: 403 with a detail about the request, whatever the key may do

Requests that are executed:

- ``drop_reply_after``: the connection ends instead of the reply
- ``delay_reply``: the reply comes ``value`` seconds late
- ``big_reply``: the JSON object grows by a ``padding`` of ``value`` bytes, or 2 MiB
- ``lone_surrogate``: names and other texts in the reply end in half a surrogate pair, or a
  ``note`` that is one is added;
  ``lone_surrogate@events``: the next event that somebody wants has such a ``note``

Tokens, players' and admin users':

- ``expire_tokens``: at the next request that shows an access token, all access tokens so far are expired
- ``refuse_refresh``: the next refresh is answered 401
- ``rotate_refresh``: the next refresh also gives a new refresh token, and the old one is dead

The event stream:

- ``handshake_403``: the next connection is refused before it is accepted
- ``close_events``: all connections are closed with the code ``value``, or just cut without one
- ``close_events_1008``: the next connection is closed with 1008 after it was accepted; those
  that are open already count as next
- ``drop_events``: the next event that somebody wants reaches nobody, and nobody is told
- ``batch_frames``: the next GMCP change comes ``value`` times (or 5) in one ``gmcp_batch``
- ``emit@TYPE``: an event of that type with ``{"number": value}`` is sent, for tests that are not
  in this process
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from bridge.sandbox.faults import Faults
from bridge.sandbox.maid.wire import HttpError, HttpReply, encode

_PAGE = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
_TEXTS = {"name", "username", "description", "message", "reason", "room_name"}


def struck(faults: Faults, name: str, endpoint: str) -> float | None:
    """Return the fault's value if it strikes this request, None if it does not."""
    for switch in (f"{name}@{endpoint}", name):
        if faults.take(switch):
            return faults.value(switch)
    return None


def elsewhere(base: str) -> str:
    """Return the address that the fault ``redirect`` points to."""
    host, other = ("127.0.0.1", "localhost") if "127.0.0.1" in base else ("localhost", "127.0.0.1")
    return f"{base.replace(host, other)}/elsewhere"


def count_follower(executed: Counter[str], headers: Mapping[str, str], query: str) -> None:
    """Count somebody who followed the redirect, and whether a credential came along."""
    executed["followed_redirect"] += 1
    if "x-api-key" in headers or "authorization" in headers or "api_key=" in query:
        executed["leaked_credential"] += 1


def proxy_reply(faults: Faults, endpoint: str, base: str) -> HttpReply | None:
    """Return what something between client and game answers instead of the game, if anything."""
    if struck(faults, "redirect", endpoint) is not None:
        return HttpReply(status=307, headers={"location": elsewhere(base)})
    status = struck(faults, "html_reply", endpoint)
    if status is not None:
        return HttpReply.of_text(int(status) or 502, _PAGE, "text/html")
    return None


def fail(faults: Faults, endpoint: str) -> None:
    """Let the game break down or refuse: HttpError 500, 503 or 403, if it is to."""
    if struck(faults, "error_500", endpoint) is not None:
        raise HttpError(500, "Internal Server Error")
    if struck(faults, "not_ready", endpoint) is not None:
        raise HttpError(503, "Engine not ready")
    if struck(faults, "forbid", endpoint) is not None:
        raise HttpError(403, "Not to this one")


def spoiled(faults: Faults, endpoint: str, result: object) -> object:
    """Return a reply's JSON value, spoiled if it is to be."""
    size = struck(faults, "big_reply", endpoint)
    if size is not None and isinstance(result, dict):
        result = {**result, "padding": "x" * (int(size) or 2 * 1024 * 1024)}
    if struck(faults, "lone_surrogate", endpoint) is not None:
        broken = _broken(result, breakable=False)
        note = {"note": "\ud800"} if broken == result else {}
        result = {**broken, **note} if isinstance(broken, dict) else broken
    return result


def with_json(reply: HttpReply, value: object) -> HttpReply:
    """Return the reply with another JSON value in it."""
    return replace(reply, body=encode(value).encode())


def _broken(value: object, *, breakable: bool) -> object:
    match value:
        case str():
            return f"{value}\ud800" if breakable else value
        case list():
            return [_broken(one, breakable=breakable) for one in value]
        case dict():
            return {key: _broken(one, breakable=key in _TEXTS) for key, one in value.items()}
        case _:
            return value
