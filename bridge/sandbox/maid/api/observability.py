"""What the game offers to infrastructure, and its description of itself.

The real game serves the observability endpoints on a port of their own; here they are under
``/observability``, and neither limits nor faults touch them, except that ``readyz`` says no while
``not_ready`` is switched on.
"""

from bridge.sandbox.maid.endpoint import Call, Everybody, endpoint
from bridge.sandbox.maid.forms import Form
from bridge.sandbox.maid.game import Game
from bridge.sandbox.maid.wire import HttpError, HttpReply, JsonObject


def _metrics(game: Game, _: Call, __: Form) -> HttpReply:
    values = {
        "maid_players_online": ("gauge", len(game.online())),
        "maid_ticks_total": ("counter", game.ticks),
        "maid_uptime_seconds": ("gauge", int(game.now() - game.started_at)),
    }
    lines = [f"# TYPE {name} {kind}\n{name} {value}\n" for name, (kind, value) in values.items()]
    return HttpReply.of_text(200, "".join(lines), "text/plain; version=0.0.4; charset=utf-8")


def _healthz(_: Game, __: Call, ___: Form) -> JsonObject:
    return {"status": "ok"}


def _readyz(game: Game, _: Call, __: Form) -> JsonObject:
    if "not_ready" in game.faults.active():
        raise HttpError(503, "Engine not ready")
    return {"status": "ready"}


def _livez(game: Game, _: Call, __: Form) -> JsonObject:
    ago = round((game.now() - game.last_tick_at) * 1_000)
    return {"status": "alive", "last_tick_ms_ago": max(0, ago)}


_BASE = "GET /observability"

ENDPOINTS = (
    endpoint("metrics", f"{_BASE}/metrics", Everybody(), _metrics, Form),
    endpoint("healthz", f"{_BASE}/healthz", Everybody(), _healthz, Form),
    endpoint("readyz", f"{_BASE}/readyz", Everybody(), _readyz, Form),
    endpoint("livez", f"{_BASE}/livez", Everybody(), _livez, Form),
)
