import gzip
import socket
import struct
import zlib
from collections.abc import AsyncIterator

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream
from pydantic import JsonValue

from bridge.errors import Interrupted, ProtocolViolation, Unreachable
from bridge.protocol.wire import DEEPEST, HttpCall, HttpReply
from bridge.upstream.http import LARGEST_REPLY, HttpClient
from tests.upstream.servers import Answer, Visits, reply, says, serving

pytestmark = pytest.mark.anyio

SECONDS = 5
GZIP = "Content-Encoding: gzip"


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.close()


def get(url: str, *, timeout: float = 3.0, headers: dict[str, str] | None = None) -> HttpCall:
    return HttpCall(
        method="GET", url=url, path="/x", query={}, headers=headers or {}, timeout=timeout
    )


def post(url: str, body: JsonValue, *, timeout: float = 3.0) -> HttpCall:
    return HttpCall(method="POST", url=url, path="/x", body=body, timeout=timeout)


async def said(client: HttpClient, answer: bytes) -> HttpReply:
    """Return what the client makes of an answer."""
    with anyio.fail_after(SECONDS):
        async with serving(says(answer, close=True)) as server:
            return await client.exchange(get(server.url))


# -- What goes out ------------------------------------------------------------


async def test_a_request_goes_out_as_it_was_rendered(client: HttpClient) -> None:
    call = HttpCall(
        method="POST",
        url="",
        path="/x",
        query={"page": "2", "q": "a&b=c ü"},
        headers={"Authorization": "Bearer jwt", "X-Session-Id": "s-1"},
        body={"text": "hi ü", "n": 5},
    )
    with anyio.fail_after(SECONDS):
        async with serving(says(reply())) as server:
            url = f"{server.url}/rooms/a%2Fb%252e"
            await client.exchange(
                HttpCall(
                    method=call.method,
                    url=url,
                    path=call.path,
                    query=call.query,
                    headers=call.headers,
                    body=call.body,
                )
            )

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "post /rooms/a%2fb%252e?page=2&q=a%26b%3dc+%c3%bc http/1.1"
    assert {
        "authorization: bearer jwt",
        "x-session-id: s-1",
        "content-type: application/json",
        "accept: application/json",
        "user-agent: game-bridge",
    } <= set(lines)
    assert body == '{"text":"hi ü","n":5}'.encode()


async def test_a_request_without_a_body_sends_none(client: HttpClient) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(says(reply())) as server:
            await client.exchange(get(server.url))
            await client.exchange(post(server.url, {}))

    assert b"content-" not in server.requests[0].lower()
    assert server.requests[1].endswith(b"\r\n\r\n{}")


async def test_a_connection_is_used_again_and_closed_at_the_end(client: HttpClient) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(says(reply())) as server:
            for _ in range(3):
                await client.exchange(get(server.url))
            await client.close()
            await client.close()
            await client.exchange(get(server.url))

    assert (len(server.requests), server.connections) == (4, 2)


async def test_many_requests_go_out_side_by_side(client: HttpClient) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(says(reply())) as server, anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(client.exchange, get(server.url))

    assert len(server.requests) == 50


async def test_no_cookie_is_ever_sent_back(client: HttpClient) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(says(reply(b"{}", "Set-Cookie: id=secret; Path=/"))) as server:
            first = await client.exchange(get(server.url))
            await client.exchange(get(server.url))

    assert first.headers["set-cookie"] == "id=secret; Path=/"
    assert b"cookie" not in server.requests[1].lower()


async def test_this_machine_is_reached_without_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(says(reply())) as proxy, serving(says(reply())) as server:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
            client = HttpClient()
            await client.exchange(get(server.url, headers={"X-API-Key": "secret"}))
            await client.close()

    assert (proxy.connections, len(server.requests)) == (0, 1)


