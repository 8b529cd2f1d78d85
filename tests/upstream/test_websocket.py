import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketStream
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from bridge.errors import ProtocolViolation, Unreachable
from bridge.upstream.websocket import (
    LARGEST_MESSAGE,
    LOOK_SECONDS,
    Closed,
    Rejected,
    Socket,
    Throttled,
    connect,
)
from tests.upstream.servers import Answer, reply, says, serving, upgrade

pytestmark = pytest.mark.anyio

SECONDS = 5
KEY = {"X-API-Key": "secret"}


class Game:
    """A WebSocket server that does what a test says, and remembers who came."""

    def __init__(self) -> None:
        self.url = ""
        self.handshakes: list[Request] = []
        self.heard: list[str | bytes] = []
        self.status: int | None = None
        """Answer the handshake with this instead of opening."""
        self.location: str | None = None
        self.retry_after = ""
        self.close_code: int | None = None

    async def play(self, connection: ServerConnection) -> None:
        """Send back what is heard, until it is ``bye``."""
        async for message in connection:
            self.heard.append(message)
            if message == "bye":
                await connection.close(4001, "session_replaced")
            else:
                await connection.send(message)
        self.close_code = connection.close_code

    def open(self, connection: ServerConnection, request: Request) -> Response | None:
        """Remember the handshake, and answer it as the test says."""
        self.handshakes.append(request)
        if self.status is None:
            return None
        response = connection.respond(self.status, "no")
        if self.location is not None:
            response.headers["Location"] = self.location
        if self.retry_after:
            response.headers["Retry-After"] = self.retry_after
        return response


@asynccontextmanager
async def playing() -> AsyncIterator[Game]:
    game = Game()
    async with serve(game.play, "127.0.0.1", 0, process_request=game.open, max_size=None) as server:
        game.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"
        yield game


async def open_and_close(url: str) -> None:
    async with connect(url, headers=KEY):
        pass


# -- An open connection -------------------------------------------------------


async def test_messages_go_out_and_come_back() -> None:
    with anyio.fail_after(SECONDS):
        async with playing() as game, connect(game.url, headers=KEY) as socket:
            await socket.send('{"type": "get_status"}')
            assert await socket.receive() == '{"type": "get_status"}'
            await socket.send("ü\U0001f680")
            assert await socket.receive() == "ü\U0001f680"

    headers: Headers = game.handshakes[0].headers
    assert (headers["X-API-Key"], headers["User-Agent"]) == ("secret", "game-bridge")


async def test_the_connection_is_closed_at_the_end_of_its_context() -> None:
    with anyio.fail_after(SECONDS):
        async with playing() as game:
            await open_and_close(game.url)

    assert game.close_code == 1000


async def test_a_game_that_never_answers_a_close_is_left_in_time() -> None:
    async def deaf(stream: SocketStream, request: bytes) -> None:
        await upgrade(stream, request)
        await anyio.sleep_forever()

    with anyio.fail_after(SECONDS):
        async with serving(deaf) as server:
            async with connect(server.socket_url):
                began = anyio.current_time()
            assert anyio.current_time() - began < 2


async def test_a_message_of_bytes_is_read_as_text() -> None:
    async def binary(stream: SocketStream, request: bytes) -> None:
        await upgrade(stream, request)
        await stream.send(b"\x82\x04{}\xff\xfe")

    with anyio.fail_after(SECONDS):
        async with serving(binary) as server, connect(server.socket_url) as socket:
            assert await socket.receive() == "{}\ufffd\ufffd"


async def test_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(says(reply())) as proxy, playing() as game:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url)
            await open_and_close(game.url)

    assert (proxy.connections, len(game.handshakes)) == (0, 1)


# -- Handshakes that fail -----------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    with anyio.fail_after(SECONDS):
        async with playing() as elsewhere, playing() as game:
            game.status, game.location = status, elsewhere.url
            with pytest.raises(ProtocolViolation, match=f"HTTP {status}") as refused:
                await open_and_close(game.url)

    assert (len(game.handshakes), elsewhere.handshakes) == (1, [])
    assert elsewhere.url not in str(refused.value)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_credential_is_told_apart(status: int) -> None:
    with anyio.fail_after(SECONDS):
        async with playing() as game:
            game.status = status
            with pytest.raises(Rejected, match=f"HTTP {status}"):
                await open_and_close(game.url)


@pytest.mark.parametrize(("told", "wait"), [("120", 120.0), ("", 10.0), ("tomorrow", 10.0)])
async def test_a_game_that_is_knocked_at_too_often_says_for_how_long(
    told: str, wait: float
) -> None:
    with anyio.fail_after(SECONDS):
        async with playing() as game:
            game.status, game.retry_after = 429, told
            with pytest.raises(Throttled, match="HTTP 429") as refused:
                await open_and_close(game.url)

    assert refused.value.wait == wait


@pytest.mark.parametrize(
    ("reason", "wait"),
    [
        ("rate_limited retry_after=120", 120.0),
        ("retry_after: 7.5", 7.5),
        ("retry_after=soon", None),
        ("server going away", None),
    ],
)
def test_a_close_may_say_how_long_to_stay_away(reason: str, wait: float | None) -> None:
    assert Closed(4003, reason).wait == wait


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_a_game_that_does_not_open_is_unreachable(status: int) -> None:
    with anyio.fail_after(SECONDS):
        async with playing() as game:
            game.status = status
            with pytest.raises(Unreachable, match=f"HTTP {status}") as refused:
                await open_and_close(game.url)

    assert not isinstance(refused.value, Rejected)


