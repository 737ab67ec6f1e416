"""A client of the relay for the tests: a real WebSocket, everything that came kept in order."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from protocol.audio import BYTES_PER_SECOND, STT_CHUNK_BYTES

WAIT_SECONDS = 30.0
"""How long anything may take before a test gives up on it."""


class WireClient:
    """`async with WireClient(port) as client:`; says no `hello` by itself."""

    def __init__(self, port: int, path: str = "/", **options: Any) -> None:
        self._url = f"ws://127.0.0.1:{port}{path}"
        self._options = options
        self.socket: ClientConnection
        self.messages: list[dict[str, Any]] = []
        self._changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> WireClient:
        self.socket = await connect(self._url, compression=None, max_size=None, **self._options)
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Close as a well-behaved client does."""
        await self.socket.close()
        if self._reading is not None:
            await self._reading

    async def vanish(self) -> None:
        """Go as a failing network does: no closing handshake."""
        self.socket.transport.abort()
        if self._reading is not None:
            await self._reading

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for data in self.socket:
                self.take(json.loads(data))
                self._changed.set()
        self._changed.set()

    def take(self, message: dict[str, Any]) -> None:
        """A message that has come. For a subclass that does more than keep it."""
        self.messages.append(message)

    # Out

    async def send(self, type: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": type, **fields}))

    async def hello(self, **fields: Any) -> dict[str, Any]:
        """Say hello; its `ready`."""
        count = len(self.of("ready"))
        await self.send("hello", **fields)
        return await self.expect("ready", after=count)

    async def resume(self, ready: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Take up the session that `ready` was about; the new `ready`."""
        return await self.hello(session_id=ready["session_id"], resume_token=ready["resume_token"], **fields)

    async def speak(self, seconds: float = 0.2, pcm: bytes | None = None) -> None:
        """Send audio (of silence, unless given) at once, in pieces of 100 ms."""
        data = bytes(int(seconds * BYTES_PER_SECOND)) if pcm is None else pcm
        for start in range(0, len(data), STT_CHUNK_BYTES):
            await self.socket.send(data[start : start + STT_CHUNK_BYTES])

    async def ask(self, text: str, **fields: Any) -> dict[str, Any]:
        """Type `text`; the next answer."""
        count = len(self.of("server_response"))
        await self.send("text", text=text, **fields)
        return await self.expect("server_response", after=count)

    # In

    def of(self, type: str, **fields: Any) -> list[dict[str, Any]]:
        """What has come of a type, with these values."""
        return [
            message
            for message in self.messages
            if message["type"] == type and all(message.get(name) == value for name, value in fields.items())
        ]

    async def expect(self, type: str, *, after: int = 0, **fields: Any) -> dict[str, Any]:
        """Wait for a message of a type with these values; `after` leaves out so many of the first."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while len(found := self.of(type, **fields)) <= after:
                    if self._reading is not None and self._reading.done():
                        raise AssertionError(f"closed without {type} {fields}: {self._shown()}")
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"no {type} {fields} came: {self._shown()}") from None
        return found[after]

    async def closed(self) -> tuple[int | None, str]:
        """Wait until the relay has closed the connection: the close code and reason."""
        async with asyncio.timeout(WAIT_SECONDS):
            await self.socket.wait_closed()
        if self._reading is not None:
            await self._reading
        return self.socket.close_code, self.socket.close_reason or ""

    def _shown(self) -> str:
        return "; ".join(str(message)[:160] for message in self.messages[-12:])
