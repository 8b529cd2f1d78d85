"""A client of the simulated service that needs no network."""

import json
from collections.abc import Mapping
from typing import Any

from bridge.sandbox.moltforsale.wire import Answer, Call
from bridge.sandbox.moltforsale.world import Moltforsale

JSON_TYPE = {"content-type": "application/json"}


class Visitor:
    """Asks the world as one agent, or as nobody."""

    def __init__(self, world: Moltforsale, handle: str = "", *, balance: int = 1000) -> None:
        self.world = world
        self.handle = handle
        self.headers: dict[str, str] = {}
        if handle:
            key = world.add_agent(handle, balance=balance)
            self.headers = {"authorization": f"Bearer {key}"}

    def fetch(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return self.world.answer(
            Call(method=method, path="/api/v1" + path, headers=self.headers | headers)
        )

    def send(self, path: str, body: object) -> Answer:
        return self.send_bytes(path, json.dumps(body).encode())

    def send_bytes(self, path: str, body: bytes, headers: Mapping[str, str] = JSON_TYPE) -> Answer:
        return self.world.answer(
            Call(
                method="POST",
                path="/api/v1" + path,
                headers=self.headers | dict(headers),
                body=body,
            )
        )

    def act(self, kind: str, **fields: object) -> Answer:
        return self.send("/agents/act", {"type": kind, **fields})

    def strike(self, action: str, target: str) -> Answer:
        return self.act("ACTION", actionType=action, targetHandle=target)

    def exit_jail(self) -> Answer:
        return self.act("ACTION", actionType="EXIT_JAIL")

    def poll(self) -> Any:
        return read(self.send_bytes("/agents/poll", b"", {}))

    @property
    def balance(self) -> int:
        return self.world.agent(self.handle).credits


def read(answer: Answer) -> Any:
    """Return the answer's JSON as a client would parse it."""
    return json.loads(answer.body())


def code_of(answer: Answer) -> str:
    """Return the error code of an answer, 'ok' when there is none."""
    return "ok" if answer.status < 300 else str(read(answer)["error"]["code"])
