"""The faults that this world can be switched to, with the meaning of their numbers.

Every fault strikes ``times`` times and is then over. The WebSocket and HTTP obey the same names
where both can.

======================  ========================================================================
``drop_connection``     the connection is cut without a close frame, HTTP without an answer:
                        value 0 before the command is carried out, 1 after it was and before the
                        reply, 2 instead of the outcome at the tick
``drop_reply``          a direct reply is never sent
``drop_result``         the outcome of a mutation is never sent
``delay_reply``         a direct reply comes ``value`` seconds late (real time)
``duplicate_frame``     a direct reply or an outcome is sent twice
``batch_frames``        several JSON objects come in one message: value 0 with line breaks
                        between them, 1 without
``close_1000``          the server closes with 1000: value 0 at the next command, 1 at the next
                        tick
``close_4003``          the server closes with 4003 ``rate_limited retry_after=`` value at the
                        next command, as later versions do
``displaced``           the server closes with 4001 ``session_replaced``, at the next command or
                        when another connection takes the account over, whichever is first
``rate_limited``        an error ``rate_limited`` with ``wait_seconds`` = value
``error_429``           HTTP only: 429 with a JSON body and ``Retry-After`` = value
``empty_429``           HTTP only: 429 without a body
``html_429``            HTTP only: 429 with an HTML body
``ip_timeout``          the client's address is out for ``value`` seconds
``malformed_frame``     a message that is no JSON, before a direct reply; HTTP: instead of it
``lone_surrogate``      a direct reply with half a surrogate pair in a string
``big_reply``           a direct reply with ``value`` more characters, 5,000,000 if value is 0
``session_loss``        WebSocket: the connection forgets who is signed in; HTTP: the session is
                        gone, with the code ``session_expired`` if value is 1
``ok_push``             an ``ok`` that nobody asked for, before a direct reply
``unknown_push``        a push of a type that no document names, before a direct reply
``http_pending``        HTTP only: a mutation answers 200 with ``pending`` and its outcome comes
                        as a notification
``null_notifications``  HTTP only: ``notifications`` is null
``newer_codes``         a refusal is spelt as later versions do: ``action_pending``,
                        ``in_transit``
``pilot_chat``, ``pilot_scan``, ``pilot_attack``, ``pilot_trade``
                        at the next tick another pilot does that to every player who is in the
                        game
``kill``                at the next tick the ship of every player in the game is destroyed
======================  ========================================================================
"""

import json

from bridge.sandbox.faults import Faults
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject

BEFORE, AFTER, AT_TICK = 0, 1, 2
BIG = 5_000_000
MALFORMED = '{"type": "ok", "payload": {"cut off'

_LATER_NAMES = {"action_queued": "action_pending", "already_traveling": "in_transit"}


def strikes(faults: Faults, name: str, *, value: int | None = None) -> bool:
    """Say whether a fault strikes now, and count it; with a value, only if it was set to that."""
    if value is not None and int(faults.value(name)) != value:
        return False
    return faults.take(name)


def spoil(faults: Faults, payload: JsonObject) -> JsonObject:
    """Return the payload of a reply, perhaps with a lone surrogate or far too big."""
    if faults.take("lone_surrogate"):
        payload = {**payload, "message": "Half a pair: \ud83d"}
    if faults.take("big_reply"):
        size = int(faults.value("big_reply")) or BIG
        payload = {**payload, "padding": "x" * size}
    return payload


def rephrase(faults: Faults, refusal: GameError) -> GameError:
    """Return a refusal, perhaps with the code that later versions use."""
    later = _LATER_NAMES.get(refusal.code)
    if later and faults.take("newer_codes"):
        return GameError(later, refusal.message, details=refusal.details)
    return refusal


def encode(frame: object) -> str:
    """Return JSON as the game writes it; half surrogate pairs are escaped, as they must be."""
    text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(frame, separators=(",", ":"))
    return text