# -- What comes back ----------------------------------------------------------


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "404 Not Found", "503 Unavailable"])
async def test_a_reply_is_handed_over_whatever_its_status(client: HttpClient, status: str) -> None:
    answer = reply(b'{"a": [1, null]}', "X-RateLimit-Remaining: 5", status=status)

    got = await said(client, answer)

    assert (got.status, got.body, got.text) == (int(status[:3]), {"a": [1, None]}, None)
    assert got.headers["x-ratelimit-remaining"] == "5"


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
async def test_an_empty_reply_has_neither_body_nor_text(client: HttpClient, body: bytes) -> None:
    got = await said(client, reply(body, status="204 No Content" if not body else "200 OK"))

    assert (got.body, got.text) == (None, None)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"<html>hi</html>", "<html>hi</html>"),
        (b"Internal Server Error", "Internal Server Error"),
        (b'{"a": 1', '{"a": 1'),
        (b"\xff\xfe{", "\ufffd\ufffd{"),
        pytest.param(b"[" * 100_000, "[" * 100_000, id="100000 levels, unfinished"),
        pytest.param(
            b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
            "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
            id="one level too deep",
        ),
        pytest.param(b"9" * 5_000, "9" * 5_000, id="a number of 5000 digits"),
    ],
)
async def test_what_is_no_json_is_handed_over_as_text(
    client: HttpClient, body: bytes, text: str
) -> None:
    got = await said(client, reply(body))

    assert (got.body, got.text) == (None, text)


async def test_text_that_is_no_utf_8_inside_json_is_replaced(client: HttpClient) -> None:
    assert (await said(client, reply(b'{"name": "M\xfcller"}'))).body == {"name": "M\ufffdller"}


async def test_a_compressed_reply_is_unpacked(client: HttpClient) -> None:
    packed = gzip.compress(b'{"a": "' + b"x" * 100_000 + b'"}')

    got = await said(client, reply(packed, GZIP))

    assert got.body == {"a": "x" * 100_000}


async def test_a_reply_in_chunks_is_put_together(client: HttpClient) -> None:
    answer = (
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n5\r\n": 1}\r\n0\r\n\r\n'
    )

    assert (await said(client, answer)).body == {"a": 1}


# -- What is refused ----------------------------------------------------------


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 T", "308 P"])
async def test_a_redirect_is_not_followed(client: HttpClient, status: str) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(says(reply())) as elsewhere:
            location = f"Location: {elsewhere.url}/steal"
            async with serving(says(reply(b"", location, status=status))) as server:
                got = await client.exchange(get(server.url, headers={"X-API-Key": "secret"}))

    assert got.status == int(status[:3])
    assert (elsewhere.connections, len(server.requests)) == (0, 1)


async def pour(client: HttpClient, head: bytes, chunk: bytes) -> tuple[int, Exception]:
    """Let a server send chunk after chunk; return how many it could, and what was raised."""
    poured = 0

    async def answer(stream: SocketStream, _: bytes) -> None:
        nonlocal poured
        await stream.send(head)
        while True:
            await stream.send(chunk)
            poured += 1

    with anyio.fail_after(2 * SECONDS):
        async with serving(answer) as server:
            with pytest.raises(ProtocolViolation) as refused:
                await client.exchange(get(server.url, timeout=SECONDS))
    return poured, refused.value


async def test_an_endless_reply_is_given_up(client: HttpClient) -> None:
    chunk = b"x" * 65_536

    poured, error = await pour(client, b"HTTP/1.1 200 OK\r\n\r\n", chunk)

    assert str(error) == f"The reply is larger than {LARGEST_REPLY // 2**20} MiB."
    assert poured * len(chunk) < 2 * LARGEST_REPLY + 10_000_000  # and what sockets buffer


async def test_a_compressed_bomb_is_given_up_before_it_is_unpacked(client: HttpClient) -> None:
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = packing.compress(b"\0" * 2**20) + packing.flush(zlib.Z_SYNC_FLUSH)
    again = packing.compress(b"\0" * 2**20) + packing.flush(zlib.Z_SYNC_FLUSH)

    _, error = await pour(client, f"HTTP/1.1 200 OK\r\n{GZIP}\r\n\r\n".encode() + start, again)

    assert "larger than" in str(error)


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "deflate", "gzip;q=1"])
async def test_packing_that_nobody_asked_for_is_refused(client: HttpClient, encoding: str) -> None:
    packed = gzip.compress(gzip.compress(b"\0" * 1_000_000))

    with pytest.raises(ProtocolViolation, match="packed in a way"):
        await said(client, reply(packed, f"Content-Encoding: {encoding}"))


@pytest.mark.parametrize("packed", [b"no gzip at all", gzip.compress(b"{}" * 1000)[:-10]])
async def test_a_reply_that_cannot_be_unpacked_is_refused(
    client: HttpClient, packed: bytes
) -> None:
    with pytest.raises(ProtocolViolation):
        await said(client, reply(packed, GZIP))


# -- When it does not work ----------------------------------------------------


