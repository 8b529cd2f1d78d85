import pytest

from bridge.sandbox.maid import demo
from bridge.sandbox.maid.population import stable_id
from bridge.sandbox.maid.wire import HttpRequest
from bridge.sandbox.maid.world import Maid
from tests.sandbox.maid.visitor import Visitor, body

KICK = f"/api/v1/players/{stable_id('player', demo.PLAYER1)}/kick"


@pytest.mark.parametrize(
    ("fault", "status"),
    [("error_500", 500), ("not_ready", 503), ("html_reply", 502), ("redirect", 307)],
)
def test_a_failing_game_executes_nothing_and_recovers(
    world: Maid, roomy: Visitor, fault: str, status: int
) -> None:
    world.faults.switch_on(fault)

    assert roomy.post(KICK, reason="x").status == status
    assert world.executed["kick_player"] == 0
    assert roomy.post(KICK, reason="x").status == 200


def test_failures_have_a_detail_in_text(world: Maid, roomy: Visitor) -> None:
    world.faults.switch_on("error_500")
    assert body(roomy.get("/api/v1/health")) == {"detail": "Internal Server Error"}
    world.faults.switch_on("not_ready")
    assert body(roomy.get("/api/v1/health")) == {"detail": "Engine not ready"}


def test_a_fault_can_wait_for_its_endpoint(world: Maid, roomy: Visitor) -> None:
    world.faults.switch_on("error_500@kick_player", times=2)

    assert roomy.get("/api/v1/health").status == 200
    assert roomy.post(KICK, reason="x").status == 500
    assert roomy.post(KICK, reason="x").status == 500
    assert roomy.post(KICK, reason="x").status == 200


def test_a_proxys_page_is_no_json_and_has_the_status_that_was_asked_for(
    world: Maid, roomy: Visitor
) -> None:
    world.faults.switch_on("html_reply", value=200)

    reply = roomy.get("/api/v1/health")

    assert (reply.status, reply.headers) == (200, {"content-type": "text/html"})
    assert reply.body.startswith(b"<html>")


def test_a_big_reply_is_as_big_as_asked_for(world: Maid, roomy: Visitor) -> None:
    world.faults.switch_on("big_reply", value=1_000)
    assert len(body(roomy.get("/api/v1/health"))["padding"]) == 1_000
    world.faults.switch_on("big_reply")
    assert len(roomy.get("/api/v1/health").body) > 2 * 1024 * 1024


def test_half_a_surrogate_pair_spoils_texts_and_spares_ids(world: Maid, roomy: Visitor) -> None:
    world.faults.switch_on("lone_surrogate", times=2)

    areas, health = body(roomy.get("/api/v1/world/areas")), body(roomy.get("/api/v1/health"))

    assert areas["items"][0]["name"] == "Town\ud800"
    assert areas["items"][0]["id"] == stable_id("area", "Town")
    assert (health["status"], health["note"]) == ("ok", "\ud800")


def test_who_follows_a_redirect_with_a_key_is_found_out(world: Maid) -> None:
    world.faults.switch_on("redirect")
    base = "http://127.0.0.1:1/maid"

    away = world.respond(HttpRequest(method="GET", path="/api/v1/health", base=base))
    world.respond(HttpRequest(method="GET", path="/elsewhere"))
    world.respond(HttpRequest(method="GET", path="/elsewhere", headers={"x-api-key": "k"}))

    assert away.headers["location"] == "http://localhost:1/maid/elsewhere"
    assert (world.executed["followed_redirect"], world.executed["leaked_credential"]) == (2, 1)


def test_a_token_can_run_out_early(world: Maid) -> None:
    visitor = Visitor(world)
    pair = body(visitor.post("/api/v1/auth/login", username="player1", password="secret"))
    world.faults.switch_on("expire_tokens")

    refused = Visitor(world, token=pair["access_token"]).get("/api/v1/auth/me")
    renewed = body(visitor.post("/api/v1/auth/refresh", refresh_token=pair["refresh_token"]))

    assert (refused.status, body(refused)) == (401, {"detail": "Token has expired"})
    assert Visitor(world, token=renewed["access_token"]).get("/api/v1/auth/me").status == 200
