"""Carries a conversation over a real WebSocket; decides nothing but how faults garble it."""

from typing import TYPE_CHECKING

import anyio
from starlette.websockets import WebSocket, WebSocketDisconnect

from bridge.sandbox.spacemolt.mischief import MALFORMED, encode
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.wire.dialogue import Close, Cut, Dialogue, Kind, Output, Send

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.sandbox.spacemolt.world import SpaceMolt

WAITING_FRAMES = 1000

_TIP: JsonObject = {
    "type": "system",
    "payload": {"type": "gameplay_tip", "message": "Several frames may share a message."},
}
_NOTICE: JsonObject = {
    "type": "ok",
    "payload": {"type": "auto_undock", "message": "A notice that nobody asked for."},
}
_UNKNOWN: JsonObject = {
    "type": "solar_flare",
    "payload": {"message": "No document names this type."},
}


async def serve(world: "SpaceMolt", websocket: WebSocket) -> None:
    """Talk to one client until either side is done."""
    await websocket.accept()
    connection = _Connection(world, websocket)
    try:
        async with anyio.create_task_group() as tasks:
            connection.stop = tasks.cancel_scope.cancel
            tasks.start_soon(connection.write)
            connection.dialogue.open()
            await connection.read()
            tasks.cancel_scope.cancel()
    finally:
        connection.dialogue.leave()
        connection.discard()


class _Connection:
    """A socket, and what waits to be sent on it."""

    def __init__(self, world: "SpaceMolt", websocket: WebSocket) -> None:
        self._faults = world.faults
        self._websocket = websocket
        self._outbox, self._outgoing = anyio.create_memory_object_stream[Output](WAITING_FRAMES)
        address = websocket.client.host if websocket.client else ""
        self.dialogue = Dialogue(world, address, self._emit)
        self.stop: Callable[[], None] = _nothing

    def discard(self) -> None:
        """Forget what could not be sent."""
        self._outbox.close()
        self._outgoing.close()

    async def read(self) -> None:
        """Pass on what the client says until it is gone."""
        while True:
            try:
                text = await self._websocket.receive_text()
            except (WebSocketDisconnect, KeyError):
                return
            self.dialogue.receive(text)

    async def write(self) -> None:
        """Send what there is to send until the conversation is over."""
        async for output in self._outgoing:
            try:
                match output:
                    case Send():
                        await self._send(output)
                    case Close():
                        await self._websocket.close(output.code, output.reason)
                        break
                    case Cut():
                        break
            except WebSocketDisconnect:
                break
        self.stop()

    def _emit(self, output: Output) -> None:
        try:
            self._outbox.send_nowait(output)
        except anyio.WouldBlock:
            # The document: a connection whose outbound queue fills is closed.
            self.stop()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            return

    async def _send(self, output: Send) -> None:
        if output.kind is Kind.PUSH:
            await self._websocket.send_text(encode(output.frame))
            return
        if output.kind is Kind.REPLY and not await self._garble():
            return
        frames = [output.frame]
        if self._faults.take("duplicate_frame"):
            frames.append(output.frame)
        if self._faults.take("batch_frames"):
            glue = "" if self._faults.value("batch_frames") else "\n"
            texts = [encode(frame) for frame in (_TIP, *frames, *self._waiting())]
            await self._websocket.send_text(glue.join(texts))
            return
        for frame in frames:
            await self._websocket.send_text(encode(frame))

    async def _garble(self) -> bool:
        """Let the faults of direct replies strike; says whether the reply is sent at all."""
        faults = self._faults
        if faults.take("drop_reply"):
            return False
        if faults.take("delay_reply"):
            await anyio.sleep(faults.value("delay_reply"))
        if faults.take("malformed_frame"):
            await self._websocket.send_text(MALFORMED)
        for name, frame in (("ok_push", _NOTICE), ("unknown_push", _UNKNOWN)):
            if faults.take(name):
                await self._websocket.send_text(encode(frame))
        return True

    def _waiting(self) -> list[JsonObject]:
        """Take the frames that are ready too, up to the first that is no frame."""
        frames: list[JsonObject] = []
        while True:
            try:
                output = self._outgoing.receive_nowait()
            except (anyio.WouldBlock, anyio.EndOfStream):
                return frames
            if not isinstance(output, Send):
                self._emit(output)
                return frames
            frames.append(output.frame)


def _nothing() -> None:
    """Stop nothing: the conversation has not begun."""
