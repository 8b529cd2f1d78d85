"""MAID's spec against the endpoints of the game's REST API document.

The tables below are written from its sections "Players API" to "WebSocket Events", in their
order. The two addresses of the admin's sign-in are not in that document but in the game's page
about the admin API.
"""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from bridge.protocol.events import is_untrusted
from bridge.protocol.judge import judge_reply
from bridge.protocol.render import Way, http_call
from bridge.protocol.verdict import Done, Refused
from bridge.protocol.wire import HttpCall, HttpReply
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import GameSpec, HttpUpstream, Param, WebSocketUpstream

NONE, KEY, PLAYER, ADMIN = None, "observer", "player", "admin"

# name: (method and path, credential, permission, parameters, "?" marks optional ones)
ENDPOINTS: Mapping[str, tuple[str, str | None, str | None, str]] = {
    "health": ("GET /api/v1/health", NONE, None, ""),
    "list_players": (
        "GET /api/v1/players",
        KEY,
        "READ_PLAYERS",
        "?online_only ?search ?status ?role ?sort_by ?sort_order ?page ?page_size",
    ),
    "get_player": ("GET /api/v1/players/{player_id}", KEY, "READ_PLAYERS", "player_id"),
    "update_player": (
        "PATCH /api/v1/players/{player_id}",
        KEY,
        "WRITE_PLAYERS",
        "player_id ?email ?metadata",
    ),
    "kick_player": ("POST /api/v1/players/{player_id}/kick", KEY, "ADMIN", "player_id reason"),
    "ban_player": (
        "POST /api/v1/players/{player_id}/ban",
        KEY,
        "ADMIN",
        "player_id reason duration_hours",
    ),
    "unban_player": ("DELETE /api/v1/players/{player_id}/ban", KEY, "ADMIN", "player_id"),
    "list_rooms": ("GET /api/v1/world/rooms", KEY, "READ_WORLD", "?area_id offset ?limit"),
    "get_room": ("GET /api/v1/world/rooms/{room_id}", KEY, "READ_WORLD", "room_id"),
    "get_room_contents": (
        "GET /api/v1/world/rooms/{room_id}/contents",
        KEY,
        "READ_WORLD",
        "room_id",
    ),
    "list_npcs": (
        "GET /api/v1/world/npcs",
        KEY,
        "READ_WORLD",
        "?room_id ?npc_type ?is_hostile offset ?limit",
    ),
    "list_items": (
        "GET /api/v1/world/items",
        KEY,
        "READ_WORLD",
        "?room_id ?item_type ?is_takeable offset ?limit",
    ),
    "list_areas": ("GET /api/v1/world/areas", KEY, "READ_WORLD", ""),
    "get_server_stats": ("GET /api/v1/stats/server", KEY, "READ_PUBLIC", ""),
    "get_player_stats": ("GET /api/v1/stats/players", KEY, "READ_PLAYERS", ""),
    "get_economy_stats": ("GET /api/v1/stats/economy", KEY, "READ_WORLD", ""),
    "get_combat_stats": ("GET /api/v1/stats/combat", KEY, "READ_WORLD", ""),
    "get_command_stats": ("GET /api/v1/stats/commands", KEY, "ADMIN", ""),
    "get_ai_pricing": ("GET /admin/ai/pricing", KEY, "ADMIN", ""),
    "update_ai_pricing": (
        "PUT /admin/ai/pricing",
        KEY,
        "ADMIN",
        "provider model input_cost_per_1k output_cost_per_1k",
    ),
    "login": ("POST /api/v1/auth/login", NONE, None, "username password"),
    "refresh": ("POST /api/v1/auth/refresh", NONE, None, "refresh_token"),
    "logout": ("POST /api/v1/auth/logout", PLAYER, None, ""),
    "whoami": ("GET /api/v1/auth/me", PLAYER, None, ""),
    "list_characters": ("GET /api/v1/characters", PLAYER, None, ""),
    "create_character": ("POST /api/v1/characters", PLAYER, None, "name class"),
    "get_character": ("GET /api/v1/characters/{character_id}", PLAYER, None, "character_id"),
    "update_settings": (
        "PUT /api/v1/settings",
        PLAYER,
        None,
        "?color_mode ?screen_width ?brief_mode",
    ),
    "metrics": ("GET /metrics", NONE, None, ""),
    "process_health": ("GET /healthz", NONE, None, ""),
    "readiness": ("GET /readyz", NONE, None, ""),
    "liveness": ("GET /livez", NONE, None, ""),
    "broadcast": ("POST /api/v1/admin/broadcast", KEY, "ADMIN", "message ?prefix"),
    "shutdown": (
        "POST /api/v1/admin/shutdown",
        KEY,
        "ADMIN",
        "delay_seconds reason ?broadcast_warning",
    ),
    "reload_config": ("POST /api/v1/admin/reload-config", KEY, "ADMIN", ""),
    "list_api_keys": ("GET /api/v1/admin/api-keys", KEY, "ADMIN", "?include_inactive"),
    "create_api_key": (
        "POST /api/v1/admin/api-keys",
        KEY,
        "ADMIN",
        "name permissions ?expires_in_days ?rate_limit_rpm",
    ),
    "revoke_api_key": ("DELETE /api/v1/admin/api-keys/{key_id}", KEY, "ADMIN", "key_id"),
    "admin_login": ("POST /admin/auth/login", NONE, None, "username password"),
    "admin_refresh": ("POST /admin/auth/refresh", NONE, None, "refresh_token"),
    "list_admin_users": ("GET /admin/users", ADMIN, "role ADMIN", ""),
    "get_admin_user": ("GET /admin/users/{user_id}", ADMIN, "role ADMIN", "user_id"),
    "create_admin_user": ("POST /admin/users", ADMIN, "role ADMIN", "username role password"),
    "update_admin_user": (
        "PUT /admin/users/{user_id}",
        ADMIN,
        "role ADMIN",
        "user_id ?role ?status",
    ),
    "delete_admin_user": ("DELETE /admin/users/{user_id}", ADMIN, "role ADMIN", "user_id"),
}

