"""Somebody who sends calls to a simulated server without a network.

Every answer is held against the server's documented contract on the way: the status must be one
that was seen on the real server, and a JSON answer must have the documented shape.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from bridge.sandbox.pipeworks.catalogue import OPERATIONS
from bridge.sandbox.pipeworks.exchange import Answer, Call, Reply
from bridge.sandbox.pipeworks.openapi import document
from bridge.sandbox.pipeworks.world import PipeWorks

PASSWORD = "tin whistle in fog"
CONTRACT = Path(__file__).with_name("contract.txt").read_text().splitlines()
# Not seen on the real server while it was measured, but read in its configuration or code.
UNSEEN = {
    "POST /register": {403},
    "POST /register-guest": {403, 500},
    "POST /change-password": {500},
    "POST /api/policy-activations": {409},
    "POST /api/policy-import": {409, 404},
}


@dataclass(frozen=True, slots=True)
class Got:
    """A status and what came with it."""

    status: int
    content: Any


@dataclass(slots=True)
class Visitor:
    world: PipeWorks
    session_id: str = ""
    username: str = ""
    character_id: int = 0

    @classmethod
    def guest(cls, world: PipeWorks, name: str) -> "Visitor":
        made = cls(world).post(
            "/register-guest",
            password=PASSWORD,
            password_confirm=PASSWORD,
            character_name=name,
        )
        visitor = cls.logged_in(world, made.content["username"], PASSWORD)
        visitor.select(made.content["character_id"])
        return visitor

    @classmethod
    def logged_in(cls, world: PipeWorks, username: str, password: str) -> "Visitor":
        got = cls(world).post("/login", username=username, password=password)
        assert got.status == 200, got
        return cls(world, got.content["session_id"], username)

    def select(self, character_id: int) -> None:
        assert self.post("/characters/select", character_id=character_id).status == 200
        self.character_id = character_id

    def raw(self, call: Call) -> Answer:
        return self.world.answer(call)

    def get(self, path: str, **query: object) -> Got:
        """GET with the session in the query."""
        given = {"session_id": self.session_id, **query} if self.session_id else query
        return self._got(Call(method="GET", path=path, query={k: str(v) for k, v in given.items()}))

    def post(self, path: str, **body: object) -> Got:
        """POST with the session in the body."""
        sent = {"session_id": self.session_id, **body} if self.session_id else body
        return self._got(Call(method="POST", path=path, body=json.dumps(sent).encode()))

    def send(self, method: str, path: str, query: Mapping[str, object], **body: object) -> Got:
        """Any method with the session and more in the query, and the rest in the body."""
        given = {"session_id": self.session_id, **query}
        return self._got(
            Call(
                method=method,
                path=path,
                query={k: str(v) for k, v in given.items()},
                body=json.dumps(body).encode(),
            )
        )

    def does(self, command: str) -> tuple[bool, str]:
        """Send a command; its success and its message."""
        got = self.post("/command", command=command)
        assert got.status == 200, got
        return got.content["success"], got.content["message"]

    def chat(self) -> str:
        got = self.get(f"/chat/{self.session_id}")
        assert got.status == 200, got
        return str(got.content["chat"])

    def status(self) -> Any:
        got = self.get(f"/status/{self.session_id}")
        assert got.status == 200, got
        return got.content

    def _got(self, call: Call) -> Got:
        answer = self.raw(call)
        assert isinstance(answer, Reply), answer
        _hold_against_contract(call, answer)
        return Got(answer.status, answer.content)


@cache
def _seen() -> dict[str, set[int]]:
    seen = {}
    for line in CONTRACT:
        operation, _, statuses = line.partition(" -> ")
        key = " ".join(operation.split()[:2])
        seen[key] = {int(s) for s in statuses.split()} | UNSEEN.get(key, set()) | {422}
    return seen


@cache
def _validator(method: str, template: str) -> jsonschema.Draft202012Validator:
    whole: Any = document(OPERATIONS)
    content = whole["paths"][template][method.lower()]["responses"]["200"]["content"]
    schema = content.get("application/json", {"schema": {}})["schema"]
    return jsonschema.Draft202012Validator(schema | {"components": whole["components"]})


def _hold_against_contract(call: Call, reply: Reply) -> None:
    for operation in OPERATIONS:
        if operation.method == call.method and operation.match(call.path) is not None:
            key = f"{operation.method} {operation.path}"
            assert reply.status in _seen()[key], (key, reply)
            if reply.status == 200 and not operation.html:
                json.dumps(reply.content)
                _validator(operation.method, operation.path).validate(reply.content)
            return


def lines_of(chat: str) -> list[str]:
    """The lines of a chat window, without its title."""
    return re.sub(r"^\[Recent messages\]:\n", "", chat).splitlines()
