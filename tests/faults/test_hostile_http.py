"""A game over HTTP that does whatever it likes: no leak, no crash, no hang, bounded memory."""

import gzip
import json
import struct
import time
import tracemalloc
import zlib
from operator import itemgetter
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketAttribute

from bridge.protocol.verdict import Done, Pending, Refused, Unknown
from tests.faults.hostile_server import (
    BUDGET_SECONDS,
    KEY,
    PASSWORD,
    SLACK_SECONDS,
    Script,
    Visit,
    all_at_once,
    assert_nothing_leaked,
    in_groups,
    meeting,
)

pytestmark = pytest.mark.anyio

MOST_MEMORY = 64 * 2**20
MOST_MEMORY_OF_OBJECTS = 400 * 2**20
"""Bytes; a reply of 8 MiB that is all brackets becomes the most Python objects."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

BEHAVIOURS: dict[str, Script] = {}


def behaviour(script: Script) -> Script:
    BEHAVIOURS[script.__name__.replace("_", " ")] = script
    return script


# -- Elsewhere -------------------------------------------------------------------------------


def _redirecting(status: str) -> Script:
    async def redirect(visit: Visit) -> None:
        await visit.head()
        await visit.reply(b"{}", status=status, headers=(f"Location: {visit.elsewhere}/look",))
        await visit.be_honest()

    return redirect


for _status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
    BEHAVIOURS[f"redirects with {_status}"] = _redirecting(_status)


@behaviour
async def redirects_to_itself(visit: Visit) -> None:
    await visit.head()
    await visit.reply(b"{}", status="302 Found", headers=("Location: /look",))
    await visit.be_honest()


@behaviour
async def redirects_to_a_file(visit: Visit) -> None:
    await visit.head()
    await visit.reply(b"{}", status="302 Found", headers=("Location: file:///etc/passwd",))


@behaviour
async def offers_another_service_and_a_refresh(visit: Visit) -> None:
    await visit.head()
    port = visit.elsewhere.rpartition(":")[2]
    there = (f'Alt-Svc: h2="127.0.0.1:{port}"', f"Refresh: 0; url={visit.elsewhere}")
    await visit.reply(b'{"ok":true}', headers=there)


# -- Heads -----------------------------------------------------------------------------------


@behaviour
async def one_huge_header(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b"X-Huge: " + b"x" * 5_000_000 + b"\r\n\r\n{}")


@behaviour
async def a_hundred_thousand_headers(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(100_000)))


@behaviour
async def headers_for_ever(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD)
    while True:
        await visit.send(b"X-More: " + b"y" * 1_000 + b"\r\n")


@behaviour
async def a_head_byte_by_byte(visit: Visit) -> None:
    await visit.head()
    for byte in HEAD * 100:
        await visit.send(bytes([byte]))
        await anyio.sleep(0.02)


@behaviour
async def half_a_head(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD[:20])


@behaviour
async def please_continue_for_ever(visit: Visit) -> None:
    await visit.head()
    while True:
        await visit.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await anyio.sleep(0.001)


@behaviour
async def switching_protocols_unasked(visit: Visit) -> None:
    await visit.head()
    await visit.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: evil\r\n\r\n")


@behaviour
async def no_http_at_all(visit: Visit) -> None:
    await visit.head()
    await visit.send(b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(range(256)) * 100)


@behaviour
async def the_http_of_1991(visit: Visit) -> None:
    await visit.head()
    await visit.send(b'{"ok":true}')


@behaviour
async def a_status_that_there_is_not(visit: Visit) -> None:
    await visit.head()
    await visit.send(b"HTTP/1.1 999 Sure\r\nContent-Length: 2\r\n\r\n{}")


@behaviour
async def a_flood_of_cookies(visit: Visit) -> None:
    await visit.head()
    cookies = tuple(f"Set-Cookie: c{number}={'x' * 100}; Path=/" for number in range(500))
    await visit.reply(b'{"ok":true}', headers=cookies)
    request = await visit.head()
    assert "cookie" not in request.lower()
    await visit.reply(b'{"ok":true}')


# -- Lengths ---------------------------------------------------------------------------------


@behaviour
async def a_body_without_end(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b"\r\n")
    while True:
        await visit.send(b"x" * 65_536)


@behaviour
async def chunks_without_end(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        await visit.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


@behaviour
async def a_length_that_nobody_can_send(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b"Content-Length: 999999999999999999\r\n\r\n{}")


@behaviour
async def a_negative_length(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b"Content-Length: -1\r\n\r\n{}")


@behaviour
async def two_lengths(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b"Content-Length: 2\r\nContent-Length: 200\r\n\r\n{}")


@behaviour
async def chunks_of_no_number(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")


@behaviour
async def a_chunk_with_an_endless_extension(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;")
    while True:
        await visit.send(b"x" * 65_536)


@behaviour
async def less_than_it_promised(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b'Content-Length: 100\r\n\r\n{"ok":')


@behaviour
async def a_second_answer_that_nobody_asked_for(visit: Visit) -> None:
    await visit.head()
    await visit.reply(b'{"ok":true}')
    await visit.reply(b'{"forged":true}')


# -- Packing ---------------------------------------------------------------------------------


@behaviour
async def a_bomb_of_a_gigabyte(visit: Visit) -> None:
    await visit.head()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # After a full flush nothing refers to what was before, so the same block may follow itself.
    megabyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    head = gzip.compress(b"")[:10]
    await visit.reply(head + megabyte * 1024, headers=("Content-Encoding: gzip",))


@behaviour
async def a_bomb_in_a_bomb(visit: Visit) -> None:
    await visit.head()
    packed = gzip.compress(gzip.compress(bytes(2**26)))
    await visit.reply(packed, headers=("Content-Encoding: gzip, gzip",))


@behaviour
async def packed_as_nobody_asked_for(visit: Visit) -> None:
    await visit.head()
    await visit.reply(bytes(range(256)), headers=("Content-Encoding: br",))


@behaviour
async def packed_garbage(visit: Visit) -> None:
    await visit.head()
    await visit.reply(b"not packed at all", headers=("Content-Encoding: gzip",))


@behaviour
async def half_a_package(visit: Visit) -> None:
    await visit.head()
    packed = gzip.compress(json.dumps(list(range(1_000))).encode())
    await visit.reply(packed[: len(packed) // 2], headers=("Content-Encoding: gzip",))


# -- Bodies ----------------------------------------------------------------------------------


def _saying(body: bytes, *headers: str) -> Script:
    async def say(visit: Visit) -> None:
        await visit.head()
        await visit.reply(body, headers=headers)
        await visit.be_honest()

    return say


BEHAVIOURS |= {
    "bytes that are no text": _saying(b'{"name": "\xff\xfe\x80"}'),
    "text of sixteen bits": _saying('{"ok": true}'.encode("utf-16")),
    "half a character": _saying(b'{"name": "\\ud800"}'),
    "a hundred thousand brackets": _saying(b"[" * 100_000),
    "900 objects in each other": _saying(b'{"a":' * 900 + b"1" + b"}" * 900),
    "65 lists in each other": _saying(b"[" * 65 + b"]" * 65),
    "a hundred thousand empty lists": _saying(b"[" + b"[]," * 100_000 + b"[]]"),
    "a number of 100,000 digits": _saying(b'{"n": ' + b"9" * 100_000 + b"}"),
    "numbers that are none": _saying(b'{"a": NaN, "b": Infinity, "c": -1e999}'),
    "null": _saying(b"null"),
    "nothing": _saying(b""),
    "a list": _saying(b"[1, 2, 3]"),
    "a page": _saying(b"<html><script>alert(1)</script></html>", "Content-Type: text/html"),
    "a page that says it is data": _saying(b"<html>sorry</html>"),
    "a picture": _saying(b"\x89PNG\r\n\x1a\n" + bytes(1_000), "Content-Type: image/png"),
    "an error of no known shape": _saying(b'{"error": {"message": {"deep": [1]}, "code": []}}'),
    "a wait of a year": _saying(b'{"error": {"code": "slow_down", "retry_after": 31536000}}'),
    "a wait that is no number": _saying(b'{"error": {"code": "slow_down", "retry_after": "NaN"}}'),
    "a negative wait": _saying(b'{"error": {"code": "slow_down", "retry_after": -5}}'),
    "an infinite wait": _saying(b'{"error": {"code": "slow_down", "retry_after": 1e999}}'),
}


@behaviour
async def a_body_byte_by_byte(visit: Visit) -> None:
    await visit.head()
    await visit.send(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        await visit.send(b"x")
        await anyio.sleep(0.02)


# -- Echoes: what we sent, in every place where an answer has words ------------------------------


@behaviour
async def an_echo_in_a_result(visit: Visit) -> None:
    request = await visit.head()
    await visit.reply(json.dumps({"you_sent": request, "key": KEY}).encode())


@behaviour
async def an_echo_in_an_error(visit: Visit) -> None:
    request = await visit.head()
    error = {"code": KEY, "message": request, "details": {PASSWORD: [request]}}
    await visit.reply(json.dumps({"error": error}).encode(), status="400 Bad Request")


@behaviour
async def an_echo_in_plain_text(visit: Visit) -> None:
    request = await visit.head()
    await visit.reply(
        request.encode(), status="500 Oh", headers=("Content-Type: text/plain", f"X-Key: {KEY}")
    )


@behaviour
async def an_echo_in_the_reason(visit: Visit) -> None:
    await visit.head()
    await visit.reply(b"", status=f"418 {KEY}", headers=(f"Set-Cookie: {KEY}={PASSWORD}",))


@behaviour
async def an_echo_at_the_end_of_what_is_shown(visit: Visit) -> None:
    await visit.head()
    await visit.reply(
        b"x" * (200 - len(KEY) // 2) + KEY.encode(),
        status="500 Oh",
        headers=("Content-Type: text/plain",),
    )


@behaviour
async def an_echo_where_no_http_was(visit: Visit) -> None:
    await visit.head()
    await visit.send(f"{KEY} {PASSWORD}\r\n\r\n".encode())


# -- Connections -----------------------------------------------------------------------------


@behaviour
async def silence(visit: Visit) -> None:
    await visit.silence()


@behaviour
async def gone_at_once(visit: Visit) -> None:
    await visit.stream.aclose()


@behaviour
async def gone_after_the_question(visit: Visit) -> None:
    await visit.head()


@behaviour
async def reset_after_the_question(visit: Visit) -> None:
    await visit.head()
    raw = visit.stream.extra_attributes[SocketAttribute.raw_socket]()
    raw.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER: closing resets


# -- What must hold ----------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["look", pytest.param("act", marks=pytest.mark.long)])
@pytest.mark.parametrize("names", in_groups(BEHAVIOURS), ids=itemgetter(0))
async def test_nothing_that_a_game_answers_leaks_crashes_or_hangs(
    names: tuple[str, ...], command: str, tmp_path: Path
) -> None:
    await all_at_once(names, lambda name: nothing_happens(name, command, tmp_path / name))


async def nothing_happens(name: str, command: str, folder: Path) -> None:
    async with meeting(BEHAVIOURS[name], folder, "http") as met:
        began = time.monotonic()
        outcome = await met.call(command)
        took = time.monotonic() - began
        after = await met.call(command)

        assert took < BUDGET_SECONDS + SLACK_SECONDS
        assert isinstance(outcome, Done | Refused | Unknown | Pending)
        assert isinstance(after, Done | Refused)
        assert_nothing_leaked(met, f"{outcome!r} {after!r}")


MILLIONS = _saying(b"[" + b"[]," * 2_790_000 + b"[]]")
"""The most Python objects for the bytes of one reply."""


@pytest.mark.parametrize(
    "name",
    [
        "a bomb of a gigabyte",
        "a body without end",
        "chunks without end",
        "headers for ever",
        "a chunk with an endless extension",
        "one huge header",
        "please continue for ever",
    ],
)
async def test_a_game_cannot_fill_the_memory(name: str, tmp_path: Path) -> None:
    assert await peak_of(BEHAVIOURS[name], tmp_path) < MOST_MEMORY


@pytest.mark.long
async def test_a_reply_that_becomes_the_most_objects_does_not_fill_the_memory_either(
    tmp_path: Path,
) -> None:
    assert await peak_of(MILLIONS, tmp_path) < MOST_MEMORY_OF_OBJECTS


async def peak_of(script: Script, folder: Path) -> int:
    """Return the most bytes that were allocated at any time of a call."""
    async with meeting(script, folder, "http") as met:
        await met.gateway.call("bridge_status", {})
        tracemalloc.start()
        try:
            await met.call("look")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("name", [name for name in BEHAVIOURS if name.startswith("redirects")])
async def test_no_redirect_is_followed(name: str, tmp_path: Path) -> None:
    async with meeting(BEHAVIOURS[name], tmp_path, "http") as met:
        outcome = await met.call("look")

        assert isinstance(outcome, Refused)
        assert outcome.code == "redirected"
        assert met.heard.count(b"HTTP/1.1\r\n") == 1
        assert met.visits == [1, 0]


async def test_an_act_whose_answer_cannot_be_read_is_of_unknown_fate_and_sent_once(
    tmp_path: Path,
) -> None:
    for name in ("packed garbage", "less than it promised", "a body without end", "no http at all"):
        async with meeting(BEHAVIOURS[name], tmp_path / name, "http") as met:
            assert isinstance(await met.call("act"), Unknown), name
            assert met.heard.count(b"POST /act") == 1
