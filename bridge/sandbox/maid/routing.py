"""From a request to a reply: finds the endpoint, counts the request, checks who calls, acts.

Order: what stands in front of the game, the limit of the key, route, credential, input, action.
The limit is per API key; every response carries its headers, with a full window where no good key
was sent. Path and query are taken literally: a trailing slash is a redirect, as in FastAPI.
"""

import json
import re
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from bridge.sandbox.maid import faults
from bridge.sandbox.maid.api import (
    accounts,
    observability,
    operations,
    places,
    players,
    staff,
    statistics,
)
from bridge.sandbox.maid.endpoint import Call, Endpoint, authorize
from bridge.sandbox.maid.game import Game
from bridge.sandbox.maid.keys import Window
from bridge.sandbox.maid.openapi import self_description
from bridge.sandbox.maid.wire import HttpError, HttpReply, HttpRequest

_DESCRIBED = (
    *statistics.ENDPOINTS,
    *players.ENDPOINTS,
    *places.ENDPOINTS,
    *accounts.ENDPOINTS,
    *operations.ENDPOINTS,
    *staff.ENDPOINTS,
)
ENDPOINTS: tuple[Endpoint, ...] = (
    *_DESCRIBED,
    *self_description(_DESCRIBED),
    *observability.ENDPOINTS,
)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace(".", r"\.")))


_PATTERNS = [(_pattern(one.path), one) for one in ENDPOINTS]


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint, and the parts of the path that it names."""

    endpoint: Endpoint
    path: dict[str, str]


def routes_at(path: str) -> dict[str, Route]:
    """Return what there is at a path, by method."""
    found = ((pattern.fullmatch(path), one) for pattern, one in _PATTERNS)
    return {
        one.method: Route(one, {name: str(part) for name, part in match.groupdict().items()})
        for match, one in found
        if match is not None
    }


def endpoint_name(request: HttpRequest) -> str:
    """Return the name of the endpoint that is meant, or nothing."""
    route = routes_at(request.path).get(request.method)
    return route.endpoint.name if route else ""


def respond(game: Game, request: HttpRequest) -> HttpReply:
    """Return the game's reply; what really happened is counted in ``game.executed``."""
    name = endpoint_name(request)
    if request.path.startswith("/observability/"):
        return _caught(game, request, None)
    if request.path == "/elsewhere":
        faults.count_follower(game.executed, request.headers, urlencode(request.query))
    instead = faults.proxy_reply(game.faults, name, request.base)
    if instead is not None:
        return instead
    now = game.now()
    key = game.keys.find(request.headers.get("x-api-key"), now)
    reply = _caught(game, request, key.window if key else None)
    if reply.status == 429:
        return reply
    limits = (key.window if key else Window(60)).headers(now)
    return replace(reply, headers={**limits, **reply.headers})


def _caught(game: Game, request: HttpRequest, window: Window | None) -> HttpReply:
    try:
        if window is not None and not window.admit(game.now()):
            game.executed["rate_limited"] += 1
            raise window.refusal(game.now())
        return _acted(game, request, _route(request))
    except HttpError as refusal:
        return refusal.reply()


def _route(request: HttpRequest) -> Route:
    here = routes_at(request.path)
    if request.method in here:
        return here[request.method]
    if here:
        raise HttpError(405, "Method Not Allowed", {"allow": ", ".join(sorted(here))})
    if request.path.endswith("/") and routes_at(request.path.rstrip("/")):
        query = f"?{urlencode(request.query)}" if request.query else ""
        location = f"{request.base}{quote(request.path.rstrip('/'))}{query}"
        raise HttpError(307, None, {"location": location})
    raise HttpError(404, "Not Found")


def _acted(game: Game, request: HttpRequest, route: Route) -> HttpReply:
    name = route.endpoint.name
    watched = not request.path.startswith("/observability/")
    if watched:
        faults.fail(game.faults, name)
    caller = authorize(game, route.endpoint.guard, request)
    reply = route.endpoint.answer(game, Call(request=request, path=route.path, caller=caller))
    game.executed[name] += 1
    is_json = reply.headers.get("content-type") == "application/json"
    if watched and is_json and game.faults.active():
        value = json.loads(reply.body)
        spoiled = faults.spoiled(game.faults, name, value)
        return reply if spoiled is value else faults.with_json(reply, spoiled)
    return reply