async def test_nobody_at_home_is_unreachable() -> None:
    async with playing() as gone:
        pass

    with anyio.fail_after(SECONDS), pytest.raises(Unreachable, match="cannot be reached"):
        await open_and_close(gone.url)


@pytest.mark.parametrize(
    "answer",
    [
        says(reply(b"<html>hi</html>"), close=True),
        says(b"SSH-2.0-OpenSSH_9.6\r\n", close=True),
        says(close=True),
        says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", close=True),
        says(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: wrong\r\n\r\n",
            close=True,
        ),
    ],
    ids=["a page", "no HTTP", "nothing", "half a handshake", "a wrong answer"],
)
async def test_what_is_no_websocket_is_told_so(answer: Answer) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(answer) as server:
            with pytest.raises(ProtocolViolation):
                await open_and_close(server.socket_url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/?key=secret",
        "127.0.0.1/?key=secret",
        "ws://127.0.0.1:99999/?key=secret",
        "ws://127.0.0.1:port/?key=secret",
        "ws://[::1/?key=secret",
        "ws:///?key=secret",
    ],
)
async def test_an_address_that_is_none_is_told_without_what_it_holds(url: str) -> None:
    with anyio.fail_after(SECONDS), pytest.raises(ProtocolViolation) as refused:
        await open_and_close(url)

    assert "secret" not in f"{refused.value!r} {refused.value.__cause__!r}"


# -- Connections that end -----------------------------------------------------


async def end_of(socket: Socket) -> Closed:
    with pytest.raises(Closed) as closed:
        await socket.receive()
    return closed.value


async def test_a_close_tells_its_code_and_reason() -> None:
    with anyio.fail_after(SECONDS):
        async with playing() as game, connect(game.url) as socket:
            await socket.send("bye")
            closed = await end_of(socket)

            assert (closed.code, closed.reason) == (4001, "session_replaced")
            assert str(closed) == "The game's connection was closed (4001: session_replaced)."
            with pytest.raises(Closed, match="4001"):
                await socket.send("too late")


@pytest.mark.parametrize(
    ("frames", "code", "reason", "told"),
    [
        (b"\x88\x02\x03\xe8", 1000, "", "The game's connection was closed (1000)."),
        (b"\x88\x00", 1005, "", "The game's connection was closed (1005)."),
        (b"", None, "", "The game's connection was closed."),
        (b"\x81\x05{}", None, "", "The game's connection was closed."),
        (b"\xff\xff\xff", None, "", "The game's connection was closed."),
        (b"\x81\x02\xff\xfe", None, "", "The game's connection was closed."),
    ],
    ids=["normal", "no code", "cut", "cut in mid-frame", "garbage", "no UTF-8"],
)
async def test_every_end_of_a_connection_is_a_close(
    frames: bytes, code: int | None, reason: str, told: str
) -> None:
    async def end(stream: SocketStream, request: bytes) -> None:
        await upgrade(stream, request)
        await stream.send(b"\x81\x02{}" + frames)
        await stream.aclose()

    with anyio.fail_after(SECONDS):
        async with serving(end) as server, connect(server.socket_url) as socket:
            assert await socket.receive() == "{}"
            closed = await end_of(socket)

    assert (closed.code, closed.reason, str(closed)) == (code, reason, told)


async def test_a_game_that_closes_and_does_not_hang_up_is_left() -> None:
    async def close(stream: SocketStream, request: bytes) -> None:
        await upgrade(stream, request)
        await stream.send(b"\x88\x02\x03\xe8")
        await anyio.sleep_forever()

    with anyio.fail_after(SECONDS):
        async with serving(close) as server, connect(server.socket_url) as socket:
            assert (await end_of(socket)).code == 1000


async def test_a_silent_connection_is_kept() -> None:
    async def speak_late(stream: SocketStream, request: bytes) -> None:
        await upgrade(stream, request)
        await anyio.sleep(LOOK_SECONDS * 1.2)
        await stream.send(b"\x81\x02{}")

    with anyio.fail_after(SECONDS):
        async with serving(speak_late) as server, connect(server.socket_url) as socket:
            assert await socket.receive() == "{}"


async def test_a_message_over_the_bound_ends_the_connection() -> None:
    with anyio.fail_after(2 * SECONDS):
        async with playing() as game, connect(game.url) as socket:
            await socket.send("x" * LARGEST_MESSAGE)
            assert len(await socket.receive()) == LARGEST_MESSAGE

            await socket.send("x" * (LARGEST_MESSAGE + 1))
            assert "x" not in str(await end_of(socket))


async def test_a_compressed_bomb_ends_the_connection() -> None:
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packing.compress(b"\0" * 20 * LARGEST_MESSAGE) + packing.flush(zlib.Z_SYNC_FLUSH)
    bomb = b"\xc1\x7f" + len(packed).to_bytes(8, "big") + packed

    async def throw(stream: SocketStream, request: bytes) -> None:
        await upgrade(stream, request, "Sec-WebSocket-Extensions: permessage-deflate")
        await stream.send(bomb)
        await stream.receive()

    with anyio.fail_after(2 * SECONDS):
        async with serving(throw) as server, connect(server.socket_url) as socket:
            await end_of(socket)
