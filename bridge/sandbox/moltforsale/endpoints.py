"""Every endpoint of the service: a call in, an answer out.

Like the framework of the real one, a path with a trailing slash is redirected (308), an unknown
path gets a page (404), a known path with the wrong method gets an empty body (405).
"""

import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from bridge.sandbox.moltforsale import views
from bridge.sandbox.moltforsale.acts import act, admit_attempt
from bridge.sandbox.moltforsale.arena import Applicant, Arena
from bridge.sandbox.moltforsale.fields import Fields, parse_json
from bridge.sandbox.moltforsale.intents import kind_of, read_intent
from bridge.sandbox.moltforsale.refusals import Json, RefusalError
from bridge.sandbox.moltforsale.state import Agent
from bridge.sandbox.moltforsale.wire import Answer, Call, page, refused

BASE: Final = "/api/v1"
VERSION: Final = "1.0.11"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One endpoint; a path segment that starts with a colon stands for any text."""

    method: str
    path: str
    auth: str = "none"
    handle: Callable[[Call, str], Answer]
    needs_database: bool = True


class Endpoints:
    """The service without its network; ``simulation_secret`` opens the operator's tick.

    ``executed`` counts what was applied for agents registered from outside; ``refused`` counts
    the error codes they were given.
    """

    def __init__(self, arena: Arena, *, now: Callable[[], float], tick: Callable[[], None]) -> None:
        self.executed: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.simulation_secret = arena.new_id()
        self._arena = arena
        self._now = now
        self._tick = tick
        self._routes: Final = tuple(self._list_routes())

    def answer(self, call: Call, *, database: bool = True) -> Answer:
        """Answer a call; without its database the service can do little."""
        if call.path != "/" and call.path.endswith("/"):
            return Answer(status=308, text="", headers={"location": call.path.rstrip("/")})
        found = self._find(call)
        if isinstance(found, Answer):
            return found
        route, parameter = found
        if not database and route.needs_database:
            return self._refuse(RefusalError("INTERNAL_ERROR"))
        if not database and route.path == "/agents/can-register":
            return Answer(status=503, json=self._can_register(available=False))
        try:
            return route.handle(call, parameter)
        except RefusalError as refusal:
            return self._refuse(refusal)

    def _refuse(self, refusal: RefusalError) -> Answer:
        self.refused[refusal.code] += 1
        return refused(refusal)

    def _list_routes(self) -> Iterator[Route]:
        yield Route(method="GET", path="", handle=self._discovery, needs_database=False)
        yield Route(method="GET", path="/health", handle=self._health, needs_database=False)
        yield Route(method="GET", path="/feed", handle=self._feed)
        yield Route(
            method="GET",
            path="/agents/can-register",
            handle=lambda *_: Answer(json=self._can_register(available=True)),
            needs_database=False,
        )
        yield Route(method="POST", path="/agents/register", handle=self._register)
        yield Route(method="POST", path="/claim/verify", handle=self._verify)
        yield Route(method="GET", path="/moltbot/:handle", handle=self._profile)
        yield Route(method="GET", path="/post/:id", handle=self._post)
        yield Route(method="POST", path="/agents/poll", auth="bearer", handle=self._poll)
        yield Route(method="POST", path="/agents/act", auth="bearer", handle=self._act)
        yield Route(method="GET", path="/agents/status", auth="bearer", handle=self._status)
        yield Route(method="GET", path="/agents/me", auth="bearer", handle=self._me)
        yield Route(method="GET", path="/sim/tick", auth="secret", handle=self._simulate)
        yield Route(method="POST", path="/sim/tick", auth="secret", handle=self._simulate)

    def _find(self, call: Call) -> tuple[Route, str] | Answer:
        matches = [
            (route, parameter)
            for route in self._routes
            if (parameter := _match(BASE + route.path, call.path)) is not None
        ]
        if not matches:
            return page(404, "404: This page could not be found.")
        method = "GET" if call.method == "HEAD" else call.method
        for route, parameter in matches:
            if route.method == method:
                return route, parameter
        if method == "OPTIONS":
            methods = ", ".join(["OPTIONS", *(route.method for route, _ in matches)])
            return Answer(status=204, text="", headers={"allow": methods})
        return Answer(status=405, text="")

    def _discovery(self, _call: Call, _parameter: str) -> Answer:
        routes: list[Json] = [
            {"method": route.method, "path": BASE + route.path, "auth": route.auth}
            for route in self._routes
        ]
        return Answer(json={"routes": routes})

    def _health(self, _call: Call, _parameter: str) -> Answer:
        return Answer(
            json={
                "ok": True,
                "service": "molt-fs",
                "version": VERSION,
                "claimRequired": self._arena.claim_required,
                "claimAvailable": self._arena.claim != "off",
                "register": {"method": "POST", "path": f"{BASE}/agents/register"},
            }
        )

    def _can_register(self, *, available: bool) -> Json:
        # skill.md 1.0.11, "GET /agents/can-register": ok is true even in the 503.
        notes = "Registration is open." if available else "Registration is closed: no database."
        return {
            "ok": True,
            "canRegister": available,
            "claimRequired": self._arena.claim_required,
            "notes": notes,
        }

    def _feed(self, _call: Call, _parameter: str) -> Answer:
        return Answer(json={"events": views.feed(self._arena, self._now())})

    def _register(self, call: Call, _parameter: str) -> Answer:
        self._arena.admit_registration(call.ip, self._now())
        fields = Fields(_json(call), known=("handle", "displayName", "bio", "metadata"))
        applicant = Applicant(
            handle=fields.text("handle", least=3),
            display_name=fields.text("displayName"),
            bio=fields.text("bio"),
            metadata=fields.anything("metadata"),
        )
        if len(set(applicant.handle)) < 3:
            fields.complain("custom", "At least 3 different characters are needed", "handle")
        fields.check("INVALID_INPUT")
        agent = self._arena.register(applicant, self._now())
        self.executed["register"] += 1
        return Answer(status=201, json=views.registration(self._arena, agent))

    def _verify(self, call: Call, _parameter: str) -> Answer:
        if self._arena.claim == "off":
            raise RefusalError("CLAIM_DISABLED")
        fields = Fields(_json(call), known=("claimToken", "tweetRef"))
        token, tweet = fields.text("claimToken"), fields.text("tweetRef")
        fields.check("INVALID_INPUT")
        self._arena.verify_claim(token, tweet, self._now())
        self.executed["claim"] += 1
        return Answer(json={"ok": True, "status": "CLAIMED"})

    def _profile(self, _call: Call, handle: str) -> Answer:
        agent = self._arena.agent(handle)
        return Answer(json=views.profile(self._arena, agent, self._now()))

    def _post(self, _call: Call, post_id: str) -> Answer:
        return Answer(json=views.post(self._arena.article(post_id)))

    def _poll(self, call: Call, _parameter: str) -> Answer:
        agent = self._signed_in(call)
        # The documented request has no body; a client that sends one sends an empty object.
        if call.body and not isinstance(_json(call), Mapping):
            raise RefusalError("INVALID_REQUEST")
        return Answer(json=views.poll(self._arena, agent, self._now()))

    def _act(self, call: Call, _parameter: str) -> Answer:
        agent = self._signed_in(call)
        admit_attempt(agent, self._now())
        intent = read_intent(_json(call, wrong_type="INVALID_JSON"))
        if not act(self._arena, agent, intent, self._now()):
            return Answer(json={"ok": True, "noop": True})
        self.executed[kind_of(intent)] += 1
        return Answer(json={"ok": True})

    def _status(self, call: Call, _parameter: str) -> Answer:
        return Answer(json=views.status(self._signed_in(call)))

    def _me(self, call: Call, _parameter: str) -> Answer:
        return Answer(json=views.profile(self._arena, self._signed_in(call), self._now()))

    def _simulate(self, call: Call, _parameter: str) -> Answer:
        given = (
            call.headers.get("x-simulation-secret")
            or call.headers.get("x-cron-secret")
            or call.query.get("cron_secret", "")
        )
        if not hmac.compare_digest(given.encode(), self.simulation_secret.encode()):
            raise RefusalError("UNAUTHORIZED")
        self._tick()
        return Answer(json={"ok": True})

    def _signed_in(self, call: Call) -> Agent:
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise RefusalError("MISSING_AUTH")
        agent = self._arena.by_key.get(key.strip())
        if agent is None:
            raise RefusalError("UNAUTHORIZED")
        return agent


def _match(pattern: str, path: str) -> str | None:
    """Return the text a pattern's parameter stands for, '' without one, None if it differs."""
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    parameter = ""
    for one, other in zip(wanted, given, strict=True):
        if one.startswith(":") and other:
            parameter = unquote(other)
        elif one != other:
            return None
    return parameter


def _json(call: Call, *, wrong_type: str = "INVALID_REQUEST") -> Json:
    # skill.md 1.0.11, "API Reference": a POST needs the JSON content type.
    if call.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusalError(wrong_type)
    return parse_json(call.body)
