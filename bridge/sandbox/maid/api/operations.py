"""Running the server by API key: broadcasts, shutdown, configuration, API keys, AI pricing."""

from bridge.sandbox.maid.endpoint import AdminEitherWay, Call, KeyWith, endpoint
from bridge.sandbox.maid.events import POLICY_VIOLATION
from bridge.sandbox.maid.forms import Broadcast, Form, KeysQuery, NewKey, Pricing, Shutdown
from bridge.sandbox.maid.game import Game
from bridge.sandbox.maid.keys import ApiKey, expand
from bridge.sandbox.maid.records import stamp, stamp_or_none
from bridge.sandbox.maid.wire import HttpError, JsonObject


def _broadcast(game: Game, _: Call, form: Broadcast) -> JsonObject:
    text = f"{form.prefix} {form.message}"
    game.hub.emit("system_message", {"message": text})
    return {"success": True, "recipients": len(game.online()), "message": text}


def _shutdown(game: Game, _: Call, form: Shutdown) -> JsonObject:
    if game.shutdown_at is not None and game.now() < game.shutdown_at:
        raise HttpError(409, "A shutdown is already scheduled")
    game.shutdown_at = game.now() + form.delay_seconds
    if form.broadcast_warning:
        warning = f"Shutdown in {form.delay_seconds} seconds: {form.reason}"
        game.hub.emit("system_message", {"message": warning})
    return {
        "success": True,
        "message": f"Shutdown scheduled: {form.reason}",
        "scheduled_at": stamp(game.shutdown_at),
    }


def _reload_config(_: Game, __: Call, ___: Form) -> JsonObject:
    return {
        "success": True,
        "message": "Configuration reloaded successfully",
        "reloaded_sections": ["engine", "world"],
    }


def _shown(key: ApiKey) -> JsonObject:
    return {
        "key_id": key.key_id,
        "name": key.name,
        "permissions": list(key.permissions),
        "created_at": stamp(key.created_at),
        "expires_at": stamp_or_none(key.expires_at),
        "last_used": stamp_or_none(key.last_used),
        "created_by": key.created_by,
        "is_active": key.is_active,
        "rate_limit_rpm": key.window.limit,
    }


def _list_api_keys(game: Game, _: Call, query: KeysQuery) -> JsonObject:
    keys = [_shown(key) for key in game.keys if key.is_active or query.include_inactive]
    return {"keys": keys, "total": len(keys)}


def _create_api_key(game: Game, call: Call, new: NewKey) -> JsonObject:
    assert call.caller.key is not None
    key = game.keys.create(
        name=new.name,
        permissions=expand(new.permissions),
        created_by=call.caller.key.name,
        now=game.now(),
        expires_in_days=new.expires_in_days,
        rate_limit_rpm=new.rate_limit_rpm,
        rng=game.rng,
    )
    return {**_shown(key), "raw_key": key.raw}


def _revoke_api_key(game: Game, call: Call, _: Form) -> None:
    key = game.keys.by_id(call.path["key_id"])
    if key is None or not key.is_active:
        raise HttpError(404, "API key not found")
    key.is_active = False
    game.hub.interrupt(POLICY_VIOLATION, key_id=key.key_id)


def _ai_pricing(game: Game, _: Call, __: Form) -> JsonObject:
    return {
        "providers": [
            {
                "provider": provider,
                "model": model,
                "input_cost_per_1k": costs[0],
                "output_cost_per_1k": costs[1],
            }
            for (provider, model), costs in game.pricing.items()
        ]
    }


def _update_ai_pricing(game: Game, _: Call, new: Pricing) -> JsonObject:
    game.pricing[new.provider, new.model] = (new.input_cost_per_1k, new.output_cost_per_1k)
    return {"success": True, "message": f"Pricing updated for {new.provider}/{new.model}"}


_ADMIN = KeyWith("ADMIN")
_EITHER = AdminEitherWay()
_BASE = "/api/v1/admin"
_KEYS = f"{_BASE}/api-keys"

ENDPOINTS = (
    endpoint("broadcast", f"POST {_BASE}/broadcast", _ADMIN, _broadcast, Broadcast),
    endpoint("shutdown", f"POST {_BASE}/shutdown", _ADMIN, _shutdown, Shutdown),
    endpoint("reload_config", f"POST {_BASE}/reload-config", _ADMIN, _reload_config, Form),
    endpoint("list_api_keys", f"GET {_KEYS}", _ADMIN, _list_api_keys, KeysQuery),
    endpoint("create_api_key", f"POST {_KEYS}", _ADMIN, _create_api_key, NewKey, status=201),
    endpoint(
        "revoke_api_key", f"DELETE {_KEYS}/{{key_id}}", _ADMIN, _revoke_api_key, Form, status=204
    ),
    endpoint("ai_pricing", "GET /admin/ai/pricing", _EITHER, _ai_pricing, Form),
    endpoint("update_ai_pricing", "PUT /admin/ai/pricing", _EITHER, _update_ai_pricing, Pricing),
)