BOUNDS = {
    "list_players": {"page": (1, None), "page_size": (1, 100)},
    "list_rooms": {"page": (1, None), "page_size": (1, 100)},
    "list_npcs": {"page": (1, None), "page_size": (1, 100)},
    "list_items": {"page": (1, None), "page_size": (1, 100)},
}

EVENT_TYPES = {
    "player_login",
    "player_logout",
    "player_command",
    "chat_message",
    "system_message",
    "combat",
    "damage",
    "death",
    "respawn",
    "world_event",
    "room_enter",
    "room_leave",
    "entity_created",
    "entity_destroyed",
    "component_added",
    "component_removed",
    "tick",
}

TOKENS: Mapping[str, JsonValue] = {
    "api_key": "maid_00000000_dummy",
    "access_token": "dummy-token",
    "new_password": "new-secret",
    "offset": 0,  # the bridge counts it from page and page_size
}


@pytest.fixture(scope="module")
def spec() -> GameSpec:
    return load_game(spec_folder(), "maid")


def test_every_endpoint_is_a_command_and_nothing_else_is(spec: GameSpec) -> None:
    told = {}
    for name, command in spec.commands.items():
        call = _rendered(spec, name)
        sent = _sent(call) | {param for param in command.params if f"{{{param}}}" in call.path}
        always = _sent(_rendered(spec, name, only_required=True)) | set(_in_path(call))
        marked = {param if param in always else f"?{param}" for param in sent}
        told[name] = (
            f"{call.method} {call.path}",
            spec.auth_of(command),
            command.permission,
            marked,
        )

    assert told == {name: (*row[:3], set(row[3].split())) for name, row in ENDPOINTS.items()}


def test_each_world_of_credentials_has_its_own_header(spec: GameSpec) -> None:
    key = _rendered(spec, "list_rooms").headers
    player = _rendered(spec, "whoami").headers
    admin = _rendered(spec, "list_admin_users").headers
    nobody = _rendered(spec, "health").headers

    assert key == {"X-API-Key": "maid_00000000_dummy"}
    assert player == admin == {"Authorization": "Bearer dummy-token"}
    assert nobody == {}


def test_players_and_admins_sign_in_with_their_own_names_and_can_be_renewed(
    spec: GameSpec,
) -> None:
    player, admin = spec.auth["player"], spec.auth["admin"]

    assert player.sign_in[0].post == "/api/v1/auth/login"
    assert admin.sign_in[0].post == "/admin/auth/login"
    assert "{username}" in player.sign_in[0].send.values()
    assert "{admin_username}" in admin.sign_in[0].send.values()
    for auth in (player, admin):
        assert auth.renew is not None
        assert auth.renew.keep["refresh_token"] == "refresh_token"
        assert auth.renew.keep["lifetime"] == "expires_in"


