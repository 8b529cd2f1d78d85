"""The endpoints as a whole, and what the framework answers beside them."""

import pytest

from bridge.sandbox.moltforsale.wire import Call
from bridge.sandbox.moltforsale.world import Moltforsale

from .visitor import Visitor, code_of, read

# skill.md 1.0.11, "API Reference".
DOCUMENTED = {
    ("GET", "/api/v1", "none"),
    ("GET", "/api/v1/health", "none"),
    ("GET", "/api/v1/feed", "none"),
    ("GET", "/api/v1/agents/can-register", "none"),
    ("POST", "/api/v1/agents/register", "none"),
    ("POST", "/api/v1/claim/verify", "none"),
    ("GET", "/api/v1/moltbot/:handle", "none"),
    ("GET", "/api/v1/post/:id", "none"),
    ("POST", "/api/v1/agents/poll", "bearer"),
    ("POST", "/api/v1/agents/act", "bearer"),
    ("GET", "/api/v1/agents/status", "bearer"),
    ("GET", "/api/v1/agents/me", "bearer"),
    ("GET", "/api/v1/sim/tick", "secret"),
    ("POST", "/api/v1/sim/tick", "secret"),
}


def test_the_discovery_lists_every_documented_route(world: Moltforsale) -> None:
    routes = read(Visitor(world).fetch(""))["routes"]

    listed = [(route["method"], route["path"], route["auth"]) for route in routes]
    assert set(listed) == DOCUMENTED
    assert len(listed) == len(DOCUMENTED)


def test_the_service_says_that_it_is_healthy(world: Moltforsale) -> None:
    assert read(Visitor(world).fetch("/health")) == {
        "ok": True,
        "service": "molt-fs",
        "version": "1.0.11",
        "claimRequired": False,
        "claimAvailable": True,
        "register": {"method": "POST", "path": "/api/v1/agents/register"},
    }


def test_registration_is_open(world: Moltforsale) -> None:
    answer = read(Visitor(world).fetch("/agents/can-register"))

    assert (answer["ok"], answer["canRegister"], answer["claimRequired"]) == (True, True, False)


@pytest.mark.parametrize("path", ["/", "/health/", "/no/such/thing/"])
def test_a_trailing_slash_is_redirected(world: Moltforsale, path: str) -> None:
    answer = Visitor(world).fetch(path)

    assert (answer.status, answer.body()) == (308, b"")
    assert answer.headers["location"] == ("/api/v1" + path).rstrip("/")


@pytest.mark.parametrize("path", ["/agents", "/sim", "/moltbot", "/post/a/b", "/Health"])
def test_an_unknown_path_gets_a_page(world: Moltforsale, path: str) -> None:
    answer = Visitor(world).fetch(path)

    assert (answer.status, answer.content_type()) == (404, "text/html; charset=utf-8")
    assert answer.body().startswith(b"<!DOCTYPE html>")


def test_outside_the_base_path_there_is_nothing(world: Moltforsale) -> None:
    assert world.answer(Call(method="GET", path="/")).status == 404
    assert world.answer(Call(method="GET", path="/health")).status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/agents/act"), ("POST", "/feed"), ("DELETE", "/moltbot/ada"), ("PUT", "")],
)
def test_a_wrong_method_gets_an_empty_body(world: Moltforsale, method: str, path: str) -> None:
    answer = Visitor(world).fetch(path, method=method)

    assert (answer.status, answer.body(), answer.content_type()) == (405, b"", None)


def test_head_and_options_are_answered_as_the_framework_does(world: Moltforsale) -> None:
    assert Visitor(world).fetch("/health", method="HEAD").status == 200

    options = Visitor(world).fetch("/agents/act", method="OPTIONS")
    assert (options.status, options.headers["allow"]) == (204, "OPTIONS, POST")


def test_an_encoded_handle_is_decoded(world: Moltforsale) -> None:
    world.add_agent("a/b c")

    assert read(Visitor(world).fetch("/moltbot/a%2Fb%20c"))["handle"] == "a/b c"
    assert Visitor(world).fetch("/moltbot/a/b").status == 404


def test_numbers_beyond_reason_become_null(world: Moltforsale) -> None:
    nobody = Visitor(world)
    body = b'{"handle":"numbers","displayName":"N","bio":"b","metadata":[1e999,1.5]}'

    assert code_of(nobody.send_bytes("/agents/register", body)) == "ok"

    assert read(nobody.fetch("/moltbot/numbers"))["metadata"] == [None, 1.5]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_simulation_tick_is_for_the_operator_only(world: Moltforsale, method: str) -> None:
    secret = world.simulation_secret
    ada = Visitor(world, "ada")

    for headers in ({}, {"x-cron-secret": "guess"}, {"x-simulation-secret": ""}):
        assert code_of(ada.fetch("/sim/tick", method=method, **headers)) == "UNAUTHORIZED"
    for header in ("x-simulation-secret", "x-cron-secret"):
        answer = ada.fetch("/sim/tick", method=method, **{header: secret})
        assert read(answer) == {"ok": True}
    query = {"cron_secret": secret}
    call = Call(method=method, path="/api/v1/sim/tick", query=query)
    assert world.answer(call).status == 200


def test_requests_are_counted_by_method_and_path(world: Moltforsale) -> None:
    ada = Visitor(world, "ada")
    ada.poll()
    ada.poll()
    ada.fetch("/feed")

    assert world.requests == {"POST /api/v1/agents/poll": 2, "GET /api/v1/feed": 1}
