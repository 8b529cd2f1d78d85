"""Carries HTTP to the desks and back; waits for ticks where a mutation does."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from bridge.sandbox.spacemolt.engine import Settled
from bridge.sandbox.spacemolt.mischief import AFTER, AT_TICK, BEFORE, MALFORMED, encode, strikes
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.views.state import VERSION
from bridge.sandbox.spacemolt.wire.desk import Answer, Call, Desk, Waiting, limited
from bridge.sandbox.spacemolt.wire.openapi import document_v1, document_v2
from bridge.sandbox.spacemolt.wire.site import Site

if TYPE_CHECKING:
    from bridge.sandbox.spacemolt.world import SpaceMolt

Endpoint = Callable[[Request], Awaitable[Response]]


class _Cut(Response):
    """An answer that breaks off: the connection ends before the body does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head of an answer, and nothing more."""
        del scope, receive
        head = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


class Counters:
    """The HTTP side of a world: its routes."""

    def __init__(self, world: "SpaceMolt") -> None:
        self._world = world
        self._v1, self._v2 = world.desk_v1, world.desk_v2
        self._site = Site(world)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, relative to where the world is mounted."""
        every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return [
            Route("/health", self._health),
            Route("/api/openapi.json", self._document("openapi", document_v1)),
            Route("/api/v2/openapi.json", self._document("openapi_v2", document_v2)),
            Route("/api/v2/notifications", self._notifications),
            Route("/api/v1/{command}", self._command, methods=every),
            Route("/api/v2/{tool}", self._tool, methods=every),
            Route("/api/v2/{tool}/{action}", self._tool, methods=every),
            *self._site_routes(),
        ]

    def _site_routes(self) -> list[BaseRoute]:
        site = self._site
        return [
            Route("/api/me", _website(lambda bearer, _: site.me(bearer))),
            Route("/api/registration-code", _website(lambda bearer, _: site.code(bearer))),
            Route(
                "/api/registration-code/rotate",
                _website(lambda bearer, _: site.rotate(bearer)),
                methods=["POST"],
            ),
            Route("/api/player/{id}", _website(site.player)),
            Route("/api/player/{id}/log", _website(site.log)),
            Route(
                "/api/player/{id}/reset-password",
                _website(site.reset_password),
                methods=["POST"],
            ),
        ]

    async def _health(self, _: Request) -> Response:
        universe = self._world.game.universe
        online = sum(player.online for player in universe.players.values())
        return _response(
            Answer(
                content={
                    "status": "ok",
                    "version": VERSION,
                    "tick": universe.tick,
                    "players_online": online,
                }
            )
        )

    def _document(self, name: str, build: Callable[[str], JsonObject]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                self._world.limits.document(name, _address(request))
            except GameError as refusal:
                return _response(limited(refusal.message, refusal.wait_seconds or 0))
            return _response(Answer(content=build(VERSION)))

        return endpoint

    async def _command(self, request: Request) -> Response:
        if request.method != "POST":
            return _response(_wrong_method(self._v1))
        call = await _call(request)
        command = request.path_params["command"]
        return await self._serve(self._v1, lambda: self._v1.ask(command, call))

    async def _tool(self, request: Request) -> Response:
        tool = request.path_params["tool"]
        action = request.path_params.get("action", "")
        if request.method == "GET" and action == "help":
            return _response(self._v2.explain(tool))
        if request.method != "POST":
            return _response(_wrong_method(self._v2))
        call = await _call(request)
        if tool in ("session", "agentlogs") and not action:
            return await self._serve(self._v2, lambda: self._v2.ask(tool, call))
        return await self._serve(self._v2, lambda: self._v2.use(tool, action, call))

    async def _notifications(self, request: Request) -> Response:
        query = request.query_params
        payload: JsonObject = {}
        if "limit" in query:
            limit = query["limit"]
            payload["limit"] = int(limit) if limit.isdigit() else limit
        if "clear" in query:
            payload["clear"] = query["clear"] != "false"
        if types := query.getlist("types"):
            payload["types"] = [name for entry in types for name in entry.split(",")]
        call = await _call(request)
        return _response(self._v2.notifications(payload, call))

    async def _serve(self, desk: Desk, ask: Callable[[], Answer | Waiting]) -> Response:
        faults = self._world.faults
        if strikes(faults, "drop_connection", value=BEFORE):
            return _Cut()
        outcome = ask()
        if strikes(faults, "drop_connection", value=AFTER):
            return _Cut()
        if faults.take("drop_reply"):
            await anyio.sleep_forever()
        if faults.take("delay_reply"):
            await anyio.sleep(faults.value("delay_reply"))
        if isinstance(outcome, Answer):
            return self._garbled(outcome)
        settled = await _settlement(outcome)
        if strikes(faults, "drop_connection", value=AT_TICK):
            return _Cut()
        if faults.take("drop_result"):
            await anyio.sleep_forever()
        return self._garbled(desk.finish(settled, outcome.session))

    def _garbled(self, answer: Answer) -> Response:
        """Return the answer, or something that is no JSON."""
        if self._world.faults.take("malformed_frame"):
            return _response(Answer(content=MALFORMED))
        return _response(answer)


async def _settlement(waiting: Waiting) -> Settled:
    done = anyio.Event()
    outcomes: list[Settled] = []

    def told(settled: Settled) -> None:
        outcomes.append(settled)
        done.set()

    waiting.then(told)
    await done.wait()
    return outcomes[0]


def _website(handle: Callable[[str, str], Answer]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        bearer = request.headers.get("authorization", "")
        return _response(handle(bearer, request.path_params.get("id", "")))

    return endpoint


def _wrong_method(desk: Desk) -> Answer:
    refusal = GameError("method_not_allowed", "Use POST.")
    return Answer(content=desk.failure(refusal, None).content, status=405)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _call(request: Request) -> Call:
    return Call(
        body=await request.body(),
        session_id=request.headers.get("x-session-id", ""),
        address=_address(request),
    )


def _response(answer: Answer) -> Response:
    headers = {"Content-Type": "application/json", **answer.headers}
    content = answer.content if isinstance(answer.content, str) else encode(answer.content)
    return Response(content, answer.status, headers)
