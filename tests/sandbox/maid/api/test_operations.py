import json

from bridge.sandbox.clock import HandClock
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.world import Maid
from tests.sandbox.maid.visitor import Visitor, body, staff

ADMIN = "/api/v1/admin"
KEYS = f"{ADMIN}/api-keys"


def test_a_broadcast_reaches_listeners_and_says_how_many_players(
    world: Maid, roomy: Visitor
) -> None:
    listener = world.game.hub.connect(None, "system_message")

    reply = roomy.post(f"{ADMIN}/broadcast", message="Restart", prefix="[ADMIN]")

    assert body(reply) == {
        "success": True,
        "recipients": len(world.game.online()),
        "message": "[ADMIN] Restart",
    }
    assert json.loads(listener.outbox[0])["data"] == {"message": "[ADMIN] Restart"}


def test_a_shutdown_is_scheduled_once(roomy: Visitor, clock: HandClock) -> None:
    fields = {"delay_seconds": 300, "reason": "Scheduled maintenance", "broadcast_warning": True}

    first = roomy.ask("POST", f"{ADMIN}/shutdown", fields=fields)
    second = roomy.ask("POST", f"{ADMIN}/shutdown", fields=fields)

    assert body(first) == {
        "success": True,
        "message": "Shutdown scheduled: Scheduled maintenance",
        "scheduled_at": "2026-09-21T14:18:20Z",
    }
    assert second.status == 409
    clock.advance(300)
    assert roomy.ask("POST", f"{ADMIN}/shutdown", fields=fields).status == 200


def test_configuration_is_reloaded_without_a_body(roomy: Visitor) -> None:
    assert body(roomy.post(f"{ADMIN}/reload-config"))["reloaded_sections"] == ["engine", "world"]


def test_a_new_key_is_shown_once_and_works(world: Maid, roomy: Visitor) -> None:
    created = roomy.post(
        KEYS,
        name="Bot Integration",
        permissions=["READ_PUBLIC", "READ_PLAYERS"],
        expires_in_days=365,
        rate_limit_rpm=120,
    )

    assert created.status == 201
    key = body(created)
    assert key["expires_at"] == "2027-09-21T14:13:20Z"
    assert (key["rate_limit_rpm"], key["created_by"]) == (120, "demo FULL_ACCESS")
    reply = Visitor(world, key=key["raw_key"]).get("/api/v1/stats/players")
    assert (reply.status, reply.headers["X-RateLimit-Limit"]) == (200, "120")
    assert key["raw_key"].encode() not in roomy.get(KEYS).body
    assert b"raw_key" not in roomy.get(KEYS).body


def test_combinations_may_be_asked_for(roomy: Visitor) -> None:
    created = body(roomy.post(KEYS, name="Reader", permissions=["READ_ALL"]))

    assert created["permissions"] == ["READ_PUBLIC", "READ_PLAYERS", "READ_WORLD"]
    assert (created["expires_at"], created["rate_limit_rpm"]) == (None, 60)


def test_bad_keys_are_not_made(world: Maid, roomy: Visitor) -> None:
    assert roomy.post(KEYS, name="x", permissions=["READ_MINDS"]).status == 400
    assert roomy.post(KEYS, name="x", permissions=[]).status == 422
    assert roomy.post(KEYS, name="x", permissions="READ_ALL").status == 422
    assert roomy.post(KEYS, name="x", permissions=["ADMIN"], rate_limit_rpm=0).status == 422
    assert world.executed["create_api_key"] == 0


def test_a_revoked_key_is_refused_and_its_stream_closed(world: Maid, roomy: Visitor) -> None:
    key_id = demo.key_id(demo.PUBLIC)
    listener = world.game.hub.connect(key_id, None)

    reply = roomy.delete(f"{KEYS}/{key_id}")

    assert (reply.status, reply.body) == (204, b"")
    assert listener.close_code == 1008
    assert Visitor(world, key=demo.PUBLIC).get("/api/v1/stats/server").status == 401
    assert roomy.delete(f"{KEYS}/{key_id}").status == 404


def test_revoked_keys_are_listed_on_demand(roomy: Visitor) -> None:
    active, everything = body(roomy.get(KEYS)), body(roomy.get(KEYS, include_inactive="true"))

    assert everything["total"] == active["total"] + 1 == 12
    assert all(key["is_active"] for key in active["keys"])


def test_a_key_remembers_when_it_was_used(roomy: Visitor) -> None:
    by_id = {key["key_id"]: key for key in body(roomy.get(KEYS))["keys"]}

    assert by_id[demo.key_id(demo.ROOMY)]["last_used"] == "2026-09-21T14:13:20Z"
    assert by_id[demo.key_id(demo.PUBLIC)]["last_used"] is None


def test_pricing_is_open_to_admin_keys_and_admin_users(world: Maid, roomy: Visitor) -> None:
    path = "/admin/ai/pricing"
    fields = {
        "provider": "anthropic",
        "model": "m",
        "input_cost_per_1k": 0.001,
        "output_cost_per_1k": 0.002,
    }

    assert body(roomy.ask("PUT", path, fields=fields))["message"] == (
        "Pricing updated for anthropic/m"
    )
    assert fields in body(staff(world, "admin").get(path))["providers"]
    assert staff(world, "builder").get(path).status == 403
    assert Visitor(world).get(path).status == 401
    assert roomy.ask("PUT", path, fields={**fields, "input_cost_per_1k": -1}).status == 422
