"""A game over a WebSocket that does whatever it likes: no leak, no crash, no hang, bounded memory."""

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
    frame,
    in_groups,
    meeting,
)
from tests.waiting import PATIENCE_SECONDS, moment

pytestmark = pytest.mark.anyio

MOST_MEMORY = 96 * 2**20
"""Bytes. One message has 8 MiB at most, as text and as objects; the buffers stand beside it."""
CLOSE = 0x88
CONTINUED = 0x01
"""Opcodes: a close, and a text that goes on in the next frame."""

BEHAVIOURS: dict[str, Script] = {}
FINAL: set[str] = set()
"""After these the connection is not opened again."""


def behaviour(script: Script) -> Script:
    BEHAVIOURS[script.__name__.replace("_", " ")] = script
    return script


# -- Handshakes ------------------------------------------------------------------------------


def _redirecting(status: str) -> Script:
    async def redirect(visit: Visit) -> None:
        await visit.head()
        await visit.reply(b"", status=status, headers=(f"Location: {visit.elsewhere}/ws",))

    return redirect


for _status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
    BEHAVIOURS[f"redirects with {_status}"] = _redirecting(_status)


@behaviour
async def a_page_in_place_of_a_handshake(visit: Visit) -> None:
    await visit.head()
    await visit.reply(b"<html>" + b"x" * 100_000, headers=("Content-Type: text/html",))


@behaviour
async def a_handshake_for_somebody_else(visit: Visit) -> None:
    await visit.head()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    await visit.send("\r\n".join([*lines, "Sec-WebSocket-Accept: AAAA", "", ""]).encode())
    await visit.silence()


@behaviour
async def an_extension_that_nobody_offered(visit: Visit) -> None:
    await visit.shake_hands("Sec-WebSocket-Extensions: x-evil; q=1")
    await visit.silence()


@behaviour
async def a_subprotocol_that_nobody_offered(visit: Visit) -> None:
    await visit.shake_hands("Sec-WebSocket-Protocol: evil")
    await visit.silence()


@behaviour
async def a_handshake_with_headers_for_ever(visit: Visit) -> None:
    await visit.head()
    await visit.send(b"HTTP/1.1 101 Switching Protocols\r\n")
    while True:
        await visit.send(b"X-More: " + b"y" * 1_000 + b"\r\n")


@behaviour
async def a_handshake_in_one_endless_line(visit: Visit) -> None:
    await visit.head()
    while True:
        await visit.send(b"x" * 65_536)


@behaviour
async def a_handshake_byte_by_byte(visit: Visit) -> None:
    await visit.head()
    for byte in b"HTTP/1.1 101 Switching Protocols\r\n" + b"X-Y: z\r\n" * 100:
        await visit.send(bytes([byte]))
        await anyio.sleep(0.02)


@behaviour
async def no_handshake(visit: Visit) -> None:
    await visit.silence()


@behaviour
async def gone_before_the_handshake(visit: Visit) -> None:
    await visit.stream.aclose()


@behaviour
async def an_echo_in_a_refused_handshake(visit: Visit) -> None:
    request = await visit.head()
    await visit.reply(request.encode(), status=f"500 {KEY}", headers=(f"X-Echo: {PASSWORD}",))


# -- Greetings -------------------------------------------------------------------------------


@behaviour
async def no_greeting(visit: Visit) -> None:
    await visit.shake_hands()
    await visit.silence()


@behaviour
async def a_greeting_of_garbage(visit: Visit) -> None:
    await visit.shake_hands()
    await visit.send(frame(b"\x00\x01\x02 hello {]"))
    await visit.silence()


@behaviour
async def greetings_for_ever(visit: Visit) -> None:
    await visit.shake_hands()
    while True:
        await visit.say({"type": "hello"})


@behaviour
async def a_sign_in_that_is_never_answered(visit: Visit) -> None:
    await visit.shake_hands()
    await visit.say({"type": "welcome", "payload": {}})
    await visit.silence()


@behaviour
async def a_sign_in_that_echoes_the_password(visit: Visit) -> None:
    await visit.shake_hands()
    await visit.say({"type": "welcome", "payload": {}})
    asked = await visit.hear()
    error = {"code": PASSWORD, "message": f"not {json.dumps(asked)}", "details": asked}
    await visit.say({"type": "error", "request_id": asked["request_id"], "payload": error})
    await visit.say({"type": PASSWORD, "payload": {"again": asked, KEY: PASSWORD}})
    await visit.silence()


# -- Frames ----------------------------------------------------------------------------------


def _framing(data: bytes) -> Script:
    async def send(visit: Visit) -> None:
        await visit.play_along()
        await visit.send(data)
        await visit.silence()

    return send


