import json

import pytest
from pydantic import JsonValue

from bridge.protocol.wire import DEEPEST, Frame, HttpCall, HttpReply, is_too_deep


def test_what_crosses_the_wire_shows_no_secret() -> None:
    values = [
        HttpCall(
            method="GET",
            url="http://localhost/rooms/secret",
            path="/rooms/{key}",
            query={"api_key": "secret"},
            headers={"X-API-Key": "secret"},
            body={"password": "secret"},
        ),
        HttpReply(
            status=200, headers={"set-cookie": "secret"}, body={"key": "secret"}, text="secret"
        ),
        Frame(data={"payload": {"password": "secret"}}),
    ]

    assert "secret" not in repr(values)
    assert "/rooms/{key}" in repr(values)


@pytest.mark.parametrize("levels", [1, DEEPEST, DEEPEST + 1, 2 * DEEPEST])
def test_json_that_nobody_could_walk_is_too_deep(levels: int) -> None:
    text = '{"a":' * (levels - 1) + "{}" + "}" * (levels - 1)

    assert is_too_deep(json.loads(text), text) == (levels > DEEPEST)


def test_many_brackets_beside_each_other_are_not_deep() -> None:
    value: JsonValue = [{} for _ in range(10 * DEEPEST)]

    assert not is_too_deep(value, json.dumps(value))