def test_every_request_by_key_counts_among_sixty_a_minute(spec: GameSpec) -> None:
    by_key = {n for n, c in spec.commands.items() if spec.auth_of(c) == KEY}
    counted = {n for n, c in spec.commands.items() if c.cooldowns == ["key_requests"]}
    budget = spec.cooldowns["key_requests"]

    assert counted == by_key
    assert (budget.limit, budget.seconds, budget.scope, budget.on) == (60, 60, "key", "attempt")


def test_pages_and_limits_are_bounded_as_documented(spec: GameSpec) -> None:
    for name, bounds in BOUNDS.items():
        params = spec.commands[name].params

        assert {p: (params[p].minimum, params[p].maximum) for p in bounds} == bounds


def test_only_admins_toolsets_hold_what_others_feel_and_each_of_them_asks(spec: GameSpec) -> None:
    admin = {name for name, toolset in spec.toolsets.items() if toolset.admin}
    changes = [
        (name, c.effect == "irreversible" or c.confirm)
        for name, c in spec.commands.items()
        if c.toolset in admin and c.offered and c.effect != "query"
    ]

    assert admin == {"moderation", "admin"}
    assert len(changes) == 13
    assert all(asks for _, asks in changes)


def test_private_fields_of_a_player_are_left_out(spec: GameSpec) -> None:
    body: JsonValue = {
        "username": "player1",
        "email": "player@example.com",
        "login_attempts": 0,
        "locked_until": None,
        "current_location": "Town Square",
        "metadata": {},
    }

    outcome = judge_reply(
        spec, _http(spec), spec.commands["get_player"], HttpReply(status=200, body=body), ""
    ).outcome

    assert isinstance(outcome, Done)
    assert outcome.result == {"username": "player1", "current_location": "Town Square"}


def test_new_keys_and_passwords_go_to_the_vault(spec: GameSpec) -> None:
    key, user = spec.commands["create_api_key"], spec.commands["create_admin_user"]

    assert key.stores == {"created_api_key": "raw_key"}
    assert user.stores["created_admin_password"] == "{new_password}"
    assert spec.credentials["created_api_key"].secret
    assert spec.credentials["created_admin_password"].secret


@pytest.mark.parametrize(
    ("reply", "code", "then"),
    [
        (HttpReply(status=401, body={"detail": "API key required"}), "api_key_refused", "stop"),
        (
            HttpReply(status=401, body={"detail": "Token has expired"}),
            "signed_out",
            "sign_in_again",
        ),
        # FastAPI's own words for a token that is no good any more.
        (
            HttpReply(status=401, body={"detail": "Could not validate credentials"}),
            "signed_out",
            "sign_in_again",
        ),
        (
            HttpReply(status=401, body={"detail": "Invalid authentication credentials"}),
            "signed_out",
            "sign_in_again",
        ),
        (HttpReply(status=401, body={"detail": "Invalid password"}), "wrong_password", "stop"),
        (HttpReply(status=403, body={"detail": "Account locked"}), "account_locked", "stop"),
        (HttpReply(status=403, body={"detail": "No."}), "permission_missing", "tell"),
        (HttpReply(status=404, body={"detail": "No."}), "not_found", "tell"),
        (HttpReply(status=409, body={"detail": "No."}), "exists", "tell"),
        (HttpReply(status=400, body={"detail": "No."}), "not_valid", "tell"),
        (HttpReply(status=500, body={"detail": "No."}), "server_error", "retry"),
        (HttpReply(status=503, body={"detail": "Engine not ready"}), "engine_not_ready", "retry"),
    ],
)
def test_every_status_of_the_document_has_a_next_step(
    spec: GameSpec, reply: HttpReply, code: str, then: str
) -> None:
    verdict = judge_reply(spec, _http(spec), spec.commands["whoami"], reply, "")

    assert isinstance(verdict.outcome, Refused)
    assert (verdict.outcome.code, verdict.then) == (code, then)
    assert verdict.outcome.hint


def test_a_rate_limit_names_the_wait_of_its_header(spec: GameSpec) -> None:
    reply = HttpReply(
        status=429, headers={"retry-after": "60"}, body={"detail": "Rate limit exceeded"}
    )

    verdict = judge_reply(spec, _http(spec), spec.commands["list_rooms"], reply, "")

    assert isinstance(verdict.outcome, Refused)
    assert (verdict.outcome.code, verdict.outcome.wait, verdict.then) == (
        "rate_limited",
        60,
        "wait",
    )