BEHAVIOURS |= {
    "text that is no text": _framing(frame(b'{"type": "\xff\xfe"}')),
    "half a character": _framing(frame(b'{"type": "\\ud800", "payload": {"a": "\\udfff"}}')),
    "bytes in place of text": _framing(frame(bytes(range(256)), first=0x82)),
    "a masked frame": _framing(b"\x81\x82\x00\x00\x00\x00{}"),
    "reserved bits": _framing(frame(b"{}", first=0xF1)),
    "an opcode that there is not": _framing(frame(b"{}", first=0x8B)),
    "a length that nobody can send": _framing(b"\x81\x7f" + struct.pack("!Q", 2**62)),
    "a length of nine megabytes": _framing(b"\x81\x7f" + struct.pack("!Q", 9 * 2**20)),
    "a ping that is too long": _framing(frame(b"x" * 200, first=0x89)),
    "a ping in two parts": _framing(frame(b"x", first=0x09)),
    "a continuation of nothing": _framing(frame(b"{}", first=0x80)),
    "a pong that nobody asked for": _framing(frame(b"surprise", first=0x8A)),
    "no JSON": _framing(frame(b"<html>sorry</html>")),
    "a list": _framing(frame(b"[1, 2]")),
    "nothing": _framing(frame(b"")),
    "a hundred thousand brackets": _framing(frame(b"[" * 100_000)),
    "900 objects in each other": _framing(frame(b'{"a":' * 900 + b"1" + b"}" * 900)),
    "a number of 100,000 digits": _framing(frame(b'{"type":' + b"9" * 100_000 + b"}")),
    "numbers that are none": _framing(frame(b'{"type":"x","payload":{"a":NaN,"b":1e999}}')),
    "types that are no words": _framing(frame(b'{"type":{"a":1},"payload":[],"request_id":[]}')),
    "ten thousand frames in one message": _framing(frame(b'{"type":"x"} ' * 10_000)),
    "a packed frame that was not agreed on": _framing(frame(b"\xaa\x56\x4a", first=0xC1)),
}


@behaviour
async def a_message_without_end(visit: Visit) -> None:
    await visit.play_along()
    await visit.send(frame(b"x", first=CONTINUED))
    while True:
        await visit.send(frame(b"x" * 60_000, first=0x00))


@behaviour
async def a_message_of_nothing_without_end(visit: Visit) -> None:
    await visit.play_along()
    await visit.send(frame(b"", first=CONTINUED))
    while True:
        await visit.send(frame(b"", first=0x00) * 10_000)


@behaviour
async def a_message_byte_by_byte(visit: Visit) -> None:
    await visit.play_along()
    for byte in frame(b'{"type":"ok"}' + b" " * 1_000):
        await visit.send(bytes([byte]))
        await anyio.sleep(0.02)


@behaviour
async def a_bomb(visit: Visit) -> None:
    await visit.play_along("Sec-WebSocket-Extensions: permessage-deflate")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    await visit.send(frame(megabyte * 1024, first=0xC1))
    await visit.silence()


@behaviour
async def pings_for_ever(visit: Visit) -> None:
    await visit.play_along()
    while True:
        await visit.send(frame(b"x" * 125, first=0x89) * 100)
        await moment()


@behaviour
async def events_for_ever(visit: Visit) -> None:
    await visit.play_along()
    number = 0
    while True:
        number += 1
        await visit.say({"type": f"kind_{number}", "payload": {"text": "x" * 1_000}})


# -- Answers ---------------------------------------------------------------------------------


@behaviour
async def an_answer_to_another_call(visit: Visit) -> None:
    await visit.play_along()
    await visit.say({"type": "ok", "request_id": "toy-999", "payload": {"forged": True}})
    await visit.silence()


@behaviour
async def the_same_answer_a_thousand_times(visit: Visit) -> None:
    request_id = await visit.play_along()
    for _ in range(1_000):
        await visit.say({"type": "ok", "request_id": request_id, "payload": {"ok": True}})
    await visit.answer_all(str((await visit.hear())["request_id"]))


@behaviour
async def pending_for_ever(visit: Visit) -> None:
    request_id = await visit.play_along()
    while True:
        told = {"pending": True, "message": f"soon {PASSWORD}"}
        await visit.say({"type": "ok", "request_id": request_id, "payload": told})
        await anyio.sleep(0.05)


@behaviour
async def an_echo_in_an_answer(visit: Visit) -> None:
    request_id = await visit.play_along()
    payload = {"key": KEY, PASSWORD: [f"<{PASSWORD}>", {"deep": KEY}]}
    await visit.say({"type": "ok", "request_id": request_id, "payload": payload})
    await visit.answer_all(str((await visit.hear())["request_id"]))


@behaviour
async def an_echo_in_an_error(visit: Visit) -> None:
    request_id = await visit.play_along()
    error = {"code": KEY, "message": PASSWORD, "details": {PASSWORD: KEY}}
    await visit.say({"type": "error", "request_id": request_id, "payload": error})
    await visit.answer_all(str((await visit.hear())["request_id"]))


