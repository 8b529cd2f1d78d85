import re

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.endpoint import Endpoint, KeyWith, SignedInPlayer, StaffOf
from bridge.sandbox.maid.keys import PERMISSIONS
from bridge.sandbox.maid.routing import ENDPOINTS
from bridge.sandbox.maid.wire import HttpRequest
from bridge.sandbox.maid.world import Maid
from tests.sandbox.maid.visitor import Visitor, body

SINGLE_KEYS = {
    "READ_PUBLIC": demo.PUBLIC,
    "READ_PLAYERS": demo.PLAYERS,
    "WRITE_PLAYERS": demo.PLAYER_WRITER,
    "READ_WORLD": demo.WORLD,
    "WRITE_WORLD": demo.WORLD_WRITER,
    "ADMIN": demo.ADMIN,
}
KEYED = [(one, one.guard.permission) for one in ENDPOINTS if isinstance(one.guard, KeyWith)]
BY_TOKEN = [one for one in ENDPOINTS if isinstance(one.guard, SignedInPlayer | StaffOf)]


def place(one: Endpoint) -> str:
    return re.sub(r"\{\w+\}", "x", one.path)


@pytest.mark.parametrize(("one", "permission"), KEYED, ids=[one.name for one, _ in KEYED])
def test_every_endpoint_asks_for_exactly_its_permission(
    world: Maid, one: Endpoint, permission: str
) -> None:
    for name in PERMISSIONS:
        reply = Visitor(world, key=SINGLE_KEYS[name]).ask(one.method, place(one), fields={})

        if name == permission:
            assert reply.status not in {401, 403}
        else:
            assert reply.status == 403
            assert body(reply)["detail"] == f"Insufficient permissions: {permission} required"


@pytest.mark.parametrize(("one", "_"), KEYED, ids=[one.name for one, _ in KEYED])
@pytest.mark.parametrize(
    ("key", "detail"),
    [
        (None, "API key required"),
        ("", "API key required"),
        ("maid_00000000_x", "Invalid API key"),
        (demo.REVOKED, "Invalid API key"),
        (demo.EXPIRED, "Invalid API key"),
    ],
)
def test_every_endpoint_wants_a_good_key(
    world: Maid, one: Endpoint, _: str, key: str | None, detail: str
) -> None:
    reply = Visitor(world, key=key).ask(one.method, place(one), fields={})

    assert (reply.status, body(reply)) == (401, {"detail": detail})
    assert world.executed[one.name] == 0


@pytest.mark.parametrize("one", BY_TOKEN, ids=[one.name for one in BY_TOKEN])
def test_a_key_does_not_stand_for_a_token(world: Maid, one: Endpoint) -> None:
    reply = Visitor(world, key=demo.FULL).ask(one.method, place(one), fields={})

    assert (reply.status, body(reply)) == (401, {"detail": "Not authenticated"})


def test_sixty_requests_pass_and_the_next_is_told_to_wait(world: Maid, clock: HandClock) -> None:
    visitor = Visitor(world, key=demo.PUBLIC)
    remaining = [
        visitor.get("/api/v1/stats/server").headers["X-RateLimit-Remaining"] for _ in range(60)
    ]
    clock.advance(15)

    refused = visitor.get("/api/v1/stats/server")

    assert remaining == [str(left) for left in range(59, -1, -1)]
    assert (refused.status, body(refused)) == (429, {"detail": "Rate limit exceeded"})
    assert (refused.headers["Retry-After"], refused.headers["X-RateLimit-Remaining"]) == ("45", "0")
    assert "X-RateLimit-Reset" not in refused.headers
    assert (world.executed["stats_server"], world.executed["rate_limited"]) == (60, 1)
    clock.advance(45)
    assert visitor.get("/api/v1/stats/server").status == 200


def test_one_key_does_not_use_up_anothers_limit(world: Maid) -> None:
    for _ in range(61):
        Visitor(world, key=demo.PUBLIC).get("/api/v1/health")

    assert Visitor(world, key=demo.PUBLIC).get("/api/v1/health").status == 429
    assert Visitor(world, key=demo.READ_ALL).get("/api/v1/health").status == 200
    assert Visitor(world).get("/api/v1/health").status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/health", 200),
        ("GET", "/api/v1/players", 401),
        ("GET", "/api/v1/auth/me", 401),
        ("GET", "/nowhere", 404),
        ("POST", "/api/v1/health", 405),
        ("GET", "/api/v1/health/", 307),
        ("POST", "/api/v1/auth/login", 422),
    ],
)
def test_every_response_carries_the_limits(
    world: Maid, method: str, path: str, status: int
) -> None:
    reply = Visitor(world).ask(method, path)

    assert reply.status == status
    assert reply.headers["X-RateLimit-Limit"] == "60"
    assert {"X-RateLimit-Remaining", "X-RateLimit-Reset"} < set(reply.headers)


def test_a_trailing_slash_is_redirected_to_an_absolute_address(world: Maid) -> None:
    reply = world.respond(
        HttpRequest(
            method="GET",
            path="/api/v1/players/",
            base="http://127.0.0.1:8080/maid",
            query=(("page", "2"), ("search", "a b")),
        )
    )

    assert reply.status == 307
    assert reply.headers["location"] == (
        "http://127.0.0.1:8080/maid/api/v1/players?page=2&search=a+b"
    )


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/players", "GET"),
        ("HEAD", "/api/v1/health", "GET"),
        ("PATCH", "/admin/users/x", "DELETE, GET, PUT"),
    ],
)
def test_a_wrong_method_is_405(world: Maid, method: str, path: str, allowed: str) -> None:
    reply = Visitor(world).ask(method, path)

    assert (reply.status, body(reply)) == (405, {"detail": "Method Not Allowed"})
    assert reply.headers["allow"] == allowed


@pytest.mark.parametrize("path", ["/", "/api/v1", "/api/v1/events", "/api/v1/players/a/b", "//"])
def test_what_is_not_there_is_404(world: Maid, path: str) -> None:
    reply = Visitor(world).get(path)

    assert (reply.status, body(reply)) == (404, {"detail": "Not Found"})


def test_the_description_lists_every_endpoint_of_the_document(world: Maid) -> None:
    document = body(Visitor(world).get("/api/openapi.json"))

    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    # 39 in the game's document, and the two by which admin users sign in
    assert len(described) == 41
    undescribed = ("/api/docs", "/api/redoc", "/api/openapi.json", "/observability")
    assert described == {
        (one.method, one.path) for one in ENDPOINTS if not one.path.startswith(undescribed)
    }
    listing = document["paths"]["/api/v1/players"]["get"]["parameters"]
    assert {"name", "in", "required", "schema"} == set(listing[0])
    ban = document["paths"]["/api/v1/players/{player_id}/ban"]["post"]
    assert ban["parameters"][0]["name"] == "player_id"
    assert "reason" in ban["requestBody"]["content"]["application/json"]["schema"]["required"]


def test_the_description_can_be_read_by_people(world: Maid) -> None:
    for path in ("/api/docs", "/api/redoc"):
        assert b"openapi.json" in Visitor(world).get(path).body
