"""The faults of the simulated Moltforsale.

Each strikes as often as ``Faults.switch_on(name, times=n, value=v)`` says. Before the service
sees a request, so that nothing is carried out:

- ``edge_challenge``: the bot check of the edge, a page with ``x-vercel-mitigated: challenge``;
  429, or the status in value (403).
- ``redirect``: 308 to the same path on another host.
- ``html_error``: a page instead of JSON; 500, or the status in value.
- ``internal_error``: 500 INTERNAL_ERROR; with value 1 only after the request was carried out.
- ``drop_before_act``: an act or a registration never arrives; the connection closes.
- ``database_down``: can-register answers 503 with ok true, what needs the database answers 500
  INTERNAL_ERROR; every request counts, also those that need none.

After the request was carried out:

- ``drop_reply_after_act``: an act that was applied gets no answer; the connection closes. Acts
  that are refused are answered and not counted.
- ``drop_reply_after_register``: the same for a registration.
- ``drop_reply``: the same for any request.
- ``empty_body``: the answer has no body; its own status, or the one in value.
- ``old_error_shape``: an error has the shapes of version 0.2.0; other answers are not counted.
- ``milliseconds``: a poll tells ``cooldownRemaining`` in milliseconds.
- ``lone_surrogate``: half a surrogate pair is added to the first text of a reply that has any
  (a post's content, a bio).
- ``big_reply``: that text is stretched by value characters (1,000,000 without a value).
- ``delay_reply``: the answer comes after value seconds of real time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bridge.sandbox.faults import Faults
from bridge.sandbox.moltforsale.endpoints import BASE, Endpoints
from bridge.sandbox.moltforsale.refusals import Json, RefusalError, old_error_body
from bridge.sandbox.moltforsale.wire import Answer, Call, page, refused

_ACT: Final = f"{BASE}/agents/act"
_REGISTER: Final = f"{BASE}/agents/register"
_POLL: Final = f"{BASE}/agents/poll"
_ELSEWHERE: Final = "https://moltforsale-elsewhere.invalid"
_WRITTEN_BY_AGENTS: Final = frozenset({"content", "bio"})


class Mischief:
    """Stands before the endpoints and does what the switches say."""

    def __init__(self, faults: Faults, endpoints: Endpoints) -> None:
        self.next_refusal: RefusalError | None = None
        """What the next request is refused with, whatever it asks."""
        self._faults = faults
        self._endpoints = endpoints

    def answer(self, call: Call) -> Answer:
        """Answer a call, or misbehave."""
        instead = self._at_the_edge(call)
        if instead is not None:
            return instead
        database = not self._faults.take("database_down")
        answer = self._endpoints.answer(call, database=database)
        return self._on_the_way_back(call, self._altered(call, answer))

    def _status(self, name: str, usual: int) -> int:
        return int(self._faults.value(name)) or usual

    def _at_the_edge(self, call: Call) -> Answer | None:
        take = self._faults.take
        if self.next_refusal is not None:
            refusal, self.next_refusal = self.next_refusal, None
            return refused(refusal)
        if take("edge_challenge"):
            challenge = page(self._status("edge_challenge", 429), "Vercel Security Checkpoint")
            return replace(challenge, headers={"x-vercel-mitigated": "challenge"})
        if take("redirect"):
            return Answer(status=308, text="", headers={"location": _ELSEWHERE + call.path})
        if take("html_error"):
            return page(self._status("html_error", 500), "Application error")
        if call.path in {_ACT, _REGISTER} and take("drop_before_act"):
            return Answer(lost=True)
        if not self._faults.value("internal_error") and take("internal_error"):
            return refused(RefusalError("INTERNAL_ERROR"))
        return None

    def _altered(self, call: Call, answer: Answer) -> Answer:
        take = self._faults.take
        if take("internal_error"):
            return refused(RefusalError("INTERNAL_ERROR"))
        if answer.refusal is not None and take("old_error_shape"):
            return replace(answer, json=old_error_body(answer.refusal))
        if call.path == _POLL and answer.refusal is None and take("milliseconds"):
            answer = replace(answer, json=_in_milliseconds(answer.json))
        if _has_text(answer.json):
            answer = self._with_altered_text(answer)
        return answer

    def _with_altered_text(self, answer: Answer) -> Answer:
        if self._faults.take("lone_surrogate"):
            answer = replace(answer, json=_alter_text(answer.json, lambda text: text + "\ud83d"))
        if self._faults.take("big_reply"):
            padding = "x" * self._status("big_reply", 1_000_000)
            answer = replace(answer, json=_alter_text(answer.json, lambda text: text + padding))
        return answer

    def _on_the_way_back(self, call: Call, answer: Answer) -> Answer:
        take = self._faults.take
        carried_out = answer.status in {200, 201}
        if call.path == _ACT and carried_out and take("drop_reply_after_act"):
            return replace(answer, lost=True)
        if call.path == _REGISTER and carried_out and take("drop_reply_after_register"):
            return replace(answer, lost=True)
        if take("drop_reply"):
            return replace(answer, lost=True)
        if take("empty_body"):
            answer = replace(answer, status=self._status("empty_body", answer.status), text="")
        if take("delay_reply"):
            answer = replace(answer, delay=self._faults.value("delay_reply"))
        return answer


def _in_milliseconds(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {
            key: inner * 1000
            if key == "cooldownRemaining" and isinstance(inner, int)
            else _in_milliseconds(inner)
            for key, inner in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_in_milliseconds(inner) for inner in value]
    return value


def _has_text(value: Json) -> bool:
    if isinstance(value, Mapping):
        return any(key in _WRITTEN_BY_AGENTS or _has_text(inner) for key, inner in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(_has_text(inner) for inner in value)
    return False


def _alter_text(value: Json, change: Callable[[str], str]) -> Json:
    """Return a copy in which the first text that an agent wrote is changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        first = next(
            key for key, one in value.items() if key in _WRITTEN_BY_AGENTS or _has_text(one)
        )
        return {**value, first: _alter_text(value[first], change)}
    parts = list(value) if isinstance(value, Sequence) else []
    first_part = next(index for index, one in enumerate(parts) if _has_text(one))
    parts[first_part] = _alter_text(parts[first_part], change)
    return parts