@behaviour
async def an_echo_in_what_cannot_be_read(visit: Visit) -> None:
    await visit.play_along()
    await visit.send(frame(f"not JSON: {PASSWORD}".encode()))
    await visit.send(frame(b"x" * (2_000 - len(PASSWORD) // 2) + PASSWORD.encode()))
    await visit.silence()


# -- Ends ------------------------------------------------------------------------------------


def _closing(code: int, reason: bytes = b"") -> Script:
    async def close(visit: Visit) -> None:
        await visit.play_along()
        await visit.send(frame(struct.pack("!H", code) + reason, first=CLOSE))
        await visit.silence()

    return close


BEHAVIOURS |= {
    f"closed with {code}": _closing(code)
    for code in (0, 999, 1000, 1001, 1005, 1006, 1011, 1012, 1015, 2999, 65535)
}
BEHAVIOURS |= {
    "a forged displacement": _closing(4001, b"session_replaced"),
    "a forged refusal": _closing(1008, b"policy"),
    "a reason that is no text": _closing(1000, b"\xff\xfe"),
    "a reason that is too long": _closing(1000, b"x" * 200),
    "an echo in the reason": _closing(1011, PASSWORD.encode()),
    "a close of one byte": _framing(frame(b"\x03", first=CLOSE)),
    "a close in two parts": _framing(frame(struct.pack("!H", 1000), first=0x08)),
}
FINAL |= {"a forged displacement", "a forged refusal"}


@behaviour
async def frames_after_the_close(visit: Visit) -> None:
    await visit.play_along()
    await visit.send(frame(struct.pack("!H", 1000), first=CLOSE) + frame(b'{"type":"x"}') * 1_000)
    await visit.silence()


@behaviour
async def gone_without_a_word(visit: Visit) -> None:
    await visit.play_along()


@behaviour
async def reset_without_a_word(visit: Visit) -> None:
    await visit.play_along()
    raw = visit.stream.extra_attributes[SocketAttribute.raw_socket]()
    raw.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER: closing resets


@behaviour
async def silence_after_the_question(visit: Visit) -> None:
    await visit.play_along()
    await visit.silence()


# -- What must hold ----------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["look", pytest.param("act", marks=pytest.mark.long)])
@pytest.mark.parametrize("names", in_groups(BEHAVIOURS), ids=itemgetter(0))
async def test_nothing_that_a_game_says_leaks_crashes_or_hangs(
    names: tuple[str, ...], command: str, tmp_path: Path
) -> None:
    await all_at_once(names, lambda name: nothing_happens(name, command, tmp_path / name))


async def nothing_happens(name: str, command: str, folder: Path) -> None:
    async with meeting(BEHAVIOURS[name], folder, "socket") as met:
        began = time.monotonic()
        outcome = await met.call(command)
        took = time.monotonic() - began
        after = await met.call("look")
        status = (await met.gateway.call("bridge_status", {})).outcome
        events = (await met.gateway.call("bridge_events", {})).outcome

        assert took < BUDGET_SECONDS + SLACK_SECONDS
        assert isinstance(outcome, Done | Refused | Unknown | Pending)
        assert isinstance(after, Done | Refused)
        assert isinstance(status, Done)
        assert isinstance(events, Done)
        if name in FINAL:
            assert isinstance(after, Refused)
        assert_nothing_leaked(met, f"{outcome!r} {after!r} {status!r} {events!r}")


@pytest.mark.parametrize(
    "name",
    [
        "a bomb",
        "a message without end",
        "a message of nothing without end",
        "a handshake with headers for ever",
        "a handshake in one endless line",
        "pings for ever",
        "a length of nine megabytes",
    ],
)
async def test_a_game_cannot_fill_the_memory(name: str, tmp_path: Path) -> None:
    async with meeting(BEHAVIOURS[name], tmp_path, "socket") as met:
        await met.gateway.call("bridge_status", {})
        tracemalloc.start()
        try:
            await met.call("look")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert peak < MOST_MEMORY


async def test_an_act_is_sent_once_whatever_comes_back(tmp_path: Path) -> None:
    for name in ("gone without a word", "closed with 1011", "text that is no text", "no JSON"):
        async with meeting(BEHAVIOURS[name], tmp_path / name, "socket") as met:
            assert isinstance(await met.call("act"), Unknown), name
            assert met.heard.count(b'"type": "act"') == 1


async def test_an_act_that_never_ends_holds_up_the_next_one_for_a_while_only(
    tmp_path: Path,
) -> None:
    async def never_ending(visit: Visit) -> None:
        request_id = await visit.play_along()
        await visit.say({"type": "ok", "request_id": request_id, "payload": {"pending": True}})
        await visit.answer_all(str((await visit.hear())["request_id"]))

    async with meeting(never_ending, tmp_path, "socket") as met:
        first = await met.call("act")
        with anyio.fail_after(PATIENCE_SECONDS):
            while isinstance(second := await met.call("act"), Refused):
                assert second.code == "action_pending"

        assert isinstance(first, Pending)
        assert isinstance(second, Done)
        assert met.heard.count(b'"type": "act"') == 2
        assert await met.gateway.journal.wait(
            "toy", "default", kinds=("action_unknown",), seq=0, seconds=PATIENCE_SECONDS
        )
