"""A toy game, for tests that need a spec and no particular one."""

import tomllib

from bridge.spec.model import GameSpec, HttpUpstream, WebSocketUpstream

GAME = """
format = 1

[game]
id = "toy"
title = "Toy"
about = "A game."
docs = "https://example.org"
verified_against = "1"

[toolsets]
all = { about = "Everything." }
"""

HTTP = """
[upstream.http]
kind = "http"
url = "http://localhost:1"
path = "/{command}"
"""

SOCKET = """
[upstream.socket]
kind = "websocket"
url = "ws://localhost:1"
dialect = "typed_frames"
pending = { "payload.pending" = true }
settled_by = ["action_result", "action_error"]
refused_by = ["error", "action_error"]
"""

COMMAND = """
toolset = "all"
effect = "write"
description = "Do it."
"""


def toy(*sections: str, upstream: str = HTTP) -> GameSpec:
    """Return the game with these sections of TOML; ``commands`` is empty if none has it."""
    table = tomllib.loads("\n".join([GAME, upstream, *sections]))
    return GameSpec.model_validate({"commands": {}} | table)


def command(name: str, *lines: str) -> str:
    """Return the section of a command; a line may say another effect than ``write``."""
    said = {line.partition("=")[0].strip() for line in lines}
    usual = [line for line in COMMAND.split("\n") if line.partition("=")[0].strip() not in said]
    return "\n".join([f"[commands.{name}]", *usual, *lines])


def http(spec: GameSpec, name: str = "http") -> HttpUpstream:
    """Return an HTTP upstream of a spec."""
    upstream = spec.upstream[name]
    assert isinstance(upstream, HttpUpstream)
    return upstream


def socket(spec: GameSpec, name: str = "socket") -> WebSocketUpstream:
    """Return a WebSocket upstream of a spec."""
    upstream = spec.upstream[name]
    assert isinstance(upstream, WebSocketUpstream)
    return upstream
