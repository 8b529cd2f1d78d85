"""Numbers about the server, its players, its economy, its fights and its commands."""

from statistics import mean, median

from bridge.sandbox.maid.endpoint import Call, Everybody, KeyWith, endpoint
from bridge.sandbox.maid.forms import Form
from bridge.sandbox.maid.game import TICKS_PER_SECOND, VERSION, Game
from bridge.sandbox.maid.records import stamp
from bridge.sandbox.maid.wire import JsonObject


def _health(game: Game, _: Call, __: Form) -> JsonObject:
    return {
        "status": "ok",
        "timestamp": stamp(game.now()),
        "version": VERSION,
        "uptime_seconds": int(game.now() - game.started_at),
    }


def _server(game: Game, _: Call, __: Form) -> JsonObject:
    return {
        "uptime_seconds": int(game.now() - game.started_at),
        "tick_rate": float(TICKS_PER_SECOND),
        "current_tick": game.ticks,
        "connected_players": len(game.online()),
        "memory_usage_mb": 256.5,
        "cpu_usage_percent": None,
        "version": VERSION,
        "start_time": stamp(game.started_at),
    }


def _players(game: Game, _: Call, __: Form) -> JsonObject:
    online = len(game.online())
    ages = [game.now() - account.created_at for account in game.accounts.values()]
    return {
        "online_count": online,
        "peak_players_today": max(67, online),
        "peak_players_all_time": max(150, online),
        "new_registrations_today": sum(age < 86_400 for age in ages),
        "new_registrations_this_week": sum(age < 7 * 86_400 for age in ages),
        "total_accounts": len(game.accounts),
        "active_sessions": online,
    }


def _economy(game: Game, _: Call, __: Form) -> JsonObject:
    wealth = [account.gold for account in game.accounts.values()]
    return {
        "total_currency_in_circulation": sum(wealth),
        "transactions_today": 342,
        "transactions_this_week": 2_156,
        "average_player_wealth": round(mean(wealth), 1),
        "median_player_wealth": median(wealth),
        "top_player_wealth": max(wealth),
        "currency_name": "gold",
    }


def _combat(game: Game, _: Call, __: Form) -> JsonObject:
    before_today = {
        "battles": (156, 1_089),
        "player_deaths": (23, 178),
        "mob_kills": (412, 2_891),
        "total_damage_dealt": (145_678, 1_023_456),
        "pvp_battles": (12, 67),
    }
    shown: JsonObject = {}
    for name, (today, week) in before_today.items():
        shown[f"{name}_today"] = today + game.happened[name]
        shown[f"{name}_this_week"] = week + game.happened[name]
    return shown


def _commands(game: Game, _: Call, __: Form) -> JsonObject:
    total = game.commands.total()
    return {
        "total_commands_executed": total,
        "commands_executed_today": total // 40,
        "commands_executed_this_week": total // 6,
        "unique_commands_used": len(game.commands),
        "most_used_commands": [
            {
                "command": command,
                "total_invocations": times,
                "invocations_today": times // 40,
                "invocations_this_week": times // 6,
                "average_execution_time_ms": 2.5,
                "error_count": 0,
            }
            for command, times in game.commands.most_common(10)
        ],
        "error_rate_percent": 0.5,
    }


_BASE = "GET /api/v1/stats"

ENDPOINTS = (
    endpoint("health", "GET /api/v1/health", Everybody(), _health, Form),
    endpoint("stats_server", f"{_BASE}/server", KeyWith("READ_PUBLIC"), _server, Form),
    endpoint("stats_players", f"{_BASE}/players", KeyWith("READ_PLAYERS"), _players, Form),
    endpoint("stats_economy", f"{_BASE}/economy", KeyWith("READ_WORLD"), _economy, Form),
    endpoint("stats_combat", f"{_BASE}/combat", KeyWith("READ_WORLD"), _combat, Form),
    endpoint("stats_commands", f"{_BASE}/commands", KeyWith("ADMIN"), _commands, Form),
)