async def test_nobody_at_home_is_unreachable(client: HttpClient) -> None:
    async with serving(says()) as gone:
        pass

    with anyio.fail_after(SECONDS), pytest.raises(Unreachable, match="cannot be reached"):
        await client.exchange(get(gone.url))


async def test_a_connection_that_nobody_accepts_is_unreachable(client: HttpClient) -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())

        with anyio.fail_after(SECONDS), pytest.raises(Unreachable):
            await client.exchange(get(f"http://127.0.0.1:{full.getsockname()[1]}", timeout=0.2))


async def hang_up(stream: SocketStream, _: bytes) -> None:
    await stream.aclose()


async def reset(stream: SocketStream, _: bytes) -> None:
    raw = stream.extra_attributes[SocketAttribute.raw_socket]()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await stream.aclose()


async def say_nothing(_: SocketStream, __: bytes) -> None:
    await anyio.sleep_forever()


@pytest.mark.parametrize(
    "answer",
    [
        hang_up,
        reset,
        says(b"HTTP/1.1 200 OK\r\nContent-Le", close=True),
        says(reply(b"{}", length=50), close=True),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", close=True),
        says(b"SSH-2.0-OpenSSH_9.6\r\n", close=True),
        says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, close=True),
    ],
    ids=["closed", "reset", "half a head", "too short", "half a chunk", "no HTTP", "endless head"],
)
async def test_what_breaks_off_after_sending_may_have_happened(
    client: HttpClient, answer: Answer
) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(answer) as server:
            with pytest.raises(Interrupted, match="GET /x broke off"):
                await client.exchange(get(server.url))

    assert len(server.requests) == 1


async def test_no_answer_in_time_may_have_happened(client: HttpClient) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(say_nothing) as server:
            with pytest.raises(Interrupted, match=r"did not answer within 0\.2 s"):
                await client.exchange(post(server.url, {"a": 1}, timeout=0.2))


@pytest.mark.long
async def test_an_answer_that_drips_in_is_given_up_in_time(client: HttpClient) -> None:
    async def drip(stream: SocketStream, _: bytes) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await stream.send(b" ")
            await anyio.sleep(0.1)

    with anyio.fail_after(4 * SECONDS):
        async with serving(drip) as server:
            with pytest.raises(Interrupted, match="not answered in full"):
                await client.exchange(get(server.url, timeout=0.5))


async def test_a_cancelled_request_is_aborted_at_once(client: HttpClient) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(say_nothing) as server:
            with anyio.move_on_after(0.2) as limit:
                await client.exchange(get(server.url))
            assert limit.cancelled_caught
            assert len(server.requests) == 1


# -- What cannot be sent ------------------------------------------------------


UNSENDABLE: list[HttpCall] = [
    get("", headers={"X-API-Key": "secret\r\nX-Evil: 1"}),
    get("", headers={"X-API-Key": "sécret\u2603"}),
    post("", {"text": "\ud800"}),
    post("", {"number": float("nan")}),
]


@pytest.mark.parametrize("call", UNSENDABLE, ids=["line break", "snowman", "surrogate", "NaN"])
async def test_what_cannot_be_sent_has_had_no_effect(client: HttpClient, call: HttpCall) -> None:
    with anyio.fail_after(SECONDS):
        async with serving(says(reply())) as server:
            with pytest.raises(Unreachable) as refused:
                await client.exchange(
                    HttpCall(
                        method=call.method,
                        url=server.url,
                        path=call.path,
                        headers=call.headers,
                        body=call.body,
                    )
                )

    assert server.requests == []
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "127.0.0.1", "http://", "http://127.0.0.1:99999/", "http://[::1"]
)
async def test_an_address_that_is_none_has_had_no_effect(client: HttpClient, url: str) -> None:
    with anyio.fail_after(SECONDS), pytest.raises(Unreachable):
        await client.exchange(get(url))


async def test_no_error_tells_the_address_which_may_hold_a_key(client: HttpClient) -> None:
    async def errors(server: Visits) -> AsyncIterator[str]:
        for url in (f"{server.url}/?key=secret", "http://127.0.0.1:1/?key=secret"):
            try:
                await client.exchange(get(url, headers={"X-API-Key": "secret"}))
            except (Interrupted, Unreachable) as error:
                yield f"{error!r} {error}"

    with anyio.fail_after(SECONDS):
        async with serving(hang_up) as server:
            told = [error async for error in errors(server)]

    assert len(told) == 2
    assert not any("secret" in error or "127.0.0.1" in error for error in told)
