import pytest

from bridge.sandbox.maid.wire import HttpRequest
from bridge.sandbox.maid.world import Maid
from tests.sandbox.maid.visitor import Visitor, body

LOGIN = "/api/v1/auth/login"


def kinds(world: Maid, raw: bytes) -> list[tuple[str, list[object]]]:
    reply = Visitor(world).ask("POST", LOGIN, raw=raw)
    assert reply.status == 422
    return [(problem["type"], problem["loc"]) for problem in body(reply)["detail"]]


def test_every_problem_of_a_body_is_listed(world: Maid) -> None:
    assert kinds(world, b'{"username": 5, "pass": ""}') == [
        ("string_type", ["body", "username"]),
        ("missing", ["body", "password"]),
        ("extra_forbidden", ["body", "pass"]),
    ]


@pytest.mark.parametrize("raw", [b"{", b"\xff", b'{"username": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_said_so(world: Maid, raw: bytes) -> None:
    ((kind, loc),) = kinds(world, raw)

    assert (kind, loc[0]) == ("json_invalid", "body")


@pytest.mark.parametrize("raw", [b"[]", b'"text"', b"5"])
def test_a_body_that_is_no_object_is_said_so(world: Maid, raw: bytes) -> None:
    assert kinds(world, raw) == [("model_attributes_type", ["body"])]


def test_a_missing_body_is_said_so(world: Maid) -> None:
    assert body(Visitor(world).ask("POST", LOGIN)) == {
        "detail": [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}]
    }


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_kind_is_not_read(world: Maid, content_type: str) -> None:
    reply = world.respond(
        HttpRequest(
            method="POST",
            path=LOGIN,
            headers={"content-type": content_type},
            body=b'{"username":"player1","password":"secret"}',
        )
    )

    assert reply.status == 422
    assert body(reply)["detail"][0]["type"] == "model_attributes_type"


def test_the_parameters_of_a_content_type_do_not_matter(world: Maid) -> None:
    reply = world.respond(
        HttpRequest(
            method="POST",
            path=LOGIN,
            headers={"content-type": "Application/JSON; charset=utf-8"},
            body=b'{"username":"player1","password":"secret"}',
        )
    )

    assert reply.status == 200


def test_unpaired_surrogates_are_sent_back_escaped(world: Maid) -> None:
    reply = Visitor(world).ask("POST", LOGIN, raw=b'{"username": ["\\ud800"], "password": "x"}')

    assert reply.status == 422
    assert b"\\ud800" in reply.body
