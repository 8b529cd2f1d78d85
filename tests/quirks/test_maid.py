import pytest
from pydantic import JsonValue

from bridge.quirks.maid import QUIRKS


# MAID, "Event Streaming": several updates in one frame, each with a package.
def test_a_batch_of_updates_is_one_frame_for_each() -> None:
    frame: dict[str, JsonValue] = {
        "type": "gmcp_batch",
        "updates": [
            {"package": "Char.Vitals", "data": {"hp": 5}},
            "odd",
            {"type": "gmcp", "package": "Room.Info", "data": {"id": "r-1"}},
            {"type": "other", "data": {}},
        ],
    }

    assert QUIRKS.expand(frame) == [
        {"package": "Char.Vitals", "data": {"hp": 5}},
        {"package": "Room.Info", "data": {"id": "r-1"}},
        {"type": "other", "data": {}},
    ]


@pytest.mark.parametrize(
    ("frame", "expanded"),
    [
        ({"type": "gmcp", "package": "Char.Vitals"}, {"package": "Char.Vitals"}),
        ({"type": "gmcp_batch", "updates": None}, {"type": "gmcp_batch", "updates": None}),
        ({"type": "combat", "data": {}}, {"type": "combat", "data": {}}),
        ({"type": "combat", "package": 5}, {"type": "combat", "package": 5}),
        ({}, {}),
    ],
)
def test_a_frame_that_is_no_batch_stays_one(
    frame: dict[str, JsonValue], expanded: dict[str, JsonValue]
) -> None:
    assert QUIRKS.expand(frame) == [expanded]
