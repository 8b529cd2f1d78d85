"""Event streams of games that do not do what they should."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from websockets.asyncio.server import ServerConnection, serve

from bridge.credentials import MemoryVault, Secrets
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.protocol.events import GameEvent
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import GameSpec, WebSocketUpstream
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio
ME = ("maid", "default")
Behaviour = Callable[[ServerConnection, dict[str, Any]], Awaitable[None]]


@dataclass
class Game:
    """A server that does what a test wants with every frame."""

    behaviour: Behaviour
    connections: int = 0
    pings: int = 0
    subscribed: int = 0
    types: list[str] = field(default_factory=list)
    address: str = field(default="", repr=False)

    async def serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        assert socket.request is not None
        self.address = socket.request.path
        async for message in socket:
            frame = json.loads(message)
            self.pings += frame["type"] == "ping"
            await self.behaviour(socket, frame)
            self.subscribed += frame["type"] == "subscribe"


def hasty_spec() -> GameSpec:
    """Return MAID's spec with a ping every 200 ms and no patience for acknowledgements."""
    spec = load_game(spec_folder(), "maid")
    stream = spec.upstream["events"]
    assert isinstance(stream, WebSocketUpstream)
    assert stream.ping is not None
    ping = stream.ping.model_copy(update={"every": 0.2})
    hasty = stream.model_copy(update={"ping": ping, "reply_timeout": 0.05})
    return spec.model_copy(update={"upstream": {**spec.upstream, "events": hasty}})


@asynccontextmanager
async def playing(game: Game, state: Path) -> AsyncIterator[Gateway]:
    async def sleep(_: float) -> None:
        await moment()

    vault = MemoryVault(Secrets())
    vault.hold(*ME, "api_key", "maid_00000000_dummydummydummydummydummydummy00")
    async with serve(game.serve, "127.0.0.1", 0) as server, Journal(state / "j.sqlite3") as journal:
        port = next(iter(server.sockets)).getsockname()[1]
        settings = Settings(urls={"maid": f"http://127.0.0.1:{port}"}, state_folder=state)
        gateway = Gateway(
            specs={"maid": hasty_spec()},
            settings=settings,
            vault=vault,
            journal=journal,
            sleep=sleep,
        )
        async with gateway.running():
            yield gateway


async def until(gateway: Gateway, kind: str) -> GameEvent:
    assert await gateway.journal.wait(*ME, kinds=(kind,), seq=0, seconds=PATIENCE_SECONDS)
    return (await gateway.journal.after(*ME, kinds=(kind,), seq=0, limit=1))[0]


async def silence(_: ServerConnection, __: dict[str, Any]) -> None:
    """Answer nothing at all."""


async def test_a_connection_on_which_nothing_comes_any_more_is_given_up(tmp_path: Path) -> None:
    game = Game(silence)
    async with playing(game, tmp_path) as gateway:
        with gateway.listening(*ME, "players"):
            gap = await until(gateway, "bridge.gap")

    assert gap.data["reason"] == "The game no longer answers."
    assert game.connections >= 2


async def test_pongs_keep_it_open_and_are_kept_out_of_the_journal(tmp_path: Path) -> None:
    async def pong(socket: ServerConnection, frame: dict[str, Any]) -> None:
        if frame["type"] == "ping":
            await socket.send(json.dumps({"type": "pong"}))
        if game.pings == 4:
            await socket.send(json.dumps({"type": "player_login", "data": {}}))

    game = Game(pong)
    async with playing(game, tmp_path) as gateway:
        with gateway.listening(*ME, "players"):
            await until(gateway, "player_login")
        events = await gateway.journal.after(*ME, seq=0, limit=100)

    assert game.connections == 1
    assert {event.kind for event in events} == {"player_login"}


async def test_what_was_not_asked_for_is_not_kept(tmp_path: Path) -> None:
    async def chatter(socket: ServerConnection, frame: dict[str, Any]) -> None:
        if frame["type"] == "ping":
            await socket.send('{"type":"chat_message","data":{"message":"psst"}}')
            await socket.send('{"type":"player_login","data":{}}')

    async with playing(Game(chatter), tmp_path) as gateway:
        with gateway.listening(*ME, "players"):
            await until(gateway, "player_login")
        events = await gateway.journal.after(*ME, seq=0, limit=100)

    assert "chat_message" not in {event.kind for event in events}


async def test_what_cannot_be_read_is_kept_as_text_and_stops_nothing(tmp_path: Path) -> None:
    async def broken(socket: ServerConnection, frame: dict[str, Any]) -> None:
        if frame["type"] == "ping":
            await socket.send("{nonsense")
            await socket.send('{"type":"player_login","data":{}}')

    async with playing(Game(broken), tmp_path) as gateway:
        with gateway.listening(*ME, "players"):
            unreadable = await until(gateway, "bridge.unreadable")
            await until(gateway, "player_login")

    assert unreadable.data["text"] == "{nonsense"
    assert unreadable.untrusted


async def test_fewer_kinds_than_asked_for_are_said(tmp_path: Path) -> None:
    async def stingy(socket: ServerConnection, frame: dict[str, Any]) -> None:
        if frame["type"] == "subscribe":
            answer = {"type": "subscribed", "types": ["player_login"]}
            await socket.send(json.dumps({**answer, "requestId": frame["requestId"]}))
        else:
            await socket.send('{"type":"player_login","data":{}}')

    async with playing(Game(stingy), tmp_path) as gateway:
        with gateway.listening(*ME, "players"):
            await until(gateway, "player_login")
            answer = await gateway.call("bridge_events", {"game": "maid", "feed": "players"})

    assert answer.outcome.notes == (
        "maid default: MAID MUD does not tell player_logout: it did not grant it.",
    )


async def test_the_key_and_the_kinds_are_in_the_address_as_documented(tmp_path: Path) -> None:
    game = Game(silence)
    async with playing(game, tmp_path) as gateway:
        with gateway.listening(*ME, "players"), anyio.fail_after(PATIENCE_SECONDS):
            while not game.connections:
                await moment()

    assert game.address == (
        "/api/v1/events?api_key=maid_00000000_dummydummydummydummydummydummy00"
        "&types=player_login,player_logout"
    )


async def test_a_game_that_keeps_only_what_was_asked_for_last_is_asked_for_events_last(
    tmp_path: Path,
) -> None:
    async def forgetful(socket: ServerConnection, frame: dict[str, Any]) -> None:
        if frame["type"] == "subscribe":
            game.types = frame.get("types", [])
            told = {"type": "subscribed", "types": game.types}
            await socket.send(json.dumps({**told, "requestId": frame["requestId"]}))
        elif "player_login" in game.types:
            await socket.send('{"type":"player_login","data":{}}')

    game = Game(forgetful)
    async with playing(game, tmp_path) as gateway:
        with gateway.listening(*ME, "players"):
            await until(gateway, "player_login")
            with gateway.listening(*ME, "state"), anyio.fail_after(PATIENCE_SECONDS):
                while game.subscribed < 3:
                    await moment()

        assert game.connections == 1

    assert game.types == ["player_login", "player_logout"]