def test_what_was_sent_is_not_repeated_when_it_is_not_valid(spec: GameSpec) -> None:
    problem: JsonValue = {"type": "int", "loc": ["query", "page"], "msg": "Bad", "input": "secret"}

    verdict = judge_reply(
        spec,
        _http(spec),
        spec.commands["list_players"],
        HttpReply(status=422, body={"detail": [problem]}),
        "",
    )

    assert isinstance(verdict.outcome, Refused)
    assert verdict.outcome.message == "query.page: Bad"
    assert "secret" not in str(verdict)


def test_the_stream_shows_the_key_as_documented_and_asks_for_kinds(spec: GameSpec) -> None:
    stream = spec.upstream["events"]

    assert isinstance(stream, WebSocketUpstream)
    assert stream.url.endswith("/api/v1/events")
    assert stream.auth == "event_stream"
    show = spec.auth["event_stream"].show
    assert show is not None
    assert (show.query, show.value) == ("api_key", "{api_key}")
    assert spec.subscriptions[-1].frame == {"type": "subscribe", "types": "{kinds}"}
    assert spec.subscriptions[-1].query == "types"
    assert stream.correlation == "requestId"
    assert stream.ping is not None
    assert stream.ping.frame == {"type": "ping"}


def test_the_key_can_travel_in_a_header_instead(spec: GameSpec) -> None:
    stream = spec.upstream["events_by_header"]

    assert isinstance(stream, WebSocketUpstream)
    assert stream.auth == "observer"
    show = spec.auth["observer"].show
    assert show is not None
    assert (show.header, show.query) == ("X-API-Key", None)


def test_every_documented_type_is_offered_and_is_in_one_feed(spec: GameSpec) -> None:
    told = [kind for feed in spec.feeds.values() for kind in feed.kinds if kind in EVENT_TYPES]

    assert set(spec.subscriptions[-1].kinds) == EVENT_TYPES
    assert sorted(told) == sorted(EVENT_TYPES)


def test_ticks_commands_chat_and_characters_are_listened_to_only_when_asked_for(
    spec: GameSpec,
) -> None:
    held_back = [feed for feed in spec.feeds.values() if feed.on_request]

    kinds = {kind for feed in held_back for kind in feed.kinds}
    assert kinds == {
        "tick",
        "player_command",
        "chat_message",
        "Char.*",
        "Room.*",
        "sync_complete",
        "bridge.gap",
        "bridge.refused",
    }


# "Event Message Format" shows the data of player_login, and of no other type.
def test_every_event_but_the_clock_may_carry_the_words_of_players(spec: GameSpec) -> None:
    trusted = {
        kind
        for kind in (*EVENT_TYPES, "Char.Vitals", "Room.Info", "sync_complete", "gmcp")
        if not is_untrusted(spec, kind)
    }

    assert trusted == {"tick"}


def test_a_snapshot_is_long_and_in_its_own_feed_only(spec: GameSpec) -> None:
    has = {name for name, feed in spec.feeds.items() if "bridge.snapshot" in feed.kinds}

    assert has == {"snapshot"}
    assert not [feed for feed in spec.feeds.values() if "bridge.*" in feed.kinds]


def test_the_guide_says_that_there_is_no_way_to_walk_or_look(spec: GameSpec) -> None:
    assert "no way to send look, north" in spec.game.guide


def _rendered(spec: GameSpec, name: str, *, only_required: bool = False) -> HttpCall:
    command = spec.commands[name]
    arguments = {
        param: _sample(declared)
        for param, declared in command.params.items()
        if not (only_required and declared.optional)
    }
    upstream = command.upstreams[0] if command.upstreams else "http"
    return http_call(Way(spec, upstream, "http://maid.example"), name, arguments, TOKENS)


def _sample(param: Param) -> JsonValue:
    samples: Mapping[str, JsonValue] = {
        "string": param.enum[0] if param.enum else "text",
        "integer": int(param.minimum or 1),
        "number": 0.5,
        "boolean": True,
        "array": ["text"],
        "object": {"key": "value"},
    }
    return samples[param.type]


def _sent(call: HttpCall) -> set[str]:
    body = call.body if isinstance(call.body, Mapping) else {}
    return {*call.query, *body}


def _in_path(call: HttpCall) -> list[str]:
    return [part[1:-1] for part in call.path.split("/") if part.startswith("{")]


def _http(spec: GameSpec) -> HttpUpstream:
    upstream = spec.upstream["http"]
    assert isinstance(upstream, HttpUpstream)
    return upstream
