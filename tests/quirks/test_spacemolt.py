from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from bridge.quirks.spacemolt import QUIRKS


# api.md, "Server Messages": auto dock, auto undock and forum posts come as type ok.
def test_a_push_is_named_by_what_it_tells() -> None:
    frame: Mapping[str, JsonValue] = {
        "type": "ok",
        "payload": {"type": "auto_undock", "message": "Undocked."},
    }

    assert QUIRKS.expand(frame) == [{**frame, "type": "auto_undock"}]


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"type": "ok"},
        {"type": "ok", "payload": None},
        {"type": "ok", "payload": {"type": ""}},
        {"type": "ok", "payload": {"type": 5}},
        {"type": "chat_message", "payload": {"type": "auto_undock"}},
    ],
)
def test_every_other_push_stays_as_it_is(frame: Mapping[str, JsonValue]) -> None:
    assert QUIRKS.expand(frame) == [frame]
