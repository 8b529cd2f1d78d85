from bridge.sandbox.clock import HandClock
from bridge.sandbox.maid.world import Maid
from tests.sandbox.maid.visitor import Visitor, body


def test_health_needs_no_key(world: Maid, clock: HandClock) -> None:
    clock.advance(1)

    assert body(Visitor(world).get("/api/v1/health")) == {
        "status": "ok",
        "timestamp": "2026-09-21T14:13:21Z",
        "version": "0.1.0",
        "uptime_seconds": 86_401,
    }


def test_server_statistics_have_the_documented_fields(roomy: Visitor, world: Maid) -> None:
    before = body(roomy.get("/api/v1/stats/server"))
    world.tick()
    after = body(roomy.get("/api/v1/stats/server"))

    assert (before["tick_rate"], before["cpu_usage_percent"]) == (4.0, None)
    assert after["current_tick"] == before["current_tick"] + 1
    assert before["start_time"] == "2026-09-20T14:13:20Z"
    assert set(before) == {
        "uptime_seconds",
        "tick_rate",
        "current_tick",
        "connected_players",
        "memory_usage_mb",
        "cpu_usage_percent",
        "version",
        "start_time",
    }


def test_player_statistics_agree_with_the_list_of_players(roomy: Visitor) -> None:
    statistics = body(roomy.get("/api/v1/stats/players"))
    online = body(roomy.get("/api/v1/players", online_only="true"))["total"]

    assert statistics["online_count"] == statistics["active_sessions"] == online
    assert statistics["total_accounts"] == 120


def test_economy_and_combat_have_the_documented_fields(roomy: Visitor, world: Maid) -> None:
    world.game.happened["battles"] += 2

    economy = body(roomy.get("/api/v1/stats/economy"))
    combat = body(roomy.get("/api/v1/stats/combat"))

    assert economy["currency_name"] == "gold"
    assert economy["top_player_wealth"] >= economy["median_player_wealth"]
    assert (combat["battles_today"], combat["battles_this_week"]) == (158, 1_091)
    assert len(combat) == 10


def test_command_statistics_are_sorted_by_use(roomy: Visitor) -> None:
    statistics = body(roomy.get("/api/v1/stats/commands"))

    times = [one["total_invocations"] for one in statistics["most_used_commands"]]
    assert times == sorted(times, reverse=True)
    assert statistics["most_used_commands"][0]["command"] == "look"
    assert statistics["total_commands_executed"] == sum(times)
