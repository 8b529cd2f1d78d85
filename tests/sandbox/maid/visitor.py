"""A client without a network, and what the tests say often."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.sandbox.maid import demo
from bridge.sandbox.maid.wire import HttpReply, HttpRequest
from bridge.sandbox.maid.world import Maid


def body(reply: HttpReply) -> Any:  # the JSON edge: tests say themselves what is in it
    return json.loads(reply.body)


@dataclass(frozen=True)
class Visitor:
    """Somebody with an API key, a token, or nothing."""

    world: Maid
    key: str | None = None
    token: str | None = None

    def get(self, path: str, **query: object) -> HttpReply:
        return self.ask("GET", path, query=query)

    def post(self, path: str, **fields: object) -> HttpReply:
        return self.ask("POST", path, fields=fields)

    def put(self, path: str, **fields: object) -> HttpReply:
        return self.ask("PUT", path, fields=fields)

    def patch(self, path: str, **fields: object) -> HttpReply:
        return self.ask("PATCH", path, fields=fields)

    def delete(self, path: str) -> HttpReply:
        return self.ask("DELETE", path)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        fields: object = None,
        raw: bytes | None = None,
    ) -> HttpReply:
        headers = {"content-type": "application/json"} if fields is not None or raw else {}
        if self.key is not None:
            headers["x-api-key"] = self.key
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        return self.world.respond(
            HttpRequest(
                method=method,
                path=path,
                query=tuple((name, str(value)) for name, value in (query or {}).items()),
                headers=headers,
                body=raw or (b"" if fields is None else json.dumps(fields).encode()),
            )
        )


def player(world: Maid) -> Visitor:
    answer = Visitor(world).post(
        "/api/v1/auth/login", username=demo.PLAYER1, password=demo.PLAYER1_PASSWORD
    )
    return Visitor(world, token=body(answer)["access_token"])


def staff(world: Maid, username: str) -> Visitor:
    answer = Visitor(world).post(
        "/admin/auth/login", username=username, password=demo.staff_password(username)
    )
    return Visitor(world, token=body(answer)["access_token"])
