from bridge.sandbox.clock import HandClock
from bridge.sandbox.maid.world import Maid
from tests.sandbox.maid.visitor import Visitor, body


def test_metrics_are_in_prometheus_form(world: Maid) -> None:
    reply = Visitor(world).get("/observability/metrics")

    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b"# TYPE maid_players_online gauge\nmaid_players_online " in reply.body


def test_the_checks_answer_as_documented(world: Maid, clock: HandClock) -> None:
    visitor = Visitor(world)
    clock.advance(0.25)

    assert body(visitor.get("/observability/healthz")) == {"status": "ok"}
    assert body(visitor.get("/observability/readyz")) == {"status": "ready"}
    assert body(visitor.get("/observability/livez")) == {
        "status": "alive",
        "last_tick_ms_ago": 250,
    }


def test_an_engine_that_is_not_ready_says_so_and_stays_so(world: Maid) -> None:
    world.faults.switch_on("not_ready")

    assert Visitor(world).get("/observability/readyz").status == 503
    assert Visitor(world).get("/observability/healthz").status == 200
    assert world.faults.active() == {"not_ready": 1}


def test_neither_limits_nor_faults_touch_it(world: Maid) -> None:
    world.faults.switch_on("error_500")

    reply = Visitor(world).get("/observability/healthz")

    assert reply.status == 200
    assert not any(name.lower().startswith("x-ratelimit") for name in reply.headers)
